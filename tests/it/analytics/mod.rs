//! Every analytics figure, compared with an independent computation.

mod recount;

use serde_json::{Value, json};

use self::recount::{
    DAY, EVER, Exported, MONTH, WEEK, averages, counts, day, duration, expected, hour, month, rating, reversed, text,
    waiting, with,
};
use crate::support::{
    Actor, App, PROJECT,
    seed::{PROJECT_ID, UNKNOWN_PROJECT_ID},
};

/// The project with conversations in the weeks before the frozen clock.
const SHOP: &str = "/v3/5ad5bd52c975820014ba900a";
const SALES: &str = "5b0c0f2ed000000000000022";
/// An agent of [`SHOP`].
const NICO: &str = "5ac7521787f6b50014e0b592";

type Test<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

async fn figure(caller: &Actor<'_>, project: &str, path: &str) -> Value {
    let path = match path {
        "public" => format!("{project}/publicanalytics/waiting/current"),
        path => format!("{project}/analytics/{path}"),
    };
    caller.get(&path).await.json_of(200)
}

#[tokio::test]
async fn every_figure_of_the_default_world_is_exact() {
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
    assert!(told > 60, "only {told} figures are not empty");
}

#[tokio::test]
async fn figures_follow_changes() {
    let app = App::new();
    let (owner, guest) = (app.owner(), app.guest().await);
    let at = |path: &str| format!("{PROJECT}/{path}");
    assert_eq!(figure(&owner, PROJECT, "requests/waiting").await, json!([]), "no recent conversation");
    guest.post(&at("requests/one/messages"), json!({"text": "Hello", "preflight": true})).await.json_of(200);
    assert_eq!(figure(&owner, PROJECT, "requests/count").await, json!([]), "the visitor has not written yet");
    let row = |average: Value| json!([{"_id": PROJECT_ID, "waiting_time_avg": average}]);
    assert_eq!(figure(&app.nobody(), PROJECT, "public").await, row(Value::Null), "the endpoint is public");
    guest.post(&at("requests/one/messages"), json!({"text": "It is urgent"})).await.json_of(200);
    guest.post(&at("requests/two/messages"), json!({"text": "Hello"})).await.json_of(200);
    let tag = json!([{"tag": "new", "color": "#000000"}]);
    owner.put(&at("requests/two/tag"), tag).await.json_of(200);
    owner.put(&at("requests/two/close"), json!({})).await.json_of(200);
    owner.post(&at("events"), json!({"name": "typing.start"})).await.json_of(200);
    owner.post(&at("events"), json!({"name": "paid"})).await.json_of(200);
    let state = app.state().await;
    for (path, expected) in expected(&Exported { state: &state, project: PROJECT_ID }) {
        assert_eq!(figure(&owner, PROJECT, path).await, expected, "{path}");
    }
    assert_eq!(figure(&owner, PROJECT, "requests/count").await, json!([{"totalCount": 2}]));
    assert_eq!(figure(&owner, PROJECT, "project_users/count").await, json!([{"totalCount": 1}]));
    let typing = figure(&owner, PROJECT, "events/aggregate/day?name=typing.start").await;
    assert_eq!(typing[0]["count"], 1, "events count as soon as they are emitted");
    owner.delete(&at("requests/two")).await.json_of(200);
    assert_eq!(figure(&owner, PROJECT, "requests/count").await, json!([{"totalCount": 1}]));
}

