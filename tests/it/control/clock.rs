//! The clock of a sandbox, which everything that depends on time follows.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tiledesk_mock::ClockSetting;

use crate::support::{App, NOON, PROJECT, seed::PROJECT_ID};

#[tokio::test]
async fn a_clock_can_be_frozen_set_advanced_and_released() {
    let app = App::new();
    let nobody = app.nobody();
    let clock = async |change: Value| nobody.put("/_control/clock", change).await.json_of(200);
    assert_eq!(
        nobody.get("/_control/clock").await.json_of(200),
        json!({"now": "2026-01-01T12:00:00.000Z", "frozen": true})
    );
    let advanced = json!({"now": "2026-01-01T14:30:00.000Z", "frozen": true});
    assert_eq!(clock(json!({"advance": "2h 30m"})).await, advanced);
    assert_eq!(clock(json!({"advance": "PT30M"})).await["now"], "2026-01-01T15:00:00.000Z");
    assert_eq!(clock(json!({"advance": "9h"})).await["now"], "2026-01-02T00:00:00.000Z");
    assert_eq!(
        clock(json!({"set": "2026-01-02T12:00:00Z"})).await,
        json!({"now": "2026-01-02T12:00:00.000Z", "frozen": true})
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
    for text in ["real", "2026-01-01T12:00:00.000Z"] {
        assert_eq!(text.parse::<ClockSetting>().map(|setting| setting.to_string()).as_deref(), Ok(text));
    }
}

#[tokio::test]
async fn an_invalid_change_leaves_the_clock_unchanged() {
    let app = App::new();
    let before = app.nobody().get("/_control/clock").await.json_of(200);
    for (change, pointer) in [
        (json!({"freeze": "2025-12-31T00:00:00Z"}), "/freeze"),
        (json!({"set": "2026-01-01T11:59:59.999Z"}), "/set"),
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
        (json!({"speed": 2}), "/speed"),
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
    let key = jsonwebtoken::EncodingKey::from_secret(b"secret");
    let mut claims = token;
    claims["aud"] = json!(format!("https://tiledesk.com/projects/{PROJECT_ID}"));
    claims["sub"] = json!("userexternal");
    let token =
        jsonwebtoken::encode(&jsonwebtoken::Header::default(), &claims, &key).expect("claims serialize to JSON");
    let visitor = app.authorized(format!("JWT {token}"));
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
