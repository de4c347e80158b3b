//! Text search: splitting text into words, and parsing queries. Both follow MongoDB's `$text` operator with the
//! language `none`, which has neither stemming nor stop words.

use std::borrow::Cow;

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::{
    CodePointSetData, CodePointSetDataBorrowed,
    props::{Dash, Diacritic, PatternSyntax, QuotationMark, TerminalPunctuation},
};

/// A text query. It matches texts with at least one of the words, all of the phrases, and nothing that is excluded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct TextQuery {
    words: Vec<String>,
    phrases: Vec<String>,
    excluded_words: Vec<String>,
    excluded_phrases: Vec<String>,
}

impl TextQuery {
    /// Parses words, `"phrases"`, and `-exclusions` of both. An exclusion ends at the next whitespace. A phrase without
    /// a closing quotation mark is treated as separate words.
    pub(crate) fn parse(text: &str) -> Self {
        let mut query = Self::default();
        let (mut excludes, mut after_blank, mut phrase) = (false, true, None);
        let mut start = 0;
        for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
            if !c.is_whitespace() && !matches!(c, '"' | '-') {
                after_blank = false;
                continue;
            }
            query.add_words(&text[start..at], excludes, phrase.is_some());
            start = at + c.len_utf8();
            match (c, phrase) {
                ('"', Some(open)) => {
                    query.add_phrase(&text[open..at], excludes);
                    phrase = None;
                }
                ('"', None) => phrase = Some(start),
                (_, Some(_)) => {}
                ('-', None) => excludes |= after_blank,
                (_, None) => excludes = false,
            }
            after_blank = !matches!(c, '"' | '-');
        }
        query
    }

    fn add_words(&mut self, text: &str, excludes: bool, in_phrase: bool) {
        // The words of an excluded phrase are excluded only in combination.
        if excludes && in_phrase {
            return;
        }
        let list = if excludes { &mut self.excluded_words } else { &mut self.words };
        for word in words(text) {
            if !list.iter().any(|known| *known == word) {
                list.push(word.into_owned());
            }
        }
    }

    fn add_phrase(&mut self, text: &str, excludes: bool) {
        let list = if excludes { &mut self.excluded_phrases } else { &mut self.phrases };
        list.extend(Some(fold(text).into_owned()).filter(|phrase| !phrase.is_empty()));
    }

    /// The words, of which a text must have at least one. A query without words matches nothing.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Whether the query has neither phrases nor exclusions.
    pub(crate) fn is_words_only(&self) -> bool {
        self.phrases.is_empty() && self.excluded_words.is_empty() && self.excluded_phrases.is_empty()
    }

    /// Whether texts that have one of the words also satisfy the phrases and exclusions. A phrase may start and end
    /// within a word, and must occur within a single text.
    pub(crate) fn admits(&self, texts: &[impl AsRef<str>]) -> bool {
        let folded: Vec<_> = texts.iter().map(|text| fold(text.as_ref())).collect();
        let has = |phrase: &String| folded.iter().any(|text| text.contains(phrase));
        let has_excluded_word = || {
            let mut words = texts.iter().flat_map(|text| words(text.as_ref()));
            words.any(|word| self.excluded_words.iter().any(|excluded| *excluded == word))
        };
        self.phrases.iter().all(has) && !self.excluded_phrases.iter().any(has) && !has_excluded_word()
    }

    /// Whether texts match the query.
    pub(crate) fn matches(&self, texts: &[&str]) -> bool {
        let mut said = texts.iter().flat_map(|text| words(text));
        said.any(|word| self.words.iter().any(|wanted| *wanted == word)) && (self.is_words_only() || self.admits(texts))
    }
}

/// The words of a text, without case and diacritics.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split(is_delimiter).filter(|word| !word.is_empty()).map(fold).filter(|word| !word.is_empty())
}

fn is_delimiter(c: char) -> bool {
    const PUNCTUATION: [CodePointSetDataBorrowed<'static>; 4] = [
        CodePointSetData::new::<Dash>(),
        CodePointSetData::new::<PatternSyntax>(),
        CodePointSetData::new::<QuotationMark>(),
        CodePointSetData::new::<TerminalPunctuation>(),
    ];
    if c.is_ascii() {
        return !c.is_ascii_alphanumeric() && c != '_';
    }
    // The soft hyphen and the Katakana middle dots separate words, like other hyphens.
    !c.is_alphanumeric()
        && (c.is_whitespace()
            || matches!(c, '\u{ad}' | '\u{30fb}' | '\u{ff65}')
            || PUNCTUATION.iter().any(|set| set.contains(c)))
}

