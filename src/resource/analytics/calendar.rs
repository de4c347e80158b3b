//! Calendar units by which rows are grouped.

use jiff::tz::TimeZone;
use poem_openapi::Object;
use serde::Serialize;

use crate::value::Timestamp;

/// A day in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(super) struct Day {
    /// Year.
    year: i16,
    /// Month, 1 to 12.
    month: i8,
    /// Day of the month, 1 to 31.
    day: i8,
}

/// A month in UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(super) struct Month {
    /// Year.
    year: i16,
    /// Month, 1 to 12.
    month: i8,
}

/// The part of a week in UTC that lies within one month.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(super) struct Week {
    /// Year.
    year: i16,
    /// Month, 1 to 12.
    month: i8,
    /// Week of the year, 0 to 53. Weeks begin on Sunday; the days before the first Sunday of a year are week 0.
    week: i16,
}

/// An hour of the day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(super) struct Hour {
    /// Hour, 0 to 23.
    hour: i8,
}

/// An hour of a weekday.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(super) struct WeekdayHour {
    /// Hour, 0 to 23.
    hour: i8,
    /// Day of the week in UTC, from 1 (Sunday) to 7 (Saturday).
    weekday: i8,
}

impl Day {
    pub(super) fn of(moment: Timestamp) -> Self {
        let date = moment.in_zone(TimeZone::UTC).date();
        Self { year: date.year(), month: date.month(), day: date.day() }
    }

    /// DD/MM/YYYY.
    pub(super) fn text(self) -> String {
        format!("{:02}/{:02}/{:04}", self.day, self.month, self.year)
    }
}

impl Month {
    pub(super) fn of(moment: Timestamp) -> Self {
        let date = moment.in_zone(TimeZone::UTC).date();
        Self { year: date.year(), month: date.month() }
    }
}

impl Week {
    pub(super) fn of(moment: Timestamp) -> Self {
        let date = moment.in_zone(TimeZone::UTC).date();
        // Like `%U` of strftime: shifted by the weekday, so that each Sunday starts a new number.
        let week = (date.day_of_year() + 6 - i16::from(date.weekday().to_sunday_zero_offset())) / 7;
        Self { year: date.year(), month: date.month(), week }
    }
}

impl Hour {
    pub(super) fn of(moment: Timestamp, zone: &TimeZone) -> Self {
        Self { hour: moment.in_zone(zone.clone()).hour() }
    }
}

impl WeekdayHour {
    pub(super) fn of(moment: Timestamp, zone: &TimeZone) -> Self {
        let weekday = moment.in_zone(TimeZone::UTC).weekday().to_sunday_one_offset();
        Self { hour: moment.in_zone(zone.clone()).hour(), weekday }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::period::zone;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("the timestamp is valid")
    }

    #[test]
    fn weeks_begin_on_sunday_and_days_before_the_first_sunday_are_week_zero() {
        for (moment, week) in [
            // 2026 begins on a Thursday; its first Sunday is January 4.
            ("2026-01-01T00:00:00Z", 0),
            ("2026-01-03T23:59:59Z", 0),
            ("2026-01-04T00:00:00Z", 1),
            ("2026-01-10T12:00:00Z", 1),
            ("2026-01-11T00:00:00Z", 2),
            ("2025-12-31T12:00:00Z", 52),
            // 2023 begins on a Sunday.
            ("2023-01-01T00:00:00Z", 1),
            ("2023-01-07T00:00:00Z", 1),
            ("2023-12-31T00:00:00Z", 53),
            // 2024 begins on a Monday and is a leap year.
            ("2024-01-01T00:00:00Z", 0),
            ("2024-12-31T00:00:00Z", 52),
        ] {
            assert_eq!(Week::of(at(moment)).week, week, "{moment}");
        }
    }

    #[test]
    fn hours_follow_the_time_zone_but_weekdays_do_not() {
        let moment = at("2026-01-03T23:30:00Z");
        for (text, hour) in [
            ("+00:00", 23),
            ("+01:00", 0),
            (" 01:00", 0),
            ("-03:30", 20),
            ("+0530", 5),
            ("-05", 18),
            ("Europe/Rome", 0),
        ] {
            let zone = zone(Some(&text.into())).unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(Hour::of(moment, &zone).hour, hour, "{text}");
            let both = WeekdayHour::of(moment, &zone);
            assert_eq!((both.weekday, both.hour), (7, hour), "{text}: Saturday in UTC");
        }
        for text in ["", "+", "+1", "+25:00", "+01:60", "+01:00:00", "Mars/Olympus", "1x"] {
            assert!(zone(Some(&text.into())).is_err(), "{text}");
        }
    }
}
