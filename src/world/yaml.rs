//! YAML as JSON values, with the position of each value.

use std::{collections::HashMap, fmt};

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::{Map, Number, Value, map::Entry};

/// Maximum nesting depth.
const DEPTH: usize = 100;

/// Maximum number of values.
const VALUES: usize = 10_000_000;

/// Maximum number of values that aliases add, and of bytes of their JSON.
const ALIASED_VALUES: usize = 1_000_000;
const ALIASED_BYTES: usize = 1 << 26;

/// The positions of a document's values, by JSON pointer.
pub(super) type Marks = HashMap<String, Mark>;

/// A document as JSON.
#[derive(Debug)]
pub(super) struct Document {
    /// `null` if the text is empty.
    pub(super) value: Value,
    pub(super) marks: Marks,
    /// Problems that do not prevent the rest from being read, with pointers.
    pub(super) problems: Vec<(String, YamlError)>,
}

/// The start of a value.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) line: usize,
    pub(super) column: usize,
    /// The source text of a number or a boolean, which may be meant as a string.
    pub(super) written: Option<Box<str>>,
}

/// A text that is not YAML, or not JSON in YAML.
#[derive(Debug, PartialEq)]
pub(super) struct YamlError {
    problem: String,
    line: usize,
    column: usize,
}

impl fmt::Display for YamlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (line {}, column {})", self.problem, self.line, self.column)
    }
}

impl YamlError {
    fn new(problem: impl Into<String>, at: Marker) -> Self {
        Self { problem: problem.into(), line: at.line(), column: at.col() + 1 }
    }
}

/// Reads a text with a single YAML document.
pub(super) fn read(text: &str) -> Result<Document, YamlError> {
    let parser = Parser::new_from_str(text);
    let (marks, anchors, problems) = (Marks::new(), HashMap::new(), Vec::new());
    let mut reader = Reader { text, parser, marks, anchors, problems, values: 0, aliased: Size::default() };
    let mut value = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => break,
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            _ if value.is_some() => {
                return Err(YamlError::new("expected one document, found another after `---`", span.start));
            }
            event => value = Some(reader.value((event, span), "", 0)?),
        }
    }
    Ok(Document { value: value.unwrap_or_default(), marks: reader.marks, problems: reader.problems })
}

type Next<'a> = (Event<'a>, Span);

struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    marks: Marks,
    /// The values with anchors, and their sizes.
    anchors: HashMap<usize, (Value, Size)>,
    problems: Vec<(String, YamlError)>,
    values: usize,
    /// The size of the values added by aliases.
    aliased: Size,
}

/// The size of a value.
#[derive(Clone, Copy, Default)]
struct Size {
    /// The number of values that it consists of.
    values: usize,
    /// The length of its JSON.
    bytes: usize,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Next<'a>, YamlError> {
        match self.parser.next() {
            Some(Ok(next)) => Ok(next),
            Some(Err(error)) => Err(self.explain(error.info(), *error.marker())),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// Explains common mistakes.
    fn explain(&self, problem: &str, at: Marker) -> YamlError {
        let line = self.text.lines().nth(at.line().saturating_sub(1)).unwrap_or_default();
        // YAML reserves the character that handles start with.
        let handle = line.split([' ', '[', '{', ',']).find(|word| word.starts_with('@'));
        let rest = line.chars().skip(at.col()).collect::<String>();
        let hint = if let Some(handle) = handle {
            let handle = handle.trim_end_matches([',', ']', '}', ':']);
            format!("; quote the handle: \"{handle}\", or leave out the @")
        } else if line[..line.len() - line.trim_start().len()].contains('\t') {
            "; indent with spaces".to_owned()
        } else if rest.trim_start().starts_with(':') {
            "; quote texts that contain `: `".to_owned()
        } else if problem.contains("block collection") || problem.contains("block mapping") {
            "; check the indentation of this line".to_owned()
        } else {
            String::new()
        };
        YamlError::new(format!("{problem}{hint}"), at)
    }

    fn value(&mut self, (event, span): Next<'a>, pointer: &str, depth: usize) -> Result<Value, YamlError> {
        let (line, column) = (span.start.line(), span.start.col() + 1);
        let mark = |written| Mark { line, column, written };
        let before = self.values;
        let aliased_before = self.aliased.values;
        self.count(1, span)?;
        if depth > DEPTH {
            return Err(YamlError::new(format!("expected at most {DEPTH} levels of nesting"), span.start));
        }
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let Some((value, size)) = self.anchors.get(&anchor) else {
                    return Err(YamlError::new("expected an alias of an anchor before it", span.start));
                };
                let values = self.aliased.values.saturating_add(size.values);
                let bytes = self.aliased.bytes.saturating_add(size.bytes);
                if values > ALIASED_VALUES || bytes > ALIASED_BYTES {
                    let limit = format!(
                        "expected aliases of at most {ALIASED_VALUES} values and {} MB in total",
                        ALIASED_BYTES >> 20
                    );
                    return Err(YamlError::new(limit, span.start));
                }
                let value = value.clone();
                self.aliased = Size { values, bytes };
                self.marks.insert(pointer.to_owned(), mark(None));
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref());
                let written = (!value.is_string() && !value.is_null()).then(|| Box::from(&*text));
                self.marks.insert(pointer.to_owned(), mark(written));
                (value, anchor)
            }
            Event::SequenceStart(anchor, _) => {
                self.marks.insert(pointer.to_owned(), mark(None));
                let mut list = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break,
                        next => {
                            let element = self.value(next, &format!("{pointer}/{}", list.len()), depth + 1)?;
                            list.push(element);
                        }
                    }
                }
                (Value::Array(list), anchor)
            }
            Event::MappingStart(anchor, _) => {
                self.marks.insert(pointer.to_owned(), mark(None));
                (self.mapping(pointer, depth)?, anchor)
            }
            _ => return Err(YamlError::new("expected a value", span.start)),
        };
        if anchor != 0 {
            let aliased = self.aliased.values - aliased_before;
            let size = Size { values: self.values - before + aliased, bytes: value.to_string().len() };
            self.anchors.insert(anchor, (value.clone(), size));
        }
        Ok(value)
    }

    fn mapping(&mut self, pointer: &str, depth: usize) -> Result<Value, YamlError> {
        let (mut map, mut merged) = (Map::new(), Vec::new());
        loop {
            let (key, span) = match self.next()? {
                (Event::MappingEnd, _) => break,
                (Event::Scalar(key, ..), span) => (key, span),
                (_, span) => return Err(YamlError::new("expected a text as the key", span.start)),
            };
            let inner = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            let next = self.next()?;
            let value = self.value(next, &inner, depth + 1)?;
            if key == "<<" {
                merged.push(value);
            } else if let Entry::Vacant(entry) = map.entry(&*key) {
                entry.insert(value);
            } else {
                self.problems.push((inner, YamlError::new(format!("duplicate key `{key}`"), span.start)));
            }
        }
        for value in merged {
            let all = if let Value::Array(all) = value { all } else { vec![value] };
            for (key, value) in all.into_iter().filter_map(|value| value.as_object().cloned()).flatten() {
                map.entry(key).or_insert(value);
            }
        }
        Ok(Value::Object(map))
    }

    fn count(&mut self, values: usize, span: Span) -> Result<(), YamlError> {
        self.values = self.values.saturating_add(values);
        if self.values > VALUES {
            return Err(YamlError::new(format!("expected at most {VALUES} values"), span.start));
        }
        Ok(())
    }
}

