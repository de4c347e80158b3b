//! A part of a document that is stored as rendered JSON because only responses read it.

use std::{borrow::Cow, fmt, marker::PhantomData};

use poem_openapi::{
    registry::{MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

/// A `T` in rendered form. Reading or writing the enclosing document copies its bytes without parsing them.
pub(crate) struct Frozen<T>(Box<RawValue>, PhantomData<fn() -> T>);

impl<T: Serialize> Frozen<T> {
    pub(crate) fn new(value: &T) -> Self {
        let raw = serde_json::value::to_raw_value(value).expect("documents have string keys and finite numbers only");
        Self(raw, PhantomData)
    }
}

impl<T: Serialize + DeserializeOwned> Frozen<T> {
    /// Changes the value. Fails if the JSON, which may come from a fixture, is not a `T`.
    pub(crate) fn update(&mut self, change: impl FnOnce(&mut T)) -> serde_json::Result<()> {
        let mut value = serde_json::from_str(self.0.get())?;
        change(&mut value);
        *self = Self::new(&value);
        Ok(())
    }
}

impl<T> Clone for Frozen<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> fmt::Debug for Frozen<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get())
    }
}

impl<T> Serialize for Frozen<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Frozen<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Box::<RawValue>::deserialize(deserializer).map(|raw| Self(raw, PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Frozen<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

impl<T: Type> Type for Frozen<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: ParseFromJSON + ToJSON> ParseFromJSON for Frozen<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let read = T::parse_from_json(value).map_err(ParseError::propagate)?.to_json().unwrap_or_default();
        let raw = serde_json::value::to_raw_value(&read).map_err(ParseError::custom)?;
        Ok(Self(raw, PhantomData))
    }
}

impl<T: Type> ToJSON for Frozen<T> {
    fn to_json(&self) -> Option<Value> {
        serde_json::from_str(self.0.get()).ok()
    }
}
