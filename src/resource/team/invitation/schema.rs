//! Request bodies, query parameters, and response shapes.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use crate::value::Role;

/// The role that an invitation grants: any role that an update accepts, although only two are documented.
#[derive(Clone, Copy)]
pub(crate) struct InvitedRole(pub(crate) Role);

impl Type for InvitedRole {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "InvitedRole".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(Self::name().into_owned())
    }

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(Self::name().into_owned(), |_| {
            let documented = [Role::Agent, Role::Admin].iter().filter_map(ToJSON::to_json).collect();
            MetaSchema { enum_items: documented, ..MetaSchema::new("string") }
        });
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for InvitedRole {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Role::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for InvitedRole {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}
