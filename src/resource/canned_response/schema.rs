//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::{
    http::SortedPage,
    value::{JsonObject, Text},
};

/// A canned response to create.
#[derive(Object)]
pub(crate) struct NewCannedResponse {
    /// Short title.
    pub(crate) title: Option<Text>,
    /// Text. It can contain placeholders such as `$recipient_name` and `$agent_name`.
    #[oai(validator(min_length = 1))]
    pub(crate) text: Text,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Whether to share the canned response with the team (default `false`). Those of owners and administrators are
    /// always shared.
    pub(crate) shared: Option<bool>,
}

/// Changes to a canned response. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct CannedResponsePatch {
    /// Short title.
    pub(crate) title: Option<Text>,
    /// Text.
    #[oai(validator(min_length = 1))]
    pub(crate) text: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}

/// Filters and paging for listing canned responses.
#[derive(Object)]
pub(crate) struct CannedResponseFilter {
    /// Text search over `title` and `text`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) pages: SortedPage,
}
