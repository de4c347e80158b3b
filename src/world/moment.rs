//! Handwritten dates: absolute, or relative to the clock.

use jiff::{civil, tz::TimeZone};

use crate::{runtime::clock::parse_duration, value::Timestamp};

/// The expected formats of a date, for error messages.
pub(super) const EXPECTED: &str =
    "expected a date such as 2026-11-29, 2026-11-29T14:30:00Z, or -3d 2h before the clock's time";

/// Parses a date: ISO 8601, `2026-11-29 14:30` in UTC, or `-3d 2h`, `-3d 14:30` (UTC), `+1h`, or `now` by the clock.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if text == "now" {
        return Some(now);
    }
    if text.starts_with(['-', '+']) {
        return relative(text, now);
    }
    Timestamp::parse(text).or_else(|| {
        let civil = text.parse::<civil::DateTime>().or_else(|_| text.parse::<civil::Date>().map(civil::DateTime::from));
        in_utc(civil.ok()?)
    })
}

fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (sign, text) = (if text.starts_with('-') { -1 } else { 1 }, text[1..].trim_start());
    let (span, time) = match text.rsplit_once(' ') {
        Some((span, time)) if time.contains(':') => (span, Some(time)),
        _ => (text, None),
    };
    let moment = Timestamp::from_milliseconds(now.milliseconds().checked_add(sign * milliseconds(span)?)?);
    let Some(time) = time else { return Some(moment) };
    in_utc(moment.in_zone(TimeZone::UTC).date().to_datetime(time.parse().ok()?))
}

/// Parses the length of a pause in milliseconds.
pub(super) fn milliseconds(text: &str) -> Option<i64> {
    // Reject a bare number, which has no unit, and a sign inside the text.
    let length = parse_duration(text).ok().filter(|_| !text.contains(['-', '+']))?;
    i64::try_from(length.as_millis()).ok().filter(|milliseconds| *milliseconds < 1 << 50)
}

fn in_utc(moment: civil::DateTime) -> Option<Timestamp> {
    let moment = moment.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Timestamp::from_milliseconds(moment.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_absolute_or_relative_to_the_clock() {
        let now = Timestamp::parse("2026-11-30T12:00:00Z").expect("a date");
        for (text, expected) in [
            ("2026-11-29", "2026-11-29T00:00:00.000Z"),
            ("2026-11-29 14:30", "2026-11-29T14:30:00.000Z"),
            ("2026-11-29T14:30:05", "2026-11-29T14:30:05.000Z"),
            ("2026-11-29T14:30:00+01:00", "2026-11-29T13:30:00.000Z"),
            ("now", "2026-11-30T12:00:00.000Z"),
            ("-3d 2h", "2026-11-27T10:00:00.000Z"),
            ("-90m", "2026-11-30T10:30:00.000Z"),
            ("-1w", "2026-11-23T12:00:00.000Z"),
            ("-1d 09:15", "2026-11-29T09:15:00.000Z"),
            ("+1h 30m", "2026-11-30T13:30:00.000Z"),
        ] {
            assert_eq!(parse(text, now).map(|moment| moment.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "-3", "-", "3d", "yesterday", "-3d -2h", "2026-13-01", "29/11/2026", "-1d 25:00", "--3d"] {
            assert_eq!(parse(text, now), None, "{text}");
        }
    }
}
