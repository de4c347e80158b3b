//! The crate embedded in tests, with any runtime or none.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tiledesk_mock::{Error, Fake, Fault};

const LEADS: &str = "/v3/5b55e806c93dde00143163dd/leads";

fn call(method: &str, path: &str, body: &str) -> Request<Bytes> {
    let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    let request = request.header(header::AUTHORIZATION, "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2");
    request.body(Bytes::from(body.to_owned())).expect("a valid request")
}

#[test]
fn a_sync_test_needs_no_runtime() {
    let fake = Fake::builder().seed(7).frozen_at(SystemTime::UNIX_EPOCH).start().expect("a free port");
    let sandbox = fake.sandbox("sync");
    let client = sandbox.client();
    assert_eq!(client.send_blocking(call("POST", LEADS, r#"{"lead_id":"1"}"#)).status(), StatusCode::OK);
    assert_eq!((sandbox.count("create_lead"), fake.default_sandbox().count("create_lead")), (Ok(1), Ok(0)));
    assert_eq!(sandbox.now(), SystemTime::UNIX_EPOCH);
    sandbox.advance(Duration::from_secs(90)).expect("the time is in range");
    assert_eq!(sandbox.now(), SystemTime::UNIX_EPOCH + Duration::from_secs(90));
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    assert!(sandbox.freeze_at(before).is_err(), "the lead was written later");
    sandbox.reset();
    assert_eq!((sandbox.now(), sandbox.count("create_lead")), (SystemTime::UNIX_EPOCH, Ok(0)));
    assert_eq!(sandbox.url(), format!("{}/_sandbox/sync", fake.url()));
    let other = fake.client().send_blocking(call("GET", &format!("/_sandbox/sync{LEADS}"), ""));
    assert_eq!(serde_json::from_slice::<Value>(other.body()).expect("JSON")["count"], 4);
}

#[test]
fn any_runtime_is_supported() {
    let waiting = async {
        let fake = Fake::start().await;
        let sandbox = fake.default_sandbox();
        let fault = Fault::status(503).for_operation("get_lead").times(1);
        sandbox.inject(&fault).expect("a valid fault");
        let client = fake.client();
        let path = format!("{LEADS}/5c81593adf767b0017d1aa66");
        let first = client.send(call("GET", &path, "")).await;
        let second = client.send(call("GET", &path, "")).await;
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (503, 200));
        let arrived = sandbox.wait_for("get_lead", 2, Duration::from_secs(5)).await.expect("both calls arrived");
        assert_eq!((arrived[0].fault.as_deref(), arrived[1].fault.as_deref()), (Some("fault 1"), None));
        let none = sandbox.wait_for("create_lead", 1, Duration::from_millis(20)).await;
        assert!(none.is_err(), "no such call arrived");
        sandbox.inject(&Fault::delay(Duration::from_millis(10)).times(1)).expect("a valid fault");
        assert_eq!(client.send(call("GET", &path, "")).await.status(), 200);
    };
    pollster::block_on(waiting);
}

#[tokio::test]
async fn changes_since_a_snapshot_can_be_read_and_undone() {
    let fake = Fake::start().await;
    let sandbox = fake.sandbox("changes");
    sandbox.take_snapshot("before");
    sandbox.client().send(call("POST", LEADS, r#"{"lead_id":"1"}"#)).await;
    let changes = sandbox.changes_since("before").expect("the snapshot exists");
    assert_eq!(changes["leads"]["added"][0]["lead_id"], "1");
    assert_eq!(changes.as_object().map(serde_json::Map::len), Some(1));
    sandbox.restore("before").expect("the snapshot exists");
    assert_eq!(sandbox.changes_since("before"), Ok(json!({})));
    assert!(sandbox.restore("none").is_err());
    let state = sandbox.state();
    sandbox.set_state(&json!({"projects": []})).expect("a valid world");
    assert!(sandbox.set_state(&json!({"nonsense": []})).is_err());
    assert_eq!(sandbox.state(), json!({}));
    sandbox.set_state(&state).expect("an exported world is valid");
    assert_eq!(sandbox.state(), state);
}

#[tokio::test]
async fn an_invalid_fault_is_rejected() {
    let fake = Fake::start().await;
    let sandbox = fake.default_sandbox();
    for (fault, told) in [
        (Fault::status(200), "/effect/status: 200 is less than the minimum of 400"),
        (Fault::status(500).for_operation("no_such"), "no_such"),
        (Fault::delay(Duration::from_millis(1)).for_path("/["), "/match/path"),
        (Fault::truncate_body(1).with_body(json!({})), "/effect/body"),
        (Fault::reset_before().probability(2.0), "probability"),
    ] {
        let refused = sandbox.inject(&fault).expect_err("an invalid fault").to_string();
        assert!(refused.contains(told) && !refused.contains("failed to parse"), "{refused}");
    }
}

#[tokio::test]
async fn a_fault_applies_to_matching_calls_only() {
    let fake = Fake::start().await;
    let sandbox = fake.default_sandbox();
    let fault =
        Fault::status(503).for_method(&Method::POST).for_header("x-worker", "w*").for_body("/lead_id", json!("1"));
    sandbox.inject(&fault).expect("a valid fault");
    let client = fake.client();
    let mut told = Vec::new();
    let lead = format!("{LEADS}/5c81593adf767b0017d1aa66");
    // Each call but the first differs from the fault's matcher in one respect.
    for (method, path, worker, body) in [
        ("POST", LEADS, "w1", r#"{"lead_id":"1"}"#),
        ("PUT", &lead, "w1", r#"{"lead_id":"1"}"#),
        ("POST", LEADS, "x1", r#"{"lead_id":"1"}"#),
        ("POST", LEADS, "w1", r#"{"lead_id":"2"}"#),
    ] {
        let mut request = call(method, path, body);
        request.headers_mut().insert("x-worker", worker.parse().expect("a value"));
        told.push(client.send(request).await.status().as_u16());
    }
    assert_eq!(told, [503, 200, 200, 200]);
}

#[tokio::test]
async fn coverage_can_be_read_and_written_to_a_file() {
    let fake = Fake::start().await;
    let coverage = fake.coverage();
    assert!(coverage.percent() < f64::EPSILON);
    fake.client().send(call("GET", LEADS, "")).await;
    assert!(coverage.percent() > 0.0);
    let folder = tempfile::tempdir().expect("a folder");
    let other = coverage.write(&folder.path().join("a.txt")).expect_err("no format has this extension");
    assert_eq!(other.kind(), std::io::ErrorKind::InvalidInput);
    for (name, begin) in [("a.json", "{"), ("a.xml", "<?xml"), ("a.md", "# Coverage"), ("a.html", "<!doctype")] {
        coverage.write(&folder.path().join(name)).expect("the folder is writable");
        let text = std::fs::read_to_string(folder.path().join(name)).expect("the report exists");
        assert!(text.starts_with(begin), "{name}");
    }
}

#[test]
fn an_inline_world_survives_a_reset() {
    let default = Fake::builder().start().expect("a free port").default_sandbox().state();
    let mut user = default["users"][0].clone();
    user["email"] = json!("ada@example.com");
    let fake = Fake::builder().world(json!({"users": [user]})).start().expect("a valid world");
    let sandbox = fake.default_sandbox();
    let before = sandbox.state();
    sandbox.set_state(&json!({})).expect("an empty world is valid");
    assert_eq!(sandbox.state(), json!({}));
    sandbox.reset();
    assert_eq!(sandbox.state(), before);
    assert_eq!(before["users"][0]["email"], "ada@example.com");
    let invalid = Fake::builder().world(json!({"user": []})).start().expect_err("an unknown collection");
    assert!(invalid.to_string().starts_with("world: /user: "), "{invalid}");
}

#[test]
fn an_expectation_counts_the_calls_since_it_was_created() {
    let fake = Fake::builder().start().expect("a free port");
    let (sandbox, client) = (fake.default_sandbox(), fake.client());
    let list = || client.send_blocking(call("GET", LEADS, "")).status();
    assert_eq!(list(), StatusCode::OK);
    let expectation = sandbox.expect("list_leads", 1).expect("an operation");
    assert_eq!(list(), StatusCode::OK);
    assert_eq!(expectation.verify(), Ok(()));
    let expectation = sandbox.expect("create_lead", 1..).expect("an operation");
    assert_eq!(list(), StatusCode::OK);
    let unmet = expectation.verify().expect_err("nothing was created").to_string();
    assert!(unmet.starts_with("expected at least 1 calls of `create_lead`, got 0; other calls: "), "{unmet}");
    assert!(unmet.contains("list_leads"), "{unmet}");
    assert!(
        matches!(sandbox.expect("creat_lead", 1), Err(Error::UnknownOperation(why)) if why.contains("create_lead"))
    );
}

#[test]
#[should_panic(expected = "expected 0 calls of `list_leads`, got 1")]
fn an_expectation_is_verified_when_it_is_dropped() {
    let fake = Fake::builder().start().expect("a free port");
    let _never = fake.default_sandbox().expect("list_leads", 0).expect("an operation");
    assert_eq!(fake.client().send_blocking(call("GET", LEADS, "")).status(), StatusCode::OK);
}

#[tokio::test]
async fn webhooks_arrive_in_a_test_inbox() {
    let fake = Fake::start().await;
    let sandbox = fake.sandbox("inbox");
    let subscription = json!({"event": "lead.create", "target": sandbox.inbox_url("leads")}).to_string();
    let mut subscribe = call("POST", "/v3/5b55e806c93dde00143163dd/subscriptions", &subscription);
    let owner = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2".parse().expect("a header");
    subscribe.headers_mut().insert(header::AUTHORIZATION, owner);
    assert_eq!(sandbox.client().send(subscribe).await.status(), StatusCode::OK);
    assert_eq!(sandbox.client().send(call("POST", LEADS, r#"{"lead_id":"1"}"#)).await.status(), StatusCode::OK);
    let mut inbox = sandbox.inbox("leads");
    for _ in 0..500 {
        if !inbox.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        inbox = sandbox.inbox("leads");
    }
    let payload: Value = serde_json::from_slice(&inbox[0].body).expect("JSON");
    assert_eq!((inbox[0].method.as_str(), &payload["hook"]["event"]), ("POST", &json!("lead.create")));
    let ours: Vec<_> = sandbox.deliveries().into_iter().filter(|delivery| delivery.event == "lead.create").collect();
    assert!(ours.iter().any(|delivery| delivery.target == sandbox.inbox_url("leads")), "{ours:?}");
}

#[test]
fn sandboxes_are_listed_and_deleted() {
    let fake = Fake::builder().start().expect("a free port");
    let sandbox = fake.sandbox("one");
    assert_eq!(fake.sandboxes(), ["default", "one"]);
    sandbox.set_seed(7);
    assert_eq!(sandbox.seed(), 7);
    assert!(fake.delete_sandbox("one") && !fake.delete_sandbox("one") && !fake.delete_sandbox("default"));
    assert_eq!(fake.sandboxes(), ["default"]);
}

#[test]
fn presets_and_delays_are_faults() {
    let fake = Fake::builder().start().expect("a free port");
    let sandbox = fake.default_sandbox();
    sandbox.inject(&Fault::down().for_operation("list_leads")).expect("a preset");
    let slow = Fault::status(503).with_delay(Duration::from_millis(20)).with_jitter(Duration::from_millis(5));
    sandbox.inject(&slow.for_operation("get_lead")).expect("a fault");
    let client = fake.client();
    assert!(client.send_blocking(call("GET", LEADS, "")).status().is_server_error());
    let start = std::time::Instant::now();
    let lead = format!("{LEADS}/5c81593adf767b0017d1aa66");
    assert_eq!(client.send_blocking(call("GET", &lead, "")).status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(start.elapsed() >= Duration::from_millis(20));
    sandbox.clear_faults();
    assert_eq!(client.send_blocking(call("GET", LEADS, "")).status(), StatusCode::OK);
}

#[test]
fn the_clock_can_go_back_to_the_latest_write() {
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800);
    let fake = Fake::builder().frozen_at(noon).start().expect("a free port");
    let sandbox = fake.default_sandbox();
    let earlier = noon - Duration::from_secs(1);
    sandbox.freeze_at(earlier).expect("nothing has been written");
    sandbox.freeze_at(noon).expect("not before the latest write");
    let lead = sandbox.client().send_blocking(call("POST", LEADS, r#"{"lead_id":"1"}"#)).status();
    assert_eq!(lead, StatusCode::OK);
    assert!(matches!(sandbox.freeze_at(earlier), Err(Error::ClockWouldGoBack { now, .. }) if now == noon));
    sandbox
        .start_clock("2026-01-01T12:00:00Z+x60".parse().expect("a clock setting"))
        .expect("not before the latest write");
    assert!(sandbox.now() >= noon);
    sandbox.freeze_at(noon + Duration::from_secs(1)).expect("not before the latest write");
    assert_eq!(sandbox.now(), noon + Duration::from_secs(1));
    assert!(matches!(sandbox.advance(Duration::MAX), Err(Error::ClockOutOfRange(_))));
}

#[test]
fn control_calls_by_listed_host_names_are_accepted() {
    let fake = Fake::builder().control_hosts(["host.docker.internal", "*.svc"]).start().expect("a free port");
    let status = |host: &str| {
        let request = Request::get("/_control/clock").header(header::HOST, host).body(Bytes::new()).expect("a request");
        fake.client().send_blocking(request).status().as_u16()
    };
    for (host, expected) in [
        ("host.docker.internal:4010", 200),
        ("tiledesk.default.svc", 200),
        ("localhost:4010", 200),
        ("evil.example", 403),
        ("host.docker.internal.evil.example", 403),
    ] {
        assert_eq!(status(host), expected, "{host}");
    }
}
