//! Every analytics figure, computed from the exported state by comparing dates as text, without an index.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

/// Times before the frozen clock. Timestamps in this format sort as text.
pub(super) const HOUR: &str = "2026-01-01T11:00:00.001Z";
pub(super) const HOURS: &str = "2026-01-01T08:00:00.000Z";
pub(super) const DAY: &str = "2025-12-31T12:00:00.000Z";
pub(super) const WEEK: &str = "2025-12-25T12:00:00.000Z";
pub(super) const MONTH: &str = "2025-12-02T12:00:00.000Z";
pub(super) const EVER: &str = "";

/// The exported documents of a project.
pub(super) struct Exported<'a> {
    pub(super) state: &'a Value,
    pub(super) project: &'a str,
}

type Rows<'a> = Vec<&'a Value>;

impl<'a> Exported<'a> {
    pub(super) fn of(&self, collection: &str, since: &str) -> Rows<'a> {
        let all = self.state[collection].as_array().into_iter().flatten();
        all.filter(|row| row["id_project"] == *self.project && text(row, "createdAt") >= since).collect()
    }

    /// The conversations with a message of the visitor.
    pub(super) fn requests(&self, since: &str) -> Rows<'a> {
        self.of("requests", since).into_iter().filter(|row| row["preflight"] != true).collect()
    }

    fn visitors(&self, since: &str) -> Rows<'a> {
        let all = self.of("project_users", since).into_iter();
        let all = all.filter(|row| row["role"] == "guest" || row["role"] == "user");
        all.filter(|row| row["status"] != "disabled").collect()
    }
}

pub(super) fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

fn number(text: &str) -> u64 {
    text.parse().expect("digits")
}

fn date(row: &Value) -> Date {
    text(row, "createdAt")[..10].parse().expect("a date")
}

pub(super) fn day(row: &Value) -> Value {
    let date = text(row, "createdAt");
    json!({"year": number(&date[..4]), "month": number(&date[5..7]), "day": number(&date[8..10])})
}

pub(super) fn month(row: &Value) -> Value {
    let date = text(row, "createdAt");
    json!({"year": number(&date[..4]), "month": number(&date[5..7])})
}

fn week(row: &Value) -> Value {
    let mut key = month(row);
    key["week"] = json!(number(&date(row).strftime("%U").to_string()));
    key
}

pub(super) fn hour(row: &Value) -> u64 {
    number(&text(row, "createdAt")[11..13])
}

pub(super) fn with(mut key: Value, field: &str, value: Value) -> Value {
    key[field] = value;
    key
}

