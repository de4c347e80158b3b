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
    /// Languages of the conversations (default all). Repetitions are ignored.
    pub languages: Vec<Language>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { conversations: 500, days: 30, agents: 5, seed: 0, languages: Language::ALL.to_vec() }
    }
}

impl Plan {
    /// The plan with each of its languages once, or with all languages if it has none.
    pub(super) fn normalized(&self) -> Self {
        let mut languages = Vec::new();
        for language in &self.languages {
            if !languages.contains(language) {
                languages.push(*language);
            }
        }
        if languages.is_empty() {
            languages = Language::ALL.to_vec();
        }
        Self { languages, ..self.clone() }
    }
}
