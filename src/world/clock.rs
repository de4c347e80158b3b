//! Time: the only place that asks the machine for it.

use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, Instant, SystemTime},
};

use jiff::{civil::Time, fmt::temporal::DateTimePrinter, tz::TimeZone};
use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::value::from_text;

/// A moment, in milliseconds since 1970 (UTC). Written as `2019-03-07T17:47:38.393Z`, as every date of the API.
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

    /// Reads the first moment of a day in UTC: DD/MM/YYYY or YYYY/MM/DD.
    pub(crate) fn parse_day(text: &str) -> Option<Self> {
        ["%d/%m/%Y", "%Y/%m/%d"].iter().find_map(|format| Self::parse_as(format, text))
    }

    /// Reads a moment in UTC: a day as above, and HH:mm:ss or HH:mm after a blank or a comma and a blank.
    pub(crate) fn parse_moment(text: &str) -> Option<Self> {
        let (day, time) = text.split_once(' ')?;
        let text = format!("{} {time}", day.trim_end_matches(','));
        let formats = ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M"];
        formats.iter().find_map(|format| Self::parse_as(format, &text))
    }

    fn parse_as(format: &str, text: &str) -> Option<Self> {
        let parsed = jiff::fmt::strtime::parse(format, text).ok()?;
        let moment = parsed.to_datetime().or_else(|_| parsed.to_date().map(|date| date.to_datetime(Time::midnight())));
        let moment = moment.ok()?.to_zoned(TimeZone::UTC).ok()?;
        Some(Self(moment.timestamp().as_millisecond()))
    }

    /// The moment as people in Italy write it, in UTC: `7/3/2019, 17:47:38`.
    pub(crate) fn in_italian(self) -> String {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        moment.to_zoned(TimeZone::UTC).strftime("%-d/%-m/%Y, %H:%M:%S").to_string()
    }

    /// The first moments of its month in UTC, and of the next one.
    pub(crate) fn month(self) -> (Self, Self) {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or_default();
        let first = moment.to_zoned(TimeZone::UTC).date().first_of_month();
        let start = |date: jiff::civil::Date| {
            date.to_zoned(TimeZone::UTC).map_or(self, |moment| Self(moment.timestamp().as_millisecond()))
        };
        (start(first), start(first.last_of_month().tomorrow().unwrap_or(first)))
    }

    /// Reads an ISO 8601 date with a time zone.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|moment| Self(moment.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));
        let moment = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&PRINTER.timestamp_to_string(&moment))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The clock of a sandbox: the machine's, or one that stands still. It never goes back.
#[derive(Debug)]
pub(crate) struct Clock {
    setting: ClockSetting,
    last: AtomicI64,
}

/// The time of the fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSetting {
    /// That of the machine.
    Real,
    /// Standing still, so many milliseconds after 1970 (UTC).
    Frozen(i64),
}

impl FromStr for ClockSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "real" {
            return Ok(Self::Real);
        }
        let moment = Timestamp::parse(text).map(|moment| Self::Frozen(moment.milliseconds()));
        moment.ok_or_else(|| {
            "expected `real` or an ISO 8601 date with a time zone, such as 2026-01-01T12:00:00Z".to_owned()
        })
    }
}

impl fmt::Display for ClockSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Frozen(milliseconds) => Timestamp(*milliseconds).fmt(f),
        }
    }
}

impl Clock {
    pub(crate) fn new(setting: ClockSetting) -> Self {
        Self { setting, last: AtomicI64::new(0) }
    }

    /// Waits until this clock shows the moment. One that stands still never does.
    pub(crate) async fn reach(&self, moment: Timestamp) {
        if let ClockSetting::Frozen(now) = self.setting {
            if now < moment.0 {
                std::future::pending::<()>().await;
            }
            return;
        }
        while let Ok(left @ 1..) = u64::try_from(moment.0 - self.now().0) {
            tokio::time::sleep(Duration::from_millis(left)).await;
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self.setting {
            ClockSetting::Frozen(milliseconds) => Timestamp(milliseconds),
            ClockSetting::Real => {
                #[expect(clippy::disallowed_methods, reason = "this is the door")]
                let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
                Timestamp(self.last.fetch_max(now, Ordering::Relaxed).max(now))
            }
        }
    }
}

/// Measures what the machine does, whatever a fake's clock says.
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
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
    fn is_written_with_milliseconds_and_read_back() {
        for text in ["2019-03-07T17:47:38.393Z", "2019-03-07T17:47:38.000Z", "1970-01-01T00:00:00.000Z"] {
            assert_eq!(Timestamp::parse(text).map(|moment| moment.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Timestamp::parse("2019-03-07T18:47:38.393+01:00"), Timestamp::parse("2019-03-07T17:47:38.393Z"));
        assert_eq!(Timestamp::parse("07/03/2019"), None);
    }
}
