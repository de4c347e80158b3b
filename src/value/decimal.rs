//! Numbers with an optional fraction.

use std::borrow::Cow;

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Number, Value};

/// A number that serializes without a fraction when it is whole, as JavaScript prints its single number type.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(crate) struct Decimal(f64);

impl From<f64> for Decimal {
    fn from(number: f64) -> Self {
        Self(number)
    }
}

impl Decimal {
    pub(crate) fn get(self) -> f64 {
        self.0
    }

    /// The number as JSON, or `None` if it is not finite.
    pub(crate) fn number(self) -> Option<Number> {
        // Above 2⁵³, not every integer has an exact float.
        if self.0.fract() == 0.0 && self.0.abs() <= 9_007_199_254_740_992.0 {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and within 2⁵³")]
            let integer = self.0 as i64;
            return Some(integer.into());
        }
        Number::from_f64(self.0)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.number().serialize(serializer)
    }
}

impl Type for Decimal {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "number".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("number", "double")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Decimal {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let value = value.unwrap_or_default();
        value.as_f64().map(Self).ok_or_else(|| ParseError::expected_type(value))
    }
}

impl ToJSON for Decimal {
    fn to_json(&self) -> Option<Value> {
        self.number().map(Value::Number)
    }
}
