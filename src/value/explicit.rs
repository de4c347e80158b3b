//! A field with three states: missing, `null`, or a value.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A value that distinguishes missing from `null`: responses show it exactly as it is stored.
///
/// Fields need `#[serde(default, skip_serializing_if = "Explicit::is_missing")]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(clippy::option_option, reason = "absent, null, and a value are three different things")]
pub(crate) struct Explicit<T>(Option<Option<T>>);

impl<T> Explicit<T> {
    pub(crate) const MISSING: Self = Self(None);
    pub(crate) const NULL: Self = Self(Some(None));

    /// The value, or `null` for `None`.
    pub(crate) fn or_null(value: Option<T>) -> Self {
        Self(Some(value))
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.0.as_ref()?.as_ref()
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.0.is_none()
    }

    /// Replaces the value, unless `new` is `None`.
    pub(crate) fn change(&mut self, new: Option<T>) {
        if new.is_some() {
            self.0 = Some(new);
        }
    }
}

impl<T> Default for Explicit<T> {
    fn default() -> Self {
        Self::MISSING
    }
}

impl<T: Serialize> Serialize for Explicit<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Explicit<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::or_null)
    }
}

impl<T: JsonSchema> JsonSchema for Explicit<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Option::<T>::json_schema(generator)
    }
}

impl<T: Type> Type for Explicit<T> {
    const IS_REQUIRED: bool = false;
    type RawValueType = T::RawValueType;
    type RawElementValueType = T::RawElementValueType;

    fn name() -> Cow<'static, str> {
        format!("explicit_{}", T::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref().merge(MetaSchema { nullable: true, ..MetaSchema::ANY })
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self::RawValueType> {
        self.value()?.as_raw_value()
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self::RawElementValueType> + 'a> {
        match self.value() {
            Some(value) => value.raw_element_iter(),
            None => Box::new(std::iter::empty()),
        }
    }

    fn is_none(&self) -> bool {
        self.is_missing()
    }
}

impl<T: ParseFromJSON> ParseFromJSON for Explicit<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value {
            None => Ok(Self::MISSING),
            Some(Value::Null) => Ok(Self::NULL),
            value => T::parse_from_json(value).map(|value| Self::or_null(Some(value))).map_err(ParseError::propagate),
        }
    }
}

impl<T: ToJSON> ToJSON for Explicit<T> {
    fn to_json(&self) -> Option<Value> {
        self.0.as_ref().map(|value| value.as_ref().and_then(ToJSON::to_json).unwrap_or_default())
    }
}
