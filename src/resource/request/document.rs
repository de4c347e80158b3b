//! The stored request.

pub(crate) use super::note::document::Note;
pub(crate) use super::participant::document::Participant;
pub(crate) use super::snapshot::Contact;
pub(crate) use super::snapshot::Snapshot;
pub(crate) use super::tag::document::RequestTag;

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{
        chatbot::document::Bot, department::document::Department, entity::Entity, lead::document::Lead,
        message::document::Channel, project::document::Project, team::document::Teammate, user::document::User,
    },
    store::Retain,
    value::{Decimal, Id, JsonObject, Text, Timestamp, json},
};

/// A conversation between a visitor and the teammates or bots of a project.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    /// Identifier assigned by Tiledesk.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Same value as `_id`.
    #[oai(rename = "id")]
    #[serde(rename = "id")]
    pub(crate) same_id: Option<Id<Self>>,
    /// Identifier chosen by the client, by which operations find the request: `support-group-` followed by a UUID.
    pub(crate) request_id: Text,
    /// Number of the request in its project.
    //
    // Departs: `ticket_id` is a number, as on the reference server; the documentation says that it is a string.
    pub(crate) ticket_id: u32,
    /// Text that opened the conversation.
    pub(crate) first_text: Text,
    /// Subject of a ticket.
    pub(crate) subject: Option<Text>,
    /// Status: 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed.
    pub(crate) status: u16,
    /// Whether the conversation was opened before the visitor wrote.
    #[serde(default)]
    pub(crate) preflight: bool,
    /// Identifier of the lead.
    pub(crate) requester_id: Option<Id<Lead>>,
    /// Participants who serve the request: user identifiers, and bot identifiers prefixed with `bot_`.
    #[serde(default)]
    pub(crate) participants: Vec<Participant>,
    /// Identifiers of the participating users.
    #[oai(rename = "participantsAgents")]
    #[serde(rename = "participantsAgents", default)]
    pub(crate) participants_agents: Vec<Id<User>>,
    /// Identifiers of the participating bots, without the `bot_` prefix.
    #[oai(rename = "participantsBots")]
    #[serde(rename = "participantsBots", default)]
    pub(crate) participants_bots: Vec<Id<Bot>>,
    /// Whether a bot serves the request.
    #[oai(rename = "hasBot")]
    #[serde(rename = "hasBot", default)]
    pub(crate) has_bot: bool,
    /// Identifiers of the teammates who follow the request.
    #[serde(default)]
    pub(crate) followers: Vec<Id<Teammate>>,
    /// Page from which the request came.
    #[oai(rename = "sourcePage")]
    #[serde(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Language code.
    pub(crate) language: Option<Text>,
    /// User agent of the visitor's browser.
    #[oai(rename = "userAgent")]
    #[serde(rename = "userAgent")]
    pub(crate) user_agent: Option<Text>,
    /// Priority: `normal` (default), `low`, `high` (also spelled `hight`), `urgent`, or another text.
    #[serde(default = "normal")]
    pub(crate) priority: Text,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Vec<RequestTag>,
    /// Internal notes of the team.
    #[serde(default)]
    pub(crate) notes: Vec<Note>,
    /// Rating by the visitor, from 0 to 5.
    pub(crate) rating: Option<Decimal>,
    /// Comment of the visitor on the rating.
    pub(crate) rating_message: Option<Text>,
    /// Milliseconds from the first message of the visitor to the first message of an agent; bots do not count.
    pub(crate) waiting_time: Option<i64>,
    /// Transcript of the conversation as plain text. Present once the request was closed.
    pub(crate) transcript: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Channel through which the visitor writes.
    #[serde(default)]
    pub(crate) channel: Channel,
    /// Channel through which the team is notified.
    #[oai(rename = "channelOutbound")]
    #[serde(rename = "channelOutbound", default)]
    pub(crate) channel_outbound: Channel,
    /// Contact data of the visitor, if a message opened the conversation.
    pub(crate) contact: Option<Contact>,
    /// Location of the visitor, geolocated by the client's IP address.
    pub(crate) location: Option<Location>,
    /// Whether the request is assigned to agents automatically.
    #[oai(rename = "smartAssignment")]
    #[serde(rename = "smartAssignment", default = "yes")]
    pub(crate) smart_assignment: bool,
    /// Working status: `new`, `pending`, or `open`.
    #[oai(rename = "workingStatus")]
    #[serde(rename = "workingStatus")]
    pub(crate) working_status: Option<Text>,
    /// Whether this is a test conversation.
    pub(crate) draft: Option<bool>,
    /// Related objects as they were when the request was created.
    #[serde(default)]
    pub(crate) snapshot: Snapshot,
    /// Time of the last assignment.
    pub(crate) assigned_at: Option<Timestamp>,
    /// Time of the first response of a participating agent or bot.
    pub(crate) first_response_at: Option<Timestamp>,
    /// Time of closing.
    pub(crate) closed_at: Option<Timestamp>,
    /// Caller who closed the request.
    pub(crate) closed_by: Option<Text>,
    /// Milliseconds from creation to closing.
    pub(crate) duration: Option<i64>,
    /// Project that the request belongs to.
    pub(crate) id_project: Id<Project>,
    /// Caller who created the request.
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
    /// Users who could have served the request when it was routed. Lists show agents these requests and those that they
    /// serve.
    #[oai(skip)]
    #[serde(default)]
    pub(crate) agents: Vec<Id<User>>,
    /// Variables that the bot stored during the conversation.
    #[oai(skip)]
    #[serde(rename = "chatbotParameters")]
    pub(crate) chatbot_parameters: Option<JsonObject>,
    /// Department of the request.
    pub(crate) department: Option<Id<Department>>,
    /// Lead of the request.
    pub(crate) lead: Option<Id<Lead>>,
    /// Member of the project who opened the request.
    pub(crate) requester: Option<Id<Teammate>>,
}

