//! Who is banned from a project.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Id, Text};

/// Somebody who is kept out of a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct BannedUser {
    /// Identifier of the ban.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) ban_id: Id<Self>,
    /// The user or visitor.
    pub(crate) id: Option<Text>,
    /// The address from which they came.
    pub(crate) ip: Option<Text>,
}

/// Somebody to be kept out of a project.
#[derive(Object)]
pub(crate) struct NewBan {
    /// The user or visitor, who is refused from now on.
    pub(crate) id: Option<Text>,
    /// The address from which they came, for the record.
    pub(crate) ip: Option<Text>,
}

/// An entry of `bannedUsers` in an update.
#[derive(Object)]
pub(crate) struct KnownBan {
    /// Identifier of the ban. Generated when it is missing.
    #[oai(rename = "_id")]
    pub(crate) ban_id: Option<Id<BannedUser>>,
    #[oai(flatten)]
    pub(crate) ban: NewBan,
}
