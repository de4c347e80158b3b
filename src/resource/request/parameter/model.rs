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

/// The variables that the documentation prints.
const TEXTS: [(&str, &str); 2] = [
    ("user_email", "E-mail address that the visitor gave, where the bot asks for it."),
    ("user_name", "Name that the visitor gave, where the bot asks for it."),
];

impl Type for ChatbotParameters {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "ChatbotParameters".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let text = |description| MetaSchema { description: Some(description), ..MetaSchema::new("string") };
        let text = |(name, description)| (name, MetaSchemaRef::Inline(Box::new(text(description))));
        let anything = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            description: Some("One key for each variable of the bot."),
            properties: TEXTS.map(text).into(),
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
        let all = JsonObject::parse_from_json(value).map_err(ParseError::propagate)?;
        match TEXTS.iter().find(|(name, _)| all.0.get(*name).is_some_and(|value| !value.is_string())) {
            Some((name, _)) => Err(ParseError::custom(format!("{name} is no text"))),
            None => Ok(Self(all)),
        }
    }
}

impl ToJSON for ChatbotParameters {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}
