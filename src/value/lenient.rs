//! Types that parse more than their schema allows, so that a rule can reject the value with the API's own message.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::primitive::Text;

/// A value documented as a `T` that also parses anything else, because the API has its own message for invalid values.
#[derive(Debug)]
pub(crate) enum Lenient<T> {
    Valid(T),
    /// The value, and why it is not a `T`.
    Invalid(Value, String),
}

/// A required value that also parses if missing, because the API has its own message for that.
#[derive(Clone, Debug)]
pub(crate) struct Required<T>(pub(crate) Option<T>);

impl Required<Text> {
    /// The text, unless it is missing or empty.
    pub(crate) fn given(&self) -> Option<&Text> {
        self.0.as_ref().filter(|text| !str::is_empty(text))
    }
}

impl<T: Type> Type for Lenient<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        match self {
            Self::Valid(value) => value.as_raw_value(),
            Self::Invalid(..) => None,
        }
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match self {
            Self::Valid(value) => value.raw_element_iter(),
            Self::Invalid(..) => Box::new(std::iter::empty()),
        }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Lenient<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        Ok(match T::parse_from_json(Some(value.clone())) {
            Ok(fitting) => Self::Valid(fitting),
            Err(error) => Self::Invalid(value, error.into_message()),
        })
    }
}

impl<T: ToJSON> ToJSON for Lenient<T> {
    fn to_json(&self) -> Option<Value> {
        match self {
            Self::Valid(value) => value.to_json(),
            Self::Invalid(value, _) => Some(value.clone()),
        }
    }
}

impl<T: Type> Type for Required<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        match T::schema_ref() {
            // Empty counts as missing.
            MetaSchemaRef::Inline(schema) if schema.ty == "string" && schema.enum_items.is_empty() => {
                MetaSchemaRef::Inline(Box::new(MetaSchema { min_length: schema.min_length.max(Some(1)), ..*schema }))
            }
            schema => schema,
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.0.as_ref()?.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match &self.0 {
            Some(value) => value.raw_element_iter(),
            None => Box::new(std::iter::empty()),
        }
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Required<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None | Some(Value::Null) => Ok(Self(None)),
            value => T::parse_from_json(value).map(|value| Self(Some(value))).map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Required<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().and_then(ToJSON::to_json)
    }
}
