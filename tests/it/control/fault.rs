//! Faults: each kind (over real sockets where that matters), matching, and validation.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{App, PROJECT, seed::LEAD};

fn lead() -> String {
    format!("{PROJECT}/leads/{LEAD}")
}

async fn fault(app: &App, fault: Value) -> Value {
    app.nobody().post("/_control/faults", fault).await.json_of(200)
}

/// Everything a socket receives, and how the connection ended.
async fn over_socket(app: &App, request: &str) -> (String, std::io::Result<()>) {
    let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the request can be sent");
    let mut heard = Vec::new();
    let end = loop {
        let mut bytes = [0; 4_096];
        match stream.read(&mut bytes).await {
            Ok(0) => break Ok(()),
            Ok(count) => heard.extend_from_slice(&bytes[..count]),
            Err(error) => break Err(error),
        }
    };
    (String::from_utf8_lossy(&heard).into_owned(), end)
}

fn get(path: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2\r\nConnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn a_status_fault_uses_the_error_body_of_the_api() {
    let app = App::new();
    for (status, words) in [
        (401, Value::Null),
        (403, json!({"success": false, "msg": "Unauthorized."})),
        (404, json!({"success": false, "msg": "Object not found."})),
        (413, json!({"err": "Request entity too large", "limit": 512_000})),
        (422, json!({"errors": []})),
        (429, json!({"message": "Rate limit exceeded", "limit": 200, "window": 60})),
        (500, json!({"err": "error"})),
        (503, json!({"success": false, "msg": "The service is down for maintenance."})),
    ] {
        fault(&app, json!({"match": {"operation": "get_lead"}, "effect": {"status": status}})).await;
        let answer = app.agent().get(&lead()).await;
        assert_eq!(answer.status, status);
        if status == 401 {
            assert_eq!((answer.text().as_str(), answer.header("www-authenticate").is_some()), ("Unauthorized", true));
        } else {
            assert_eq!(answer.json(), words);
        }
        assert_eq!(answer.header("retry-after").is_some(), status == 429, "{status}");
        app.nobody().delete("/_control/faults").await.json_of(200);
    }
    fault(&app, json!({"effect": {"status": 503, "body": {"down": true}, "retryAfter": 7}})).await;
    let answer = app.agent().get(&lead()).await;
    assert_eq!((answer.header("retry-after"), answer.json_of(503)), (Some("7"), json!({"down": true})));
    app.nobody().delete("/_control/faults").await.json_of(200);
    app.agent().get(&lead()).await.json_of(200);
}

#[tokio::test]
async fn a_fault_before_does_nothing_and_one_after_has_applied_the_call() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let count = async || app.agent().get(&leads).await.json_of(200)["count"].clone();
    fault(&app, json!({"match": {"operation": "create_lead"}, "times": 1, "effect": {"status": 500}})).await;
    app.agent().post(&leads, json!({"lead_id": "1"})).await.json_of(500);
    assert_eq!(count().await, 4);
    let body = r#"{"lead_id":"1"}"#;
    let post = format!(
        "POST {leads} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for (time, expected) in [("before", 4), ("after", 5)] {
        fault(&app, json!({"match": {"operation": "create_lead"}, "times": 1, "effect": {"reset": time}})).await;
        let (heard, end) = over_socket(&app, &post).await;
        assert_eq!(
            (heard.as_str(), end.map_err(|error| error.kind())),
            ("", Err(std::io::ErrorKind::ConnectionReset)),
            "{time}"
        );
        assert_eq!(count().await, expected, "{time}");
    }
    assert_eq!(app.agent().get(&lead()).await.status, 200, "the server keeps running");
}

#[tokio::test]
async fn responses_are_truncated_corrupted_and_mislabeled() {
    let app = App::new();
    let whole = app.agent().get(&lead()).await;
    fault(&app, json!({"nth": 1, "effect": {"cut": 20}})).await;
    fault(&app, json!({"nth": 1, "effect": {"malformed": true}})).await;
    fault(&app, json!({"nth": 1, "effect": {"contentType": "text/html"}})).await;
    let (heard, _) = over_socket(&app, &get(&lead())).await;
    let (fields, body) = heard.split_once("\r\n\r\n").expect("a header section");
    assert!(fields.contains(&format!("content-length: {}", whole.body.len())), "{fields}");
    assert_eq!(body, &whole.text()[..20]);
    let broken = app.agent().get(&lead()).await;
    assert!(broken.status == 200 && serde_json::from_slice::<Value>(&broken.body).is_err(), "{}", broken.text());
    let mislabelled = app.agent().get(&lead()).await;
    assert_eq!((mislabelled.header("content-type"), mislabelled.json()), (Some("text/html"), whole.json()));
    assert_eq!(app.agent().get(&lead()).await.json(), whole.json(), "the third call is not affected");
}

