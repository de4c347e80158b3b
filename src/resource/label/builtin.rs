//! Built-in labels, the same for every project.

use std::sync::LazyLock;

use bytes::Bytes;

use super::document::Language;
use crate::store::render;

static LANGUAGES: LazyLock<Vec<Language>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("builtin.json")).expect("the embedded file is valid, as a test checks")
});

/// All built-in labels, rendered.
pub(crate) fn json() -> Bytes {
    static JSON: LazyLock<Bytes> = LazyLock::new(|| render(&*LANGUAGES).into());
    JSON.clone()
}

pub(crate) fn language(lang: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| &*language.lang == lang)
}

/// The last fallback.
pub(crate) fn english() -> &'static Language {
    language("EN").expect("the file contains English")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_all_texts() {
        let codes: Vec<_> = LANGUAGES.iter().map(|language| &*language.lang).collect();
        let known = ["EN", "IT", "FR", "ES", "DE", "PT", "RU", "TR", "SR", "AR", "UK", "SV", "KK", "UZ", "AZ"];
        assert_eq!(codes, known);
        assert_eq!(english().data.0.len(), 92);
        for language in LANGUAGES.iter() {
            let keys = |language: &Language| language.data.0.keys().cloned().collect::<Vec<_>>();
            assert_eq!(keys(language), keys(english()), "{}", language.lang);
            for (key, text) in &language.data.0 {
                let text = text.as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{} {key}", language.lang);
                for placeholder in ["$reply_time", "{{file_size_limit}}", "\n", "<a href="] {
                    let english = english().data.0[key].as_str().unwrap_or_default();
                    assert_eq!(text.contains(placeholder), english.contains(placeholder), "{} {key}", language.lang);
                }
            }
        }
    }
}
