//! Operating hours of a project, in its own time zone.

use jiff::{fmt::temporal::DateTimeParser, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use crate::value::{Text, Timestamp};

/// Operating hours of a week.
pub(super) struct Hours {
    days: serde_json::Map<String, Value>,
    zone: TimeZone,
}

/// The numbering of weekdays, and whether an interval includes its start.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// 0 is Sunday; intervals exclude their start and end. The project's own hours.
    Week,
    /// 1 is Monday and 7 is Sunday; intervals include their start. Time slots.
    Iso,
}

impl Hours {
    /// Parses `{"1":[{"start":"09:00","end":"13:00"}],"tzname":"Europe/Rome"}`. Without `tzname`, the offset in `tz`
    /// applies. Other keys are ignored.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Ok(Value::Object(days)) = serde_json::from_str(text) else { return None };
        let zone = match (days.get("tzname"), days.get("tz")) {
            (Some(name), _) => TimeZone::get(name.as_str()?).ok()?,
            (None, offset) => DateTimeParser::new().parse_time_zone(offset?.as_str()?).ok()?,
        };
        let hours = Self { days, zone };
        let mut days = hours.days.iter().filter(|(day, _)| matches!(day.as_bytes(), [b'0'..=b'7']));
        let is_readable = |times: &Value| Some(times.as_array()?.iter().all(|times| interval(times).is_some()));
        days.all(|(_, times)| is_readable(times) == Some(true)).then_some(hours)
    }

    /// Whether the hours include a point in time.
    pub(super) fn are_open(&self, moment: Timestamp, style: Style) -> bool {
        let local = moment.in_zone(self.zone.clone());
        let day = match style {
            Style::Week => local.weekday().to_sunday_zero_offset(),
            Style::Iso => local.weekday().to_monday_one_offset(),
        };
        let now = i32::from(local.hour()) * 60 + i32::from(local.minute());
        let times = self.days.get(&day.to_string()).and_then(Value::as_array);
        times.into_iter().flatten().filter_map(interval).any(|(start, end)| match style {
            Style::Week => start < now && now < end,
            Style::Iso => start <= now && now < end,
        })
    }
}

/// Start and end of an interval, in minutes of the day.
fn interval(value: &Value) -> Option<(i32, i32)> {
    let minutes = |name| {
        let (hours, minutes) = value.get(name)?.as_str()?.split_once(':')?;
        let number = |digits: &str| digits.parse::<u8>().ok().filter(|_| !digits.starts_with('+')).map(i32::from);
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        Some(hours * 60 + minutes).filter(|time| minutes < 60 && *time <= 24 * 60)
    };
    Some((minutes("start")?, minutes("end")?))
}

/// Deserializes the hours of a fixture, rejecting text in any other format.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    let text = <Option<Text>>::deserialize(deserializer)?;
    match &text {
        Some(text) if !text.is_empty() && Hours::parse(text).is_none() => {
            Err(D::Error::custom(format!("{EXPECTED}, found {text:?}")))
        }
        _ => Ok(text),
    }
}

/// The expected format, for error messages.
pub(super) const EXPECTED: &str = "expected a JSON text of days `0` to `7`, each a list of {\"start\":\"HH:mm\",\"end\":\"HH:mm\"}, and a `tzname` or a `tz` offset";

#[cfg(test)]
mod tests {
    use super::*;

    fn open(hours: &str, moment: &str, style: Style) -> bool {
        let moment = Timestamp::parse(moment).expect("a date");
        Hours::parse(hours).expect("hours").are_open(moment, style)
    }

    #[test]
    fn hours_follow_the_time_zone_and_exclude_their_start_and_end() {
        let rome = r#"{"1":[{"start":"09:00","end":"13:00"},{"start":"14:00","end":"18:00"}],"tzname":"Europe/Rome"}"#;
        // A Monday in winter: Rome is one hour ahead of UTC.
        for (moment, expected) in [
            ("2026-01-05T07:59:59Z", false),
            ("2026-01-05T08:00:59Z", false),
            ("2026-01-05T08:01:00Z", true),
            ("2026-01-05T11:59:59Z", true),
            ("2026-01-05T12:00:00Z", false),
            ("2026-01-05T13:30:00Z", true),
            ("2026-01-06T09:00:00Z", false),
            // In summer it is two hours ahead.
            ("2026-07-06T07:01:00Z", true),
        ] {
            assert_eq!(open(rome, moment, Style::Week), expected, "{moment}");
        }
    }

    #[test]
    fn time_slots_number_days_from_monday_and_include_their_start() {
        let slot = r#"{"7":[{"start":"09:00","end":"10:00"}],"0":[],"tzname":"UTC"}"#;
        assert!(open(slot, "2026-01-04T09:00:00Z", Style::Iso), "a Sunday");
        assert!(!open(slot, "2026-01-04T10:00:00Z", Style::Iso));
        assert!(!open(slot, "2026-01-05T09:00:00Z", Style::Iso));
    }

    #[test]
    fn offset_applies_without_a_zone_name_and_other_keys_are_ignored() {
        let times = r#""1":[{"start":"09:00","end":"10:00"}],"tz":"+02:00","note":{"a":1}"#;
        for (zone, moment, expected) in [
            ("", "2026-01-05T07:30:00Z", true),
            ("", "2026-01-05T08:30:00Z", false),
            (r#","tzname":"Europe/Rome""#, "2026-01-05T08:30:00Z", true),
            (r#","tzname":"Europe/Rome""#, "2026-01-05T07:30:00Z", false),
        ] {
            assert_eq!(open(&format!("{{{times}{zone}}}"), moment, Style::Week), expected, "{zone} {moment}");
        }
    }

    #[test]
    fn malformed_hours_are_rejected() {
        for text in [
            "",
            "[]",
            r#"{"1":[]}"#,
            r#"{"tzname":"Mars/Olympus"}"#,
            r#"{"1":[{"start":"9","end":"10:00"}],"tzname":"UTC"}"#,
            r#"{"1":[{"start":"09:00","end":"25:00"}],"tzname":"UTC"}"#,
            r#"{"1":[{"start":"09:00","end":"24:30"}],"tzname":"UTC"}"#,
            r#"{"1":[{"start":"+9:00","end":"10:00"}],"tzname":"UTC"}"#,
            r#"{"1":[],"tzname":5,"tz":"+01:00"}"#,
            r#"{"1":[],"tz":"soon"}"#,
            r#"{"7":{},"tzname":"UTC"}"#,
        ] {
            assert!(Hours::parse(text).is_none(), "{text}");
        }
    }
}
