//! The clock of a sandbox, and everything that depends on it.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tiledesk_mock::ClockSetting;

use crate::support::{
    App, NOON, PROJECT,
    seed::PROJECT_ID,
    token::{Algorithm, signed},
};

#[tokio::test]
async fn a_clock_can_be_frozen_set_advanced_and_released() {
    let app = App::new();
    let nobody = app.nobody();
    let clock = async |change: Value| nobody.put("/_control/clock", change).await.json_of(200);
    assert_eq!(
        nobody.get("/_control/clock").await.json_of(200),
        json!({"now": "2026-01-01T12:00:00.000Z", "frozen": true, "speed": 0,
               "next": {"at": "2026-01-01T12:20:00.000Z", "what": "expiry"}}),
        "an event of the default world expires next"
    );
    let advanced = json!({"now": "2026-01-01T14:30:00.000Z", "frozen": true, "speed": 0});
    assert_eq!(clock(json!({"advance": "2h 30m"})).await, advanced);
    assert_eq!(clock(json!({"advance": "PT30M"})).await["now"], "2026-01-01T15:00:00.000Z");
    assert_eq!(clock(json!({"advance": "9h"})).await["now"], "2026-01-02T00:00:00.000Z");
    assert_eq!(
        clock(json!({"set": "2026-01-02T12:00:00Z"})).await,
        json!({"now": "2026-01-02T12:00:00.000Z", "frozen": true, "speed": 0})
    );
    assert_eq!(clock(json!({"freeze": "2026-01-03T00:00:00+01:00"})).await["now"], "2026-01-02T23:00:00.000Z");
    let lead = app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    assert_eq!(lead["createdAt"], "2026-01-02T23:00:00.000Z");
    let running = clock(json!({"real": true})).await;
    assert_eq!(running["frozen"], false);
    assert!(running["now"].as_str() > Some("2026-01-02T23:00:00.000Z"));
    let ahead = clock(json!({"set": "2090-01-01T00:00:00Z"})).await;
    let now = ahead["now"].as_str().expect("a date");
    assert!(ahead["frozen"] == false && now.starts_with("2090-01-01T00:00:"), "{now}");
    clock(json!({"freeze": "2090-03-01T12:00:00Z"})).await;
    assert_eq!(clock(json!({"advance": "1w 31d"})).await["now"], "2090-04-08T12:00:00.000Z");
    let frozen = clock(json!({"freeze": "now"})).await;
    assert_eq!(nobody.get("/_control/clock").await.json_of(200), frozen);
    nobody.post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(nobody.get("/_control/clock").await.json_of(200)["now"], "2026-01-01T12:00:00.000Z");
}

#[test]
fn a_clock_setting_round_trips_as_text() {
    let texts = ["2026-01-01T12:00:00.000Z", "2026-01-01T12:00:00.000Z+", "2026-01-01T12:00:00.000Z+x60"];
    for text in texts.into_iter().chain(["real", "real x60"]) {
        assert_eq!(text.parse::<ClockSetting>().map(|setting| setting.to_string()).as_deref(), Ok(text));
    }
    let same = |text: &str, other: &str| assert_eq!(text.parse::<ClockSetting>(), other.parse(), "{text}");
    same("2026-01-01T12:00:00Z + x60", "2026-01-01T12:00:00Z+x60");
    same("2026-01-01T12:00:00Z x60", "2026-01-01T12:00:00Z+x60");
    same("2026-01-01T13:00:00+01:00+", "2026-01-01T12:00:00Z+");
    same("x2", "real x2");
    same("real+", "real");
    for text in ["", "+", "noon", "x", "realx-1", "real xx"] {
        let problem = text.parse::<ClockSetting>().expect_err(text);
        assert!(problem.contains("`real x60`") && problem.contains(&format!("{text:?}")), "{problem}");
    }
    for (text, expected) in [
        ("2026-01-01", "expected a date with a time, such as 2026-01-01T00:00:00Z, got \"2026-01-01\""),
        (
            "2026-01-01T12:00+",
            "expected a date with a time zone, such as 2026-01-01T12:00:00Z, got \"2026-01-01T12:00\"",
        ),
        ("2026-01-01T12:00:00Z+x0", "expected a speed from x1 to x10000, got `x0`"),
        ("real x10001", "expected a speed from x1 to x10000, got `x10001`"),
        ("real x1.5", "expected a speed from x1 to x10000, got `x1.5`"),
    ] {
        assert_eq!(text.parse::<ClockSetting>(), Err(expected.to_owned()), "{text}");
    }
}

/// The time of a clock in milliseconds.
async fn now(app: &App, path: &str) -> i64 {
    let clock = app.nobody().get(&format!("{path}/_control/clock")).await.json_of(200);
    match clock["now"].as_str().expect("a date").parse() {
        Ok(ClockSetting::Frozen(milliseconds)) => milliseconds,
        other => panic!("a date is expected, not {other:?}"),
    }
}

