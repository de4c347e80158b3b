//! Time periods in queries: days or points in time, in the caller's time zone.

use std::ops::Range;

use jiff::{
    civil::{Date, DateTime, Time},
    fmt::strtime,
    tz::{Offset, TimeZone},
};
use poem_openapi::Object;

use crate::value::{Error, Result, Text};

/// Range of days in which objects were created.
#[derive(Object, Default)]
pub(crate) struct Days {
    /// First day: `DD/MM/YYYY` or ISO 8601.
    start_date: Option<Text>,
    /// Last day (inclusive): `DD/MM/YYYY` or ISO 8601.
    end_date: Option<Text>,
    /// Time zone of dates without an offset: an IANA name such as `Europe/Rome` or an offset such as `+02:00` (default
    /// UTC).
    timezone: Option<Text>,
}

/// Period in which objects were created.
#[derive(Object, Default)]
pub(crate) struct Period {
    #[oai(flatten)]
    days: Days,
    /// Start of the period (inclusive): `DD/MM/YYYY HH:mm:ss` or ISO 8601. Ignored if `start_date` or `end_date` is
    /// given.
    start_date_time: Option<Text>,
    /// End of the period (inclusive): `DD/MM/YYYY HH:mm:ss` or ISO 8601. Ignored if `start_date` or `end_date` is
    /// given.
    end_date_time: Option<Text>,
}

/// Bounds of a period in Unix milliseconds: inclusive start, exclusive end.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Bounds {
    pub(crate) start: Option<i64>,
    pub(crate) end: Option<i64>,
}

impl Bounds {
    /// The range between the bounds; a missing bound is unlimited.
    pub(crate) fn range(self) -> Range<i64> {
        self.start.unwrap_or(0)..self.end.unwrap_or(i64::MAX)
    }
}

impl Days {
    /// Days in UTC.
    pub(crate) fn in_utc(start_date: Option<Text>, end_date: Option<Text>) -> Self {
        Self { start_date, end_date, timezone: None }
    }

    // Departs: Dates are in UTC unless a `timezone` is given; the reference server reads them in the time zone of Rome.
    pub(crate) fn bounds(&self) -> Result<Bounds> {
        let zone = zone(self.timezone.as_ref())?;
        let start = self.start_date.as_ref().map(|text| day("start_date", text, &zone)).transpose()?;
        let end = self.end_date.as_ref().map(|text| day("end_date", text, &zone)).transpose()?;
        Ok(Bounds {
            start: start.and_then(|day| midnight(day, &zone)),
            end: end.and_then(|day| midnight(day.tomorrow().ok()?, &zone)),
        })
    }
}

impl Period {
    /// Days take precedence over points in time.
    pub(crate) fn bounds(&self) -> Result<Bounds> {
        let zone = zone(self.days.timezone.as_ref())?;
        let start = self.start_date_time.as_ref().map(|text| moment("start_date_time", text, &zone)).transpose()?;
        let end = self.end_date_time.as_ref().map(|text| moment("end_date_time", text, &zone)).transpose()?;
        let days = self.days.bounds()?;
        Ok(if days == Bounds::default() { Bounds { start, end: end.map(|end| end.saturating_add(1)) } } else { days })
    }
}

/// Parses a `timezone` parameter: an IANA name, or an offset such as `+02:00` (default UTC).
pub(crate) fn zone(timezone: Option<&Text>) -> Result<TimeZone> {
    let Some(text) = timezone else { return Ok(TimeZone::UTC) };
    // An unescaped `+` in a query decodes to a space.
    let trimmed = text.trim();
    let is_offset = |text: &str| text.starts_with(['+', '-']) || text.starts_with(|first: char| first.is_ascii_digit());
    let zone = if is_offset(trimmed) { offset(trimmed) } else { TimeZone::get(trimmed).ok() };
    zone.ok_or_else(|| {
        Error::invalid_parameter(
            "timezone",
            text,
            "must be the IANA name of a time zone, such as Europe/Rome, or an offset, such as +02:00",
        )
    })
}

