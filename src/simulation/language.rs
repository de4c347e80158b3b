//! The languages of simulated people: their names and phrases.

use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

use fake::locales::{DE_DE, Data, EN, FR_FR, IT_IT};
use serde::Deserialize;

use super::chance::Chance;
use crate::value::suggest;

/// A language of generated conversations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Language {
    /// English.
    English,
    /// Italian.
    Italian,
    /// Spanish.
    Spanish,
    /// German.
    German,
    /// French.
    French,
}

/// The phrases of a language.
#[derive(Deserialize)]
pub(super) struct Phrases {
    /// First names, for languages without another source of names.
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    surnames: Vec<String>,
    pub(super) topics: Vec<Topic>,
    /// First words of agents.
    pub(super) openers: Vec<String>,
    /// Requests of visitors to be transferred from a bot to a person.
    pub(super) transfers: Vec<String>,
    pub(super) thanks: Vec<String>,
    /// Last words of agents.
    pub(super) closings: Vec<String>,
    /// Comments on good and on bad ratings.
    pub(super) praise: Vec<String>,
    pub(super) complaints: Vec<String>,
}

/// The phrases of conversations about a subject. `{number}` stands for a number.
#[derive(Deserialize)]
pub(super) struct Topic {
    pub(super) tag: String,
    pub(super) questions: Vec<String>,
    /// The reply of a bot to the questions.
    pub(super) answer: String,
    /// The replies of agents, in order.
    pub(super) replies: Vec<String>,
    /// Additional messages of visitors.
    pub(super) details: Vec<String>,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 5] = [Self::English, Self::Italian, Self::Spanish, Self::German, Self::French];

    /// The language code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
            Self::Spanish => "es",
            Self::German => "de",
            Self::French => "fr",
        }
    }

    pub(super) fn phrases(self) -> &'static Phrases {
        static ALL: LazyLock<BTreeMap<String, Phrases>> = LazyLock::new(|| {
            serde_json::from_str(include_str!("phrases.json")).expect("the phrases are valid JSON, which a test checks")
        });
        &ALL[self.code()]
    }

    /// A first name and a last name.
    pub(super) fn name(self, chance: &mut Chance) -> (&'static str, &'static str) {
        let mut of = |first: &[&'static str], last: &[&'static str]| (clean(first, chance), clean(last, chance));
        match self {
            Self::English => of(EN::NAME_FIRST_NAME, EN::NAME_LAST_NAME),
            Self::Italian => of(IT_IT::NAME_FIRST_NAME, IT_IT::NAME_LAST_NAME),
            Self::German => of(DE_DE::NAME_FIRST_NAME, DE_DE::NAME_LAST_NAME),
            Self::French => of(FR_FR::NAME_FIRST_NAME, FR_FR::NAME_LAST_NAME),
            Self::Spanish => {
                let Phrases { names, surnames, .. } = self.phrases();
                (chance.pick::<String>(names), chance.pick::<String>(surnames))
            }
        }
    }
}

/// A name that needs no escaping in JSON or CSV: some lists of names contain line breaks or quotation marks.
fn clean(names: &[&'static str], chance: &mut Chance) -> &'static str {
    let is_clean = |name: &&str| !name.chars().any(|char| char.is_control() || matches!(char, '"' | '\\'));
    (0..10).map(|_| chance.pick(names).trim()).find(is_clean).unwrap_or("Robin")
}

impl FromStr for Language {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|language| language.code().eq_ignore_ascii_case(text));
        known.ok_or_else(|| suggest::unknown("language", text, Self::ALL.map(Self::code)))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_names_and_phrases() {
        let mut chance = Chance::new(0, &"test");
        for language in Language::ALL {
            let phrases = language.phrases();
            assert_eq!(phrases.topics.len(), 5, "{language}");
            let (first, last) = language.name(&mut chance);
            assert!(!first.is_empty() && !last.is_empty(), "{language}");
            for topic in &phrases.topics {
                assert!(topic.questions.len() >= 3 && topic.replies.len() >= 3 && topic.details.len() >= 2);
            }
            assert_eq!(language.code().parse(), Ok(language));
        }
        assert!("english".parse::<Language>().is_err());
    }
}
