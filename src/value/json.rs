//! JSON parsing as lenient as JavaScript's: accepts a byte order mark and escaped lone surrogates.
//!
//! Valid JSON takes the fast path through `serde_json`; only input that it rejects is repaired and parsed again.

use std::{borrow::Cow, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_path_to_error::{Path, Segment, Track};

/// Maximum nesting depth of JSON in a request. Documents add a few levels around it, and documents embedded in others a
/// few more; `serde_json` reads at most 127.
pub(crate) const NESTING: usize = 64;

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Parses JSON. The error describes the problem and its position.
pub(crate) fn read(text: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(text).or_else(|error| match mended(text) {
        Cow::Borrowed(same) if same.len() == text.len() => Err(explain(text, &error)),
        mended => serde_json::from_slice(&mended).map_err(|error| explain(&mended, &error)),
    })
}

/// Strips a byte order mark and replaces invalid UTF-8 and escaped lone surrogates with U+FFFD.
pub(crate) fn mended(text: &[u8]) -> Cow<'_, [u8]> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let text = match String::from_utf8_lossy(text) {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        Cow::Owned(lossy) => Cow::Owned(lossy.into_bytes()),
    };
    let halves = lone_surrogates(&text);
    if halves.is_empty() {
        return text;
    }
    let mut text = text.into_owned();
    for at in halves {
        text[at..at + ESCAPE].copy_from_slice(b"\\ufffd");
    }
    Cow::Owned(text)
}

/// Length of `\uXXXX` in bytes.
const ESCAPE: usize = 6;

/// Offsets of escaped lone surrogates. Valid JSON has no backslashes outside strings, so there is no need to track
/// quotes.
fn lone_surrogates(text: &[u8]) -> Vec<usize> {
    let unit = |at: usize| {
        let digits = text.get(at..at + ESCAPE)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(next) = text[at..].iter().position(|byte| *byte == b'\\') {
        at += next;
        at += match unit(at) {
            Some(0xd800..=0xdbff) if matches!(unit(at + ESCAPE), Some(0xdc00..=0xdfff)) => 2 * ESCAPE,
            Some(0xd800..=0xdfff) => {
                found.push(at);
                ESCAPE
            }
            Some(_) => ESCAPE,
            // The character after a backslash, such as another backslash, does not start an escape.
            None => 2.min(text.len() - at),
        };
    }
    found
}

/// Describes an error with its position. For a number out of range, names the value by its JSON pointer.
fn explain(text: &[u8], error: &serde_json::Error) -> String {
    if !is_out_of_range(error) {
        return error.to_string();
    }
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_slice(text);
    let read: Result<Value, _> =
        serde::Deserialize::deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    let pointer = if read.is_err() { pointer(&track.path()) } else { String::new() };
    format!("the number at \"{pointer}\" is out of range at line {} column {}", error.line(), error.column())
}

/// Whether a number exceeds the range of a double, such as `1e400`.
fn is_out_of_range(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("number out of range")
}

/// The JSON pointer of the first value nested deeper than [`NESTING`] levels.
pub(crate) fn too_deep(text: &[u8]) -> Option<String> {
    let mended = mended(text);
    let mut track = Track::new();
    let mut json = serde_json::Deserializer::from_slice(&mended);
    let walked = Nested(NESTING).deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    walked.is_err_and(|error| error.to_string().starts_with(TOO_DEEP)).then(|| pointer(&track.path()))
}

const TOO_DEEP: &str = "nested too deeply";

/// A value nested at most N levels deep.
#[derive(Clone, Copy)]
struct Nested(usize);

impl Nested {
    fn inner<E: serde::de::Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom(TOO_DEEP))
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while items.next_element_seed(inner)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let inner = self.inner()?;
        while fields.next_key::<Cow<'_, str>>()?.is_some() {
            fields.next_value_seed(inner)?;
        }
        Ok(())
    }
}

