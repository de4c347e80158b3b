//! The head of a message in one piece: what was asked for, and the headers.
//!
//! Headers that were read from a socket are parts of the buffer that they were read into. Who remembers one keeps the whole
//! buffer, and the connection has to get another one for its next message.

use http::{HeaderMap, HeaderName, HeaderValue};

/// The target, and then names and values, one after the other: the length of each in four bytes, and then its bytes.
pub(crate) struct Head(Box<[u8]>);

impl Head {
    /// Of a request with its path and query as they were sent, or of an answer with none.
    pub(crate) fn new(target: &str, headers: &HeaderMap) -> Self {
        let length: usize = headers.iter().map(|(name, value)| 8 + name.as_str().len() + value.len()).sum();
        let mut bytes = Vec::with_capacity(4 + target.len() + length);
        let mut add = |part: &[u8]| {
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_ne_bytes());
            bytes.extend_from_slice(part);
        };
        add(target.as_bytes());
        for (name, value) in headers {
            add(name.as_str().as_bytes());
            add(value.as_bytes());
        }
        Self(bytes.into())
    }

    pub(crate) fn target(&self) -> &str {
        let target = split(&self.0).map_or(&[][..], |(target, _)| target);
        std::str::from_utf8(target).expect("it was a text")
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Names and values, in the order in which they came.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.parts().map_while(|(name, value)| Some((std::str::from_utf8(name).ok()?, value)))
    }

    fn parts(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = split(&self.0).map_or(&[][..], |(_, headers)| headers);
        let mut part = move || {
            let (part, after) = split(rest)?;
            rest = after;
            Some(part)
        };
        std::iter::from_fn(move || Some((part()?, part()?)))
    }

    /// The first value of a header, if it is text. The name is in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parts().find(|(known, _)| *known == name.as_bytes()).and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// As it was.
    pub(crate) fn to_map(&self) -> HeaderMap {
        let parsed = |(name, value): (&str, &[u8])| {
            Some((HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_bytes(value).ok()?))
        };
        let mut map = HeaderMap::new();
        for (name, value) in self.iter().filter_map(parsed) {
            map.append(name, value);
        }
        map
    }
}

/// The first part, and what comes after it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk::<4>()?;
    after.split_at_checked(usize::try_from(u32::from_ne_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let mut headers = HeaderMap::new();
        assert_eq!(Head::new("", &headers).to_map(), headers);
        for (name, value) in [("accept", "a"), ("cookie", "one"), ("x-empty", ""), ("cookie", "two")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers.append("x-bytes", HeaderValue::from_bytes(&[0xff, b'a']).expect("a value"));
        let head = Head::new("/a?b=c", &headers);
        assert_eq!(head.target(), "/a?b=c");
        assert_eq!(head.to_map(), headers);
        assert_eq!(head.get("cookie"), Some("one"));
        assert_eq!((head.get("x-empty"), head.get("x-bytes"), head.get("host")), (Some(""), None, None));
        assert_eq!(head.iter().count(), 5);
    }
}
