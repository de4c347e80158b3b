//! The stored segment.

use poem_openapi::{Enum, Object};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms},
    value::{Id, Text, Timestamp},
};

/// A named set of leads.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Segment {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Name of the segment.
    pub(crate) name: Text,
    /// How filters are combined: `all` or `any` of them must match.
    #[oai(rename = "match")]
    #[serde(rename = "match", default)]
    pub(crate) matching: Matching,
    /// Conditions that the leads satisfy. A segment without filters contains all leads.
    #[serde(default)]
    pub(crate) filters: Vec<SegmentFilter>,
    /// Status: 100 live, 0 deleted.
    #[serde(default = "live")]
    pub(crate) status: u16,
    /// Project that the segment belongs to.
    pub(crate) id_project: Id<Project>,
    /// User who created the segment.
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
}

/// How filters are combined.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Enum, Serialize, Deserialize, JsonSchema)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Matching {
    #[default]
    All,
    Any,
}

/// A condition on a field of leads.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SegmentFilter {
    /// Field of the lead, with dots for nested fields: `attributes.plan`.
    #[oai(validator(min_length = 1))]
    pub(crate) field: Text,
    /// Comparison operator.
    pub(crate) operator: Comparison,
    /// Value to compare with. Required, although `is null` and `is not null` ignore it.
    pub(crate) value: Value,
}

/// Comparison operators.
//
// Departs: A segment whose operator no list of leads supports, or whose `match` is neither `all` nor `any`, is
// rejected; the reference server stores any text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enum, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum Comparison {
    #[oai(rename = "=")]
    #[serde(rename = "=")]
    Equal,
    #[oai(rename = "!=")]
    #[serde(rename = "!=")]
    Unequal,
    #[oai(rename = ">")]
    #[serde(rename = ">")]
    Greater,
    #[oai(rename = ">=")]
    #[serde(rename = ">=")]
    GreaterOrEqual,
    #[oai(rename = "starts with")]
    #[serde(rename = "starts with")]
    StartsWith,
    #[oai(rename = "contains")]
    #[serde(rename = "contains")]
    Contains,
    #[oai(rename = "is null")]
    #[serde(rename = "is null")]
    IsNull,
    #[oai(rename = "is not null")]
    #[serde(rename = "is not null")]
    IsNotNull,
}

fn live() -> u16 {
    Segment::LIVE
}

/// The index terms of segments.
#[derive(Clone, Copy, Hash)]
enum SegmentIndex {
    Project,
}

impl Segment {
    pub(crate) const LIVE: u16 = 100;
    pub(crate) const DELETED: u16 = 0;

    /// Live segments of a project.
    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(SegmentIndex::Project, (project, Self::LIVE))
    }
}

impl Document for Segment {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(SegmentIndex::Project, (self.id_project, self.status));
    }
}

impl Entity for Segment {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
