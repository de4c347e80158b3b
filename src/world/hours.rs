//! Operating hours as people write them: days and ranges of days with their times, and a time zone.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::draft::{Draft, found};
use crate::value::suggest;

const DAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/// The field of the full form, and its short name.
const ZONES: [(&str, &str); 3] = [("timezone", "tzname"), ("tzname", "tzname"), ("tz", "tz")];

/// The numbers of weekdays: the project's own hours start with Sunday as 0, time slots end with it as 7.
#[derive(Clone, Copy)]
enum Sunday {
    Zero,
    Seven,
}

/// A problem: the field, and what is wrong with it.
type Wrong = (String, String);

/// Replaces operating hours that are written as objects by their text in the full form.
pub(super) fn write(draft: &mut Draft) -> Result<(), Wrong> {
    if draft.collection.name != "projects" {
        return Ok(());
    }
    let fields = &mut draft.fields;
    if let Some(Value::Object(hours)) = fields.get("operatingHours") {
        let text = text(hours, Sunday::Zero);
        // Report the problem once.
        fields.insert("operatingHours".to_owned(), Value::Null);
        let text = text.map_err(|(field, problem)| (format!("operatingHours/{field}"), problem))?;
        fields.insert("operatingHours".to_owned(), json!(text));
        fields.entry("activeOperatingHours").or_insert(json!(true));
    }
    for (slot, value) in fields.get_mut("timeSlots").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(Value::Object(hours)) = value.get("hours") {
            let text = text(hours, Sunday::Seven)
                .map_err(|(field, problem)| (format!("timeSlots/{slot}/hours/{field}"), problem));
            value["hours"] = Value::Null;
            value["hours"] = json!(text?);
        }
    }
    Ok(())
}

/// The hours as JSON text.
fn text(hours: &Map<String, Value>, sunday: Sunday) -> Result<String, Wrong> {
    let (mut days, mut zone) = (BTreeMap::<usize, Vec<Value>>::new(), None);
    for (name, value) in hours {
        if let Some((_, field)) = ZONES.iter().find(|(known, _)| known == name) {
            zone = Some((*field, value.clone()));
            continue;
        }
        let (from, to) = name.split_once('-').unwrap_or((name, name));
        let (from, to) = (day(name, from)?, day(name, to)?);
        let intervals = intervals(value).ok_or_else(|| {
            let problem = format!("expected times such as 09:00-13:00, 14:00-18:00, found {}", found(value));
            (name.clone(), problem)
        })?;
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
    let (field, zone) = zone.unwrap_or(("tzname", json!("UTC")));
    let days = days.into_iter().map(|(day, intervals)| (day.to_string(), Value::Array(intervals)));
    Ok(Value::Object(days.chain([(field.to_owned(), zone)]).collect()).to_string())
}

/// The number of a weekday, from its name, the start of its name, or its number.
fn day(field: &str, name: &str) -> Result<usize, Wrong> {
    let plain = name.trim().to_lowercase();
    let by_name = DAYS.iter().position(|day| plain.len() >= 2 && day.starts_with(&plain));
    let by_number =
        || plain.parse::<usize>().ok().filter(|number| *number <= DAYS.len()).map(|number| number % DAYS.len());
    by_name.or_else(by_number).ok_or_else(|| {
        let known = DAYS.into_iter().chain(["timezone"]);
        (field.to_owned(), suggest::unknown("day", name, known))
    })
}

/// Times as `09:00-13:00, 14:00-18:00`, as a list of such, or as objects with `start` and `end`.
fn intervals(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::String(text) => text.split(',').map(interval).collect(),
        Value::Array(all) => all
            .iter()
            .map(|one| match one {
                Value::String(text) => interval(text),
                Value::Object(_) => Some(one.clone()),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

fn interval(text: &str) -> Option<Value> {
    let (start, end) = text.split_once(['-', '–'])?;
    let time = |text: &str| {
        let (hours, minutes) = text.trim().split_once(':')?;
        let number = |digits: &str| digits.parse::<u8>().ok();
        Some(format!("{:02}:{:02}", number(hours)?, number(minutes)?))
    };
    Some(json!({"start": time(start)?, "end": time(end)?}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(value: &Value, sunday: Sunday) -> Result<Value, Wrong> {
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
    fn unknown_days_and_times_are_rejected() {
        let told = hours(&json!({"mondya": "9:00-10:00"}), Sunday::Zero).expect_err("no day");
        assert_eq!(told, ("mondya".to_owned(), "unknown day `mondya`; did you mean `monday`?".to_owned()));
        let told = hours(&json!({"mon": "nine to five"}), Sunday::Zero).expect_err("no times");
        assert!(told.1.starts_with("expected times such as 09:00-13:00"), "{told:?}");
    }
}