#[tokio::test]
async fn a_call_can_be_delayed() {
    let app = App::new();
    fault(&app, json!({"times": 1, "effect": {"delay": 100, "jitter": 50, "status": 500}})).await;
    let start = Instant::now();
    app.agent().get(&lead()).await.json_of(500);
    assert!((100..10_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    let start = Instant::now();
    app.agent().send(Method::GET, &lead(), &[("prefer", "wait=0.2")], "").await.json_of(200);
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_request_header_can_ask_for_a_fault() {
    let app = App::new();
    let ask =
        async |prefer: &str| app.agent().send(Method::GET, &lead(), &[("prefer", prefer)], "").await.status.as_u16();
    let asked = [ask("code=503").await, ask("code=404, wait=0").await, ask("respond-async; code=\"429\"").await];
    assert_eq!(asked, [503, 404, 429]);
    assert_eq!(
        [ask("code=200").await, ask("code=abc").await, ask("wait=1000").await],
        [200; 3],
        "invalid values are ignored"
    );
    let calls = app.nobody().get("/_control/journal?operation=get_lead").await.json_of(200);
    assert_eq!((&calls["calls"][0]["fault"], &calls["calls"][3]["fault"]), (&json!("preferred"), &Value::Null));
}

#[tokio::test]
async fn faults_apply_to_matching_calls() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    for (pattern, expected) in [
        (json!({"operation": "get_lead"}), [500, 200, 200]),
        (json!({"method": "post"}), [200, 200, 500]),
        (json!({"path": "/v3/*/leads"}), [200, 500, 500]),
        (json!({"path": "/v3/*"}), [200, 200, 200]),
        (json!({"path": "/v3/**"}), [500, 500, 500]),
        (json!({"headers": {"Content-Type": "application/*"}}), [200, 200, 500]),
        (json!({"headers": {"X-None": "*"}}), [200, 200, 200]),
        (json!({"body": {"/attributes/plan": "pro"}}), [200, 200, 500]),
        (json!({"body": {"/attributes/plan": "free"}}), [200, 200, 200]),
        (json!({"method": "GET", "path": "/v3/*/leads"}), [200, 500, 200]),
    ] {
        fault(&app, json!({"match": pattern.clone(), "effect": {"status": 500}})).await;
        let body = json!({"attributes": {"plan": "pro"}});
        let answered = [
            app.agent().get(&lead()).await.status.as_u16(),
            app.agent().get(&leads).await.status.as_u16(),
            app.agent().post(&leads, body).await.status.as_u16(),
        ];
        assert_eq!(answered, expected, "{pattern}");
        app.nobody().delete("/_control/faults").await.json_of(200);
    }
}

#[tokio::test]
async fn faults_apply_in_order_and_as_often_as_requested() {
    let app = App::new();
    let statuses = async |count: usize| {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(app.agent().get(&lead()).await.status.as_u16());
        }
        all
    };
    let first = fault(&app, json!({"times": 2, "effect": {"status": 503}})).await;
    assert_eq!(statuses(3).await, [503, 503, 200], "fail twice, then succeed");
    let second = fault(&app, json!({"nth": 2, "effect": {"status": 500}})).await;
    assert_eq!(statuses(3).await, [200, 500, 200]);
    let list = app.nobody().get("/_control/faults").await.json_of(200);
    assert_eq!(
        (&list["count"], &list["faults"][0]["applied"], &list["faults"][1]["matched"]),
        (&json!(2), &json!(2), &json!(3))
    );
    let third = fault(&app, json!({"effect": {"status": 502}})).await;
    app.nobody().delete(&format!("/_control/faults/{}", second["id"])).await.json_of(200);
    app.nobody().delete(&format!("/_control/faults/{}", second["id"])).await.json_of(404);
    let left = app.nobody().get("/_control/faults").await.json_of(200);
    let ids = (&left["count"], &left["faults"][0]["id"], &left["faults"][1]["id"]);
    assert_eq!(ids, (&json!(2), &first["id"], &third["id"]));
    assert_eq!(statuses(2).await, [502, 502], "the remaining fault still applies");
    app.nobody().delete(&format!("/_control/faults/{}", third["id"])).await.json_of(200);
    fault(&app, json!({"probability": 0.7, "effect": {"status": 500}})).await;
    let drawn = statuses(100).await;
    let failed = drawn.iter().filter(|status| **status == 500).count();
    assert!((51..90).contains(&failed), "{failed}");
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    fault(&app, json!({"probability": 0.5, "effect": {"status": 500}})).await;
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(statuses(1).await, [200], "a reset removes all faults");
}

#[tokio::test]
async fn random_faults_are_reproducible_by_seed() {
    let run = async |seed: u64| {
        let app = App::with(|config| config.seed = seed);
        fault(&app, json!({"preset": "flaky"})).await;
        let mut all = Vec::new();
        for _ in 0..60 {
            all.push(app.agent().get(&lead()).await.status.as_u16());
        }
        all
    };
    let first = run(1).await;
    assert!(first.contains(&500) && first.contains(&200));
    assert_eq!(first, run(1).await);
    assert_ne!(first, run(2).await);
}

#[tokio::test]
async fn presets_are_labeled() {
    let app = App::new();
    fault(&app, json!({"preset": "down", "match": {"operation": "list_leads"}})).await;
    app.agent().get(&lead()).await.json_of(200);
    let answer = app.agent().get(&format!("{PROJECT}/leads")).await;
    assert_eq!((answer.header("retry-after"), answer.status.as_u16()), (Some("30"), 503));
    fault(&app, json!({"preset": "slow", "times": 1})).await;
    let start = Instant::now();
    app.agent().get(&lead()).await.json_of(200);
    assert!(start.elapsed() >= Duration::from_millis(500));
    let calls = app.nobody().get("/_control/journal").await.json_of(200);
    let faults: Vec<_> = calls["calls"].as_array().expect("calls").iter().map(|call| call["fault"].clone()).collect();
    assert_eq!(faults, [Value::Null, json!("down"), json!("slow")]);
}

#[tokio::test]
async fn invalid_faults_are_rejected_with_all_their_problems() {
    let app = App::new();
    for (rule, pointers) in [
        (json!({}), vec!["/effect"]),
        (json!({"effect": {}}), vec!["/effect"]),
        (json!({"effect": {"status": 200}}), vec!["/effect/status"]),
        (json!({"effect": {"status": 500, "colour": 1}}), vec!["/effect/colour"]),
        (json!({"when": 1, "effect": {"status": 500}}), vec!["/when"]),
        (
            json!({"match": {"operation": "no_such", "path": "/[", "method": "A B"}, "effect": {"delay": 900_000}}),
            vec!["/match/operation", "/match/method", "/match/path", "/effect/delay"],
        ),
        (
            json!({"match": {"headers": {"a b": "*", "ok": "[", "n": 1}}, "effect": {"delay": 1}}),
            vec!["/match/headers/a b", "/match/headers/ok", "/match/headers/n"],
        ),
        (json!({"match": {"body": {"name": 1}}, "effect": {"delay": 1}}), vec!["/match/body/name"]),
        (json!({"effect": {"reset": "before", "cut": 1}}), vec!["/effect/reset"]),
        (json!({"effect": {"reset": "later"}}), vec!["/effect/reset"]),
        (json!({"effect": {"delay": 1, "body": {}, "retryAfter": 1}}), vec!["/effect/body", "/effect/retryAfter"]),
        (json!({"effect": {"contentType": "a\nb"}}), vec!["/effect/contentType"]),
        (json!({"preset": "flaky", "effect": {"delay": 1}}), vec!["/preset"]),
        (json!({"preset": "odd"}), vec!["/preset"]),
        (json!({"nth": 0, "probability": 2, "effect": {"delay": 1}}), vec!["/nth", "/probability"]),
    ] {
        let answer = app.nobody().post("/_control/faults", rule.clone()).await;
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{rule}");
        let problem = answer.json_of(400);
        let told: Vec<_> =
            problem["errors"].as_array().expect("errors").iter().map(|error| error["pointer"].clone()).collect();
        assert_eq!(told, pointers, "{rule}: {problem}");
    }
    let bomb = json!({"match": {"path": "*a".repeat(5_000)}, "effect": {"status": 500}});
    fault(&app, bomb).await;
    let start = Instant::now();
    app.agent().get(&format!("/v3/{}", "a".repeat(8_000))).await.json_of(404);
    assert!(start.elapsed() < Duration::from_secs(2), "globs match in linear time");
    assert_eq!(app.nobody().get("/_control/faults").await.json_of(200)["count"], 1);
}
