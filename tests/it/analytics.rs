//! Every figure computed a second time, from the exported state: by the texts of its dates, and not by an index.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT};

/// The project whose conversations lie in the weeks before the clock of the tests.
const SHOP: &str = "/v3/5ad5bd52c975820014ba900a";
const SALES: &str = "5b0c0f2ed000000000000022";

/// Moments before the clock of the tests. Dates in this form can be compared as texts.
const HOUR: &str = "2026-01-01T11:00:00.001Z";
const HOURS: &str = "2026-01-01T08:00:00.000Z";
const DAY: &str = "2025-12-31T12:00:00.000Z";
const WEEK: &str = "2025-12-25T12:00:00.000Z";
const MONTH: &str = "2025-12-02T12:00:00.000Z";
const EVER: &str = "";

/// What a project has.
struct Exported<'a> {
    state: &'a Value,
    project: &'a str,
}

type Rows<'a> = Vec<&'a Value>;
type Test<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

impl<'a> Exported<'a> {
    fn of(&self, collection: &str, since: &str) -> Rows<'a> {
        let all = self.state[collection].as_array().into_iter().flatten();
        all.filter(|row| row["id_project"] == *self.project && text(row, "createdAt") >= since).collect()
    }

    /// The conversations in which the visitor wrote.
    fn requests(&self, since: &str) -> Rows<'a> {
        self.of("requests", since).into_iter().filter(|row| row["preflight"] != true).collect()
    }

    fn visitors(&self, since: &str) -> Rows<'a> {
        let all = self.of("project_users", since).into_iter();
        let all = all.filter(|row| row["role"] == "guest" || row["role"] == "user");
        all.filter(|row| row["status"] != "disabled").collect()
    }
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_default()
}

fn number(text: &str) -> u64 {
    text.parse().expect("digits")
}

fn date(row: &Value) -> Date {
    text(row, "createdAt")[..10].parse().expect("a date")
}

fn day(row: &Value) -> Value {
    let date = text(row, "createdAt");
    json!({"year": number(&date[..4]), "month": number(&date[5..7]), "day": number(&date[8..10])})
}

fn month(row: &Value) -> Value {
    let date = text(row, "createdAt");
    json!({"year": number(&date[..4]), "month": number(&date[5..7])})
}

fn week(row: &Value) -> Value {
    let mut key = month(row);
    key["week"] = json!(number(&date(row).strftime("%U").to_string()));
    key
}

fn hour(row: &Value) -> u64 {
    number(&text(row, "createdAt")[11..13])
}

fn with(mut key: Value, field: &str, value: Value) -> Value {
    key[field] = value;
    key
}

/// A text that sorts as the key does.
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

fn counts(rows: &[&Value], key: impl Fn(&Value) -> Value) -> Value {
    groups(rows, key).into_values().map(|(key, rows)| json!({"_id": key, "count": rows.len()})).collect()
}

fn reversed(rows: Value) -> Value {
    let Value::Array(rows) = rows else { panic!("{rows}") };
    rows.into_iter().rev().collect()
}