#[tokio::test]
async fn a_clock_runs_from_any_time_at_any_speed() {
    let start = |text: &str| {
        let setting = text.parse().expect("a clock setting");
        App::with(|config| config.clock = setting)
    };
    let (normal, fast) = (start("2001-01-01T00:00:00Z+"), start("2001-01-01T00:00:00Z+x1000"));
    let (first, fast_first) = (now(&normal, "").await, now(&fast, "").await);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let passed = now(&normal, "").await - first;
    assert!((50..20_000).contains(&passed), "{passed}");
    let passed = now(&fast, "").await - fast_first;
    assert!((50_000..20_000_000).contains(&passed), "{passed}");
    let clock = fast.nobody().get("/_control/clock").await.json_of(200);
    assert_eq!((&clock["frozen"], &clock["speed"]), (&json!(false), &json!(1_000)));
    fast.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert!(now(&fast, "").await < fast_first + 60_000_000, "a reset returns to the start");
}

#[tokio::test]
async fn a_running_clock_changes_its_speed_without_a_jump() {
    let app = App::new();
    let put = async |change: Value| app.nobody().put("/_control/clock", change).await.json_of(200);
    assert_eq!(put(json!({"speed": 60})).await["speed"], 60);
    assert!((NOON..NOON + 600_000).contains(&now(&app, "").await));
    let set = put(json!({"clock": "2020-05-05T05:05:05Z+x2"})).await;
    assert_eq!((&set["frozen"], &set["speed"]), (&json!(false), &json!(2)));
    assert!(set["now"].as_str().is_some_and(|now| now.starts_with("2020-05-05T05:05:")), "{set}");
    assert_eq!(put(json!({"freeze": "now"})).await["speed"], 0);
    assert_eq!(put(json!({"clock": "real"})).await["speed"], 1);
}

#[tokio::test]
async fn a_clock_can_be_moved_back_to_the_latest_write() {
    let app = App::new();
    let put = async |change: Value| app.nobody().put("/_control/clock", change).await;
    put(json!({"set": "2020-01-01T00:00:00Z"})).await.json_of(200);
    put(json!({"set": "2027-01-01T00:00:00Z"})).await.json_of(200);
    app.nobody().post("/_control/snapshots/before", Value::Null).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    put(json!({"advance": "1d"})).await.json_of(200);
    put(json!({"set": "2027-01-01T00:00:00Z"})).await.json_of(200);
    let problem = put(json!({"set": "2026-12-31T23:59:59Z"})).await.json_of(400);
    let detail = problem["errors"][0]["detail"].as_str().expect("a text");
    assert!(detail.contains("2027-01-01T00:00:00.000Z") && detail.contains("reset the sandbox first"), "{detail}");
    app.nobody().post("/_control/snapshots/before/restore", Value::Null).await.json_of(200);
    put(json!({"set": "2021-01-01T00:00:00Z"})).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    put(json!({"freeze": "2001-01-01T00:00:00Z"})).await.json_of(200);
}

