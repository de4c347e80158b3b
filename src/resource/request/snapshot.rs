//! What a request is opened with, and what is noted then.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{department::document::Department, lead::document::Lead, team::document::Teammate},
    value::{Text, frozen::Frozen},
};

/// What things were like when a request was created, and what they became when it was routed.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Default, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    /// The department, as it was.
    pub(crate) department: Option<Department>,
    /// The lead, as it was.
    pub(crate) lead: Option<Lead>,
    /// The member of the project who opened the request, as it was.
    pub(crate) requester: Option<Teammate>,
    /// The agents who could serve the request, as they were.
    //
    // Departs: `snapshot.agents` is in every response, as documented; the reference server omits it when a conversation
    // is read.
    pub(crate) agents: Option<Frozen<Vec<Teammate>>>,
    /// How many of them were available.
    #[oai(rename = "availableAgentsCount")]
    #[serde(rename = "availableAgentsCount")]
    pub(crate) available_agents_count: Option<u32>,
}

/// How to reach a visitor.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// Phone number.
    pub(crate) phone: Option<Text>,
    /// E-mail address.
    pub(crate) email: Option<Text>,
}

impl Contact {
    /// Nothing for a lead that is reached in neither way.
    pub(crate) fn of(lead: &Lead) -> Option<Self> {
        let contact = Self { phone: lead.phone.value().cloned(), email: lead.email.clone() };
        (contact.phone.is_some() || contact.email.is_some()).then_some(contact)
    }
}
