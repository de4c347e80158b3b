//! The head of a message in a single allocation: the request target and the headers.
//!
//! Headers read from a socket are slices of the connection's read buffer. Keeping one would keep the whole buffer alive
//! and force the connection to allocate another for its next message.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The target, followed by alternating header names and values, each prefixed with its length as a 4-byte integer.
#[derive(Clone)]
pub(crate) struct PackedHeaders(Arc<[u8]>);

/// Deduplicates consecutive equal heads.
#[derive(Default)]
pub(crate) struct HeaderInterner {
    /// The last response head and the last request head.
    last: [Option<PackedHeaders>; 2],
    /// Buffer for the next head.
    bytes: Vec<u8>,
}

impl HeaderInterner {
    /// Packs the head of a request, with its path and query as sent, or of a response, with an empty target.
    pub(crate) fn head(&mut self, target: &str, headers: &HeaderMap) -> PackedHeaders {
        let mut add = |part: &[u8]| {
            self.bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_ne_bytes());
            self.bytes.extend_from_slice(part);
        };
        add(target.as_bytes());
        for (name, value) in headers {
            add(name.as_str().as_bytes());
            add(value.as_bytes());
        }
        let last = &mut self.last[usize::from(!target.is_empty())];
        let head = match last {
            Some(last) if *last.0 == *self.bytes => last.clone(),
            _ => last.insert(PackedHeaders(self.bytes.as_slice().into())).clone(),
        };
        self.bytes.clear();
        head
    }
}

impl PackedHeaders {
    pub(crate) fn target(&self) -> &str {
        let target = split(&self.0).map_or(&[][..], |(target, _)| target);
        std::str::from_utf8(target).expect("the target was packed from a string")
    }

    /// Size in bytes.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Names and values in their original order.
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

    /// The first value of a header, if it is text. The name must be lowercase.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parts().find(|(known, _)| *known == name.as_bytes()).and_then(|(_, value)| std::str::from_utf8(value).ok())
    }

    /// Unpacks the headers.
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

/// Splits off the first part.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, after) = bytes.split_first_chunk::<4>()?;
    after.split_at_checked(usize::try_from(u32::from_ne_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_and_headers_round_trip() {
        let mut headers = HeaderMap::new();
        let mut heads = HeaderInterner::default();
        assert_eq!(heads.head("", &headers).to_map(), headers);
        for (name, value) in [("accept", "a"), ("cookie", "one"), ("x-empty", ""), ("cookie", "two")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers.append("x-bytes", HeaderValue::from_bytes(&[0xff, b'a']).expect("a value"));
        let head = heads.head("/a?b=c", &headers);
        assert_eq!(head.target(), "/a?b=c");
        assert_eq!(head.to_map(), headers);
        assert_eq!(head.get("cookie"), Some("one"));
        assert_eq!((head.get("x-empty"), head.get("x-bytes"), head.get("host")), (Some(""), None, None));
        assert_eq!(head.iter().count(), 5);
    }

    #[test]
    fn consecutive_equal_heads_share_memory() {
        let (mut heads, none) = (HeaderInterner::default(), HeaderMap::new());
        let some = HeaderMap::from_iter([(http::header::ACCEPT, HeaderValue::from_static("a"))]);
        let calls = [("/a", &none), ("", &none), ("/a", &none), ("", &none), ("/a", &some), ("", &some), ("/a", &none)];
        let held = calls.map(|(target, headers)| {
            let head = heads.head(target, headers);
            assert_eq!((head.target(), &head.to_map()), (target, headers));
            head.0.as_ptr()
        });
        assert_eq!((held[0], held[1]), (held[2], held[3]));
        assert!(held[4] != held[2] && held[5] != held[3] && held[6] != held[4]);
    }
}
