//! Request bodies, query parameters, and response shapes.

use poem_openapi::{Object, types::ToJSON};
use serde_json::Value;

use super::{
    document::{MemberStatus, PresenceStatus, Teammate},
    invitation::{document::PendingInvitation, schema::InvitedRole},
};
use crate::{
    json_schema::{Embedded, Populate},
    resource::user::document::User,
    value::{Id, JsonObject, Role, Text, lenient::Required},
};

/// Changes to a teammate. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct TeammatePatch {
    /// Role in the project, at most the caller's own. Ignored by `update_own_teammate`.
    pub(crate) role: Option<Role>,
    /// Whether the teammate is available for requests.
    pub(crate) user_available: Option<bool>,
    /// Maximum number of concurrent requests; -1 applies the limit of the project.
    pub(crate) max_served_chat: Option<i32>,
    /// Alias of `max_served_chat`; takes precedence.
    pub(crate) max_assigned_chat: Option<i32>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// Settings, replaced as a whole.
    pub(crate) settings: Option<JsonObject>,
    /// Custom availability, such as `inactive`.
    #[oai(rename = "profileStatus")]
    pub(crate) profile_status: Option<Text>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<JsonObject>>,
    /// Membership status: `active` or `disabled`. Ignored by `update_own_teammate`.
    pub(crate) status: Option<MemberStatus>,
    /// `system` if the availability is changed automatically. Not stored.
    #[oai(rename = "availabilityInitiator")]
    pub(crate) availability_initiator: Option<Text>,
}

/// A person to invite to the team.
#[derive(Object)]
pub(crate) struct NewInvitation {
    /// Email address.
    #[oai(validator(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"))]
    pub(crate) email: Required<Text>,
    /// Role to grant, at most the caller's own.
    pub(crate) role: Option<InvitedRole>,
    /// First name. Not stored.
    pub(crate) firstname: Option<Text>,
    /// Last name. Not stored.
    pub(crate) lastname: Option<Text>,
    /// Whether a new teammate is available for requests (default `true`).
    pub(crate) user_available: Option<bool>,
}

/// A pending invitation, or an error if one already exists.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Invitation {
    /// `false` if the invitation was rejected.
    pub(crate) success: Option<bool>,
    /// Human-readable message.
    pub(crate) msg: Text,
    /// Error code of the rejection.
    pub(crate) code: Option<u32>,
    /// The new invitation.
    #[oai(rename = "pendingInvitation")]
    pub(crate) pending_invitation: Option<PendingInvitation>,
    /// The existing invitation.
    pub(crate) pendinginvitation: Option<Vec<PendingInvitation>>,
}

/// A guest to create.
#[derive(Object)]
pub(crate) struct NewGuest {
    /// Tags.
    pub(crate) tags: Option<Vec<JsonObject>>,
}

/// Filters for listing members.
#[derive(Object)]
pub(crate) struct TeammateFilter {
    /// Whether to include soft-deleted teammates (default `false`).
    pub(crate) trashed: Option<bool>,
    /// Only members with one of these roles. Visitors are listed only if one of their roles is named.
    pub(crate) role: Option<Vec<Role>>,
    /// Only members with this status.
    pub(crate) status: Option<MemberStatus>,
    /// Only members with this presence: `online` or `offline`.
    pub(crate) presencestatus: Option<PresenceStatus>,
}

/// Query parameters for finding a teammate.
#[derive(Object)]
pub(crate) struct TeammateSearch {
    /// Exact email address.
    pub(crate) email: Text,
}

/// Options for removing a teammate.
#[derive(Object)]
pub(crate) struct TeammateRemoval {
    /// `true` soft-deletes the teammate, who can then be restored.
    pub(crate) soft: Option<Text>,
    /// `true` removes the teammate permanently.
    pub(crate) hard: Option<Text>,
}

/// A user that was found.
#[derive(Object)]
pub(crate) struct FoundUser {
    /// Identifier of the user.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
}

impl TeammatePatch {
    /// The requested changes, as sent.
    pub(crate) fn asked(&self) -> JsonObject {
        let Some(Value::Object(asked)) = self.to_json() else { return JsonObject::default() };
        JsonObject(asked.into_iter().filter(|(_, value)| !value.is_null()).collect())
    }
}

impl Populate for Teammate {
    const NAME: &'static str = "PopulatedTeammate";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<User>("id_user", "The user. Absent for visitors."),
            Embedded::new::<bool>("isBusy", "Whether the teammate has the maximum number of requests."),
        ]
    }
}
