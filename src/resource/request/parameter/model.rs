//! The variables of a bot in a conversation.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use crate::world::JsonObject;

/// What a bot stored during a conversation: one key for each of its variables.
pub(crate) struct ChatbotParameters(pub(crate) JsonObject);

impl Type for ChatbotParameters {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "ChatbotParameters".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        // The names are those that the documentation prints.
        let text = |description| MetaSchema { description: Some(description), ..MetaSchema::new("string") };
        let text = |description| MetaSchemaRef::Inline(Box::new(text(description)));
        let anything = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("One key for each variable of the bot."),
            properties: vec![
                ("user_email", text("E-mail address that the visitor gave, where the bot asks for it.")),
                ("user_name", text("Name that the visitor gave, where the bot asks for it.")),
            ],
            additional_properties: Some(Box::new(anything)),
            ..MetaSchema::new("object")
        }))
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
        JsonObject::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for ChatbotParameters {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}