/// The nesting depth of JSON written by `serde_json`, which is therefore known to be valid.
pub(crate) fn levels(json: &[u8]) -> usize {
    let (mut level, mut deepest, mut rest) = (0_usize, 0, json.iter());
    while let Some(byte) = rest.next() {
        match byte {
            b'{' | b'[' => {
                level += 1;
                deepest = level.max(deepest);
            }
            b'}' | b']' => level -= 1,
            b'"' => {
                while let Some(byte) = rest.next().filter(|byte| **byte != b'"') {
                    if *byte == b'\\' {
                        rest.next();
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

/// Formats a path as a JSON pointer.
pub(crate) fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { variant } => format!("/{variant}"),
            Segment::Unknown => "/?".into(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lone_surrogates_are_replaced() {
        for (text, expected) in [
            (r#"{"a":"cut \ud83d"}"#, json!({"a": "cut \u{fffd}"})),
            (r#"{"a":"\ude00 here"}"#, json!({"a": "\u{fffd} here"})),
            (r#"{"\uD83D":1}"#, json!({"\u{fffd}": 1})),
            (r#"["\ud83d\ude00","\ud83d"]"#, json!(["\u{1f600}", "\u{fffd}"])),
            (r#"["\ud83d\ud83d\ude00"]"#, json!(["\u{fffd}\u{1f600}"])),
            (r#"["\\ud83d","\ud83d"]"#, json!(["\\ud83d", "\u{fffd}"])),
            (r#"["\ud83d\n","\u0041"]"#, json!(["\u{fffd}\n", "A"])),
        ] {
            assert_eq!(read(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn byte_order_marks_and_invalid_utf8_are_accepted() {
        assert_eq!(read(b"\xef\xbb\xbf{\"a\":1}"), Ok(json!({"a": 1})));
        assert_eq!(read(b"\xef\xbb\xbf{\"a\":\"\\ud83d\"}"), Ok(json!({"a": "\u{fffd}"})));
        assert_eq!(read(b"{\"a\":\"\xff\"}"), Ok(json!({"a": "\u{fffd}"})));
    }

    #[test]
    fn the_last_of_duplicate_keys_wins() {
        assert_eq!(read(br#"{"a":1,"b":2,"a":3}"#), Ok(json!({"a": 3, "b": 2})));
    }

    #[test]
    fn a_number_out_of_range_is_reported_with_its_position() {
        let told = read(b"{\"a\":[1,\n{\"b/c\":1e400}]}").expect_err("1e400 is out of range");
        assert_eq!(told, r#"the number at "/a/1/b~1c" is out of range at line 2 column 12"#);
    }

    #[test]
    fn the_first_value_nested_too_deeply_is_found() {
        let deep = |levels: usize| format!("{}1{}", r#"{"a/b":["#.repeat(levels / 2), "]}".repeat(levels / 2));
        assert_eq!(too_deep(deep(NESTING).as_bytes()), None);
        let text = format!(r#"[true,null,1.5,-1,"x",{}]"#, deep(NESTING));
        assert_eq!(too_deep(text.as_bytes()), Some(format!("/5{}/a~1b", "/a~1b/0".repeat(NESTING / 2 - 1))));
        let endless = "[".repeat(100_000);
        assert_eq!(
            too_deep(endless.as_bytes()),
            Some("/0".repeat(NESTING)),
            "at any depth, and even if the input is incomplete"
        );
        assert_eq!(too_deep(b"{"), None, "other errors are not nesting errors");
    }

    #[test]
    fn levels_ignores_brackets_in_strings() {
        for (json, expected) in [("1", 0), (r#""[[""#, 0), (r#"{"a\"[{":[{}]}"#, 3), (r#"[{"\\":[]},[]]"#, 3)] {
            assert_eq!(levels(json.as_bytes()), expected, "{json}");
        }
    }

    #[test]
    fn irreparable_json_is_rejected() {
        for text in ["{", "\u{feff}{", r#"{"a":"\ud83"}"#, r#"["\ud83d""#, "", "\\", r#""\"#] {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(read("[".repeat(200).as_bytes()).expect_err("too deep").starts_with("recursion limit exceeded"));
    }
}
