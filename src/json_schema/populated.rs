//! The type of a document whose references are replaced by the referenced documents.
//!
//! It exists for its schema: responses are composed of rendered documents, so embedded documents are always current.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// A `T` with embedded documents.
pub(crate) struct Populated<T> {
    own: T,
    embedded: Vec<(&'static str, Value)>,
}

/// A document that responses show with others embedded.
pub(crate) trait Populate: ParseFromJSON + ToJSON {
    /// The schema name of the populated type.
    const NAME: &'static str;

    /// The embedded fields, both those that replace a reference and those that are added.
    fn embedded() -> Vec<Embedded>;
}

/// A field that holds another document.
pub(crate) struct Embedded {
    name: &'static str,
    description: &'static str,
    schema: MetaSchemaRef,
    register: fn(&mut Registry),
    /// Parses the value as its type and serializes it again.
    check: fn(Value) -> Result<Value, String>,
}

impl Embedded {
    /// Creates an optional field of type `T`.
    pub(crate) fn new<T: ParseFromJSON + ToJSON>(name: &'static str, description: &'static str) -> Self {
        Self {
            name,
            description,
            schema: T::schema_ref(),
            register: T::register,
            check: |value| match T::parse_from_json(Some(value)) {
                Ok(read) => Ok(read.to_json().unwrap_or_default()),
                Err(error) => Err(error.into_message()),
            },
        }
    }
}

impl<T: Populate> Type for Populated<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        T::NAME.into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(T::NAME.into())
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(T::NAME.into(), |registry| {
            T::register(registry);
            let mut whole = registry.create_fake_schema::<T>();
            whole.title = Some(T::NAME.into());
            for Embedded { name, description, schema, register, .. } in T::embedded() {
                register(registry);
                let described = schema.merge(MetaSchema { description: Some(description), ..MetaSchema::ANY });
                match whole.properties.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, property)) => *property = described,
                    None => whole.properties.push((name, described)),
                }
            }
            whole
        });
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T: Populate> ParseFromJSON for Populated<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let Some(Value::Object(mut object)) = value else { return Err(ParseError::expected_input()) };
        let mut embedded = Vec::new();
        for field in T::embedded() {
            if let Some(value) = object.remove(field.name) {
                // Restore the reference that the embedded document replaces.
                if let Some(id) = value.get("_id") {
                    object.insert(field.name.into(), id.clone());
                }
                let read = (field.check)(value);
                embedded
                    .push((field.name, read.map_err(|error| ParseError::custom(format!("{}: {error}", field.name)))?));
            }
        }
        Ok(Self { own: T::parse_from_json(Some(Value::Object(object))).map_err(ParseError::propagate)?, embedded })
    }
}

impl<T: Populate> ToJSON for Populated<T> {
    fn to_json(&self) -> Option<Value> {
        let mut whole = self.own.to_json()?;
        for (name, value) in &self.embedded {
            whole[*name] = value.clone();
        }
        Some(whole)
    }
}
