//! Hostile input: the server rejects it, keeps running, and changes nothing.
//!
//! `HOSTILE_SECONDS` sets how long each kind of input is generated; the default is a few hundred cases. Known failures
//! are replayed first (`hostile.proptest-regressions`).

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Method, Request, header};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::Message;

use crate::support::{
    App, PROJECT,
    seed::{OTHER_BOT, PROJECT_ID, SALES},
    socket::Socket,
};

const AGENT: &str = "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2";
const OWNER: &str = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2";

/// Checks a property in its own runtime, for `cases` cases or as long as the time limit allows.
fn hold<S: Strategy>(name: &'static str, cases: u32, strategy: &S, property: impl AsyncFn(S::Value)) {
    const FOUND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/hostile.proptest-regressions");
    let time = std::env::var("HOSTILE_SECONDS").map_or(0, |seconds| seconds.parse().expect("a number of seconds"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let (start, mut ran) = (Instant::now(), 0);
    loop {
        let mut runner = TestRunner::new(Config {
            cases,
            failure_persistence: Some(Box::new(FileFailurePersistence::Direct(FOUND))),
            source_file: Some(file!()),
            test_name: Some(name),
            ..Config::default()
        });
        let outcome = runner.run(strategy, |value| {
            runtime.block_on(property(value));
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
        ran += cases;
        if start.elapsed() >= Duration::from_secs(time) {
            break;
        }
    }
    eprintln!("{name}: {ran} cases in {:.0?}", start.elapsed());
}

/// Any text of at most `most` characters.
fn text(most: u8) -> BoxedStrategy<String> {
    prop::string::string_regex(&format!(".{{0,{most}}}")).expect("a valid pattern").boxed()
}

fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text(20).prop_map(Value::from),
    ];
    // Built once: the closure is called for every value.
    let names = names();
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((names.clone(), inner), 0..6).prop_map(|all| Value::from(Map::from_iter(all))),
        ]
    })
}

/// Names of documented fields, and arbitrary ones.
fn names() -> BoxedStrategy<String> {
    let schemas = document()["components"]["schemas"].take();
    let schemas = schemas.as_object().expect("schemas").values();
    let known: BTreeSet<_> =
        schemas.filter_map(|schema| schema["properties"].as_object()).flat_map(|all| all.keys().cloned()).collect();
    prop_oneof![prop::sample::select(known.into_iter().collect::<Vec<_>>()), text(8)].boxed()
}

fn document() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/tiledesk-v3.json");
    serde_json::from_slice(&fs::read(path).expect("the document is generated")).expect("valid JSON")
}

/// Every operation with a body, for existing documents where the path names one.
fn targets() -> Vec<(Method, String)> {
    let document = document();
    let operations = document["paths"].as_object().expect("paths").iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("a path has operations").iter();
        let with_body = methods.filter(|(_, operation)| operation.get("requestBody").is_some());
        with_body
            .map(move |(method, _)| (method.to_uppercase().parse().expect("a method"), format!("/v3{}", known(path))))
    });
    operations.collect()
}

/// A path with IDs of the default world.
fn known(path: &str) -> String {
    let ids = [
        ("{project_id}", PROJECT_ID),
        ("{lead_id}", "5c81565edf767b0017d1aa35"),
        ("{request_id}", "support-group-L_OG76RYhR0XFiMf2PK"),
        ("{group_id}", "5c34b5149f22a7001681e887"),
        ("{bot_id}", OTHER_BOT),
        ("{department_id}", SALES),
        ("{namespace_id}", "66a897133eaa7f0013632c5b"),
    ];
    ids.iter().fold(path.to_owned(), |path, (name, id)| path.replace(name, id))
}

async fn refused_or_done(app: &App, request: Request<Bytes>) {
    let told = format!("{request:?}");
    let status = app.call(request).await.status.as_u16();
    assert!(status < 500 || status == 501, "{status} for {told}");
}

#[test]
fn no_body_crashes_the_server() {
    let app = App::new();
    let kinds =
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"];
    let bodies = prop_oneof![
        json_values().prop_map(|value| value.to_string().into_bytes()),
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec((names(), text(20)), 0..6).prop_map(|all| {
            let parts = all.iter().map(|(name, text)| {
                format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
            });
            parts.chain(["--b--\r\n".to_owned()]).collect::<String>().into_bytes()
        }),
    ];
    let targets = targets();
    assert!(targets.len() > 100, "only {} operations with a body", targets.len());
    let calls = (prop::sample::select(targets), prop::sample::select(Vec::from(kinds)), bodies);
    hold("bodies", 800, &calls, async |((method, path), kind, body)| {
        let request = Request::builder()
            .method(method)
            .uri(&path)
            .header(header::AUTHORIZATION, OWNER)
            .header(header::CONTENT_TYPE, kind);
        refused_or_done(&app, request.body(body.into()).expect("a request")).await;
    });
}