/// Parses `+02:00`, `-0330`, or `02`.
fn offset(text: &str) -> Option<TimeZone> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("-", digits) => (-1, digits),
        ("+", digits) => (1, digits),
        _ => (1, text),
    };
    let has_one_colon_at_most = digits.matches(':').count() <= 1;
    let digits = digits.replace(':', "");
    if !has_one_colon_at_most || digits.len() > 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = if minutes.is_empty() { 0 } else { minutes.parse().ok()? };
    let offset = (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes) * 60)?;
    Offset::from_seconds(offset).ok().map(TimeZone::fixed)
}

/// A parsed date: local to the caller's time zone unless it has an offset.
enum Read {
    Local(DateTime),
    Absolute(jiff::Timestamp),
}

/// The day in `text`, on the calendar of `zone`.
fn day(field: &str, text: &str, zone: &TimeZone) -> Result<Date> {
    Ok(match read(field, text)? {
        Read::Local(moment) => moment.date(),
        Read::Absolute(moment) => moment.to_zoned(zone.clone()).date(),
    })
}

/// The point in time in `text`, in Unix milliseconds.
fn moment(field: &str, text: &str, zone: &TimeZone) -> Result<i64> {
    match read(field, text)? {
        Read::Local(moment) => {
            milliseconds(moment, zone).ok_or_else(|| Error::invalid_parameter(field, text, EXPECTED))
        }
        Read::Absolute(moment) => Ok(moment.as_millisecond()),
    }
}

const EXPECTED: &str =
    "must be a date such as 31/12/2025 or 2025-12-31, optionally with a time, such as 31/12/2025 23:59:59";

fn read(field: &str, text: &str) -> Result<Read> {
    let trimmed = text.trim();
    if has_short_year(trimmed) {
        return Err(Error::invalid_parameter(field, text, "must have a year of four digits, such as 31/12/2025"));
    }
    let absolute = || trimmed.parse().ok().map(Read::Absolute);
    let local = || trimmed.parse().ok().or_else(|| documented(trimmed)).map(Read::Local);
    absolute().or_else(local).ok_or_else(|| Error::invalid_parameter(field, text, EXPECTED))
}

