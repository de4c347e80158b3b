//! What a generated history consists of.

use super::language::Language;

/// What to generate.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Number of conversations (default 500).
    pub conversations: usize,
    /// Number of days over which they are spread (default 30), until now.
    pub days: u32,
    /// Number of agents to add (default 5).
    pub agents: usize,
    /// Seed for all random values.
    pub seed: u64,
    /// Languages of the conversations (default all).
    pub languages: Vec<Language>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { conversations: 500, days: 30, agents: 5, seed: 0, languages: Language::ALL.to_vec() }
    }
}
