//! Caches the hashes of valid responses, so that equal ones are not validated again: polling clients get the same
//! response many times.

use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Number of cached responses.
const PLACES: usize = 1 << 12;

/// The hashes of valid responses. Each hash has one slot, which keeps the latest one.
pub(super) struct Memo(Box<[AtomicU64]>);

impl Default for Memo {
    fn default() -> Self {
        Self((0..PLACES).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Memo {
    /// The hash of everything that determines whether a response is valid. Its rules are identified by their address.
    pub(super) fn hash<R>(rules: &R, status: u16, kind: &str, body: &[u8]) -> u64 {
        let rules = std::ptr::from_ref(rules).addr();
        let parts = [&rules.to_ne_bytes()[..], &status.to_ne_bytes(), kind.as_bytes()];
        xxh3_64_with_seed(body, xxh3_64(&parts.concat()))
    }

    pub(super) fn contains(&self, hash: u64) -> bool {
        self.place(hash).load(Ordering::Relaxed) == hash
    }

    pub(super) fn insert(&self, hash: u64) {
        self.place(hash).store(hash, Ordering::Relaxed);
    }

    fn place(&self, hash: u64) -> &AtomicU64 {
        let place = usize::try_from(hash % PLACES as u64).expect("it is less than the number of places");
        &self.0[place]
    }
}

#[cfg(test)]
mod tests {
    use super::Memo;

    #[test]
    fn only_equal_responses_have_the_same_hash() {
        let (memo, rules) = (Memo::default(), ["one", "another"]);
        let hash = |status, kind, body: &str| Memo::hash(&rules[0], status, kind, body.as_bytes());
        let valid = hash(200, "application/json", "{}");
        assert!(!memo.contains(valid));
        memo.insert(valid);
        assert!(memo.contains(valid));
        let others = [
            hash(201, "application/json", "{}"),
            hash(200, "text/plain", "{}"),
            hash(200, "application/json", "[]"),
            Memo::hash(&rules[1], 200, "application/json", b"{}"),
        ];
        assert!(!others.into_iter().any(|other| memo.contains(other)));
    }
}