/// Lowercases a text and removes diacritics, whether composed or decomposed.
fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let accents = CodePointSetData::new::<Diacritic>();
    let decomposed = DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars());
    let plain = decomposed.filter(|c| c.is_ascii() || !accents.contains(*c));
    // Σ becomes ς at the end of a word and σ elsewhere; unify them.
    Cow::Owned(plain.flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        words(text).map(Cow::into_owned).collect()
    }

    #[test]
    fn words_ignore_case_and_diacritics_in_any_encoding() {
        for (text, expected) in [
            ("Café CAFE\u{301} cafe", "cafe cafe cafe"),
            ("Zoe\u{308} Zo\u{eb}", "zoe zoe"),
            ("\u{130}stanbul ISTANBUL", "istanbul istanbul"),
            ("Ångström A\u{30a}ngstro\u{308}m \u{212b}ngström", "angstrom angstrom angstrom"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Đỗ Nguyễn", "đo nguyen"),
            ("straße STRASSE", "straße strasse"),
            ("हिन्दी", "हिनदी"),
            ("안녕 안녕", "안녕 안녕"),
        ] {
            let expected: Vec<_> = expected.split(' ').map(|word| fold(word).into_owned()).collect();
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn punctuation_and_whitespace_separate_words() {
        for (text, expected) in [
            ("ada@shop.example.com", vec!["ada", "shop", "example", "com"]),
            ("rock'n'roll, 50%\t(new)", vec!["rock", "n", "roll", "50", "new"]),
            ("snake_case kebab-case", vec!["snake_case", "kebab", "case"]),
            ("«Hallo»\u{a0}…\u{2014}Welt\u{3000}！", vec!["hallo", "welt"]),
            ("help 😀", vec!["help", "😀"]),
            (" \u{301}-- ", vec![]),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }

    #[test]
    fn plain_words_are_borrowed() {
        assert!(words("plain words of 2_0").all(|word| matches!(word, Cow::Borrowed(_))));
    }

    fn query(words: &[&str], phrases: &[&str], excluded: &[&str], excluded_phrases: &[&str]) -> TextQuery {
        let list = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        TextQuery {
            words: list(words),
            phrases: list(phrases),
            excluded_words: list(excluded),
            excluded_phrases: list(excluded_phrases),
        }
    }

    #[test]
    fn queries_parse_as_in_the_database() {
        for (text, expected) in [
            ("Coffee SHOP coffee", query(&["coffee", "shop"], &[], &[], &[])),
            ("coffee -shop", query(&["coffee"], &[], &["shop"], &[])),
            ("-shop", query(&[], &[], &["shop"], &[])),
            ("pre-paid", query(&["pre", "paid"], &[], &[], &[])),
            ("a -foo-bar b", query(&["a", "b"], &[], &["foo", "bar"], &[])),
            ("- a", query(&["a"], &[], &[], &[])),
            ("--a", query(&[], &[], &["a"], &[])),
            ("\"Coffee Shop\" cake", query(&["coffee", "shop", "cake"], &["coffee shop"], &[], &[])),
            ("cake -\"coffee shop\"", query(&["cake"], &[], &[], &["coffee shop"])),
            ("cake - \"coffee shop\"", query(&["cake", "coffee", "shop"], &["coffee shop"], &[], &[])),
            ("\"a -b\"", query(&["a", "b"], &["a -b"], &[], &[])),
            ("-\"a b\"\"c\" d", query(&["d"], &[], &[], &["a b", "c"])),
            ("\"coffee shop", query(&["coffee", "shop"], &[], &[], &[])),
            ("\"\" café\u{a0}-thé", query(&["cafe"], &[], &["the"], &[])),
            ("", query(&[], &[], &[], &[])),
        ] {
            assert_eq!(TextQuery::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn a_match_has_any_word_every_phrase_and_no_exclusion() {
        for (search, expected) in [
            ("coffee", true),
            ("tea coffee", true),
            ("tea", false),
            ("coff", false),
            ("coffee -cake", false),
            ("coffee -cak", true),
            ("-tea", false),
            ("", false),
            ("\"coffee and\"", true),
            ("\"AND CAKÉ\"", true),
            ("\"cake coffee\"", false),
            ("\"coffee\" \"cake\"", true),
            ("\"coffee\" \"tea\"", false),
            ("\"coffee and cak\"", true),
            ("cake -\"coffee and\"", false),
            ("cake -\"and coffee\"", true),
            ("\"cake ada\"", false),
        ] {
            assert_eq!(TextQuery::parse(search).matches(&["Coffee and Cake", "Ada"]), expected, "{search}");
        }
    }
}
