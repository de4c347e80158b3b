//! The timeline as a stream of server-sent events: order, filters, reconnects, and gaps.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{LEAD, PROJECT_ID},
    socket::Socket,
};

/// A stream of the timeline.
struct Stream {
    response: reqwest::Response,
    text: String,
}

/// An event: its position, name, and data.
type Event = (u64, String, Value);

impl Stream {
    async fn open(app: &App, query: &str, last: Option<u64>) -> Self {
        let last = last.map(|last| last.to_string());
        Self::open_at(app, &format!("/_control/journal/stream{query}"), last.as_deref()).await
    }

    async fn open_at(app: &App, path: &str, last: Option<&str>) -> Self {
        let mut request = reqwest::Client::new().get(format!("http://{}{path}", app.fake.address()));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.expect("the server responds");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
        Self { response, text: String::new() }
    }

    async fn next(&mut self) -> Event {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
                let position = field("id: ").split('-').next().and_then(|id| id.parse().ok()).unwrap_or_default();
                let read =
                    (position, field("event: ").to_owned(), serde_json::from_str(field("data: ")).expect("JSON"));
                self.text.replace_range(..self.text.len() - rest.len(), "");
                return read;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk()).await;
            let chunk = chunk.expect("an event arrives in time").expect("the stream is readable");
            self.text += std::str::from_utf8(&chunk.expect("the stream continues")).expect("UTF-8");
        }
    }

    async fn take(&mut self, count: usize) -> Vec<Event> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.next().await);
        }
        events
    }
}

async fn read_lead(app: &App) {
    app.agent().get(&format!("{PROJECT}/leads/{LEAD}")).await.json_of(200);
}

#[tokio::test]
async fn the_backlog_precedes_new_events() {
    let app = App::new();
    read_lead(&app).await;
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    let mut stream = Stream::open(&app, "", None).await;
    let (first, second) = (stream.next().await, stream.next().await);
    let listed = app.nobody().get("/_control/journal").await.json_of(200);
    assert_eq!((first.0, &*first.1, &first.2), (1, "call", &listed["calls"][0]), "equal to the listed call");
    assert_eq!((second.0, &*second.1, &second.2), (2, "call", &listed["calls"][1]));
    read_lead(&app).await;
    let third = stream.next().await;
    assert_eq!((third.0, &third.2["id"]), (3, &json!(3)));
}

#[tokio::test]
async fn a_reconnect_loses_and_repeats_nothing() {
    let app = App::new();
    for _ in 0..5 {
        read_lead(&app).await;
    }
    let mut first = Stream::open(&app, "", None).await;
    let seen = first.take(3).await;
    drop(first);
    read_lead(&app).await;
    let numbers = |events: &[Event]| events.iter().map(|event| event.0).collect::<Vec<_>>();
    let mut second = Stream::open(&app, "", Some(seen[2].0)).await;
    assert_eq!(numbers(&second.take(3).await), [4, 5, 6]);
    let mut third = Stream::open(&app, "?after=4", Some(1)).await;
    assert_eq!(numbers(&third.take(2).await), [5, 6], "`after` takes precedence");
    let mut fourth = Stream::open(&app, "?after=1000", None).await;
    assert_eq!(numbers(&fourth.take(6).await), [1, 2, 3, 4, 5, 6], "a position of an earlier run");
}

#[tokio::test]
async fn filters_apply_to_calls() {
    let app = App::new();
    read_lead(&app).await;
    app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
    app.nobody().put("/_control/clock", json!({"advance": "1s"})).await.json_of(200);
    let mut stream = Stream::open(&app, "?operation=list_leads&status=200", None).await;
    let events = stream.take(2).await;
    assert_eq!((&*events[0].1, &events[0].2["operation"]), ("call", &json!("list_leads")));
    assert_eq!((&*events[1].1, &events[1].2), ("change", &json!({"what": "clock"})));
    let unknown = app.nobody().get("/_control/journal/stream?operation=list_lead").await.json_of(400);
    assert!(unknown.to_string().contains("did you mean `list_leads`?"), "{unknown}");
}

