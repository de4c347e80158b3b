//! Keys that occur more than once in an object of a JSON text. Parsers keep the last one silently.

use std::{
    collections::HashSet,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use crate::value::json;

/// Maximum number of repetitions that are reported.
const REPORTED: usize = 1_000;

/// Number of keys from which an object's keys are hashed.
const LARGE: usize = 64;

/// A key that its object already has.
#[derive(Debug, PartialEq)]
pub(super) struct Repetition {
    pub(super) pointer: String,
    pub(super) key: String,
    /// Where it begins, in bytes.
    pub(super) offset: usize,
}

/// Whether a file that can be parsed has such keys.
pub(super) fn occur(path: &Path) -> bool {
    const BUFFER: usize = 1 << 16;
    let opened = File::open(path).map(|file| BufReader::with_capacity(BUFFER, file));
    opened.and_then(find).is_ok_and(|found| !found.is_empty())
}

/// All such keys of a text that can be parsed.
pub(super) fn find(mut text: impl BufRead) -> io::Result<Vec<Repetition>> {
    let mut scan = Scan::default();
    loop {
        let bytes = text.fill_buf()?;
        if bytes.is_empty() {
            return Ok(scan.found);
        }
        for byte in bytes {
            scan.next(*byte);
        }
        let read = bytes.len();
        text.consume(read);
    }
}

#[derive(Default)]
struct Scan {
    offset: usize,
    levels: Vec<Level>,
    /// The keys of the objects on the way, one after the other, and their ends.
    keys: Vec<u8>,
    ends: Vec<usize>,
    expects_key: bool,
    string: Option<Inside>,
    found: Vec<Repetition>,
}

/// An object or an array on the way.
struct Level {
    /// The number of keys of the objects around it.
    outer: usize,
    /// The index of the element, if it is an array.
    index: Option<usize>,
    /// The keys, if there are many.
    many: HashSet<Vec<u8>>,
}

/// A string that is being read.
#[derive(Clone, Copy)]
struct Inside {
    start: usize,
    is_key: bool,
    after_backslash: bool,
    has_escapes: bool,
}

impl Scan {
    fn next(&mut self, byte: u8) {
        if let Some(string) = self.string {
            self.within(string, byte);
        } else {
            match byte {
                b'"' => {
                    let (start, is_key) = (self.offset, self.expects_key);
                    self.string = Some(Inside { start, is_key, after_backslash: false, has_escapes: false });
                    self.expects_key = false;
                }
                b'{' | b'[' => {
                    let index = (byte == b'[').then_some(0);
                    self.expects_key = index.is_none();
                    self.levels.push(Level { outer: self.ends.len(), index, many: HashSet::new() });
                }
                b'}' | b']' => {
                    self.expects_key = false;
                    if let Some(level) = self.levels.pop() {
                        self.ends.truncate(level.outer);
                        self.keys.truncate(self.ends.last().copied().unwrap_or_default());
                    }
                }
                b',' => match self.levels.last_mut().map(|level| &mut level.index) {
                    Some(Some(index)) => *index += 1,
                    Some(None) => self.expects_key = true,
                    None => {}
                },
                _ => {}
            }
        }
        self.offset += 1;
    }

    fn within(&mut self, string: Inside, byte: u8) {
        if byte == b'"' && !string.after_backslash {
            self.string = None;
            if string.is_key {
                self.end_key(string);
            }
            return;
        }
        let is_escape = byte == b'\\';
        let after_backslash = is_escape && !string.after_backslash;
        self.string = Some(Inside { after_backslash, has_escapes: string.has_escapes || is_escape, ..string });
        if string.is_key {
            self.keys.push(byte);
        }
    }

    fn end_key(&mut self, string: Inside) {
        let start = self.ends.last().copied().unwrap_or_default();
        if string.has_escapes {
            let written = [b"\"", &self.keys[start..], b"\""].concat();
            if let Ok(serde_json::Value::String(key)) = json::read(&written) {
                self.keys.truncate(start);
                self.keys.extend_from_slice(key.as_bytes());
            }
        }
        let Some(level) = self.levels.last_mut() else { return };
        let key = &self.keys[start..];
        let count = self.ends.len() - level.outer;
        let known = |at: usize| {
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.keys[start..self.ends[at]]
        };
        let is_repeated = if count < LARGE {
            (level.outer..self.ends.len()).any(|at| known(at) == key)
        } else {
            if level.many.is_empty() {
                level.many.extend((level.outer..self.ends.len()).map(|at| known(at).to_vec()));
            }
            !level.many.insert(key.to_vec())
        };
        let key = String::from_utf8_lossy(key).into_owned();
        self.ends.push(self.keys.len());
        if is_repeated && self.found.len() < REPORTED {
            self.found.push(Repetition { pointer: self.pointer(), key, offset: string.start });
        }
    }

    /// The pointer to the value of the key that was read last.
    fn pointer(&self) -> String {
        let ends = self.levels.iter().skip(1).map(|level| level.outer).chain([self.ends.len()]);
        let part = |(level, end): (&Level, usize)| match (level.index, end.checked_sub(1)) {
            (Some(index), _) => format!("/{index}"),
            (None, None) => String::new(),
            (None, Some(last)) => {
                let start = last.checked_sub(1).map_or(0, |before| self.ends[before]);
                let key = String::from_utf8_lossy(&self.keys[start..self.ends[last]]);
                format!("/{}", key.replace('~', "~0").replace('/', "~1"))
            }
        };
        self.levels.iter().zip(ends).map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let all = find(text.as_bytes()).expect("a text can be read");
        all.iter().map(|one| format!("{} {} {}", one.pointer, one.key, one.offset)).collect()
    }

    #[test]
    fn repeated_keys_are_found_at_every_level() {
        for (text, expected) in [
            (r#"{"a":1,"b":{"a":2},"c":[{"a":3},{"a":4}]}"#, ""),
            (r#"{"a":1,"a":2,"a":3}"#, "/a a 7, /a a 13"),
            (r#"{"x":[[],{"y":{}},{"k":"{\"","z":[1,2],"k":5}]}"#, "/x/2/k k 39"),
            (r#"{"a/b":{"c":1},"a/b":{"c":1,"c":2}}"#, "/a~1b a/b 15, /a~1b/c c 28"),
            (r#"{"name":1,"n\u0061me":2,"\\":3,"\\\\":4}"#, "/name name 10"),
            (r#"{"":1,"":2}"#, "/  6"),
            ("[", ""),
            (r#"}]"",{"a"#, ""),
        ] {
            assert_eq!(found(text).join(", "), expected, "{text}");
        }
    }

    #[test]
    fn repeated_keys_of_large_objects_are_found() {
        let keys: Vec<_> = (0..LARGE * 2).map(|key| format!("\"k{key}\":{{\"k0\":0}}")).collect();
        assert!(found(&format!("{{{}}}", keys.join(","))).is_empty());
        for twin in [0, LARGE, LARGE * 2 - 1] {
            let text = format!("{{{},\"k{twin}\":0}}", keys.join(","));
            assert_eq!(found(&text), [format!("/k{twin} k{twin} {}", keys.join(",").len() + 2)]);
        }
    }
}
