//! What a request is opened with, and what is noted then.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        chatbot::model::Bot,
        department::model::Department,
        lead::model::Lead,
        message::model::Channel,
        request::model::{Location, Participant, Request},
        team::model::Teammate,
    },
    world::{Id, JsonObject, Text, frozen::Frozen},
};

/// A request to be opened without a message.
#[derive(Clone, Object)]
pub(crate) struct NewRequest {
    /// Text with which the conversation is opened.
    #[oai(validator(min_length = 1))]
    pub(crate) first_text: Text,
    /// Your own identifier, unlike that of any other request; generated when it is missing.
    pub(crate) request_id: Option<Text>,
    /// On whose behalf it is opened: the identifier of a user or of a visitor; the caller when it is missing.
    pub(crate) sender: Option<Text>,
    /// Name of the lead.
    #[oai(rename = "senderFullname")]
    pub(crate) sender_fullname: Option<Text>,
    /// Code of the language.
    pub(crate) language: Option<Text>,
    /// Custom attributes of the request, and of the lead if there is none yet.
    pub(crate) attributes: Option<JsonObject>,
    /// Channel by which the visitor writes.
    pub(crate) channel: Option<Channel>,
    #[oai(flatten)]
    pub(crate) opening: Opening,
}

/// What concerns a request, and not its first message.
#[derive(Clone, Object, Default)]
pub(crate) struct Opening {
    /// Department that is to serve the conversation; the default one when it is missing.
    pub(crate) departmentid: Option<Text>,
    /// Page on which the visitor was.
    #[oai(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Browser of the visitor.
    #[oai(rename = "userAgent")]
    pub(crate) user_agent: Option<Text>,
    /// E-mail address of the lead; the sender's when it is missing.
    pub(crate) email: Option<Text>,
    /// Subject of the conversation.
    pub(crate) subject: Option<Text>,
    /// Who is to serve the conversation, instead of whom the department chooses.
    pub(crate) participants: Option<Vec<Participant>>,
    /// Priority of the conversation: `normal` (default), `low`, `high` (also spelled `hight`), `urgent`, or another text.
    pub(crate) priority: Option<Text>,
    /// Teammates who follow the conversation.
    pub(crate) followers: Option<Vec<Id<Teammate>>>,
    /// Where the visitor is.
    pub(crate) location: Option<Location>,
}

/// A request that was just created, with the bots that serve it.
#[derive(Object)]
pub(crate) struct CreatedRequest {
    #[oai(flatten)]
    request: Request,
    /// The bots that serve the request.
    #[oai(rename = "participatingBots")]
    participating_bots: Vec<Bot>,
}

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
    // Departs: `snapshot.agents` is in every response, as the documentation says; the reference server hides it when a request
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
