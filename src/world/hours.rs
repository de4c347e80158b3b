//! Handwritten operating hours: days and ranges of days with their times, and a time zone.

use std::collections::BTreeMap;

use jiff::{
    fmt::temporal::DateTimeParser,
    tz::{self, TimeZone},
};
use serde_json::{Map, Value, json};

use super::draft::{Draft, found};
use crate::value::suggest;

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The names of the time zone, and the field of the full form.
const ZONES: [(&str, &str); 3] = [("timezone", "tzname"), ("tzname", "tzname"), ("tz", "tz")];

/// The expected format of operating hours, for error messages.
const EXPECTED: &str =
    "expected days with times such as { mon-fri: \"09:00-13:00, 14:00-18:00\", timezone: Europe/Rome }";

/// The numbers of weekdays: the project's own hours start with Sunday as 0, time slots end with it as 7.
#[derive(Clone, Copy)]
enum Sunday {
    Zero,
    Seven,
}

/// A problem: the field, and the description.
type Wrong = (String, String);

/// Replaces operating hours that are written as objects by their text in the full form. Returns all problems.
pub(super) fn write(draft: &mut Draft) -> Vec<Wrong> {
    let mut problems = Vec::new();
    if draft.collection.name != "projects" {
        return problems;
    }
    if let Some(hours) = draft.fields.get_mut("operatingHours") {
        let is_written = hours.is_object();
        replace(hours, "operatingHours", Sunday::Zero, &mut problems);
        if is_written {
            draft.fields.entry("activeOperatingHours").or_insert(json!(true));
        }
    }
    for (slot, value) in draft.fields.get_mut("timeSlots").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(hours) = value.get_mut("hours") {
            let slot = slot.replace('~', "~0").replace('/', "~1");
            replace(hours, &format!("timeSlots/{slot}/hours"), Sunday::Seven, &mut problems);
        }
    }
    problems
}

/// Replaces hours by their text, or removes them if they are invalid, so that each problem is reported once.
fn replace(hours: &mut Value, field: &str, sunday: Sunday, problems: &mut Vec<Wrong>) {
    let wrong = match &*hours {
        Value::Null => return,
        // The text of the full form is checked by its parser.
        Value::String(text) if text.is_empty() || text.trim_start().starts_with('{') => return,
        Value::Object(written) => match text(written, sunday) {
            Ok(text) => {
                *hours = json!(text);
                return;
            }
            Err(wrong) => wrong.into_iter().map(|(inner, problem)| (format!("{field}/{inner}"), problem)).collect(),
        },
        other => vec![(field.to_owned(), format!("{EXPECTED}, found {}", found(other)))],
    };
    problems.extend(wrong);
    *hours = Value::Null;
}

