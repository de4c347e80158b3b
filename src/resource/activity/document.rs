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

/// An entry of the activity log.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Activity {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Actor who performed the action.
    pub(crate) actor: ActivityActor,
    /// Action.
    pub(crate) verb: Verb,
    /// Details of the action; the request itself if one was created or closed.
    #[oai(rename = "actionObj")]
    #[serde(rename = "actionObj")]
    pub(crate) action: Option<JsonObject>,
    /// Object of the action.
    pub(crate) target: ActivityTarget,
    /// Third party: the user, bot, or department that was assigned to a conversation or unassigned from it.
    pub(crate) related: Option<RelatedParty>,
    /// Identifiers of the users involved.
    #[oai(rename = "involvedUserIds")]
    #[serde(rename = "involvedUserIds")]
    pub(crate) involved: Option<Vec<Text>>,
    /// Project of the activity.
    pub(crate) id_project: Id<Project>,
    /// When the action was performed.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the activity was last updated.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// One-sentence summary, in lists only. Absent if the verb is self-explanatory.
    #[serde(skip)]
    pub(crate) message: Option<Text>,
}

/// The actor of an activity.
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
    /// Identifier of the user or bot, or `system`.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Option<Text>,
}

/// Kind of actor.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum ActorKind {
    User,
    System,
    Bot,
}

/// The third party of an activity.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct RelatedParty {
    /// Role in the activity: `assignee` or `unassigned_user`.
    pub(crate) role: RelatedRole,
    /// Kind of party.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: RelatedKind,
    /// Identifier of the user, bot, or department.
    pub(crate) id: Text,
    /// Name.
    pub(crate) name: Option<Text>,
}

/// Role of a third party.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(crate) enum RelatedRole {
    Assignee,
    UnassignedUser,
}

/// Kind of third party.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum RelatedKind {
    User,
    Bot,
    Department,
}

/// The object of an activity.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityTarget {
    /// Kind of object.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub(crate) kind: TargetKind,
    /// Identifier of the object.
    pub(crate) id: Text,
    /// Snapshot of the object at the time of the action.
    pub(crate) object: JsonObject,
}

/// Kind of object.
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

/// Action that an activity records.
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

/// The index terms of activities.
#[derive(Clone, Copy, Hash)]
enum ActivityIndex {
    Project,
    Verb,
    Agent,
    Target,
}

impl Activity {
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(ActivityIndex::Project, project)
    }

    /// Activities with a verb.
    pub(crate) fn of_verb(project: Id<Project>, verb: Verb) -> Term {
        Term::new(ActivityIndex::Verb, (project, verb))
    }

    /// Activities that involve a user.
    pub(crate) fn of_agent(project: Id<Project>, user: &str) -> Term {
        Term::new(ActivityIndex::Agent, (project, user))
    }

    /// Activities whose target is an object.
    pub(crate) fn of_target(project: Id<Project>, target: &str) -> Term {
        Term::new(ActivityIndex::Target, (project, target))
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
        terms.add(ActivityIndex::Project, self.id_project);
        terms.add(ActivityIndex::Verb, (self.id_project, self.verb));
        terms.add(ActivityIndex::Target, (self.id_project, &*self.target.id));
        for user in self.involved.iter().flatten() {
            terms.add(ActivityIndex::Agent, (self.id_project, &**user));
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