#[tokio::test]
async fn deliveries_and_frames_refer_to_their_call() {
    let app = App::new();
    let inbox = format!("http://{}/_control/webhooks/inbox/a", app.fake.address());
    let subscription = json!({"event": "request.create", "target": inbox});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    let mut socket = Socket::of(&app, "agent@example.com").await;
    socket.first(&format!("/{PROJECT_ID}/requests")).await;
    let text = json!({"text": "Hello"});
    app.guest().await.post(&format!("{PROJECT}/requests/support-group-new/messages"), text).await.json_of(200);
    app.nobody().get("/_control/webhooks/inbox/a?wait=1").await.json_of(200);
    let number =
        app.nobody().get("/_control/journal?operation=send_message").await.json_of(200)["calls"][0]["id"].clone();
    let mut stream = Stream::open(&app, "?path=/nothing", None).await;
    let (mut frames, mut deliveries) = (Vec::new(), Vec::new());
    while deliveries.last().is_none_or(|delivery: &Value| delivery["state"] != "delivered") {
        match stream.next().await {
            (_, name, data) if name == "frame" => frames.push(data),
            (_, name, data) if name == "delivery" => deliveries.push(data),
            _ => {}
        }
    }
    assert_eq!(deliveries[0]["event"], "request.create");
    let own: Vec<_> = frames.iter().filter(|frame| frame["call"] == number).collect();
    assert!(own.iter().all(|frame| frame["direction"] == "out"), "{frames:?}");
    let detail = app.nobody().get(&format!("/_control/journal/{number}")).await.json_of(200);
    let delivered = detail["deliveries"].as_array().expect("numbers");
    assert!(deliveries.iter().all(|delivery| delivered.contains(&delivery["id"])), "{detail}");
    assert_eq!(detail["frames"].as_array().map(Vec::len), Some(own.len()), "{detail}");
    let events = detail["events"].as_array().expect("events");
    assert!(events.iter().any(|event| event["name"] == "request.create"), "{detail}");
    assert!(frames.iter().any(|frame| frame["direction"] == "in" && frame["kind"] == "subscribe"), "{frames:?}");
}

#[tokio::test]
async fn a_reset_is_an_event_and_positions_continue() {
    let app = App::new();
    read_lead(&app).await;
    let mut stream = Stream::open(&app, "", None).await;
    stream.next().await;
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    read_lead(&app).await;
    let events = stream.take(2).await;
    assert_eq!((events[0].0, &events[0].2), (2, &json!({"what": "reset"})));
    assert_eq!((events[1].0, &events[1].2["id"]), (3, &json!(1)), "call numbers restart");
    let mut late = Stream::open(&app, "", Some(1)).await;
    assert_eq!(late.next().await.2, json!({"what": "reset"}), "calls cleared by a reset are not a gap");
}

#[tokio::test]
async fn evicted_calls_are_a_gap() {
    let app = App::with(|config| config.journal = 2);
    for _ in 0..5 {
        read_lead(&app).await;
    }
    let mut stream = Stream::open(&app, "", None).await;
    let events = stream.take(3).await;
    assert_eq!((&*events[0].1, &events[0].2), ("gap", &json!({"from": 1, "to": 3})), "{events:?}");
    assert_eq!(events[1..].iter().map(|event| event.0).collect::<Vec<_>>(), [4, 5]);
}

#[tokio::test]
async fn a_head_request_of_the_stream_ends() {
    let app = App::new();
    let head = app.nobody().send(http::Method::HEAD, "/_control/journal/stream", &[], "").await;
    assert_eq!((head.status.as_u16(), head.text()), (200, String::new()));
}

#[tokio::test]
async fn a_stopping_server_ends_its_streams() {
    let app = App::new();
    let mut stream = Stream::open(&app, "", None).await;
    let stopped = tokio::task::spawn_blocking(move || app.fake.stop());
    let end = tokio::time::timeout(Duration::from_secs(3), stream.response.chunk()).await;
    assert!(!matches!(end, Err(_) | Ok(Ok(Some(_)))), "{end:?}");
    stopped.await.expect("stopping does not panic").expect("the server stops");
}

#[tokio::test]
async fn streams_are_limited_and_closing_one_frees_its_slot() {
    let app = App::new();
    let url = format!("http://{}/_control/journal/stream", app.fake.address());
    let client = reqwest::Client::new();
    let open = async || client.get(&url).send().await.expect("the server responds");
    let mut streams = Vec::new();
    let refused = loop {
        let response = open().await;
        if response.status() != 200 {
            break response;
        }
        streams.push(response);
        assert!(streams.len() <= 256, "the number of streams is limited");
    };
    assert_eq!(refused.status(), 429);
    let text = refused.text().await.expect("a body");
    assert!(text.contains("256 streams are open"), "{text}");
    drop(streams);
    tokio::time::timeout(Duration::from_secs(60), async {
        while open().await.status() != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("closed streams free their slots");
}

#[tokio::test]
async fn a_stream_ends_with_its_sandbox_and_starts_at_the_beginning_of_another_one() {
    const STREAM: &str = "/_sandbox/gone/_control/journal/stream";
    let app = App::new();
    let call = async || app.agent().get(&format!("/_sandbox/gone{PROJECT}/leads/{LEAD}")).await.json_of(200);
    for _ in 0..3 {
        call().await;
    }
    let mut stream = Stream::open_at(&app, STREAM, None).await;
    assert_eq!(stream.take(3).await[2].0, 3);
    app.nobody().delete("/_control/sandboxes/gone").await;
    let (_, name, data) = stream.next().await;
    assert_eq!((&*name, data), ("end", json!({"reason": "deleted"})));
    let left = tokio::time::timeout(Duration::from_secs(20), stream.response.chunk()).await;
    assert_eq!(left.expect("the stream ends").expect("the stream is readable"), None);

    for _ in 0..4 {
        call().await;
    }
    for (last, position) in [("3-0", 1), ("3-1", 1), ("3-2", 4), ("3", 4)] {
        let mut again = Stream::open_at(&app, STREAM, Some(last)).await;
        assert_eq!(again.next().await.0, position, "after {last}");
    }
}
