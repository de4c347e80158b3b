//! The activity document.

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        entity::{Entity, Owner},
        project::document::Project,
    },
    store::{Doc, Document, Term, Terms},
    value::{Id, JsonObject, Text, Timestamp, json},
};

/// Something that somebody did.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activity {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Who did it.
    pub(crate) actor: ActivityActor,
    /// What was done.
    pub(crate) verb: Verb,
    /// Details of it: the request itself where one was created or closed.
    #[oai(rename = "actionObj")]
    #[serde(rename = "actionObj")]
    pub(crate) action: Option<JsonObject>,
    /// What it was done to.
    pub(crate) target: ActivityTarget,
    /// A third party: whom a conversation was given to, or taken from.
    pub(crate) related: Option<RelatedParty>,
    /// Identifiers of the users who were involved.
    #[oai(rename = "involvedUserIds")]
    #[serde(rename = "involvedUserIds")]
    pub(crate) involved: Option<Vec<Text>>,
    /// Project of the activity.
    pub(crate) id_project: Id<Project>,
    /// When it was done.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the entry was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// The same as a sentence, where the log is listed. There is none for what the verb says already.
    #[serde(skip)]
    pub(crate) message: Option<Text>,
}

/// Who did something.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityActor {
    /// Identifier of this subdocument.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) own_id: Option<Id<Activity>>,
    /// Kind of actor.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: ActorKind,
    /// Identifier of the user or of the bot; `system` otherwise.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Option<Text>,
}

/// The kinds of actors.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum ActorKind {
    User,
    System,
    Bot,
}

/// A third party of what was done.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelatedParty {
    /// What became of it: `assignee` or `unassigned_user`.
    pub(crate) role: RelatedRole,
    /// Kind of party.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: RelatedKind,
    /// Identifier of the user, the bot or the department.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Option<Text>,
}

/// What became of a third party.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum RelatedRole {
    Assignee,
    UnassignedUser,
}

/// The kinds of third parties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum RelatedKind {
    User,
    Bot,
    Department,
}

/// What something was done to.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityTarget {
    /// Kind of object.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: TargetKind,
    /// Identifier of the object.
    pub(crate) id: Text,
    /// The object, as it was then.
    pub(crate) object: JsonObject,
}

/// The kinds of objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum TargetKind {
    #[oai(rename = "pendinginvitation")]
    #[serde(rename = "pendinginvitation")]
    PendingInvitation,
    ProjectUser,
    Request,
    FaqKb,
    KbNamespace,
    KbContent,
}

/// What can be done.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "SCREAMING_SNAKE_CASE")]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schemars(inline)]
pub(crate) enum Verb {
    ProjectUserInvite,
    ProjectUserDelete,
    ProjectUserUpdate,
    ProjectUserAvailabilitySelf,
    ProjectUserAvailabilitySystem,
    RequestCreate,
    RequestClose,
    RequestAssignedAuto,
    RequestAssignedSelf,
    RequestAssignedManual,
    RequestUnassigned,
    LeaveConversation,
    FaqKbCreate,
    FaqKbDelete,
    FaqKbPublish,
    KbNamespaceCreate,
    KbNamespaceDelete,
    KbContentsAdd,
    KbContentsDelete,
    KbContentDelete,
}

impl Activity {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new("project", project)
    }

    /// What was done with a verb.
    pub(crate) fn of_verb(project: Id<Project>, verb: Verb) -> Term {
        Term::new("verb", (project, verb))
    }

    /// What a user is involved in.
    pub(crate) fn of_agent(project: Id<Project>, user: &str) -> Term {
        Term::new("agent", (project, user))
    }

    /// What was done to an object.
    pub(crate) fn of_target(project: Id<Project>, target: &str) -> Term {
        Term::new("target", (project, target))
    }
}

impl Document for Activity {
    type Id = Id<Self>;
    type Retained = Owner;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add("project", self.id_project);
        terms.add("verb", (self.id_project, self.verb));
        terms.add("target", (self.id_project, &*self.target.id));
        for user in self.involved.iter().flatten() {
            terms.add("agent", (self.id_project, &**user));
        }
    }
}

impl Entity for Activity {
    const NESTING: usize = json::NESTING + 20;

    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn owner(doc: &Doc<Self>) -> Option<Id<Project>> {
        doc.kept().project()
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
