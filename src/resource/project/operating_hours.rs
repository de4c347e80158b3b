//! Operating hours: when a project is open, in its own time zone.

use jiff::{fmt::temporal::DateTimeParser, tz::TimeZone};
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

use crate::value::{Text, Timestamp};

/// Opening times of a week.
pub(super) struct Hours {
    days: serde_json::Map<String, Value>,
    zone: TimeZone,
}

/// How the days of a week are numbered, and whether an interval includes its start.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// 0 is Sunday; at its start and its end an interval is closed. The project's own hours.
    Week,
    /// 1 is Monday and 7 Sunday; an interval is open at its start. Time slots.
    Iso,
}

impl Hours {
    /// Reads `{"1":[{"start":"09:00","end":"13:00"}],"tzname":"Europe/Rome"}`. Without a `tzname`, the offset in `tz` counts.
    /// Other keys mean nothing.
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

    /// Whether they are open at this moment.
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

/// Minutes of the day between which an interval lies.
fn interval(value: &Value) -> Option<(i32, i32)> {
    let minutes = |name| {
        let (hours, minutes) = value.get(name)?.as_str()?.split_once(':')?;
        let number = |digits: &str| digits.parse::<u8>().ok().filter(|_| !digits.starts_with('+')).map(i32::from);
        let (hours, minutes) = (number(hours)?, number(minutes)?);
        Some(hours * 60 + minutes).filter(|time| minutes < 60 && *time <= 24 * 60)
    };
    Some((minutes("start")?, minutes("end")?))
}

/// Reads the hours of a fixture: a text that is not in the format is refused there.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Text>, D::Error> {
    let text = <Option<Text>>::deserialize(deserializer)?;
    match &text {
        Some(text) if !text.is_empty() && Hours::parse(text).is_none() => {
            Err(D::Error::custom(format!("{EXPECTED}, found {text:?}")))
        }
        _ => Ok(text),
    }
}

/// What a text of hours has to be.
pub(super) const EXPECTED: &str = "expected a JSON text of days `0` to `7`, each a list of {\"start\":\"HH:mm\",\"end\":\"HH:mm\"}, and a `tzname` or a `tz` offset";

#[cfg(test)]
mod tests {
    use super::*;

    fn open(hours: &str, moment: &str, style: Style) -> bool {
        let moment = Timestamp::parse(moment).expect("a date");
        Hours::parse(hours).expect("hours").are_open(moment, style)
    }

    #[test]
    fn follow_the_zone_of_the_project_and_are_closed_at_their_edges() {
        let rome = r#"{"1":[{"start":"09:00","end":"13:00"},{"start":"14:00","end":"18:00"}],"tzname":"Europe/Rome"}"#;
        // A Monday in winter: Rome is an hour ahead.
        for (moment, expected) in [
            ("2026-01-05T07:59:59Z", false),
            ("2026-01-05T08:00:59Z", false),
            ("2026-01-05T08:01:00Z", true),
            ("2026-01-05T11:59:59Z", true),
            ("2026-01-05T12:00:00Z", false),
            ("2026-01-05T13:30:00Z", true),
            ("2026-01-06T09:00:00Z", false),
            // And in summer two hours.
            ("2026-07-06T07:01:00Z", true),
        ] {
            assert_eq!(open(rome, moment, Style::Week), expected, "{moment}");
        }
    }

    #[test]
    fn slots_count_their_days_from_monday_and_include_their_start() {
        let slot = r#"{"7":[{"start":"09:00","end":"10:00"}],"0":[],"tzname":"UTC"}"#;
        assert!(open(slot, "2026-01-04T09:00:00Z", Style::Iso), "a Sunday");
        assert!(!open(slot, "2026-01-04T10:00:00Z", Style::Iso));
        assert!(!open(slot, "2026-01-05T09:00:00Z", Style::Iso));
    }

    #[test]
    fn an_offset_counts_where_no_zone_is_named_and_other_keys_mean_nothing() {
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
    fn what_is_not_in_the_format_is_refused() {
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
