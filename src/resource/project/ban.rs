//! Bans from a project.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Id, Text};

/// A ban from a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct BannedUser {
    /// Identifier of the ban.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) ban_id: Id<Self>,
    /// Identifier of the user or visitor.
    pub(crate) id: Option<Text>,
    /// IP address of the user or visitor.
    pub(crate) ip: Option<Text>,
}

/// A user or visitor to ban.
#[derive(Object)]
pub(crate) struct NewBan {
    /// Identifier of the user or visitor.
    pub(crate) id: Option<Text>,
    /// IP address of the user or visitor. Recorded, but not banned.
    pub(crate) ip: Option<Text>,
}

/// An entry of `bannedUsers` in an update.
#[derive(Object)]
pub(crate) struct KnownBan {
    /// Identifier of the ban (default: generated).
    #[oai(rename = "_id")]
    pub(crate) ban_id: Option<Id<BannedUser>>,
    #[oai(flatten)]
    pub(crate) ban: NewBan,
}
