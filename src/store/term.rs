//! Terms: the values of indexed fields, hashed to 128 bits.

use std::hash::{Hash, Hasher};

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// An index name and a value.
///
/// A hash instead of the value, because a million leads have several million terms. The probability that any two
/// different values collide is about 2⁻⁸⁰.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Term(u128);

impl Term {
    pub(crate) fn new(index: impl Hash, value: impl Hash) -> Self {
        let mut written = HashBuffer::default();
        index.hash(&mut written);
        value.hash(&mut written);
        Self(xxh3_128(written.bytes()))
    }
}

/// Buffers the input, because hashing it in one go is faster than hashing it piece by piece.
struct HashBuffer {
    bytes: [u8; 128],
    len: usize,
}

impl Default for HashBuffer {
    fn default() -> Self {
        Self { bytes: [0; 128], len: 0 }
    }
}

impl HashBuffer {
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// Makes room in a full buffer by replacing its content with a hash of it.
    #[cold]
    fn overflow(&mut self, bytes: &[u8]) {
        let (fitting, rest) = bytes.split_at(self.bytes.len() - self.len);
        self.bytes[self.len..].copy_from_slice(fitting);
        let hash = xxh3_128(&self.bytes).to_le_bytes();
        self.bytes[..hash.len()].copy_from_slice(&hash);
        self.len = hash.len();
        self.write(rest);
    }
}

impl Hasher for HashBuffer {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        match self.bytes.get_mut(self.len..self.len + bytes.len()) {
            Some(room) => {
                room.copy_from_slice(bytes);
                self.len += bytes.len();
            }
            None => self.overflow(bytes),
        }
    }

    fn finish(&self) -> u64 {
        xxh3_64(self.bytes())
    }
}

/// The terms of a document.
pub(crate) struct Terms {
    all: Vec<Term>,
    unique: Vec<(&'static str, Term)>,
}

impl Default for Terms {
    fn default() -> Self {
        // Enough for most documents.
        Self { all: Vec::with_capacity(16), unique: Vec::new() }
    }
}

impl Terms {
    pub(crate) fn add(&mut self, index: impl Hash, value: impl Hash) {
        self.all.push(Term::new(index, value));
    }

    /// Adds a value that only one row of the table may have. Errors name the field.
    pub(crate) fn unique(&mut self, index: impl Hash, field: &'static str, value: impl Hash) {
        let term = Term::new(index, value);
        self.all.push(term);
        self.unique.push((field, term));
    }

    pub(super) fn uniques(&self) -> &[(&'static str, Term)] {
        &self.unique
    }

    /// In the order in which they were added, possibly with duplicates.
    pub(super) fn added(self) -> Vec<Term> {
        self.all
    }

    /// Sorted and without duplicates.
    pub(super) fn sorted(mut self) -> Vec<Term> {
        self.all.sort_unstable();
        self.all.dedup();
        self.all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_byte_of_the_input_affects_the_hash() {
        for length in [0, 1, 60, 110, 111, 112, 113, 127, 128, 129, 240, 241, 1_000] {
            let text = "a".repeat(length);
            let mut terms: BTreeSet<_> = (0..length)
                .map(|at| {
                    let mut other = text.clone();
                    other.replace_range(at..=at, "b");
                    Term::new("field", other).0
                })
                .collect();
            for term in [Term::new("field", &text), Term::new("fields", &text), Term::new("field", (&text, "a"))] {
                terms.insert(term.0);
            }
            assert_eq!(terms.len(), length + 3, "length {length}");
            assert_eq!(Term::new("field", &*text), Term::new("field", text));
        }
    }
}