#[tokio::test]
async fn filters_select_what_is_counted() {
    let app = App::new();
    let state = app.state().await;
    let world = Exported { state: &state, project: &SHOP[4..] };
    let owner = app.owner();
    let serves = |row: &Value, who: &str| row["participants"].to_string().contains(who);
    let channel = |row: &Value, name: &str| row["channel"]["name"].as_str().unwrap_or("chat21") == name;
    let requests: [(String, &str, Test<'_>); 7] = [
        (String::new(), WEEK, Box::new(|_| true)),
        (format!("department_id={SALES}"), WEEK, Box::new(|row| row["department"] == SALES)),
        (format!("lastdays=30&participant={NICO}"), MONTH, Box::new(move |row| serves(row, NICO))),
        ("participant=bot_5f0c1000c975820014ba9030".into(), WEEK, Box::new(move |row| serves(row, "bot_"))),
        ("lastdays=30&channel=whatsapp".into(), MONTH, Box::new(move |row| channel(row, "whatsapp"))),
        (
            format!("lastdays=30&department_id={SALES}&participant={NICO}&channel=whatsapp"),
            MONTH,
            Box::new(move |row| row["department"] == SALES && serves(row, NICO) && channel(row, "whatsapp")),
        ),
        ("lastdays=1".into(), DAY, Box::new(|_| true)),
    ];
    for (query, since, test) in requests {
        let rows: Vec<_> = world.requests(since).into_iter().filter(|row| test(row)).collect();
        assert!(!rows.is_empty(), "{query} matches nothing");
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
    assert_eq!(
        figure(&owner, SHOP, both).await,
        counts(&world.requests(MONTH), by_status),
        "channel is not a filter here"
    );
    let hours = figure(&owner, SHOP, "requests/aggregate/hours?timezone=%2B01:00").await;
    assert_eq!(hours, reversed(counts(&world.requests(MONTH), |row| json!({"hour": (hour(row) + 1) % 24}))));
    assert_eq!(figure(&owner, SHOP, "requests/aggregate/hours?timezone=Europe/Rome").await, hours, "winter time");
    let weekdays = figure(&owner, SHOP, "requests/aggregate/dayoftheweek/hours?timezone=+01:00").await;
    assert_eq!(weekdays.as_array().map(Vec::len), Some(world.requests(MONTH).len()));
    assert!(weekdays.to_string().contains(r#"{"_id":{"hour":0,"weekday":7},"count":1}"#), "weekdays are in UTC");
    let messages: [(String, &str, Test<'_>); 4] = [
        (format!("lastdays=30&sender={NICO}"), MONTH, Box::new(move |row| row["sender"] == NICO)),
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
    assert_eq!(day["dates"], json!(["28/12/2025"]), "start and end dates are inclusive");
}

#[tokio::test]
async fn each_figure_has_its_own_filters() {
    let app = App::new();
    let state = app.state().await;
    let world = Exported { state: &state, project: &SHOP[4..] };
    let owner = app.owner();
    let serves = |row: &Value| row["participants"].to_string().contains(NICO);
    let by_status = |row: &Value| with(day(row), "status", row["status"].clone());
    let month_rows = world.requests(MONTH);
    let of = |test: Test<'_>| month_rows.iter().copied().filter(|row| test(row)).collect::<Vec<_>>();
    let whatsapp = |row: &Value| row["channel"]["name"] == "whatsapp";
    let page = |row: &Value| row["sourcePage"].as_str().map_or(json!({}), |page| json!({"sourcePage": page}));
    let bot = |row: &Value| with(day(row), "hasBot", row["participants"].to_string().contains("bot_").into());
    for (path, rows, key) in [
        (
            format!("status/day?lastdays=30&participant={NICO}"),
            of(Box::new(serves)),
            &by_status as &dyn Fn(&Value) -> Value,
        ),
        ("hasBot/day?lastdays=30&channel=whatsapp".into(), of(Box::new(whatsapp)), &bot),
        (format!("sourcePage?department_id={SALES}"), of(Box::new(|row| row["department"] == SALES)), &page),
    ] {
        assert!((1..month_rows.len()).contains(&rows.len()), "{path} must match some rows, but not all");
        assert_eq!(figure(&owner, SHOP, &format!("requests/aggregate/{path}")).await, counts(&rows, key), "{path}");
    }
}

#[tokio::test]
async fn invalid_parameters_are_rejected_by_name() {
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
        let answer = app.admin().get(&format!("{PROJECT}/analytics/{path}")).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{path}: {answer}");
    }
    app.admin().get(&format!("{PROJECT}/analytics/tags/any?end_date=01/01/2020")).await.json_of(400);
    let nowhere = app.nobody().get(&format!("/v3/{UNKNOWN_PROJECT_ID}/publicanalytics/waiting/current")).await;
    assert_eq!(nowhere.json_of(400)["error"], "Project not found with id: 5b55e806c93dde00143163d0");
}
