//! How a bot is published, and by whom it was.

use poem_openapi::Object;

use crate::{
    resource::user::model::User,
    world::{Id, Text},
};

/// How a bot is published.
#[derive(Object)]
pub(crate) struct Release {
    /// Note that is kept with the copy; `No comment` when it is missing.
    pub(crate) release_note: Option<Text>,
    /// Identifier of an earlier copy that is published again.
    pub(crate) restore_from: Option<Text>,
}

/// Who published a copy.
#[derive(Object)]
pub(crate) struct Publisher {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
    /// First name.
    pub(crate) firstname: Text,
    /// Last name.
    pub(crate) lastname: Text,
    /// E-mail address.
    pub(crate) email: Text,
}
