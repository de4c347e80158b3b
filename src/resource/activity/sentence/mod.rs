//! Activities as sentences, in English and in Italian.

pub(crate) mod rules;
