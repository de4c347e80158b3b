//! What nobody should send: the server refuses it, stays up, and changes nothing.
//!
//! `PROPTEST_CASES` says how many made-up calls of each kind there are.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{App, PROJECT, socket::Socket};

const AGENT: &str = "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2";

/// Runs a property in a runtime of its own.
fn hold<S: Strategy>(cases: u32, strategy: &S, property: impl AsyncFn(S::Value)) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    // As many as are asked for, or else as many as do not take long.
    let config = Config { failure_persistence: None, ..Config::default() };
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { config.cases } else { cases };
    let mut runner = TestRunner::new(Config { cases, ..config });
    let outcome = runner.run(strategy, |value| {
        runtime.block_on(property(value));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names(), inner), 0..6).prop_map(|all| Value::from(Map::from_iter(all))),
        ]
    })
}

/// Fields that operations look at, and others.
fn names() -> impl Strategy<Value = String> {
    let known =
        ["_id", "lead_id", "fullname", "attributes", "tags", "text", "role", "id_project", "members", "filters"];
    prop_oneof![prop::sample::select(Vec::from(known)).prop_map(str::to_owned), ".{0,8}"]
}

async fn refused_or_done(app: &App, request: Request<Bytes>) {
    let told = format!("{request:?}");
    let status = app.call(request).await.status.as_u16();
    assert!(status < 500 || status == 501, "{status} for {told}");
}

