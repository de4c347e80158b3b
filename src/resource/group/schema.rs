//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// A group to create.
#[derive(Object)]
pub(crate) struct NewGroup {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Identifiers of the member users.
    pub(crate) members: Option<Vec<Text>>,
}

/// Changes to a group. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct GroupPatch {
    /// Name.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Identifiers of the member users, replaced as a whole.
    pub(crate) members: Option<Vec<Text>>,
    /// `true` soft-deletes the group, `false` restores it.
    pub(crate) trashed: Option<bool>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
}

/// Filters for listing groups.
#[derive(Object)]
pub(crate) struct GroupFilter {
    /// Only groups with at least one of these users as a member.
    pub(crate) member: Option<Vec<Text>>,
}

/// Options for deleting a group.
#[derive(Object)]
pub(crate) struct GroupRemoval {
    /// `true` deletes the group permanently.
    pub(crate) force: Option<Text>,
}
