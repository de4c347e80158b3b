//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// Labels of a language.
#[derive(Object)]
pub(crate) struct NewLanguage {
    /// Language code, such as `EN`.
    #[oai(validator(min_length = 1))]
    pub(crate) lang: Text,
    /// Texts by key. They replace all existing texts of the language.
    pub(crate) data: JsonObject,
    /// Whether to make this the default language of the project.
    pub(crate) default: Option<bool>,
}

/// The built-in labels to clone.
#[derive(Object)]
pub(crate) struct ClonedLanguage {
    /// Language code. A language without built-in labels gets the English ones.
    #[oai(validator(min_length = 1))]
    pub(crate) lang: Text,
}