/// Values that often match the documented bodies, nested up to a few levels deeper than accepted.
fn nested_values() -> impl Strategy<Value = Value> {
    let fields = ["attributes", "properties", "settings", "metadata", "text", "name", "lead_id"];
    let deep = (0..70_usize, json_values())
        .prop_map(|(levels, value)| (0..levels).fold(value, |inner, _| json!({"a": inner})));
    prop::collection::vec((prop::sample::select(Vec::from(fields)), deep), 1..4).prop_map(|fields| {
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into()
    })
}

#[test]
fn everything_accepted_is_exported_and_imported_byte_for_byte() {
    let app = App::with(|config| config.self_check = false);
    let calls = prop::collection::vec((prop::sample::select(targets()), nested_values()), 1..12);
    hold("round trips", 40, &calls, async |calls| {
        for ((method, path), body) in calls {
            let request = Request::builder().method(method).uri(&path).header(header::AUTHORIZATION, OWNER);
            let request = request.header(header::CONTENT_TYPE, "application/json");
            refused_or_done(&app, request.body(body.to_string().into()).expect("a request")).await;
        }
        for list in ["leads/csv", "requests", "requests/csv", "activities", "leads?sortField=fullname"] {
            let request = Request::get(format!("{PROJECT}/{list}")).header(header::AUTHORIZATION, OWNER);
            refused_or_done(&app, request.body(Bytes::new()).expect("a request")).await;
        }
        let exported = app.nobody().get("/_control/state").await.body;
        let imported = app.nobody().send(Method::PUT, "/_control/state?sandbox=copy", &[], exported.clone()).await;
        assert_eq!(imported.status, 200, "{}", imported.text());
        assert_eq!(imported.body, exported);
        app.nobody().post("/_control/reset", json!({})).await.json_of(200);
    });
}

#[test]
fn no_query_or_path_crashes_the_server() {
    let app = App::new();
    let lists = ["leads", "requests", "activities", "events", "kb", "faq", "analytics/requests/count", "files"];
    let known =
        ["page", "limit", "sortField", "direction", "full_text", "status", "start_date", "search", "path", "namespace"];
    let pairs = prop::collection::vec((prop::sample::select(Vec::from(known)), text(12)), 0..5);
    let made_up = prop::collection::vec(text(12), 0..5);
    let calls = (prop::sample::select(Vec::from(lists)), pairs, made_up, any::<bool>());
    hold("queries and paths", 400, &calls, async |(list, pairs, segments, by_path)| {
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
fn no_world_crashes_the_server_and_a_bad_one_changes_nothing() {
    let app = App::new();
    let collections = ["leads", "requests", "messages", "users", "projects", "nonsense"];
    let worlds = prop_oneof![
        (prop::sample::select(Vec::from(collections)), json_values())
            .prop_map(|(name, value)| json!({ name: [value] })),
        json_values(),
    ];
    hold("worlds", 150, &worlds, async |world| {
        let before = app.state().await;
        let answer = app.nobody().put("/_control/state", world.clone()).await;
        match answer.status.as_u16() {
            200 => drop(app.nobody().post("/_control/reset", json!({})).await.json_of(200)),
            400 => assert_eq!(app.state().await, before, "{world} was rejected, but changed the state"),
            status => panic!("{status} for {world}"),
        }
    });
}

#[test]
fn no_frame_crashes_the_server() {
    let app = App::new();
    let topics = prop_oneof![Just("/5b55e806c93dde00143163dd/requests".to_owned()), text(30)];
    let frames = prop_oneof![
        json_values().prop_map(|value| Message::text(value.to_string())),
        (prop::sample::select(vec!["subscribe", "unsubscribe", "publish", "heartbeat", ""]), topics, json_values())
            .prop_map(|(action, topic, body)| {
                let payload = json!({"topic": topic, "message": body});
                Message::text(json!({"action": action, "payload": payload}).to_string())
            }),
        text(60).prop_map(Message::text),
        prop::collection::vec(any::<u8>(), 0..60).prop_map(Message::binary),
    ];
    hold("frames", 60, &prop::collection::vec(frames, 1..8), async |frames| {
        let mut socket = Socket::of(&app, "agent@example.com").await;
        for frame in frames {
            socket.say(frame).await;
        }
        socket.send(json!({"action": "heartbeat", "payload": {"message": {"text": "ping"}}})).await;
        let pong = json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}});
        while socket.next().await.expect("the connection is open") != pong {}
    });
}

