//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// A tag to be created.
#[derive(Object)]
pub(crate) struct NewProjectTag {
    /// Name of the tag.
    #[oai(validator(min_length = 1))]
    pub(crate) tag: Text,
    /// Colour in hexadecimal digits, such as `#43B1F2`.
    pub(crate) color: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// Changes of a tag. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct ProjectTagPatch {
    /// Name of the tag.
    #[oai(validator(min_length = 1))]
    pub(crate) tag: Option<Text>,
    /// Colour in hexadecimal digits, such as `#43B1F2`.
    pub(crate) color: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}
