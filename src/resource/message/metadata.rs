//! Metadata of a message.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::value::{JsonObject, Text};

/// Metadata of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(crate) enum Metadata {
    /// Data of the message kind, such as `src`, `width`, and `height` of an image.
    Data(JsonObject),
    /// The language of the conversation, which the API puts here in system messages.
    Language(Text),
}

impl Type for Metadata {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "object_or_string".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let any_of = vec![JsonObject::schema_ref(), Text::schema_ref()];
        MetaSchemaRef::Inline(Box::new(MetaSchema { any_of, ..MetaSchema::ANY }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Metadata {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::Object(data) => Ok(Self::Data(JsonObject(data))),
            Value::String(language) => Ok(Self::Language(language.into())),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for Metadata {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Data(data) => data.to_json(),
            Self::Language(language) => language.to_json(),
        }
    }
}