/// Averages of the numbers that rows have, the last key first.
fn averages(rows: &[&Value], field: &str, key: impl Fn(&Value) -> Value, of: impl Fn(&Value) -> Option<f64>) -> Value {
    let rows = groups(rows, key).into_values().map(|(key, rows)| {
        let numbers: Vec<_> = rows.iter().filter_map(|row| of(row)).collect();
        let average = numbers.iter().sum::<f64>() / f64::from(u32::try_from(numbers.len()).expect("few"));
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

fn waiting(row: &Value) -> Option<f64> {
    row["waiting_time"].as_f64()
}

fn duration(row: &Value) -> Option<f64> {
    let moment = |field| row[field].as_str().map(|text| text.parse::<jiff::Timestamp>().expect("a date"));
    Some(moment("closed_at")?.duration_since(moment("createdAt")?).as_millis_f64())
}

fn rating(row: &Value) -> Option<f64> {
    row["rating"].as_f64()
}

/// All operations, and what each has to answer.
fn expected(world: &Exported<'_>) -> Vec<(&'static str, Value)> {
    let whole = |_: &Value| json!(world.project);
    let bot = |row: &Value| row["hasBot"].as_bool().unwrap_or_else(|| row["participants"].to_string().contains("bot_"));
    let weekday = |row: &Value| json!({"hour": hour(row), "weekday": date(row).weekday().to_sunday_one_offset()});
    let messages = |since| world.of("messages", since);
    let answers: Vec<_> = messages(WEEK).into_iter().filter(|row| row["attributes"]["_answerid"].is_string()).collect();
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
            counts(&answers, |row| json!({"_answerid": row["attributes"]["_answerid"]})),
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

async fn figure(caller: &Actor<'_>, project: &str, path: &str) -> Value {
    let path = match path {
        "public" => format!("{project}/publicanalytics/waiting/current"),
        path => format!("{project}/analytics/{path}"),
    };
    caller.get(&path).await.expect(200)
}

#[tokio::test]
async fn every_figure_of_the_default_world_is_right_to_the_unit() {
    let app = App::new();
    let state = app.state().await;
    let owner = app.owner();
    let mut told = 0;
    for project in state["projects"].as_array().expect("projects") {
        let project = text(project, "_id");
        let all = expected(&Exported { state: &state, project });
        assert_eq!(all.len(), 34);
        for (path, expected) in all {
            let answer = figure(&owner, &format!("/v3/{project}"), path).await;
            assert_eq!(answer, expected, "{project} {path}");
            told += usize::from(!matches!(&answer, Value::Array(rows) if rows.is_empty()));
        }
    }
    assert!(told > 60, "{told} of them say something");
}

#[tokio::test]
async fn figures_follow_what_happens() {
    let app = App::new();
    let (owner, guest) = (app.owner(), app.guest().await);
    let at = |path: &str| format!("{PROJECT}/{path}");
    assert_eq!(figure(&owner, PROJECT, "requests/waiting").await, json!([]), "no conversation of late");
    guest.post(&at("requests/one/messages"), json!({"text": "Hello", "preflight": true})).await.expect(200);
    assert_eq!(figure(&owner, PROJECT, "requests/count").await, json!([]), "the visitor did not write yet");
    let row = |average: Value| json!([{"_id": PROJECT[4..], "waiting_time_avg": average}]);
    assert_eq!(figure(&app.nobody(), PROJECT, "public").await, row(Value::Null), "everybody may ask");
    guest.post(&at("requests/one/messages"), json!({"text": "It is urgent"})).await.expect(200);
    guest.post(&at("requests/two/messages"), json!({"text": "Hello"})).await.expect(200);
    let tag = json!([{"tag": "new", "color": "#000000"}]);
    owner.put(&at("requests/two/tag"), tag).await.expect(200);
    owner.put(&at("requests/two/close"), json!({})).await.expect(200);
    owner.post(&at("events"), json!({"name": "typing.start"})).await.expect(200);
    owner.post(&at("events"), json!({"name": "paid"})).await.expect(200);
    let state = app.state().await;
    for (path, expected) in expected(&Exported { state: &state, project: &PROJECT[4..] }) {
        assert_eq!(figure(&owner, PROJECT, path).await, expected, "{path}");
    }
    assert_eq!(figure(&owner, PROJECT, "requests/count").await, json!([{"totalCount": 2}]));
    assert_eq!(figure(&owner, PROJECT, "project_users/count").await, json!([{"totalCount": 1}]));
    let typing = figure(&owner, PROJECT, "events/aggregate/day?name=typing.start").await;
    assert_eq!(typing[0]["count"], 1, "it counts when it is asked for");
    owner.delete(&at("requests/two")).await.expect(200);
    assert_eq!(figure(&owner, PROJECT, "requests/count").await, json!([{"totalCount": 1}]));
}

#[tokio::test]
async fn filters_choose_what_is_counted() {
    let app = App::new();
    let state = app.state().await;
    let world = Exported { state: &state, project: &SHOP[4..] };
    let owner = app.owner();
    let nico = "5ac7521787f6b50014e0b592";
    let serves = |row: &Value, who: &str| row["participants"].to_string().contains(who);
    let channel = |row: &Value, name: &str| row["channel"]["name"].as_str().unwrap_or("chat21") == name;
    let requests: [(String, &str, Test<'_>); 7] = [
        (String::new(), WEEK, Box::new(|_| true)),
        (format!("department_id={SALES}"), WEEK, Box::new(|row| row["department"] == SALES)),
        (format!("lastdays=30&participant={nico}"), MONTH, Box::new(move |row| serves(row, nico))),
        ("participant=bot_5f0c1000c975820014ba9030".into(), WEEK, Box::new(move |row| serves(row, "bot_"))),
        ("lastdays=30&channel=whatsapp".into(), MONTH, Box::new(move |row| channel(row, "whatsapp"))),
        (
            format!("lastdays=30&department_id={SALES}&participant={nico}&channel=whatsapp"),
            MONTH,
            Box::new(move |row| row["department"] == SALES && serves(row, nico) && channel(row, "whatsapp")),
        ),
        ("lastdays=1".into(), DAY, Box::new(|_| true)),
    ];
    for (query, since, test) in requests {
        let rows: Vec<_> = world.requests(since).into_iter().filter(|row| test(row)).collect();
        assert!(!rows.is_empty(), "{query} chooses something");
        for (path, expected) in [
            ("requests/aggregate/day", counts(&rows, day)),
            ("requests/waiting/day", averages(&rows, "waiting_time_avg", day, waiting)),
            ("requests/duration/day", averages(&rows, "duration_avg", day, duration)),
            ("requests/satisfaction/day", averages(&rows, "satisfaction_avg", day, rating)),
        ] {
            assert_eq!(figure(&owner, SHOP, &format!("{path}?{query}")).await, expected, "{path} {query}");
        }
    }
    let by_status = |row: &Value| with(day(row), "status", row["status"].clone());
    let sales: Vec<_> = world.requests(MONTH).into_iter().filter(|row| row["department"] == SALES).collect();
    let ever: Vec<_> = world.requests(EVER).into_iter().filter(|row| row["department"] == SALES).collect();
    let query = format!("?lastdays=30&department_id={SALES}");
    for (path, expected) in [
        ("requests/aggregate/month", counts(&ever, month)),
        ("requests/aggregate/status/day", counts(&sales, by_status)),
        ("requests/aggregate/hasBot/day", counts(&sales, |row| with(day(row), "hasBot", json!(false)))),
    ] {
        assert_eq!(figure(&owner, SHOP, &format!("{path}{query}")).await, expected, "{path}");
    }
    let both = "requests/aggregate/status/day?lastdays=30&channel=whatsapp";
    assert_eq!(figure(&owner, SHOP, both).await, counts(&world.requests(MONTH), by_status), "it knows no channel");
    let hours = figure(&owner, SHOP, "requests/aggregate/hours?timezone=%2B01:00").await;
    assert_eq!(hours, reversed(counts(&world.requests(MONTH), |row| json!({"hour": (hour(row) + 1) % 24}))));
    assert_eq!(figure(&owner, SHOP, "requests/aggregate/hours?timezone=Europe/Rome").await, hours, "it is winter");
    let weekdays = figure(&owner, SHOP, "requests/aggregate/dayoftheweek/hours?timezone=+01:00").await;
    assert_eq!(weekdays.as_array().map(Vec::len), Some(world.requests(MONTH).len()));
    assert!(weekdays.to_string().contains(r#"{"_id":{"hour":0,"weekday":7},"count":1}"#), "the weekday is that of UTC");
    let messages: [(String, &str, Test<'_>); 4] = [
        (format!("lastdays=30&sender={nico}"), MONTH, Box::new(move |row| row["sender"] == nico)),
        (
            format!("recipient=support-group-{}-5", &SHOP[4..]),
            WEEK,
            Box::new(|row| text(row, "recipient").ends_with("-5")),
        ),
        ("sender=nobody".into(), WEEK, Box::new(|_| false)),
        ("lastdays=0".into(), "2026-01-01T12:00:00.000Z", Box::new(|_| true)),
    ];
    for (query, since, test) in messages {
        let rows: Vec<_> = world.of("messages", since).into_iter().filter(|row| test(row)).collect();
        let sender = |row: &Value| json!({"sender": row["sender"]});
        for (path, expected) in
            [("messages/aggregate/day", counts(&rows, day)), ("messages/aggregate/sender", counts(&rows, sender))]
        {
            assert_eq!(figure(&owner, SHOP, &format!("{path}?{query}")).await, expected, "{path} {query}");
        }
    }
    for (query, expected) in [
        ("attributes_answerid=5b0c1100c975820014ba9040", 2),
        ("attributes[_answerid]=5b0c1100c975820014ba9041", 1),
        ("attributes[_answerid]=5b0c1100c975820014ba9041&attributes[more]=1", 0),
        ("sender=bot_5f0c1000c975820014ba9030&attributes_answerid=5b0c1100c975820014ba9040", 2),
    ] {
        let rows = if expected > 0 { json!([{"totalCount": expected}]) } else { json!([]) };
        assert_eq!(figure(&owner, SHOP, &format!("messages/count?{query}")).await, rows, "{query}");
    }
    let channel = figure(&owner, SHOP, "messages/aggregate/day?channel=email").await;
    assert_eq!(channel, json!([{"_id": {"year": 2025, "month": 12, "day": 31}, "count": 2}]));
    let seconds = figure(&owner, SHOP, "requests/waiting?last=10800").await;
    assert_eq!(seconds[0]["waiting_time_avg"], 420_001, "three hours");
    assert_eq!(figure(&owner, SHOP, "requests/waiting?last=60").await, json!([]));
    let tags = figure(&owner, SHOP, "tags/conversations?start_date=01/12/2025&end_date=22/12/2025").await;
    assert_eq!(tags["dates"], json!(["05/12/2025", "22/12/2025"]));
    assert_eq!(figure(&owner, SHOP, "tags/any").await, figure(&owner, SHOP, "tags/conversations").await);
    let day = figure(&owner, SHOP, "tags/any?start_date=28/12/2025&end_date=28/12/2025").await;
    assert_eq!(day["dates"], json!(["28/12/2025"]), "both days count");
}

#[tokio::test]
async fn bad_parameters_are_refused_and_named() {
    let app = App::new();
    for (path, field) in [
        ("requests/aggregate/day?lastdays=-1", "lastdays"),
        ("requests/aggregate/day?lastdays=week", "lastdays"),
        ("requests/waiting?last=-5", "last"),
        ("requests/aggregate/hours?timezone=Mars", "timezone"),
        ("requests/aggregate/dayoftheweek/hours?timezone=%2B99:00", "timezone"),
        ("messages/count?attributes=text", "attributes"),
        ("tags/any?start_date=2025", "start_date"),
        ("tags/any?end_date=31/02/2025", "end_date"),
    ] {
        let answer = app.admin().get(&format!("{PROJECT}/analytics/{path}")).await.expect(422);
        assert_eq!(answer["errors"][0]["param"], field, "{path}: {answer}");
    }
    app.admin().get(&format!("{PROJECT}/analytics/tags/any?end_date=01/01/2020")).await.expect(400);
    let nowhere = app.nobody().get("/v3/5b55e806c93dde00143163d0/publicanalytics/waiting/current").await;
    assert_eq!(nowhere.expect(400)["error"], "Project not found with id: 5b55e806c93dde00143163d0");
}
