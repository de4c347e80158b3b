//! Participants of a request.

use std::{borrow::Cow, fmt};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{
    resource::{chatbot::document::Bot, user::document::User},
    value::{Id, primitive::from_text},
};

const PATTERN: &str = "^(bot_)?[0-9a-fA-F]{24}$";

/// A user or a bot. Bots are written as `bot_` followed by their identifier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Participant {
    Agent(Id<User>),
    Bot(Id<Bot>),
}

impl Participant {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("bot_") {
            Some(bot) => Id::parse(bot).map(Self::Bot),
            None => Id::parse(text).map(Self::Agent),
        }
    }

    pub(crate) fn agent(&self) -> Option<Id<User>> {
        match self {
            Self::Agent(user) => Some(*user),
            Self::Bot(_) => None,
        }
    }

    pub(crate) fn bot(&self) -> Option<Id<Bot>> {
        match self {
            Self::Agent(_) => None,
            Self::Bot(bot) => Some(*bot),
        }
    }
}

impl fmt::Display for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agent(user) => user.fmt(f),
            Self::Bot(bot) => write!(f, "bot_{bot}"),
        }
    }
}

impl Serialize for Participant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Participant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "24 hexadecimal digits, after `bot_` for a bot", Self::parse)
    }
}

impl JsonSchema for Participant {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Participant".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": PATTERN})
    }
}

impl Type for Participant {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string(participant)".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema { pattern: Some(PATTERN.into()), ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Participant {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Self::parse(&text).ok_or_else(|| ParseError::custom("expected an identifier")),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ParseFromParameter for Participant {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Self::parse(value).ok_or_else(|| ParseError::custom("expected an identifier"))
    }
}

impl ToJSON for Participant {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}
