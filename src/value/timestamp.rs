//! Timestamps in the API's format.

use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

use jiff::{
    Zoned,
    fmt::{StdFmtWrite, temporal::DateTimePrinter},
    tz::TimeZone,
};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::primitive::from_text;

/// Milliseconds per day.
pub(crate) const DAY: i64 = 86_400_000;

/// Milliseconds since 1970 (UTC). Formatted as `2019-03-07T17:47:38.393Z`, like every date of the API.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Timestamp(i64);

impl Timestamp {
    pub(crate) const fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds)
    }

    pub(crate) fn milliseconds(self) -> i64 {
        self.0
    }

    pub(crate) fn seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The timestamp as civil time in a time zone.
    pub(crate) fn in_zone(self, zone: TimeZone) -> Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or_default().to_zoned(zone)
    }

    /// The timestamp in Italian notation, in UTC: `7/3/2019, 17:47:38`.
    pub(crate) fn in_italian(self) -> String {
        self.in_zone(TimeZone::UTC).strftime("%-d/%-m/%Y, %H:%M:%S").to_string()
    }

    /// The start of its month and of the following month, in UTC.
    pub(crate) fn month(self) -> (Self, Self) {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        let first = moment.to_zoned(TimeZone::UTC).date().first_of_month();
        let start = |date: jiff::civil::Date| {
            date.to_zoned(TimeZone::UTC).map_or(self, |moment| Self(moment.timestamp().as_millisecond()))
        };
        (start(first), start(first.last_of_month().tomorrow().unwrap_or(first)))
    }

    /// Parses an ISO 8601 date with a time zone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|moment| Self(moment.as_millisecond()))
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let milliseconds = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Self(milliseconds(after)),
            Err(before) => Self(-milliseconds(before.duration())),
        }
    }
}

impl From<Timestamp> for SystemTime {
    fn from(moment: Timestamp) -> Self {
        let span = Duration::from_millis(moment.0.unsigned_abs());
        if moment.0 < 0 { Self::UNIX_EPOCH - span } else { Self::UNIX_EPOCH + span }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
        let moment = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        PRINTER.print_timestamp(&moment, StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "an ISO 8601 date such as 2019-03-07T17:47:38.393Z", Self::parse)
    }
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "date-time"})
    }
}

impl Type for Timestamp {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string(date-time)".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "date-time")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Timestamp {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Self::parse(&text).ok_or_else(|| ParseError::custom("expected an ISO 8601 date")),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for Timestamp {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_round_trip_with_milliseconds() {
        for text in ["2019-03-07T17:47:38.393Z", "2019-03-07T17:47:38.000Z", "1970-01-01T00:00:00.000Z"] {
            assert_eq!(Timestamp::parse(text).map(|moment| moment.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Timestamp::parse("2019-03-07T18:47:38.393+01:00"), Timestamp::parse("2019-03-07T17:47:38.393Z"));
        assert_eq!(Timestamp::parse("07/03/2019"), None);
    }
}