/// A text that sorts like the key.
fn sortable(key: &Value) -> String {
    match key {
        Value::Object(fields) => fields.values().map(sortable).collect::<Vec<_>>().join(" "),
        Value::Number(number) => format!("{:0>6}", number.to_string()),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn groups<'a>(rows: &[&'a Value], key: impl Fn(&Value) -> Value) -> BTreeMap<String, (Value, Rows<'a>)> {
    let mut groups: BTreeMap<_, (Value, Rows<'a>)> = BTreeMap::new();
    for row in rows {
        let key = key(row);
        groups.entry(sortable(&key)).or_insert_with(|| (key, Vec::new())).1.push(row);
    }
    groups
}

fn total(rows: &[&Value]) -> Value {
    if rows.is_empty() { json!([]) } else { json!([{"totalCount": rows.len()}]) }
}

pub(super) fn counts(rows: &[&Value], key: impl Fn(&Value) -> Value) -> Value {
    groups(rows, key).into_values().map(|(key, rows)| json!({"_id": key, "count": rows.len()})).collect()
}

pub(super) fn reversed(rows: Value) -> Value {
    let Value::Array(rows) = rows else { panic!("{rows}") };
    rows.into_iter().rev().collect()
}

/// Averages per key, last key first; rows without a number are skipped.
pub(super) fn averages(
    rows: &[&Value],
    field: &str,
    key: impl Fn(&Value) -> Value,
    of: impl Fn(&Value) -> Option<f64>,
) -> Value {
    let rows = groups(rows, key).into_values().map(|(key, rows)| {
        let numbers: Vec<_> = rows.iter().filter_map(|row| of(row)).collect();
        let average = numbers.iter().sum::<f64>() / f64::from(u32::try_from(numbers.len()).expect("a small number"));
        let whole = average.fract() == 0.0;
        let average = match numbers.len() {
            0 => Value::Null,
            _ if whole => serde_json::from_str(&format!("{average:.0}")).expect("a number"),
            _ => json!(average),
        };
        json!({"_id": key, field: average})
    });
    reversed(rows.collect())
}

pub(super) fn waiting(row: &Value) -> Option<f64> {
    row["waiting_time"].as_f64()
}

pub(super) fn duration(row: &Value) -> Option<f64> {
    let moment = |field| row[field].as_str().map(|text| text.parse::<jiff::Timestamp>().expect("a date"));
    Some(moment("closed_at")?.duration_since(moment("createdAt")?).as_millis_f64())
}

pub(super) fn rating(row: &Value) -> Option<f64> {
    row["rating"].as_f64()
}

/// All operations with their expected results.
pub(super) fn expected(world: &Exported<'_>) -> Vec<(&'static str, Value)> {
    let whole = |_: &Value| json!(world.project);
    let bot = |row: &Value| row["hasBot"].as_bool().unwrap_or_else(|| row["participants"].to_string().contains("bot_"));
    let weekday = |row: &Value| json!({"hour": hour(row), "weekday": date(row).weekday().to_sunday_one_offset()});
    let messages = |since| world.of("messages", since);
    let events: Vec<_> = world.of("events", HOUR).into_iter().filter(|row| row["name"] != "typing.start").collect();
    let now: Vec<_> = world.of("requests", HOURS);
    vec![
        ("requests/waiting", averages(&world.requests(MONTH), "waiting_time_avg", whole, waiting)),
        ("requests/waiting/day/last", averages(&world.requests(DAY), "waiting_time_avg", whole, waiting)),
        ("requests/waiting/day", averages(&world.requests(WEEK), "waiting_time_avg", day, waiting)),
        ("requests/waiting/month", averages(&world.requests(EVER), "waiting_time_avg", month, waiting)),
        ("requests/duration", averages(&world.requests(MONTH), "duration_avg", whole, duration)),
        ("requests/duration/day", averages(&world.requests(WEEK), "duration_avg", day, duration)),
        ("requests/duration/month", averages(&world.requests(MONTH), "duration_avg", month, duration)),
        ("requests/satisfaction", averages(&world.requests(EVER), "satisfaction_avg", whole, rating)),
        ("requests/satisfaction/day", averages(&world.requests(WEEK), "satisfaction_avg", day, rating)),
        ("requests/satisfaction/month", averages(&world.requests(EVER), "satisfaction_avg", month, rating)),
        ("requests/count", total(&world.requests(MONTH))),
        ("requests/hasBot/count", total(&world.requests(MONTH).into_iter().filter(|row| bot(row)).collect::<Vec<_>>())),
        ("requests/aggregate/status", total(&world.requests(MONTH))),
        ("requests/aggregate/day", counts(&world.requests(WEEK), day)),
        ("requests/aggregate/month", counts(&world.requests(EVER), month)),
        ("requests/aggregate/week", counts(&world.requests(EVER), week)),
        ("requests/aggregate/hours", reversed(counts(&world.requests(MONTH), |row| json!({"hour": hour(row)})))),
        ("requests/aggregate/dayoftheweek/hours", reversed(counts(&world.requests(MONTH), weekday))),
        (
            "requests/aggregate/status/day",
            counts(&world.requests(WEEK), |row| with(day(row), "status", row["status"].clone())),
        ),
        (
            "requests/aggregate/hasBot/day",
            counts(&world.requests(WEEK), |row| with(day(row), "hasBot", bot(row).into())),
        ),
        (
            "requests/aggregate/sourcePage",
            counts(&world.requests(MONTH), |row| match &row["sourcePage"] {
                Value::Null => json!({}),
                page => json!({"sourcePage": page}),
            }),
        ),
        (
            "requests/aggregate/attributes/_answerid",
            counts(&messages(WEEK), |row| {
                row["attributes"]["_answerid"].as_str().map_or(json!({}), |answer| json!({"_answerid": answer}))
            }),
        ),
        ("project_users/count", total(&world.visitors(MONTH))),
        ("project_users/aggregate/day", counts(&world.visitors(WEEK), day)),
        ("project_users/aggregate/month", counts(&world.visitors(EVER), month)),
        ("project_users/aggregate/week", counts(&world.visitors(EVER), week)),
        ("messages/count", total(&messages(MONTH))),
        ("messages/aggregate/day", counts(&messages(WEEK), day)),
        ("messages/aggregate/month", counts(&messages(EVER), month)),
        ("messages/aggregate/week", counts(&messages(EVER), week)),
        ("messages/aggregate/sender", counts(&messages(WEEK), |row| json!({"sender": row["sender"]}))),
        ("events/aggregate/day", counts(&events, |row| with(day(row), "name", row["name"].clone()))),
        ("tags/conversations", tags(&world.requests("2025-12-26"))),
        ("public", averages(&now, "waiting_time_avg", whole, waiting)),
    ]
}

fn tags(rows: &[&Value]) -> Value {
    let given = rows.iter().flat_map(|row| {
        let date = text(row, "createdAt");
        let date = format!("{}/{}/{}", &date[8..10], &date[5..7], &date[..4]);
        let tags = row["tags"].as_array().into_iter().flatten();
        tags.map(move |tag| (text(tag, "tag").to_owned(), date.clone()))
    });
    let given: Vec<_> = given.collect();
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all.dedup();
        all
    };
    let dates = sorted(given.iter().map(|(_, date)| date.clone()).collect());
    let names = sorted(given.iter().map(|(tag, _)| tag.clone()).collect());
    let count = |name: &str, date: &str| given.iter().filter(|(tag, day)| tag == name && day == date).count();
    let series = names.iter().map(|name| {
        let values: Vec<_> = dates.iter().map(|date| count(name, date)).collect();
        json!({"name": name, "values": values})
    });
    json!({"dates": dates, "series": series.collect::<Vec<_>>()})
}
