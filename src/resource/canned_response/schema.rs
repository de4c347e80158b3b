//! What calls send and receive.

use poem_openapi::Object;

use crate::{
    http::SortedPage,
    value::{JsonObject, Text},
};

/// A canned response to be created.
#[derive(Object)]
pub(crate) struct NewCannedResponse {
    /// Short name.
    pub(crate) title: Option<Text>,
    /// The text. It may hold placeholders such as `$recipient_name` and `$agent_name`.
    #[oai(validator(min_length = 1))]
    pub(crate) text: Text,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// True shares what an agent creates. What owners and administrators create is shared anyway.
    pub(crate) shared: Option<bool>,
}

/// Changes of a canned response. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct CannedResponsePatch {
    /// Short name.
    pub(crate) title: Option<Text>,
    /// The text.
    #[oai(validator(min_length = 1))]
    pub(crate) text: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}

/// Which canned responses a list shows.
#[derive(Object)]
pub(crate) struct CannedResponseFilter {
    /// Only responses that match a text search over `title` and `text`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) pages: SortedPage,
}
