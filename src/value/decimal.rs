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

    /// The number as JavaScript's `String(number)`: positional notation from 1e-6 to below 1e21.
    pub(crate) fn text(self) -> String {
        let size = self.0.abs();
        if size == 0.0 {
            "0".to_owned()
        } else if (1e-6..1e21).contains(&size) {
            self.0.to_string()
        } else {
            let text = format!("{:e}", self.0);
            if size < 1.0 { text } else { text.replace('e', "e+") }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_that_of_javascript() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (5.0, "5"),
            (-5.5, "-5.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e20, "100000000000000000000"),
            (123_456_789_012_345_680_000.0, "123456789012345680000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (0.000_001, "0.000001"),
            (1e-7, "1e-7"),
            (-1.25e-7, "-1.25e-7"),
            (9_007_199_254_740_992.0, "9007199254740992"),
        ] {
            assert_eq!(Decimal(number).text(), expected);
        }
    }
}