/// Stored as the last fields; responses add the references, as identifiers or as documents.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
pub(super) struct Hidden<'a> {
    pub(super) agents: &'a [Id<User>],
    #[serde(rename = "chatbotParameters")]
    pub(super) chatbot_parameters: Option<&'a JsonObject>,
    pub(super) department: Option<Id<Department>>,
    pub(super) lead: Option<Id<Lead>>,
    pub(super) requester: Option<Id<Teammate>>,
}

/// References of a request: everything needed to render and order it without parsing it.
pub(crate) struct Links {
    pub(crate) project: Id<Project>,
    pub(crate) department: Option<Id<Department>>,
    pub(crate) lead: Option<Id<Lead>>,
    pub(crate) requester: Option<Id<Teammate>>,
    pub(crate) participants: Box<[Participant]>,
    /// Sort key of the requests that the realtime API sends first.
    pub(crate) updated_at: Timestamp,
    pub(crate) figures: Figures,
}

/// The inputs of averages. Keeping these few numbers avoids parsing every request again.
pub(crate) struct Figures {
    pub(crate) created_at: Timestamp,
    pub(crate) closed_at: Option<Timestamp>,
    pub(crate) waiting_time: Option<i64>,
    pub(crate) rating: Option<Decimal>,
}

impl Retain<Request> for Links {
    fn keep(request: Request) -> Self {
        Self {
            project: request.id_project,
            department: request.department,
            lead: request.lead,
            requester: request.requester,
            participants: request.participants.into(),
            updated_at: request.updated_at,
            figures: Figures {
                created_at: request.created_at,
                closed_at: request.closed_at,
                waiting_time: request.waiting_time,
                rating: request.rating,
            },
        }
    }
}

/// A location.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct Location {
    /// Country.
    pub(crate) country: Option<Text>,
    /// Region.
    pub(crate) region: Option<Text>,
    /// City.
    pub(crate) city: Option<Text>,
    /// Street address.
    #[oai(rename = "streetAddress")]
    #[serde(rename = "streetAddress")]
    pub(crate) street_address: Option<Text>,
    /// Postal code.
    pub(crate) zipcode: Option<Text>,
    /// IP address.
    #[oai(rename = "ipAddress")]
    #[serde(rename = "ipAddress")]
    pub(crate) ip_address: Option<Text>,
    /// Point in `GeoJSON` format.
    pub(crate) geometry: Option<JsonObject>,
}

fn normal() -> Text {
    "normal".into()
}

fn yes() -> bool {
    true
}

impl Request {
    pub(crate) const TEMPORARY: u16 = 50;
    pub(crate) const UNSERVED: u16 = 100;
    pub(crate) const ABANDONED: u16 = 150;
    pub(crate) const SERVED: u16 = 200;
    pub(crate) const CLOSED: u16 = 1000;
}

impl Entity for Request {
    const NESTING: usize = json::NESTING + 12;

    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn normalize(&mut self) {
        self.same_id = Some(self.id);
        self.requester_id = self.lead;
        self.participants_agents = self.participants.iter().filter_map(Participant::agent).collect();
        self.participants_bots = self.participants.iter().filter_map(Participant::bot).collect();
        self.has_bot = !self.participants_bots.is_empty();
    }

    fn normalize_frozen(&mut self) -> serde_json::Result<()> {
        match &mut self.snapshot.agents {
            Some(agents) => agents.update(|agents| agents.iter_mut().for_each(Entity::normalize)),
            None => Ok(()),
        }
    }
}
