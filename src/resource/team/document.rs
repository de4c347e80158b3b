//! The stored teammate (`project_user` in paths and events).

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project, user::document::User},
    store::{Document, Full, Term, Terms, render},
    value::{Id, JsonObject, Role, Text, Timestamp},
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
    /// Same value as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// Project that the member belongs to.
    pub(crate) id_project: Id<Project>,
    /// Identifier of the visitor. Absent for users.
    pub(crate) uuid_user: Option<Text>,
    /// Role in the project.
    pub(crate) role: Role,
    /// Role type: 1 for team roles, 2 for visitors.
    #[oai(rename = "roleType")]
    #[serde(rename = "roleType")]
    pub(crate) role_type: Option<u8>,
    /// Whether the teammate is available for requests.
    #[serde(default = "yes")]
    pub(crate) user_available: bool,
    /// Custom availability, such as `inactive`.
    #[oai(rename = "profileStatus")]
    #[serde(rename = "profileStatus")]
    pub(crate) profile_status: Option<Text>,
    /// Membership status: `active` or `disabled`.
    #[serde(default)]
    pub(crate) status: MemberStatus,
    /// Whether the teammate was soft-deleted.
    #[serde(default)]
    pub(crate) trashed: bool,
    /// Number of requests assigned to the teammate.
    #[serde(default)]
    pub(crate) number_assigned_requests: u32,
    /// Maximum number of concurrent requests; -1 applies the limit of the project.
    pub(crate) max_served_chat: Option<i32>,
    /// Alias of `max_served_chat`; takes precedence.
    pub(crate) max_assigned_chat: Option<i32>,
    /// Whether the member is authenticated: `false` for guests.
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
    /// Online presence.
    #[serde(default)]
    pub(crate) presence: Presence,
    /// Time of the last sign-in. Always the creation time of the membership, because sign-ins do not update it.
    pub(crate) last_login_at: Option<Timestamp>,
    /// Names of additional permissions.
    #[serde(default)]
    pub(crate) permissions: Vec<Text>,
    /// Creator of the member.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// The user. Absent for visitors.
    pub(crate) id_user: Option<Id<User>>,
}

/// Stored as the last field; responses add it, as an identifier or as a document.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden {
    id_user: Option<Id<User>>,
}

/// Membership status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum MemberStatus {
    #[default]
    Active,
    Disabled,
}

/// Online presence.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Presence {
    /// `online` while a messaging app of the teammate is open.
    pub(crate) status: PresenceStatus,
    /// Time of the last change of the presence.
    #[oai(rename = "changedAt")]
    #[serde(rename = "changedAt")]
    pub(crate) changed_at: Option<Timestamp>,
}

/// Presence status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum PresenceStatus {
    Online,
    #[default]
    Offline,
}

fn yes() -> bool {
    true
}

/// The index terms of teammates.
#[derive(Clone, Copy, Hash)]
enum TeammateIndex {
    IdUser,
    UuidUser,
    User,
    Team,
}

impl Teammate {
    /// An active and available member. The caller sets whose membership it is.
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
        Term::new(TeammateIndex::IdUser, (project, user))
    }

    pub(crate) fn of_visitor(project: Id<Project>, visitor: &str) -> Term {
        Term::new(TeammateIndex::UuidUser, (project, visitor))
    }

    /// All memberships of a user.
    pub(crate) fn memberships(user: Id<User>) -> Term {
        Term::new(TeammateIndex::User, user)
    }

    /// The members with team roles, or all others.
    pub(crate) fn of_project(project: Id<Project>, team: bool) -> Term {
        Term::new(TeammateIndex::Team, (project, team))
    }

    /// Whether the membership grants access.
    pub(crate) fn is_active(&self) -> bool {
        self.status == MemberStatus::Active && !self.trashed
    }
}

impl Document for Teammate {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(TeammateIndex::Team, (self.id_project, self.role.is_team()));
        if let Some(user) = self.id_user {
            terms.unique(TeammateIndex::IdUser, "id_user", (self.id_project, user));
            terms.add(TeammateIndex::User, user);
        }
        if let Some(visitor) = &self.uuid_user {
            terms.unique(TeammateIndex::UuidUser, "uuid_user", (self.id_project, &**visitor));
        }
    }

    fn private_fields(&self) -> Vec<u8> {
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

    fn normalize(&mut self) {
        self.same_id = Some(self.id);
        self.role_type = Some(if self.role.is_team() { 1 } else { 2 });
        self.is_authenticated = Some(self.role != Role::Guest);
        // Departs: `last_login_at` is the time when the membership was created; the reference server returns the time
        // when its process started.
        self.last_login_at.get_or_insert(self.created_at);
    }
}