#[tokio::test]
async fn a_sandbox_keeps_the_clock_that_it_was_created_with() {
    let app = App::new();
    let create = async |body: Value| app.nobody().put("/_control/sandboxes/a", body).await;
    let created = create(json!({"clock": "2020-01-01T00:00:00Z"})).await.json_of(200);
    assert_eq!((&created["now"], &created["speed"]), (&json!("2020-01-01T00:00:00.000Z"), &json!(0)));
    app.nobody().put("/_sandbox/a/_control/clock", json!({"advance": "1w 2d"})).await.json_of(200);
    let reset = app.nobody().post("/_sandbox/a/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(reset["now"], "2020-01-01T00:00:00.000Z");
    assert_eq!(create(json!({})).await.json_of(200)["now"], "2026-01-01T12:00:00.000Z");
    let problem = create(json!({"clock": "noon"})).await.json_of(400);
    assert_eq!(problem["errors"][0]["pointer"], "/clock");
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    let copy = json!({"clock": "2020-01-01T00:00:00Z", "sandbox": "default"});
    let problem = create(copy).await.json_of(400);
    assert_eq!(problem["errors"][0]["pointer"], "/clock", "the copied documents are later: {problem}");
}

#[tokio::test]
async fn webhook_retries_follow_the_speed_of_the_clock() {
    let sink = crate::support::sink::Sink::start();
    let app = App::with(|config| config.clock = "2026-01-01T12:00:00Z+x1000".parse().expect("a clock setting"));
    sink.prepare([crate::support::sink::Reply::Status(500), crate::support::sink::Reply::Status(500)]);
    let subscription = json!({"event": "lead.create", "target": sink.url("/")});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    let start = std::time::Instant::now();
    sink.calls(3);
    assert!(start.elapsed() < Duration::from_secs(5), "six seconds of the clock take six milliseconds");
}

#[tokio::test]
async fn an_invalid_change_leaves_the_clock_unchanged() {
    let app = App::new();
    let before = app.nobody().get("/_control/clock").await.json_of(200);
    for (change, pointer) in [
        (json!({"clock": "noon"}), "/clock"),
        (json!({"clock": "real", "speed": 2}), ""),
        (json!({"set": "2026-01-01T12:00:00Z+"}), "/set"),
        (json!({"freeze": "yesterday"}), "/freeze"),
        (json!({"set": 5}), "/set"),
        (json!({"advance": "-1h"}), "/advance"),
        (json!({"advance": "soon"}), "/advance"),
        (json!({"advance": "1month"}), "/advance"),
        (json!({"advance": "9000000h 90000000h"}), "/advance"),
        (json!({"advance": "80000000h"}), "/advance"),
        (json!({"set": "+010000-01-01T00:00:00Z"}), "/set"),
        (json!({"real": false}), ""),
        (json!({}), ""),
        (json!({"freeze": "now", "advance": "1h"}), ""),
        (json!({"speed": 0}), "/speed"),
        (json!({"speed": 10_001}), "/speed"),
        (json!({"sped": 2}), "/sped"),
    ] {
        let answer = app.nobody().put("/_control/clock", change.clone()).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{change}");
        let problem = answer.json_of(400);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{change}: {problem}");
        assert_eq!(app.nobody().get("/_control/clock").await.json_of(200), before, "{change}");
    }
    app.nobody().send(Method::PUT, "/_control/clock", &[], "{").await.json_of(400);
}

#[tokio::test]
async fn tokens_expire_by_the_sandbox_clock() {
    let app = App::new();
    let token = json!({"_id": "42", "firstname": "V", "exp": NOON / 1_000 + 3_600});
    let mut state = app.state().await;
    let project = state["projects"].as_array_mut().expect("projects").iter_mut().find(|one| one["_id"] == PROJECT_ID);
    project.expect("it exists")["jwtSecret"] = json!("secret");
    app.nobody().put("/_control/state", state).await.json_of(200);
    let mut claims = token;
    claims["aud"] = json!(format!("https://tiledesk.com/projects/{PROJECT_ID}"));
    claims["sub"] = json!("userexternal");
    let visitor = app.authorized(signed("secret", Algorithm::Hs256, &claims));
    let sign_in = "/v3/auth/signinWithCustomToken";
    visitor.post(sign_in, Value::Null).await.json_of(200);
    app.nobody().put("/_control/clock", json!({"advance": "59m 59s"})).await.json_of(200);
    visitor.post(sign_in, Value::Null).await.json_of(200);
    app.nobody().put("/_control/clock", json!({"advance": "1s"})).await.json_of(200);
    assert_eq!(visitor.post(sign_in, Value::Null).await.status, 401);
}

#[tokio::test]
async fn webhook_retries_follow_the_sandbox_clock() {
    let (app, sink) = (App::new(), crate::support::sink::Sink::start());
    sink.prepare([crate::support::sink::Reply::Status(500), crate::support::sink::Reply::Status(500)]);
    let subscription = json!({"event": "lead.create", "target": sink.url("/")});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    sink.calls(1);
    for tries in 2..=3 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(sink.count(), tries - 1, "the clock is frozen");
        app.nobody().put("/_control/clock", json!({"advance": "4s"})).await.json_of(200);
        sink.calls(tries);
    }
}

#[tokio::test]
async fn each_sandbox_has_its_own_clock() {
    let app = App::with(|config| config.clock = ClockSetting::Frozen(0));
    app.nobody().put("/_sandbox/a/_control/clock", json!({"advance": "1h"})).await.json_of(200);
    let now = async |path: &str| app.nobody().get(path).await.json_of(200)["now"].clone();
    assert_eq!(now("/_control/clock").await, "1970-01-01T00:00:00.000Z");
    assert_eq!(now("/_control/clock?sandbox=a").await, "1970-01-01T01:00:00.000Z");
    assert_eq!(now("/_control/clock?sandbox=b").await, "1970-01-01T00:00:00.000Z");
}

#[tokio::test]
async fn the_next_event_covers_codes_files_trials_and_visitors() {
    let app = App::new();
    let next = async || app.nobody().get("/_control/clock").await.json_of(200)["next"].clone();
    app.advance("1h").await;
    assert_eq!(next().await, Value::Null, "the events of the default world have expired");

    // A file of a conversation is kept for 30 days.
    let form = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"note.txt\"\r\n\
                Content-Type: text/plain\r\n\r\na note\r\n--b--\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    app.agent().send(Method::POST, &format!("{PROJECT}/files/chat"), &headers, form).await.json_of(201);
    assert_eq!(next().await, json!({"at": "2026-01-31T13:00:00.000Z", "what": "expiry"}));

    let project = app.agent().post("/v3/projects", json!({"name": "New"})).await.json_of(200);
    assert_eq!(project["profile"]["trialDays"], 14);
    assert_eq!(next().await, json!({"at": "2026-01-15T13:00:00.000Z", "what": "trial"}));

    app.nobody().post("/_control/visitors", json!({"rate": 1})).await;
    assert_eq!(next().await["what"], "visit");
    app.nobody().delete("/_control/visitors").await;

    app.nobody().put("/_control/clock", json!({"next": true})).await.json_of(200);
    let project = app.agent().get(&format!("/v3/projects/{}", project["_id"].as_str().expect("an id"))).await;
    assert_eq!(project.json_of(200)["trialExpired"], true);
}