/// A scalar by the core schema of YAML 1.2. Numbers that JSON cannot represent are texts.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
    if style != ScalarStyle::Plain || is_text {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = digits.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b".-+eE".contains(&byte));
    let integer = || digits.parse::<i64>().map(Number::from).ok();
    let is_integer = digits.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    let float = || digits.parse::<f64>().ok().filter(|_| !is_integer).and_then(Number::from_f64);
    let number = if is_number { integer().or_else(float) } else { None };
    number.map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_follow_the_core_schema() {
        for (text, value) in [
            ("12", json!(12)),
            ("-3", json!(-3)),
            ("1.5", json!(1.5)),
            ("true", json!(true)),
            ("~", json!(null)),
            ("yes", json!("yes")),
            ("-3d 2h", json!("-3d 2h")),
            ("2026-11-29", json!("2026-11-29")),
            ("09:00", json!("09:00")),
            ("1.2.3", json!("1.2.3")),
            ("123456789012345678901234", json!("123456789012345678901234")),
            ("123456789012e45678901234", json!("123456789012e45678901234")),
            ("'12'", json!("12")),
            ("!!str 12", json!("12")),
            ("{a: [1, b]}", json!({"a": [1, "b"]})),
        ] {
            assert_eq!(read(text).map(|document| document.value), Ok(value), "{text}");
        }
    }

    #[test]
    fn anchors_and_merge_keys_are_resolved() {
        let text = "base: &base {a: 1, b: 2}\nmore:\n  <<: *base\n  b: 3\nsame: *base\n";
        let value = read(text).expect("it is YAML").value;
        assert_eq!(value["more"], json!({"b": 3, "a": 1}));
        assert_eq!(value["same"], json!({"a": 1, "b": 2}));
    }

    #[test]
    fn every_value_has_a_position() {
        let Document { marks, .. } = read("a:\n  - b: 12\n    c/d: x\n").expect("it is YAML");
        let at = |pointer: &str| marks.get(pointer).map(|mark| (mark.line, mark.column));
        assert_eq!(at("/a/0/b"), Some((2, 8)));
        assert_eq!(at("/a/0/c~1d"), Some((3, 10)));
        assert_eq!(marks["/a/0/b"].written.as_deref(), Some("12"));
    }

    #[test]
    fn bad_input_is_explained() {
        for (text, told) in [
            ("a:\n\t- b\n", "; indent with spaces"),
            ("a: [{b: c: d}]\n", "; quote texts that contain `: `"),
            ("a:\n  - b: 1\n   c: 2\n", "; check the indentation of this line"),
            ("a: 1\n---\nb: 1\n", "expected one document, found another after `---`"),
            ("lead: @maria\n", "quote the handle: \"@maria\""),
            ("[a]: 1\n", "expected a text as the key"),
        ] {
            let error = read(text).expect_err(text).to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
        let problems = read("a: 1\na: 2\nb: {c: 1, c: 2}\n").expect("the rest is YAML").problems;
        let problems: Vec<_> = problems.iter().map(|(pointer, error)| format!("{pointer}: {error}")).collect();
        assert_eq!(
            problems,
            ["/a: duplicate key `a` (line 2, column 1)", "/b/c: duplicate key `c` (line 3, column 11)"]
        );
        let bomb = (1..12).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            format!("{text}a{level}: &a{level} [{aliases}]\n")
        });
        assert!(read(&bomb).expect_err("too many values").to_string().contains("expected aliases of at most"));
    }
}
