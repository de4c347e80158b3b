//! The stored lead.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        entity::{Entity, Owner},
        project::document::Project,
    },
    store::{Doc, Document, Term, Terms, words},
    value::{Id, JsonObject, Text, Timestamp, explicit::Explicit},
};

/// A person who contacts a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lead {
    /// Identifier assigned by Tiledesk.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Your own identifier; for visitors, their user identifier.
    pub(crate) lead_id: Text,
    /// Full name.
    pub(crate) fullname: Option<Text>,
    /// Email address.
    pub(crate) email: Option<Text>,
    /// Phone number.
    #[serde(default, skip_serializing_if = "Explicit::is_missing")]
    pub(crate) phone: Explicit<Text>,
    /// Company.
    pub(crate) company: Option<Text>,
    /// Note.
    pub(crate) note: Option<Text>,
    /// Street address.
    #[oai(rename = "streetAddress")]
    #[serde(rename = "streetAddress")]
    pub(crate) street_address: Option<Text>,
    /// City.
    pub(crate) city: Option<Text>,
    /// Region.
    pub(crate) region: Option<Text>,
    /// Postal code.
    pub(crate) zipcode: Option<Text>,
    /// Country.
    pub(crate) country: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Custom properties.
    pub(crate) properties: Option<JsonObject>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Vec<Text>,
    /// Status: 50 temporary, 100 normal, 1000 deleted.
    #[serde(default = "normal")]
    pub(crate) status: u16,
    /// Project that the lead belongs to.
    pub(crate) id_project: Id<Project>,
    /// User who created the lead, or `system`.
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

fn normal() -> u16 {
    Lead::NORMAL
}

/// The index terms of leads.
#[derive(Clone, Copy, Hash)]
pub(crate) enum LeadIndex {
    Status,
    LeadId,
    Email,
    WithEmail,
    WithFullname,
    Tags,
    FullText,
}

impl Lead {
    pub(crate) const TEMPORARY: u16 = 50;
    pub(crate) const NORMAL: u16 = 100;
    pub(crate) const DELETED: u16 = 1000;

    /// A lead with nothing but its identifiers.
    pub(crate) fn new(id: Id<Self>, lead_id: Text, project: Id<Project>, by: Text, now: Timestamp) -> Self {
        Self {
            id,
            lead_id,
            fullname: None,
            email: None,
            phone: Explicit::NULL,
            company: None,
            note: None,
            street_address: None,
            city: None,
            region: None,
            zipcode: None,
            country: None,
            attributes: None,
            properties: None,
            tags: Vec::new(),
            status: Self::NORMAL,
            id_project: project,
            created_by: by,
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }

    /// Texts that full-text search covers.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        [&self.fullname, &self.email].into_iter().flatten()
    }

    /// Leads with a status. All other terms of lists include the status as well, so that a filtered list needs only one
    /// term.
    pub(crate) fn of_status(project: Id<Project>, status: u16) -> Term {
        Term::new(LeadIndex::Status, (project, status))
    }

    pub(crate) fn by_lead_id(project: Id<Project>, lead_id: &str) -> Term {
        Term::new(LeadIndex::LeadId, (project, lead_id))
    }

    pub(crate) fn with(index: LeadIndex, project: Id<Project>, status: u16, value: &str) -> Term {
        Term::new(index, (project, status, value))
    }
}

impl Document for Lead {
    type Id = Id<Self>;
    type Retained = Owner;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        let (project, status) = (self.id_project, self.status);
        terms.add(LeadIndex::Status, (project, status));
        terms.add(LeadIndex::LeadId, (project, &*self.lead_id));
        if let Some(email) = &self.email {
            terms.add(LeadIndex::Email, (project, status, &**email));
            terms.add(LeadIndex::WithEmail, (project, status, ""));
        }
        if self.fullname.is_some() {
            terms.add(LeadIndex::WithFullname, (project, status, ""));
        }
        for tag in &self.tags {
            terms.add(LeadIndex::Tags, (project, status, &**tag));
        }
        for word in self.texts().flat_map(|text| words(text)) {
            terms.add(LeadIndex::FullText, (project, status, &*word));
        }
    }
}

impl Entity for Lead {
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
