//! Snapshots of related objects, and contact data, recorded when a request is created.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{department::document::Department, lead::document::Lead, team::document::Teammate},
    value::{Text, frozen::Frozen},
};

/// Related objects as they were when the request was created, updated when it is routed.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// Department at that time.
    pub(crate) department: Option<Department>,
    /// Lead at that time.
    pub(crate) lead: Option<Lead>,
    /// Member of the project who opened the request, at that time.
    pub(crate) requester: Option<Teammate>,
    /// Agents who could serve the request, at that time.
    //
    // Departs: `snapshot.agents` is in every response, as documented; the reference server omits it when a
    // conversation is read.
    pub(crate) agents: Option<Frozen<Vec<Teammate>>>,
    /// Number of agents who were available at that time.
    #[oai(rename = "availableAgentsCount")]
    #[serde(rename = "availableAgentsCount")]
    pub(crate) available_agents_count: Option<u32>,
}

/// Contact data of a visitor.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// Phone number.
    pub(crate) phone: Option<Text>,
    /// Email address.
    pub(crate) email: Option<Text>,
}

impl Contact {
    /// `None` for a lead with neither a phone number nor an email address.
    pub(crate) fn of(lead: &Lead) -> Option<Self> {
        let contact = Self { phone: lead.phone.value().cloned(), email: lead.email.clone() };
        (contact.phone.is_some() || contact.email.is_some()).then_some(contact)
    }
}
