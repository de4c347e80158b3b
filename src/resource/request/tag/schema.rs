//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::RequestTag;
use crate::value::{Id, JsonObject, Text};

/// A tag to add.
#[derive(Object)]
pub(crate) struct NewRequestTag {
    /// Name of the tag.
    #[oai(validator(min_length = 1))]
    pub(crate) tag: Text,
    /// Color of the tag.
    pub(crate) color: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

impl NewRequestTag {
    pub(crate) fn into_tag(self, id: Id<RequestTag>) -> RequestTag {
        RequestTag { id, tag: self.tag, color: self.color, attributes: self.attributes }
    }
}