/// Reads from a socket; `None` if nothing arrives within a few seconds.
async fn heard(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![0; 4_096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.ok()?;
    Some(String::from_utf8_lossy(&bytes[..read.unwrap_or(0)]).into_owned())
}

#[tokio::test]
async fn oversized_request_heads_are_rejected() {
    let app = App::new();
    let many = (0..1_000).map(|number| format!("x-{number}: 1\r\n")).collect::<Vec<_>>().concat();
    let long = |kilobytes: usize| format!("x-long: {}\r\n", "x".repeat(kilobytes << 10));
    for (headers, status) in [(long(100), "200"), (long(1_000), "431"), (many, "431")] {
        let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
        let head = format!("GET {PROJECT}/leads HTTP/1.1\r\nHost: x\r\nAuthorization: {AGENT}\r\n{headers}\r\n");
        // The server may stop reading early.
        let _ = stream.write_all(head.as_bytes()).await;
        let answer = heard(&mut stream).await.expect("a response");
        assert_eq!(answer.split(' ').nth(1), Some(status), "{} bytes: {answer}", head.len());
    }
    app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn stalled_clients_do_not_block_others() {
    let app = App::new();
    let mut silent = Vec::new();
    for said in ["", "GET / HT", "POST /v3/auth/signin HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"].repeat(100)
    {
        let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
        stream.write_all(said.as_bytes()).await.expect("the request can be sent");
        silent.push(stream);
    }
    let request = format!("GET {PROJECT}/leads HTTP/1.1\r\nHost: x\r\nAuthorization: {AGENT}\r\n\r\n");
    let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
    stream.write_all(request.as_bytes()).await.expect("the request can be sent");
    assert!(heard(&mut stream).await.expect("a response").starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_truncated_body_changes_nothing_and_is_recorded_as_far_as_received() {
    const CAME: &str = r#"{"fullname":"A"}"#;
    let app = App::new();
    let leads = app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
    let ends_early = format!("Content-Length: 100\r\n\r\n{CAME}");
    let has_no_size = format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{CAME}\r\nmore\r\n", CAME.len());
    for (said, count) in [(ends_early, 1), (has_no_size, 2)] {
        let mut stream = TcpStream::connect(app.fake.address()).await.expect("the server listens");
        let head = "Host: x\r\nContent-Type: application/json\r\n";
        let call = format!("POST {PROJECT}/leads HTTP/1.1\r\nAuthorization: {AGENT}\r\n{head}{said}");
        stream.write_all(call.as_bytes()).await.expect("the request can be sent");
        stream.shutdown().await.expect("the connection is open");
        let answer = heard(&mut stream).await.expect("a response or the end of the connection");
        assert!(answer.starts_with("HTTP/1.1 400"), "{said}: {answer}");
        let journal = app.nobody().get("/_control/journal?operation=create_lead").await.json_of(200);
        assert_eq!(journal["count"], count);
        let call = &journal["calls"][count - 1];
        assert_eq!((&call["truncated"], &call["body"]), (&json!(true), &json!({"fullname": "A"})), "{said}");
    }
    assert_eq!(app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200), leads);
}

#[tokio::test]
async fn the_last_of_duplicate_keys_wins() {
    let app = App::new();
    let body = r#"{"lead_id":"twice","fullname":"First","fullname":"Last"}"#;
    let headers = [("content-type", "application/json")];
    let lead = app.agent().send(Method::POST, &format!("{PROJECT}/leads"), &headers, body).await.json_of(200);
    assert_eq!(lead["fullname"], "Last");
    let bytes = Bytes::from_static(b"{\"fullname\":\"\xff\"}");
    let lead = app.agent().send(Method::POST, &format!("{PROJECT}/leads"), &headers, bytes).await.json_of(200);
    assert_eq!(lead["fullname"], "\u{fffd}", "invalid UTF-8 is decoded as in browsers");
}

#[tokio::test]
async fn patterns_match_in_linear_time() {
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
