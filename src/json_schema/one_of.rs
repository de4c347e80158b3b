//! The type of a response with one of two shapes.

use std::{borrow::Cow, marker::PhantomData};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

/// An `A` or a `B`. It exists for its schema; the value it holds has one of the two shapes.
pub(crate) struct OneOf<A, B>(Value, PhantomData<fn() -> (A, B)>);

impl<A: Type, B: Type> Type for OneOf<A, B> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        format!("{}_or_{}", A::name(), B::name()).into()
    }

    fn schema_ref() -> MetaSchemaRef {
        let any_of = vec![A::schema_ref(), B::schema_ref()];
        MetaSchemaRef::Inline(Box::new(MetaSchema { any_of, ..MetaSchema::ANY }))
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
        B::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<A: ParseFromJSON + ToJSON, B: ParseFromJSON + ToJSON> ParseFromJSON for OneOf<A, B> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let read = match A::parse_from_json(value.clone()) {
            Ok(read) => read.to_json(),
            Err(first) => match B::parse_from_json(value) {
                Ok(read) => read.to_json(),
                Err(second) => {
                    let text = format!("neither {} nor {}", first.into_message(), second.into_message());
                    return Err(ParseError::custom(text));
                }
            },
        };
        Ok(Self(read.unwrap_or_default(), PhantomData))
    }
}

impl<A: ParseFromJSON + ToJSON, B: ParseFromJSON + ToJSON> ToJSON for OneOf<A, B> {
    fn to_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }
}
