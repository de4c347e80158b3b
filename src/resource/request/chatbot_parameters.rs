//! Variables that a bot stored during a conversation.
//!
//! No operation of the API writes them; the control API does.

use std::borrow::Cow;

use poem_openapi::{
    OpenApi,
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::{Section, authority::may_reach, document::Request};
use crate::{
    http::{Guest, Member, Path, Reply},
    identity::Actor,
    state::{State, Tx},
    value::{
        Error, JsonObject, Result, Text,
        error::{ErrorBody, ErrorKind},
    },
};

/// Variables that a bot stored during a conversation, by name.
pub(crate) struct ChatbotParameters(pub(crate) JsonObject);

/// The variables that the documentation shows.
const TEXTS: [(&str, &str); 2] = [
    ("user_email", "Email address given by the visitor, if the bot asks for it."),
    ("user_name", "Name given by the visitor, if the bot asks for it."),
];

impl Type for ChatbotParameters {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "ChatbotParameters".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::name().into_owned())
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(Self::name().into_owned(), |_| {
            let text = |description| MetaSchema { description: Some(description), ..MetaSchema::new("string") };
            let text = |(name, description)| (name, MetaSchemaRef::Inline(Box::new(text(description))));
            let anything = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
            MetaSchema {
                description: Some("Variables of the bot by name."),
                properties: TEXTS.map(text).into(),
                additional_properties: Some(Box::new(anything)),
                ..MetaSchema::new("object")
            }
        });
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for ChatbotParameters {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let mut all = JsonObject::parse_from_json(value).map_err(ParseError::propagate)?;
        // In a body, `null` means absence.
        all.0.retain(|name, value| !value.is_null() || TEXTS.iter().all(|(known, _)| known != name));
        match TEXTS.iter().find(|(name, _)| all.0.get(*name).is_some_and(|value| !value.is_string())) {
            Some((name, _)) => Err(ParseError::custom(format!("`{name}` must be a string"))),
            None => Ok(Self(all)),
        }
    }
}

impl ToJSON for ChatbotParameters {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

pub(crate) struct Parameters;

#[OpenApi(tag = "Section::Requests")]
impl Parameters {
    /// Get chatbot parameters
    ///
    /// Visitors can read only the parameters of conversations that they opened (otherwise 403). A request of another
    /// project returns 401.
    ///
    /// Returns the variables that the bot stored during the conversation, by name.
    #[oai(
        path = "/requests/:request_id/chatbot/parameters",
        method = "get",
        operation_id = "get_request_chatbot_parameters"
    )]
    async fn get(&self, member: Member<Guest>, request_id: Path<Text>) -> Result<Reply<ChatbotParameters>> {
        let parameters = member.scope.read(|state| get(state, &member.actor, &request_id));
        parameters.map(|parameters| Reply::of(&parameters))
    }
}

/// The variables that the bot stored during the conversation.
fn get(state: &State, by: &Actor, request_id: &str) -> Result<ChatbotParameters> {
    // Departs: Chatbot parameters are returned for every conversation of the project; the reference server returns them
    // only if the conversation's ID contains the project's.
    let request = state.tables.requests.find(Request::by_request_id(request_id)).ok_or(Error::OBJECT_NOT_FOUND)?;
    if request.kept().project != by.project() {
        let words = ErrorBody::message("Request does not belong to the project".into());
        return Err(
            Error::new(ErrorKind::SignInFailed, words).because("The request must belong to the project in the path.")
        );
    }
    may_reach(state, by, request_id)?;
    Ok(ChatbotParameters(request.value().into_owned().chatbot_parameters.unwrap_or_default()))
}

/// Replaces the stored variables without emitting an event.
pub(crate) fn set(tx: &mut Tx, request_id: &str, new: ChatbotParameters) -> Result<ChatbotParameters> {
    let mut request: Request = tx.find(Request::by_request_id(request_id)).ok_or(Error::OBJECT_NOT_FOUND)?;
    request.chatbot_parameters = Some(new.0.clone());
    tx.put(request)?;
    Ok(new)
}
