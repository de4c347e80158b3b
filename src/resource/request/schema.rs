//! What calls send and receive.

use poem_openapi::Object;

use super::{
    document::{Location, Request},
    tag::schema::NewRequestTag,
};
use crate::{
    json_schema::{Embedded, Populate, Populated},
    resource::{
        chatbot::document::Bot, department::document::Department, lead::document::Lead, message::document::Channel,
        request::participant::document::Participant, team::document::Teammate, user::document::User,
    },
    value::{
        Id, JsonObject, Text,
        primitive::{Number, Numbers},
    },
};

/// Changes of a request. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct RequestPatch {
    /// Text with which the conversation was opened.
    pub(crate) first_text: Option<Text>,
    /// Identifier of another lead.
    pub(crate) lead: Option<Id<Lead>>,
    /// 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed.
    pub(crate) status: Option<Number<RequestStatus>>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<NewRequestTag>>,
    /// Rating: 0 to 5.
    #[oai(validator(minimum(value = "0"), maximum(value = "5")))]
    pub(crate) rating: Option<f64>,
    /// What the visitor said of it.
    pub(crate) rating_message: Option<Text>,
    /// Code of the language.
    pub(crate) language: Option<Text>,
    /// Page from which the request came.
    #[oai(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Subject of a ticket.
    pub(crate) subject: Option<Text>,
    /// Where the visitor is.
    pub(crate) location: Option<Location>,
    /// Priority: `normal` (default), `low`, `high` (also spelled `hight`), `urgent`, or another text.
    pub(crate) priority: Option<Text>,
    /// Whether the request is given to agents automatically.
    #[oai(rename = "smartAssignment")]
    pub(crate) smart_assignment: Option<bool>,
    /// `new`, `pending` or `open`.
    #[oai(rename = "workingStatus")]
    pub(crate) working_status: Option<Text>,
    /// Name of the channel.
    #[oai(rename = "channelName")]
    pub(crate) channel_name: Option<Text>,
}

/// How a visitor rates a conversation.
#[derive(Object)]
pub(crate) struct Rating {
    /// 0 to 5. It is needed, under this name or the other.
    #[oai(validator(minimum(value = "0"), maximum(value = "5")))]
    pub(crate) rating: Option<f64>,
    /// What the visitor says of it.
    pub(crate) rating_message: Option<Text>,
    /// Another name of `rating`, which wins if both are given.
    #[oai(validator(minimum(value = "0"), maximum(value = "5")))]
    pub(crate) rate: Option<f64>,
    /// Another name of `rating_message`, which wins if both are given.
    pub(crate) rate_message: Option<Text>,
}

/// The statuses of requests.
#[derive(Clone, Debug)]
pub(crate) enum RequestStatus {}

impl Numbers for RequestStatus {
    const ALL: &'static [i16] = &[50, 100, 150, 200, 1000];
}

impl RequestStatus {
    /// Whether it is one of them.
    pub(crate) fn is(status: u16) -> bool {
        i16::try_from(status).is_ok_and(|status| Self::ALL.contains(&status))
    }
}

impl Populate for Request {
    const NAME: &'static str = "PopulatedRequest";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Populated<Department>>("department", "Department of the request."),
            Embedded::new::<Lead>("lead", "Lead of the request."),
            Embedded::new::<Populated<Teammate>>("requester", "The member of the project who opened the request."),
            Embedded::new::<Vec<User>>("participatingAgents", "The users who serve the request."),
            Embedded::new::<Vec<Bot>>("participatingBots", "The bots that serve the request."),
            Embedded::new::<u64>("score", "How many of the words searched for were found."),
            Embedded::new::<Id<Bot>>(
                "replaced_bot_root_id",
                "The bot that served the request before, or that of which it is a published copy.",
            ),
        ]
    }
}

impl Populate for Department {
    const NAME: &'static str = "PopulatedDepartment";

    fn embedded() -> Vec<Embedded> {
        vec![Embedded::new::<Bot>("bot", "Bot that answers first, in the payload of `message.create`.")]
    }
}

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
