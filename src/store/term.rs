//! What a document can be found by: the values of its indexed fields, hashed to 128 bits.

use std::hash::Hash;

use siphasher::sip128::{Hasher128, SipHasher13};

/// One (field, value) pair.
///
/// A hash and not the value: a million leads have several million of these, and two different values meet with a
/// probability of about 2⁻⁸⁰.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Term(u128);

impl Term {
    pub(crate) fn new(field: &'static str, value: impl Hash) -> Self {
        let mut hasher = SipHasher13::new();
        field.hash(&mut hasher);
        value.hash(&mut hasher);
        Self(hasher.finish128().as_u128())
    }
}

/// The terms of one document.
#[derive(Default)]
pub(crate) struct Terms {
    all: Vec<Term>,
    unique: Vec<(&'static str, Term)>,
}

impl Terms {
    pub(crate) fn add(&mut self, field: &'static str, value: impl Hash) {
        self.all.push(Term::new(field, value));
    }

    /// A value that only one row of the table may have.
    pub(crate) fn unique(&mut self, field: &'static str, value: impl Hash) {
        let term = Term::new(field, value);
        self.all.push(term);
        self.unique.push((field, term));
    }

    pub(super) fn uniques(&self) -> &[(&'static str, Term)] {
        &self.unique
    }

    pub(super) fn sorted(mut self) -> Vec<Term> {
        self.all.sort_unstable();
        self.all.dedup();
        self.all
    }
}

/// The words of a text as full-text search sees them: runs of letters and digits, in lower case.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}
