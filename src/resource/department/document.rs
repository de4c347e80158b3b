//! The department document and its index terms.

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{chatbot::document::Bot, entity::Entity, group::document::Group, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Decimal, Id, JsonObject, Text, Timestamp, explicit::Explicit, primitive::Nullable},
};

/// A department, which routes conversations to a bot, a group, or all agents.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Department {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Same value as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// Name.
    pub(crate) name: Text,
    /// Description.
    pub(crate) description: Option<Text>,
    /// How conversations are assigned to agents.
    #[serde(default = "pooled")]
    pub(crate) routing: Nullable<Routing>,
    /// Whether this is the project's default department.
    #[serde(default)]
    pub(crate) default: bool,
    /// Visibility: 1 (visible), 0 (hidden from the widget), or -1 (hidden from the dashboard as well).
    #[serde(default = "visible")]
    pub(crate) status: i8,
    /// Identifier of the bot that responds first.
    #[serde(default, skip_serializing_if = "Explicit::is_missing")]
    pub(crate) id_bot: Explicit<Id<Bot>>,
    /// Whether only the bot responds.
    pub(crate) bot_only: Option<bool>,
    /// Whether a bot responds first.
    #[oai(rename = "hasBot")]
    #[serde(rename = "hasBot")]
    pub(crate) has_bot: Option<bool>,
    /// Identifier of the group whose members serve the department (default all agents).
    #[serde(default, skip_serializing_if = "Explicit::is_missing")]
    pub(crate) id_group: Explicit<Id<Group>>,
    /// Groups with their shares of the load.
    #[serde(default)]
    pub(crate) groups: Vec<DepartmentGroup>,
    /// Message shown while agents are online.
    pub(crate) online_msg: Option<Text>,
    /// Message shown while no agent is online.
    pub(crate) offline_msg: Option<Text>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Vec<JsonObject>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Project of the department.
    pub(crate) id_project: Id<Project>,
    /// User who created the department.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the department was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the department was last updated.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// How conversations are assigned to agents.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Routing {
    /// Each conversation is assigned to one agent.
    Assigned,
    /// Conversations wait until an agent joins them.
    Pooled,
}

/// A group with its share of the load.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct DepartmentGroup {
    /// Identifier of the group.
    pub(crate) id_group: Option<Id<Group>>,
    /// Alias of `id_group`.
    pub(crate) group_id: Option<Id<Group>>,
    /// Share of the load in percent.
    pub(crate) percentage: Decimal,
}

fn pooled() -> Nullable<Routing> {
    Nullable(Some(Routing::Pooled))
}

fn visible() -> i8 {
    Department::VISIBLE
}

/// The index terms of departments.
#[derive(Clone, Copy, Hash)]
enum DepartmentIndex {
    Project,
    Default,
    IdGroup,
}

impl Department {
    pub(crate) const VISIBLE: i8 = 1;
    pub(crate) const HIDDEN: i8 = 0;

    /// A department with default values.
    pub(crate) fn new(id: Id<Self>, name: Text, project: Id<Project>, by: Text, now: Timestamp) -> Self {
        Self {
            id,
            same_id: None,
            name,
            description: None,
            routing: pooled(),
            default: false,
            status: Self::VISIBLE,
            id_bot: Explicit::MISSING,
            bot_only: None,
            has_bot: None,
            id_group: Explicit::MISSING,
            groups: Vec::new(),
            online_msg: None,
            offline_msg: None,
            tags: Vec::new(),
            attributes: None,
            id_project: project,
            created_by: by,
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }

    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(DepartmentIndex::Project, project)
    }

    pub(crate) fn default_of(project: Id<Project>) -> Term {
        Term::new(DepartmentIndex::Default, project)
    }

    /// Departments that route to a group.
    pub(crate) fn of_group(group: Id<Group>) -> Term {
        Term::new(DepartmentIndex::IdGroup, group)
    }
}

impl Document for Department {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(DepartmentIndex::Project, self.id_project);
        if self.default {
            terms.add(DepartmentIndex::Default, self.id_project);
        }
        if let Some(group) = self.id_group.value() {
            terms.add(DepartmentIndex::IdGroup, *group);
        }
    }
}

impl Entity for Department {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn normalize(&mut self) {
        self.same_id = Some(self.id);
        self.has_bot = Some(self.id_bot.value().is_some());
    }
}
