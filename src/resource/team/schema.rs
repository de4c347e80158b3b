//! What calls send and receive.

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

/// Changes of a teammate. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct TeammatePatch {
    /// Role in the project, at most the caller's own. Nobody changes the own one.
    pub(crate) role: Option<Role>,
    /// Whether the teammate takes requests.
    pub(crate) user_available: Option<bool>,
    /// Most requests that the teammate takes at once.
    pub(crate) max_served_chat: Option<i32>,
    /// Another name of `max_served_chat`.
    pub(crate) max_assigned_chat: Option<i32>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// Settings, replaced as a whole.
    pub(crate) settings: Option<JsonObject>,
    /// An availability of your own making.
    #[oai(rename = "profileStatus")]
    pub(crate) profile_status: Option<Text>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<JsonObject>>,
    /// Whether the membership is in force. Nobody changes the own one.
    pub(crate) status: Option<MemberStatus>,
    /// `system` when the availability is changed on behalf of a machine. It is not stored.
    #[oai(rename = "availabilityInitiator")]
    pub(crate) availability_initiator: Option<Text>,
}

/// Somebody to be asked to join.
#[derive(Object)]
pub(crate) struct NewInvitation {
    /// E-mail address.
    #[oai(validator(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"))]
    pub(crate) email: Required<Text>,
    /// Role to be given, at most the caller's own.
    pub(crate) role: Option<InvitedRole>,
    /// First name. It is not stored.
    pub(crate) firstname: Option<Text>,
    /// Last name. It is not stored.
    pub(crate) lastname: Option<Text>,
    /// Whether the new teammate takes requests at once.
    pub(crate) user_available: Option<bool>,
}

/// An invitation of somebody who has no account yet, or that there is one already.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Invitation {
    /// False when the invitation is refused.
    pub(crate) success: Option<bool>,
    /// What was done.
    pub(crate) msg: Text,
    /// The number of a refusal.
    pub(crate) code: Option<u32>,
    /// The invitation.
    #[oai(rename = "pendingInvitation")]
    pub(crate) pending_invitation: Option<PendingInvitation>,
    /// The invitation that there is already.
    pub(crate) pendinginvitation: Option<Vec<PendingInvitation>>,
}

/// A guest to be made.
#[derive(Object)]
pub(crate) struct NewGuest {
    /// Tags.
    pub(crate) tags: Option<Vec<JsonObject>>,
}

/// Which members a list shows.
#[derive(Object)]
pub(crate) struct TeammateFilter {
    /// Whether teammates that were removed softly are listed too.
    pub(crate) trashed: Option<bool>,
    /// Only members with one of these roles, which may be the visitors'.
    pub(crate) role: Option<Vec<Role>>,
    /// Only members with this status.
    pub(crate) status: Option<MemberStatus>,
    /// Only members that are online, or only those that are not.
    pub(crate) presencestatus: Option<PresenceStatus>,
}

/// Whom to look for.
#[derive(Object)]
pub(crate) struct TeammateSearch {
    /// Exact e-mail address.
    pub(crate) email: Text,
}

/// How a teammate is removed.
#[derive(Object)]
pub(crate) struct TeammateRemoval {
    /// `true` removes softly: the teammate can be restored.
    pub(crate) soft: Option<Text>,
    /// `true` removes for good.
    pub(crate) hard: Option<Text>,
}

/// The user that was found.
#[derive(Object)]
pub(crate) struct FoundUser {
    /// Identifier of the user.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
}

impl TeammatePatch {
    /// What is to be changed, as it was sent.
    pub(crate) fn asked(&self) -> JsonObject {
        let Some(Value::Object(asked)) = self.to_json() else { return JsonObject::default() };
        JsonObject(asked.into_iter().filter(|(_, value)| !value.is_null()).collect())
    }
}

impl Populate for Teammate {
    const NAME: &'static str = "PopulatedTeammate";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<User>("id_user", "The user, unless the member is a visitor."),
            Embedded::new::<bool>("isBusy", "Whether the teammate has as many requests as the project allows."),
        ]
    }
}