/// Whether every part of the date has at most two digits. Such a year would be in the first century.
fn has_short_year(text: &str) -> bool {
    let day = text.split([' ', ',', 'T']).next().unwrap_or_default();
    let parts: Vec<_> = day.split(['/', '-', '.']).collect();
    parts.len() == 3
        && parts.iter().all(|part| matches!(part.len(), 1 | 2) && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Parses DD/MM/YYYY or YYYY/MM/DD, optionally followed by a time after a space, a comma, or both.
fn documented(text: &str) -> Option<DateTime> {
    let (day, time) = text.split_once([' ', ',']).unwrap_or((text, ""));
    let day = ["%d/%m/%Y", "%Y/%m/%d"].iter().find_map(|format| strtime::parse(format, day).ok()?.to_date().ok())?;
    let time = match time.trim_start_matches([' ', ',']) {
        "" => Time::midnight(),
        time => ["%H:%M:%S", "%H:%M"].iter().find_map(|format| strtime::parse(format, time).ok()?.to_time().ok())?,
    };
    (day.year() >= 1_000).then(|| day.to_datetime(time))
}

fn midnight(day: Date, zone: &TimeZone) -> Option<i64> {
    milliseconds(day.to_datetime(Time::midnight()), zone)
}

fn milliseconds(moment: DateTime, zone: &TimeZone) -> Option<i64> {
    moment.to_zoned(zone.clone()).ok().map(|moment| moment.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{
        error::{Error, ErrorBody},
        timestamp::Timestamp,
    };

    fn at(text: &str) -> Option<i64> {
        Timestamp::parse(text).map(Timestamp::milliseconds)
    }

    fn days(start: &str, end: &str, timezone: &str) -> Result<Bounds> {
        let given = |text: &str| (!text.is_empty()).then(|| text.into());
        Days { start_date: given(start), end_date: given(end), timezone: given(timezone) }.bounds()
    }

    fn reason(error: Error) -> (String, String) {
        let ErrorBody::Fields(mut violations) = error.body else { panic!("a violation") };
        let violation = violations.remove(0);
        (violation.field, violation.reason.expect("a reason"))
    }

    #[test]
    fn days_are_inclusive_and_follow_the_time_zone() {
        let tenth = |start, end| Bounds { start: at(start), end: at(end) };
        for (text, timezone, expected) in [
            ("10/03/2030", "", tenth("2030-03-10T00:00:00Z", "2030-03-11T00:00:00Z")),
            ("2030/03/10", "UTC", tenth("2030-03-10T00:00:00Z", "2030-03-11T00:00:00Z")),
            ("2030-03-10", "Europe/Athens", tenth("2030-03-09T22:00:00Z", "2030-03-10T22:00:00Z")),
            // Clocks are set forward in this night.
            ("31/03/2030", "Europe/Rome", tenth("2030-03-30T23:00:00Z", "2030-03-31T22:00:00Z")),
            ("10/03/2030", " 02:00", tenth("2030-03-09T22:00:00Z", "2030-03-10T22:00:00Z")),
            ("2030-03-10T23:30:00Z", "Europe/Rome", tenth("2030-03-10T23:00:00Z", "2030-03-11T23:00:00Z")),
        ] {
            assert_eq!(days(text, text, timezone).ok(), Some(expected), "{text} {timezone}");
        }
        assert_eq!(days("", "", "").ok(), Some(Bounds::default()));
    }

    #[test]
    fn moments_are_local_unless_they_have_an_offset() {
        for (text, timezone, expected) in [
            ("10/03/2030 10:20:30", "", "2030-03-10T10:20:30Z"),
            ("10/03/2030, 10:20", "Europe/Athens", "2030-03-10T08:20:00Z"),
            ("10/03/2030,10:20", "", "2030-03-10T10:20:00Z"),
            ("10/03/2030", "", "2030-03-10T00:00:00Z"),
            ("2030-03-10T10:20:30Z", "Europe/Athens", "2030-03-10T10:20:30Z"),
            ("2030-03-10T10:20:30.500+01:00", "", "2030-03-10T09:20:30.500Z"),
            ("2030-03-10T10:20", "Europe/Athens", "2030-03-10T08:20:00Z"),
            ("2030-03-10 10:20:30", "", "2030-03-10T10:20:30Z"),
        ] {
            let days = Days { timezone: Some(timezone.into()).filter(|_| !timezone.is_empty()), ..Days::default() };
            let period = Period { days, start_date_time: Some(text.into()), end_date_time: Some(text.into()) };
            let expected = at(expected);
            let bounds = Bounds { start: expected, end: expected.map(|end| end + 1) };
            assert_eq!(period.bounds().ok(), Some(bounds), "{text} {timezone}");
        }
    }

    #[test]
    fn two_digit_years_are_rejected() {
        for text in ["07/10/25", "7/10/25", "25/10/07", "07-10-25", "07/10/25 10:00:00"] {
            let (field, reason) = reason(days(text, "", "").expect_err("a short year"));
            assert_eq!(
                (&*field, &*reason),
                ("start_date", "must have a year of four digits, such as 31/12/2025"),
                "{text}"
            );
        }
    }

    #[test]
    fn invalid_dates_and_time_zones_name_their_parameter() {
        for text in
            ["nonsense", "31/02/2025", "2025", "10/2025", "0007/10/2025", "07/10/0025", "2025-13-01", "1/1/2025 25:00"]
        {
            let (field, reason) = reason(days("", text, "").expect_err(text));
            assert_eq!((&*field, &*reason), ("end_date", EXPECTED), "{text}");
        }
        for zone in ["Atlantis", "+25:00", "1:2:3:4"] {
            assert_eq!(reason(days("", "", zone).expect_err(zone)).0, "timezone", "{zone}");
        }
    }
}
