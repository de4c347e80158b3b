//! The stored tag of a request.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Id, JsonObject, Text};

/// A tag of a request.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestTag {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name of the tag.
    pub(crate) tag: Text,
    /// Color of the tag.
    pub(crate) color: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}
