//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// A tag to create.
#[derive(Object)]
pub(crate) struct NewProjectTag {
    /// Name of the tag.
    #[oai(validator(min_length = 1))]
    pub(crate) tag: Text,
    /// Color in hexadecimal notation, such as `#43B1F2`.
    pub(crate) color: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// Changes to a tag. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct ProjectTagPatch {
    /// Name of the tag.
    #[oai(validator(min_length = 1))]
    pub(crate) tag: Option<Text>,
    /// Color in hexadecimal notation, such as `#43B1F2`.
    pub(crate) color: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}
