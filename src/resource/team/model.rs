//! The teammate document (`project_user` in paths and events).

use poem_openapi::{Enum, Object, types::ToJSON};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    http::{Embedded, Populate},
    resource::{
        project::model::Project,
        team::invitation::model::{InvitedRole, PendingInvitation},
        user::model::User,
    },
    store::{Document, Term, Terms, Whole, render},
    world::{Entity, Id, JsonObject, Role, Text, Timestamp, value::Needed},
};

/// A member of a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Teammate {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// The same as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// Project of the membership.
    pub(crate) id_project: Id<Project>,
    /// The visitor, unless the member is a user.
    pub(crate) uuid_user: Option<Text>,
    /// Role in the project.
    pub(crate) role: Role,
    /// 1 for roles of the team, 2 for visitors.
    #[oai(rename = "roleType")]
    #[serde(rename = "roleType")]
    pub(crate) role_type: Option<u8>,
    /// Whether the teammate takes requests.
    #[serde(default = "yes")]
    pub(crate) user_available: bool,
    /// An availability of your own making, such as `inactive`.
    #[oai(rename = "profileStatus")]
    #[serde(rename = "profileStatus")]
    pub(crate) profile_status: Option<Text>,
    /// Whether the membership is in force.
    #[serde(default)]
    pub(crate) status: MemberStatus,
    /// Whether the teammate was removed softly.
    #[serde(default)]
    pub(crate) trashed: bool,
    /// Requests that the teammate has now.
    #[serde(default)]
    pub(crate) number_assigned_requests: u32,
    /// Most requests that the teammate takes at once.
    pub(crate) max_served_chat: Option<i32>,
    /// Another name of `max_served_chat`.
    pub(crate) max_assigned_chat: Option<i32>,
    /// False for guests.
    #[oai(rename = "isAuthenticated")]
    #[serde(rename = "isAuthenticated")]
    pub(crate) is_authenticated: Option<bool>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Vec<JsonObject>,
    /// Settings of the teammate.
    pub(crate) settings: Option<JsonObject>,
    /// Whether a messaging app of the teammate is open.
    #[serde(default)]
    pub(crate) presence: Presence,
    /// Time of the last sign-in: the creation of the membership, as sign-ins do not change it.
    pub(crate) last_login_at: Option<Timestamp>,
    /// Names of additional permissions.
    #[serde(default)]
    pub(crate) permissions: Vec<Text>,
    /// Who made this member.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the membership was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the membership was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// The user, unless the member is a visitor.
    pub(crate) id_user: Option<Id<User>>,
}

/// The last field: answers add it, as an id or as a document.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden {
    id_user: Option<Id<User>>,
}

/// Whether a membership is in force.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum MemberStatus {
    #[default]
    Active,
    Disabled,
}

/// Whether somebody is there.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Presence {
    /// Online while a messaging app of the teammate is open.
    pub(crate) status: PresenceStatus,
    /// When that changed last.
    #[oai(rename = "changedAt")]
    #[serde(rename = "changedAt")]
    pub(crate) changed_at: Option<Timestamp>,
}

/// Online or not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum PresenceStatus {
    Online,
    #[default]
    Offline,
}

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
    pub(crate) email: Needed<Text>,
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

fn yes() -> bool {
    true
}

impl TeammatePatch {
    /// What is to be changed, as it was sent.
    pub(crate) fn asked(&self) -> JsonObject {
        let Some(Value::Object(asked)) = self.to_json() else { return JsonObject::default() };
        JsonObject(asked.into_iter().filter(|(_, value)| !value.is_null()).collect())
    }
}

impl Teammate {
    /// A member who takes requests and is in force; who it is has to be added.
    pub(crate) fn new(id: Id<Self>, project: Id<Project>, role: Role, by: Text, now: Timestamp) -> Self {
        Self {
            id,
            same_id: None,
            id_project: project,
            uuid_user: None,
            role,
            role_type: None,
            user_available: true,
            profile_status: None,
            status: MemberStatus::Active,
            trashed: false,
            number_assigned_requests: 0,
            max_served_chat: None,
            max_assigned_chat: None,
            is_authenticated: None,
            attributes: None,
            tags: Vec::new(),
            settings: None,
            presence: Presence::default(),
            last_login_at: Some(now),
            permissions: Vec::new(),
            created_by: by,
            created_at: now,
            updated_at: now,
            version: 0,
            id_user: None,
        }
    }

    pub(crate) fn of_user(project: Id<Project>, user: Id<User>) -> Term {
        Term::new("id_user", (project, user))
    }

    pub(crate) fn of_visitor(project: Id<Project>, visitor: &str) -> Term {
        Term::new("uuid_user", (project, visitor))
    }

    /// All memberships of a user.
    pub(crate) fn memberships(user: Id<User>) -> Term {
        Term::new("user", user)
    }

    /// The members with roles of the team, or the others.
    pub(crate) fn of_project(project: Id<Project>, team: bool) -> Term {
        Term::new("team", (project, team))
    }

    /// Whether the membership lets its holder in.
    pub(crate) fn is_active(&self) -> bool {
        self.status == MemberStatus::Active && !self.trashed
    }
}

impl Document for Teammate {
    type Id = Id<Self>;
    type Kept = Whole<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("team", (self.id_project, self.role.is_team()));
        if let Some(user) = self.id_user {
            terms.unique("id_user", (self.id_project, user));
            terms.add("user", user);
        }
        if let Some(visitor) = &self.uuid_user {
            terms.unique("uuid_user", (self.id_project, &**visitor));
        }
    }

    fn hidden(&self) -> Vec<u8> {
        render(&Hidden { id_user: self.id_user })
    }
}

impl Entity for Teammate {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    const GIVES_RIGHTS: bool = true;

    fn ends_rights(&self, after: Option<&Self>) -> bool {
        after.is_none_or(|after| (after.role, after.is_active()) != (self.role, self.is_active()))
    }

    fn settle(&mut self) {
        self.same_id = Some(self.id);
        self.role_type = Some(if self.role.is_team() { 1 } else { 2 });
        self.is_authenticated = Some(self.role != Role::Guest);
        // Departs: `last_login_at` is when the membership was created; the reference server reports when its process started.
        self.last_login_at.get_or_insert(self.created_at);
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