#[test]
fn no_body_breaks_it() {
    let app = App::new();
    let paths = [
        "leads",
        "requests",
        "requests/support-group-1/messages",
        "tags",
        "groups",
        "segments",
        "bots",
        "kb",
        "events",
    ];
    let kinds =
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"];
    let bodies = prop_oneof![
        json_values().prop_map(|value| value.to_string().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec((names(), ".{0,20}"), 0..6).prop_map(|all| {
            let parts = all.iter().map(|(name, text)| {
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
            });
            parts.chain(["--b--\r\n".to_owned()]).collect::<String>().into_bytes()
        }),
    ];
    let calls = (prop::sample::select(Vec::from(paths)), prop::sample::select(Vec::from(kinds)), bodies);
    hold(400, &calls, async |(path, kind, body)| {
        let request = Request::post(format!("{PROJECT}/{path}"))
            .header(header::AUTHORIZATION, AGENT)
            .header(header::CONTENT_TYPE, kind);
        refused_or_done(&app, request.body(body.into()).expect("a request")).await;
    });
}

#[test]
fn no_query_and_no_path_break_it() {
    let app = App::new();
    let lists = ["leads", "requests", "activities", "events", "kb", "faq", "analytics/requests/count", "files"];
    let known =
        ["page", "limit", "sortField", "direction", "full_text", "status", "start_date", "search", "path", "namespace"];
    let pairs = prop::collection::vec((prop::sample::select(Vec::from(known)), ".{0,12}"), 0..5);
    let made_up = prop::collection::vec(".{0,12}", 0..5);
    let calls = (prop::sample::select(Vec::from(lists)), pairs, made_up, any::<bool>());
    hold(400, &calls, async |(list, pairs, segments, by_path)| {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let path = segments.iter().fold(PROJECT.to_owned(), |path, segment| {
            path + "/" + &form_urlencoded::byte_serialize(segment.as_bytes()).collect::<String>()
        });
        let target = if by_path { path } else { format!("{PROJECT}/{list}?{query}") };
        let request = Request::get(target).header(header::AUTHORIZATION, AGENT);
        refused_or_done(&app, request.body(Bytes::new()).expect("a request")).await;
    });
}

#[test]
fn no_world_breaks_it_and_a_bad_one_changes_nothing() {
    let app = App::new();
    let collections = ["leads", "requests", "messages", "users", "projects", "nonsense"];
    let worlds = prop_oneof![
        (prop::sample::select(Vec::from(collections)), json_values())
            .prop_map(|(name, value)| json!({ name: [value] })),
        json_values(),
    ];
    hold(150, &worlds, async |world| {
        let before = app.state().await;
        let answer = app.nobody().put("/_control/state", world.clone()).await;
        match answer.status.as_u16() {
            200 => drop(app.nobody().post("/_control/reset", json!({})).await.expect(200)),
            400 => assert_eq!(app.state().await, before, "{world} changed something"),
            status => panic!("{status} for {world}"),
        }
    });
}

#[test]
fn no_frame_breaks_it() {
    let app = App::new();
    let topics = prop_oneof![Just("/5b55e806c93dde00143163dd/requests".to_owned()), ".{0,30}"];
    let frames = prop_oneof![
        json_values().prop_map(|value| Message::text(value.to_string())),
        (prop::sample::select(vec!["subscribe", "unsubscribe", "publish", "heartbeat", ""]), topics, json_values())
            .prop_map(|(action, topic, body)| {
                let payload = json!({"topic": topic, "message": body});
                Message::text(json!({"action": action, "payload": payload}).to_string())
            }),
        ".{0,60}".prop_map(Message::text),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(Message::binary),
    ];
    hold(60, &prop::collection::vec(frames, 1..8), async |frames| {
        let mut socket = Socket::of(&app, "agent@example.com").await;
        for frame in frames {
            // It may have been closed by what came before.
            if futures_util::SinkExt::send(&mut socket.0, frame).await.is_err() {
                break;
            }
        }
        app.agent().get(&format!("{PROJECT}/leads")).await.expect(200);
    });
}

/// Says something to a socket, and hears what comes within some seconds; `None` when nothing ever does.
async fn heard(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![0; 4_096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.ok()?;
    Some(String::from_utf8_lossy(&bytes[..read.unwrap_or(0)]).into_owned())
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let app = App::new();
    let many = (0..1_000).map(|number| format!("x-{number}: 1\r\n")).collect::<Vec<_>>().concat();
    let long = |kilobytes: usize| format!("x-long: {}\r\n", "x".repeat(kilobytes << 10));
    for (headers, status) in [(long(100), "200"), (long(1_000), "431"), (many, "431")] {
        let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
        let head = format!("GET {PROJECT}/leads HTTP/1.1\r\nHost: x\r\nAuthorization: {AGENT}\r\n{headers}\r\n");
        // It need not be read to its end.
        let _ = stream.write_all(head.as_bytes()).await;
        let answer = heard(&mut stream).await.expect("an answer");
        assert_eq!(answer.split(' ').nth(1), Some(status), "{} bytes: {answer}", head.len());
    }
    app.agent().get(&format!("{PROJECT}/leads")).await.expect(200);
}

#[tokio::test]
async fn who_says_nothing_more_keeps_nobody_waiting() {
    let app = App::new();
    let mut silent = Vec::new();
    for said in ["", "GET / HT", "POST /v3/auth/signin HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"].repeat(100)
    {
        let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
        stream.write_all(said.as_bytes()).await.expect("the server reads");
        silent.push(stream);
    }
    let request = format!("GET {PROJECT}/leads HTTP/1.1\r\nHost: x\r\nAuthorization: {AGENT}\r\n\r\n");
    let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    assert!(heard(&mut stream).await.expect("an answer").starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn the_last_of_two_equal_keys_counts() {
    let app = App::new();
    let body = r#"{"lead_id":"twice","fullname":"First","fullname":"Last"}"#;
    let headers = [("content-type", "application/json")];
    let lead = app.agent().send(Method::POST, &format!("{PROJECT}/leads"), &headers, body).await.expect(200);
    assert_eq!(lead["fullname"], "Last");
    let bytes = Bytes::from_static(b"{\"fullname\":\"\xff\"}");
    assert_eq!(app.agent().send(Method::POST, &format!("{PROJECT}/leads"), &headers, bytes).await.status, 400);
}

#[tokio::test]
async fn patterns_take_no_longer_than_they_are() {
    let app = App::new();
    let start = std::time::Instant::now();
    for search in ["(a*)*$", "(a|a)*b", "((((a{99}){99}){99}){99})", "(", "[[[[[["] {
        let search: String = form_urlencoded::byte_serialize(search.as_bytes()).collect();
        let list = format!("/v3/63ad512e70d5ed0012ad6286/kb?namespace=63ad512e70d5ed0012ad6286&search={search}");
        let status = app.owner().get(&list).await.status.as_u16();
        assert!([200, 400, 422].contains(&status), "{status} for {search}");
    }
    for glob in ["*".repeat(2_000), "{a,b}".repeat(200), "{".repeat(500), "**/".repeat(500)] {
        let fault = json!({"match": {"path": glob}, "effect": {"status": 503}});
        let status = app.nobody().post("/_control/faults", fault).await.status.as_u16();
        assert!([200, 400].contains(&status), "{status} for {glob}");
        let answer = app.agent().get(&format!("{PROJECT}/leads/{}", "a".repeat(5_000))).await.status.as_u16();
        assert!([404, 503].contains(&answer), "{answer} with {glob}");
    }
    assert!(start.elapsed() < Duration::from_secs(20), "it took {:?}", start.elapsed());
}
