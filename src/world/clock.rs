//! Time: the only place that asks the machine for it.

use std::{
    borrow::Cow,
    fmt,
    str::FromStr,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use jiff::{
    Span, SpanRelativeTo, Zoned,
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
use tokio::sync::watch;

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

    /// The moment as calendars and clocks of a time zone show it.
    pub(crate) fn in_zone(self, zone: TimeZone) -> Zoned {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or_default().to_zoned(zone)
    }

    /// The moment as people in Italy write it, in UTC: `7/3/2019, 17:47:38`.
    pub(crate) fn in_italian(self) -> String {
        self.in_zone(TimeZone::UTC).strftime("%-d/%-m/%Y, %H:%M:%S").to_string()
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
        PRINTER.print_timestamp(&moment, StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
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

/// Reads a length of time such as `90s`, `1h 30m`, `31d` or `PT2H`. Days have 24 hours, months and years no length.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let length = text.parse::<Span>().ok().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let length = length.and_then(|length| Duration::try_from(length).ok());
    length.ok_or_else(|| format!("expected a length of time such as 90s, 2h 30m or 31d, found {text:?}"))
}

/// The clock of a sandbox. It runs with the machine's, ahead of or behind it, or stands still; it goes back at a reset only.
pub(crate) struct Clock {
    /// Twice so many milliseconds: those since 1970 at which it stands still, plus one; or those that it is ahead of the machine.
    reading: AtomicI64,
    /// Told of every change.
    changed: watch::Sender<()>,
}

/// Why a clock cannot show a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// It has passed it: this is what it shows.
    Passed(Timestamp),
    /// Dates end before.
    Beyond,
}

impl Clock {
    pub(crate) fn new(setting: ClockSetting) -> Self {
        let reading = match setting {
            ClockSetting::Real => 0,
            ClockSetting::Frozen(milliseconds) => frozen(milliseconds),
        };
        Self { reading: AtomicI64::new(reading), changed: watch::Sender::new(()) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let reading = self.reading.load(Ordering::Relaxed);
        Timestamp(if is_frozen(reading) { reading >> 1 } else { machine().saturating_add(reading >> 1) })
    }

    /// Whether it stands still.
    pub(crate) fn is_frozen(&self) -> bool {
        is_frozen(self.reading.load(Ordering::Relaxed))
    }

    /// Stands still from now on, at this moment or at what it shows.
    pub(crate) fn freeze(&self, at: Option<Timestamp>) -> Result<(), Unreachable> {
        self.change(|now, _| Ok(frozen(ahead(now, at.map_or(now, |at| at.0))?)))
    }

    /// Shows this moment, and goes on as it did: a clock that stands still keeps standing.
    pub(crate) fn set(&self, to: Timestamp) -> Result<(), Unreachable> {
        self.change(|now, still| Ok(reading(ahead(now, to.0)?, still)))
    }

    /// Jumps ahead by so many milliseconds.
    pub(crate) fn advance(&self, milliseconds: i64) -> Result<(), Unreachable> {
        self.change(|now, still| Ok(reading(ahead(now, now.saturating_add(milliseconds))?, still)))
    }

    /// Runs with the machine's again.
    pub(crate) fn run(&self) -> Result<(), Unreachable> {
        self.change(|now, _| ahead(now, machine()).map(|_| 0))
    }

    /// Starts anew, whatever was shown before.
    pub(crate) fn reset(&self, setting: ClockSetting) {
        self.reading.store(Self::new(setting).reading.into_inner(), Ordering::SeqCst);
        self.changed.send_replace(());
    }

    /// Changes it from what it shows, and whether it stands still, to another reading.
    fn change(&self, to: impl Fn(i64, bool) -> Result<i64, Unreachable>) -> Result<(), Unreachable> {
        loop {
            let known = self.reading.load(Ordering::SeqCst);
            let new = to(self.now().0, is_frozen(known))?;
            if self.reading.compare_exchange(known, new, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                self.changed.send_replace(());
                return Ok(());
            }
        }
    }

    /// Waits until this clock shows the moment.
    pub(crate) async fn reach(&self, moment: Timestamp) {
        let mut changed = self.changed.subscribe();
        while let Ok(left @ 1..) = u64::try_from(moment.0.saturating_sub(self.now().0)) {
            let running = !self.is_frozen();
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left)), if running => {}
                // The sender is our own: it cannot be gone.
                _ = changed.changed() => {}
            }
        }
    }
}

fn frozen(milliseconds: i64) -> i64 {
    milliseconds << 1 | 1
}

fn is_frozen(reading: i64) -> bool {
    reading & 1 == 1
}

/// The reading of a clock that shows this moment now.
fn reading(moment: i64, still: bool) -> i64 {
    if still { frozen(moment) } else { (moment - machine()) << 1 }
}

/// The moment, unless a clock that shows `now` cannot get there.
fn ahead(now: i64, moment: i64) -> Result<i64, Unreachable> {
    /// The end of the year 9998: what is reckoned from it is still a date.
    const LAST: i64 = 253_370_764_800_000;
    match moment {
        _ if moment < now => Err(Unreachable::Passed(Timestamp(now))),
        _ if moment > LAST => Err(Unreachable::Beyond),
        _ => Ok(moment),
    }
}

/// Milliseconds since 1970 by the machine's clock, which may go back, unlike this.
fn machine() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX >> 2);
    let last = LAST.load(Ordering::Relaxed);
    // Most calls come in the same millisecond as others, and only read.
    if now > last { LAST.fetch_max(now, Ordering::Relaxed).max(now) } else { last }
}

/// Milliseconds since this was asked for the first time, whatever a fake's clock says.
pub(crate) fn uptime() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(stopwatch);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
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
