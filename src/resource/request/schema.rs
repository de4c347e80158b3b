//! Request bodies, query parameters, and response shapes.

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

/// Changes to a request. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct RequestPatch {
    /// Text that opened the conversation.
    pub(crate) first_text: Option<Text>,
    /// Identifier of another lead of the project.
    pub(crate) lead: Option<Id<Lead>>,
    /// Status: 50 temporary, 100 unserved, 150 abandoned, 200 served, 1000 closed.
    pub(crate) status: Option<Number<RequestStatus>>,
    /// Tags, replaced as a whole.
    pub(crate) tags: Option<Vec<NewRequestTag>>,
    /// Rating from 0 to 5.
    #[oai(validator(minimum(value = "0"), maximum(value = "5")))]
    pub(crate) rating: Option<f64>,
    /// Comment of the visitor on the rating.
    pub(crate) rating_message: Option<Text>,
    /// Language code.
    pub(crate) language: Option<Text>,
    /// Page from which the request came.
    #[oai(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// Subject of a ticket.
    pub(crate) subject: Option<Text>,
    /// Location of the visitor.
    pub(crate) location: Option<Location>,
    /// Priority: `normal` (default), `low`, `high` (also spelled `hight`), `urgent`, or another text.
    pub(crate) priority: Option<Text>,
    /// Whether the request is assigned to agents automatically.
    #[oai(rename = "smartAssignment")]
    pub(crate) smart_assignment: Option<bool>,
    /// Working status: `new`, `pending`, or `open`.
    #[oai(rename = "workingStatus")]
    pub(crate) working_status: Option<Text>,
    /// Name of the channel.
    #[oai(rename = "channelName")]
    pub(crate) channel_name: Option<Text>,
}

/// Rating of a conversation by the visitor.
#[derive(Object)]
pub(crate) struct Rating {
    /// Rating from 0 to 5. Either this or `rate` is required.
    #[oai(validator(minimum(value = "0"), maximum(value = "5")))]
    pub(crate) rating: Option<f64>,
    /// Comment of the visitor on the rating.
    pub(crate) rating_message: Option<Text>,
    /// Alias of `rating`, which takes precedence.
    #[oai(validator(minimum(value = "0"), maximum(value = "5")))]
    pub(crate) rate: Option<f64>,
    /// Alias of `rating_message`, which takes precedence.
    pub(crate) rate_message: Option<Text>,
}

/// Values of the request status.
#[derive(Clone, Debug)]
pub(crate) enum RequestStatus {}

impl Numbers for RequestStatus {
    const ALL: &'static [i16] = &[50, 100, 150, 200, 1000];
}

impl RequestStatus {
    /// Whether a status is one of these values.
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
            Embedded::new::<Populated<Teammate>>("requester", "Member of the project who opened the request."),
            Embedded::new::<Vec<User>>("participatingAgents", "Users who serve the request."),
            Embedded::new::<Vec<Bot>>("participatingBots", "Bots that serve the request."),
            Embedded::new::<u64>("score", "Number of matching search words."),
            Embedded::new::<Id<Bot>>(
                "replaced_bot_root_id",
                "Identifier of the bot that was replaced or, if that is a published copy, of its original.",
            ),
        ]
    }
}

impl Populate for Department {
    const NAME: &'static str = "PopulatedDepartment";

    fn embedded() -> Vec<Embedded> {
        vec![Embedded::new::<Bot>("bot", "Bot that answers first. Only in the payload of `message.create`.")]
    }
}

/// A request to open without a message.
#[derive(Clone, Object)]
pub(crate) struct NewRequest {
    /// Text that opens the conversation.
    #[oai(validator(min_length = 1))]
    pub(crate) first_text: Text,
    /// Unique identifier chosen by the client (default: generated).
    pub(crate) request_id: Option<Text>,
    /// Identifier of the user or visitor on whose behalf the request is opened (default: the caller).
    pub(crate) sender: Option<Text>,
    /// Name of the lead.
    #[oai(rename = "senderFullname")]
    pub(crate) sender_fullname: Option<Text>,
    /// Language code.
    pub(crate) language: Option<Text>,
    /// Custom attributes of the request, and of the lead if it is created.
    pub(crate) attributes: Option<JsonObject>,
    /// Channel through which the visitor writes.
    pub(crate) channel: Option<Channel>,
    #[oai(flatten)]
    pub(crate) opening: Opening,
}

/// Fields of a new request that are independent of its first message.
#[derive(Clone, Object, Default)]
pub(crate) struct Opening {
    /// Identifier of the department that serves the conversation (default: the default department).
    pub(crate) departmentid: Option<Text>,
    /// Page from which the request came.
    #[oai(rename = "sourcePage")]
    pub(crate) source_page: Option<Text>,
    /// User agent of the visitor's browser.
    #[oai(rename = "userAgent")]
    pub(crate) user_agent: Option<Text>,
    /// Email address of the lead (default: the sender's).
    pub(crate) email: Option<Text>,
    /// Subject of the conversation.
    pub(crate) subject: Option<Text>,
    /// Participants who serve the conversation, instead of those selected by the department.
    pub(crate) participants: Option<Vec<Participant>>,
    /// Priority of the conversation: `normal` (default), `low`, `high` (also spelled `hight`), `urgent`, or another
    /// text.
    pub(crate) priority: Option<Text>,
    /// Teammates who follow the conversation.
    pub(crate) followers: Option<Vec<Id<Teammate>>>,
    /// Location of the visitor.
    pub(crate) location: Option<Location>,
}

/// A newly created request with its bots.
#[derive(Object)]
pub(crate) struct CreatedRequest {
    #[oai(flatten)]
    request: Request,
    /// Bots that serve the request.
    #[oai(rename = "participatingBots")]
    participating_bots: Vec<Bot>,
}
