//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// The texts of a language.
#[derive(Object)]
pub(crate) struct NewLanguage {
    /// Code of the language, such as `EN`.
    #[oai(validator(min_length = 1))]
    pub(crate) lang: Text,
    /// The texts by their keys. They replace those that are there as a whole.
    pub(crate) data: JsonObject,
    /// True makes it the default language of the project.
    pub(crate) default: Option<bool>,
}

/// The language to be copied.
#[derive(Object)]
pub(crate) struct ClonedLanguage {
    /// Code of a language that is built in. Any other gets the English texts.
    #[oai(validator(min_length = 1))]
    pub(crate) lang: Text,
}
