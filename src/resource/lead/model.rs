//! The lead document and what changes it.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    http::Paging,
    resource::project::model::Project,
    store::{Doc, Document, Term, Terms, words},
    world::{
        Entity, Id, JsonObject, Owner, Text, Timestamp,
        value::{Explicit, Number, Numbers},
    },
};

/// Somebody who writes in.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lead {
    /// Identifier given by Tiledesk.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Your own identifier; for visitors their user id.
    pub(crate) lead_id: Text,
    /// Name and surname.
    pub(crate) fullname: Option<Text>,
    /// E-mail address.
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
    /// 50 temporary, 100 normal, 1000 deleted.
    #[serde(default = "normal")]
    pub(crate) status: u16,
    /// Project of the lead.
    pub(crate) id_project: Id<Project>,
    /// User who created the lead, or `system`.
    #[oai(rename = "createdBy")]
    #[serde(rename = "createdBy")]
    pub(crate) created_by: Text,
    /// When the lead was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the lead was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

/// A lead to be created.
#[derive(Object)]
pub(crate) struct NewLead {
    /// Your own identifier; generated when it is missing.
    pub(crate) lead_id: Option<Text>,
    /// Name and surname.
    pub(crate) fullname: Option<Text>,
    /// E-mail address.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// The statuses of leads.
#[derive(Debug)]
pub(crate) enum LeadStatus {}

impl Numbers for LeadStatus {
    const ALL: &'static [i16] = &[50, 100, 1000];
}

/// Changes of a lead. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct LeadPatch {
    /// Name and surname.
    pub(crate) fullname: Option<Text>,
    /// E-mail address.
    pub(crate) email: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// 50 temporary, 100 normal, 1000 deleted.
    pub(crate) status: Option<Number<LeadStatus>>,
    /// Phone number.
    pub(crate) phone: Option<Text>,
    /// Company.
    pub(crate) company: Option<Text>,
    /// Note.
    pub(crate) note: Option<Text>,
    /// Street address.
    #[oai(rename = "streetAddress")]
    pub(crate) street_address: Option<Text>,
    /// City.
    pub(crate) city: Option<Text>,
    /// Region.
    pub(crate) region: Option<Text>,
    /// Postal code.
    pub(crate) zipcode: Option<Text>,
    /// Country.
    pub(crate) country: Option<Text>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<Text>>,
}

/// Which leads a list shows.
#[derive(Object, Default)]
pub(crate) struct LeadFilter {
    /// Only leads with exactly this e-mail address.
    pub(crate) email: Option<Text>,
    /// Status of the leads: 50 temporary, 100 normal (the default), 1000 deleted.
    pub(crate) status: Option<Number<LeadStatus>>,
    /// Only leads that match a text search over `fullname` and `email`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    /// Only leads that have an e-mail address, whatever the value of the parameter.
    pub(crate) with_email: Option<Text>,
    /// Only leads that have a name, whatever the value of the parameter.
    pub(crate) with_fullname: Option<Text>,
    /// Only leads with this tag.
    pub(crate) tags: Option<Text>,
    /// Only leads that match the segment with this identifier.
    pub(crate) segment: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Paging,
}

/// Which leads an export holds.
#[derive(Object)]
pub(crate) struct LeadExport {
    /// Only leads with exactly this e-mail address.
    pub(crate) email: Option<Text>,
    /// Only leads that match a text search over `fullname` and `email`: any of the words, every `"phrase"`, and none of the `-excluded` words or
    /// phrases. Case and accents are ignored.
    pub(crate) full_text: Option<Text>,
    #[oai(flatten)]
    pub(crate) paging: Paging,
}

/// A page of leads.
#[derive(Object)]
pub(crate) struct LeadPage {
    /// Most leads of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Leads on all pages.
    count: u64,
    /// The leads of this page.
    leads: Vec<Lead>,
}

fn normal() -> u16 {
    Lead::NORMAL
}

impl Lead {
    pub(crate) const TEMPORARY: u16 = 50;
    pub(crate) const NORMAL: u16 = 100;
    pub(crate) const DELETED: u16 = 1000;

    /// A lead of which only the identifier is known.
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

    /// What text searches look at.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        [&self.fullname, &self.email].into_iter().flatten()
    }

    /// Leads of a status. Every other term of lists includes the status, so that a filtered list is one term too.
    pub(crate) fn of_status(project: Id<Project>, status: u16) -> Term {
        Term::new("status", (project, status))
    }

    pub(crate) fn by_lead_id(project: Id<Project>, lead_id: &str) -> Term {
        Term::new("lead_id", (project, lead_id))
    }

    pub(crate) fn with(field: &'static str, project: Id<Project>, status: u16, value: &str) -> Term {
        Term::new(field, (project, status, value))
    }
}

impl Document for Lead {
    type Id = Id<Self>;
    type Kept = Owner;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        let (project, status) = (self.id_project, self.status);
        terms.add("status", (project, status));
        terms.add("lead_id", (project, &*self.lead_id));
        if let Some(email) = &self.email {
            terms.add("email", (project, status, &**email));
            terms.add("with_email", (project, status, ""));
        }
        if self.fullname.is_some() {
            terms.add("with_fullname", (project, status, ""));
        }
        for tag in &self.tags {
            terms.add("tags", (project, status, &**tag));
        }
        for word in self.texts().flat_map(|text| words(text)) {
            terms.add("full_text", (project, status, &*word));
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