/// The hours as JSON text.
fn text(hours: &Map<String, Value>, sunday: Sunday) -> Result<String, Vec<Wrong>> {
    let (mut days, mut zone, mut problems) = (BTreeMap::<usize, Vec<Value>>::new(), None, Vec::new());
    for (name, value) in hours {
        if let Some((_, field)) = ZONES.iter().find(|(known, _)| known == name) {
            problems.extend(zone_problem(field, value).map(|problem| (name.clone(), problem)));
            zone = Some((*field, value.clone()));
            continue;
        }
        let (from, to) = name.split_once('-').unwrap_or((name, name));
        let (range, intervals) = ([day(from), day(to)], intervals(value));
        let field = name.replace('~', "~0").replace('/', "~1");
        match (range, intervals) {
            ([Ok(from), Ok(to)], Ok(intervals)) => {
                let mut next = from;
                loop {
                    let number = if next == 0 && matches!(sunday, Sunday::Seven) { 7 } else { next };
                    days.entry(number).or_default().extend(intervals.iter().cloned());
                    if next == to {
                        break;
                    }
                    next = (next + 1) % DAYS.len();
                }
            }
            ([from, to], intervals) => {
                let mut wrong: Vec<_> = [from.err(), to.err(), intervals.err()].into_iter().flatten().collect();
                // A single day is both ends of its range.
                wrong.dedup();
                problems.extend(wrong.into_iter().map(|problem| (field.clone(), problem)));
            }
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (field, zone) = zone.unwrap_or(("tzname", json!("UTC")));
    let days = days.into_iter().map(|(day, intervals)| (day.to_string(), Value::Array(intervals)));
    Ok(Value::Object(days.chain([(field.to_owned(), zone)]).collect()).to_string())
}

/// The problem with a time zone.
fn zone_problem(field: &str, zone: &Value) -> Option<String> {
    let name = zone.as_str();
    if field == "tz" {
        let offset = name.and_then(|name| DateTimeParser::new().parse_time_zone(name).ok());
        return offset.is_none().then(|| format!("expected an offset such as +01:00, found {}", found(zone)));
    }
    if name.is_some_and(|name| TimeZone::get(name).is_ok()) {
        return None;
    }
    let known: Vec<_> = tz::db().available().map(|name| name.as_str().to_owned()).collect();
    let hint = name.and_then(|name| suggest::closest(name, known.iter().map(String::as_str)));
    let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Some(format!("expected a time zone such as Europe/Rome, found {}{hint}", found(zone)))
}

/// The number of a weekday, from its name, the start of its name, or its number.
fn day(name: &str) -> Result<usize, String> {
    let plain = name.trim().to_lowercase();
    let by_name = DAYS.iter().position(|day| plain.len() >= 2 && day.starts_with(&plain));
    let by_number =
        || plain.parse::<usize>().ok().filter(|number| *number <= DAYS.len()).map(|number| number % DAYS.len());
    by_name.or_else(by_number).ok_or_else(|| {
        let short = DAYS.iter().filter(|_| plain.len() < 5).map(|day| &day[..3]);
        let hint = match suggest::closest(&plain, short.chain(DAYS).chain(["timezone"])) {
            Some(day) => format!("; did you mean `{day}`?"),
            None => format!("; expected one of `{}`, or `timezone`", DAYS.join("`, `")),
        };
        format!("unknown day `{name}`{hint}")
    })
}

/// Times as `09:00-13:00, 14:00-18:00`, as a list of these, or as objects with `start` and `end`.
fn intervals(value: &Value) -> Result<Vec<Value>, String> {
    let wrong = |value: &Value| format!("expected times such as 09:00-13:00, 14:00-18:00, found {}", found(value));
    let written = |text: &str| {
        let (start, end) = text.split_once(['-', '–']).ok_or_else(|| wrong(&json!(text.trim())))?;
        interval(start, end).unwrap_or_else(|| Err(wrong(&json!(text.trim()))))
    };
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => text.split(',').map(written).collect(),
        Value::Array(all) => all
            .iter()
            .map(|one| match one {
                Value::String(text) => written(text),
                Value::Object(_) => {
                    let time = |name: &str| one[name].as_str().unwrap_or_default();
                    interval(time("start"), time("end")).unwrap_or_else(|| Err(wrong(one)))
                }
                _ => Err(wrong(one)),
            })
            .collect(),
        _ => Err(wrong(value)),
    }
}

/// An interval, the problem with its times, or `None` if they are not times.
fn interval(start: &str, end: &str) -> Option<Result<Value, String>> {
    let minutes = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| !digits.starts_with('+'));
        Some((number(hours)?, number(minutes)?))
    };
    let ((from, past), (to, until)) = (minutes(start)?, minutes(end)?);
    let (first, last) = (from * 60 + past, to * 60 + until);
    let (start, end) = (format!("{from:02}:{past:02}"), format!("{to:02}:{until:02}"));
    Some(if past > 59 || until > 59 || first > 24 * 60 || last > 24 * 60 {
        Err(format!("expected times from 00:00 to 24:00, found \"{start}-{end}\""))
    } else if first >= last {
        let hint = "; write the hours after midnight with the next day";
        Err(format!("expected an end after the start, found \"{start}-{end}\"{hint}"))
    } else {
        Ok(json!({"start": start, "end": end}))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(value: &Value, sunday: Sunday) -> Result<Value, Vec<Wrong>> {
        let text = text(value.as_object().expect("an object"), sunday)?;
        Ok(serde_json::from_str(&text).expect("the text is JSON"))
    }

    #[test]
    fn days_ranges_and_lists_of_times_are_understood() {
        let written = json!({"fri-sun": "9:00-13:00, 14:00-18:00", "mon": ["10:00-11:00"], "timezone": "Europe/Rome"});
        let both = json!([{"start": "09:00", "end": "13:00"}, {"start": "14:00", "end": "18:00"}]);
        let monday = json!([{"start": "10:00", "end": "11:00"}]);
        assert_eq!(
            hours(&written, Sunday::Zero),
            Ok(json!({"0": both, "1": monday, "5": both, "6": both, "tzname": "Europe/Rome"}))
        );
        assert_eq!(
            hours(&written, Sunday::Seven),
            Ok(json!({"7": both, "1": monday, "5": both, "6": both, "tzname": "Europe/Rome"}))
        );
    }

    #[test]
    fn everything_that_is_wrong_with_hours_is_reported() {
        let written = json!({
            "mno-firday": "9 to 5",
            "sat": "09:00-25:00",
            "sun": ["18:00-09:00"],
            "holidays": "09:00-10:00",
            "mon": [{"start": "9", "end": "10:00"}],
            "timezone": "Europe/Roma",
        });
        let problems = hours(&written, Sunday::Zero).expect_err("everything is wrong");
        let problems: Vec<_> = problems.iter().map(|(field, problem)| format!("{field}: {problem}")).collect();
        assert_eq!(
            problems,
            [
                "mno-firday: unknown day `mno`; did you mean `mon`?",
                "mno-firday: unknown day `firday`; did you mean `friday`?",
                "mno-firday: expected times such as 09:00-13:00, 14:00-18:00, found string \"9 to 5\"",
                "sat: expected times from 00:00 to 24:00, found \"09:00-25:00\"",
                "sun: expected an end after the start, found \"18:00-09:00\"; write the hours after midnight with the next day",
                "holidays: unknown day `holidays`; expected one of `sunday`, `monday`, `tuesday`, `wednesday`, `thursday`, `friday`, `saturday`, or `timezone`",
                "mon: expected times such as 09:00-13:00, 14:00-18:00, found an object",
                "timezone: expected a time zone such as Europe/Rome, found string \"Europe/Roma\"; did you mean `Europe/Rome`?",
            ]
        );
        let offset = hours(&json!({"mon": "9:00-10:00", "tz": "noon"}), Sunday::Zero).expect_err("no offset");
        assert_eq!(offset[0].1, "expected an offset such as +01:00, found string \"noon\"");
    }
}
