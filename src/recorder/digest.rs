//! The digest of a run: a hash of all calls, responses, and webhook deliveries of a sandbox since it was created.

use std::{hash::Hasher, sync::LazyLock};

use regex::bytes::Regex;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::entry::Entry;

/// A running digest of calls or of deliveries.
#[derive(Clone, Default)]
pub(crate) struct Digest {
    hasher: SipHasher24,
    /// Number of calls or deliveries included.
    pub(crate) count: u64,
}

impl Digest {
    /// Adds a call. Excludes headers and latencies, which depend on the machine.
    pub(crate) fn add_call(&mut self, call: &Entry) {
        self.count += 1;
        self.add(call.request.method.as_str().as_bytes());
        self.add(call.request.head.target().as_bytes());
        self.add(call.body());
        self.add(call.fault.get().map_or("", |fault| &**fault).as_bytes());
        if let Some(answer) = call.answer.get() {
            self.add(&answer.status.as_u16().to_be_bytes());
            self.add(&answer.body);
        }
    }

    /// Adds a webhook delivery. Excludes the target, because its port is often ephemeral.
    pub(crate) fn add_delivery(&mut self, event: &str, body: &[u8]) {
        self.count += 1;
        self.add(event.as_bytes());
        self.add(body);
    }

    fn add(&mut self, part: &[u8]) {
        let part = portable(part);
        self.hasher.write(&(part.len() as u64).to_be_bytes());
        self.hasher.write(&part);
    }

    /// Combines the digests of calls and deliveries into one hexadecimal string.
    pub(crate) fn with(&self, deliveries: &Self) -> String {
        let mut hasher = SipHasher24::new();
        for part in [self, deliveries] {
            hasher.write(&part.hasher.finish128().as_bytes());
        }
        format!("{:032x}", hasher.finish128().as_u128())
    }
}

/// Removes everything that differs between sandboxes and servers: sandbox names in paths, the server's address, and
/// token signatures, because each sandbox signs with its own secret.
fn portable(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    static VARIABLE: LazyLock<Regex> = LazyLock::new(|| {
        let sandbox = r"/_sandbox/[A-Za-z0-9_.-]+";
        let address = r"(https?://)(?:(?:[A-Za-z0-9_.-]+\.)?localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?";
        let token = r"(eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+";
        Regex::new(&format!("(?-u){sandbox}|{address}|{token}")).expect("the expression is valid, as a test shows")
    });
    VARIABLE.replace_all(bytes, &b"$1$2"[..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sandbox_names_addresses_and_signatures_are_excluded() {
        for (given, portable_text) in [
            ("/_sandbox/a.1/v3/x?y=1", "/v3/x?y=1"),
            ("/_sandbox/a", ""),
            (r#"{"a":"http://127.0.0.1:4010/_sandbox/b/v3"}"#, r#"{"a":"http:///v3"}"#),
            ("https://a.localhost:4010/x http://localhost/x", "https:///x http:///x"),
            ("http://example.com:80/x", "http://example.com:80/x"),
            ("JWT eyJhbGciOi.eyJfaWQ-_.abc-_9", "JWT eyJhbGciOi.eyJfaWQ-_"),
            ("no match", "no match"),
        ] {
            assert_eq!(String::from_utf8_lossy(&portable(given.as_bytes())), portable_text, "{given}");
        }
        assert_eq!(&*portable(b"\xff/_sandbox/a/\xfe"), b"\xff/\xfe");
    }

    #[test]
    fn boundaries_and_order_of_parts_matter() {
        let digest = |parts: [(&str, &str); 2]| {
            let mut digest = Digest::default();
            for (event, body) in parts {
                digest.add_delivery(event, body.as_bytes());
            }
            digest.with(&Digest::default())
        };
        assert_ne!(digest([("a", "b"), ("c", "d")]), digest([("ab", ""), ("c", "d")]));
        assert_ne!(digest([("a", "b"), ("c", "d")]), digest([("c", "d"), ("a", "b")]));
        assert_eq!(digest([("a", "b"), ("c", "d")]), digest([("a", "b"), ("c", "d")]));
    }
}
