//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// A group to be created.
#[derive(Object)]
pub(crate) struct NewGroup {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Identifiers of the users who are members.
    pub(crate) members: Option<Vec<Text>>,
}

/// Changes of a group. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct GroupPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Identifiers of the users who are members, replaced as a whole.
    pub(crate) members: Option<Vec<Text>>,
    /// True deletes the group softly.
    pub(crate) trashed: Option<bool>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}

/// Which groups a list shows.
#[derive(Object)]
pub(crate) struct GroupFilter {
    /// Only groups with one of these users as a member.
    pub(crate) member: Option<Vec<Text>>,
}

/// How a group is deleted.
#[derive(Object)]
pub(crate) struct GroupRemoval {
    /// `true` removes the group for good.
    pub(crate) force: Option<Text>,
}
