//! Webhooks over real sockets: recipients, payloads, order, and failures.

mod bot;
mod chain;
mod event;
mod failure;
mod operator;
mod secure;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tiledesk_mock::{ClockSetting, WebhookTargets};

use crate::support::{
    Actor, App, NOON, PROJECT,
    seed::{BOT, OTHER_PROJECT},
    sink::{Reply, Sink},
};

fn subscriptions(rest: &str) -> String {
    format!("{PROJECT}/subscriptions{rest}")
}

async fn subscribe(admin: &Actor<'_>, event: &str, target: &str) -> Value {
    admin.post(&subscriptions(""), json!({"event": event, "target": target})).await.json_of(200)
}

/// Waits until no delivery is pending, and returns all deliveries.
async fn settled(app: &App) -> Vec<Value> {
    for _ in 0..400 {
        let webhooks = app.nobody().get("/_control/webhooks").await.json_of(200);
        if webhooks["pending"] == 0 {
            return webhooks["deliveries"].as_array().expect("deliveries").clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("some deliveries are still pending");
}

async fn lead(app: &App, name: &str) -> Value {
    let path = format!("{PROJECT}/leads");
    app.agent().post(&path, json!({"lead_id": name, "fullname": name})).await.json_of(200)
}

fn real_time() -> App {
    App::with(|config| config.clock = ClockSetting::Real)
}

#[tokio::test]
async fn a_delivery_matches_the_documentation() {
    let (app, sink) = (App::new(), Sink::start());
    let created = subscribe(&app.admin(), "lead.create", &sink.url("/hook?a=1")).await;
    let lead = lead(&app, "Ada").await;
    let call = sink.calls(1).remove(0);
    assert_eq!(call.path, "/hook?a=1");
    for (name, value) in [
        ("content-type", "application/json"),
        ("user-agent", "tiledesk-webhooks"),
        ("accept", "application/json"),
        ("origin", "http://localhost:3000"),
        ("x-hook-secret", created["secret"].as_str().expect("the response contains the secret")),
    ] {
        assert_eq!(call.header(name), Some(value), "{name}");
    }
    let keys: Vec<_> = call.body.as_object().expect("an envelope").keys().collect();
    assert_eq!(keys, ["timestamp", "payload", "hook", "token"]);
    assert_eq!((&call.body["timestamp"], &call.body["payload"]), (&json!(NOON), &lead));
    let id = created["_id"].as_str().expect("an id");
    let hook = app.admin().get(&subscriptions(&format!("/{id}"))).await.json_of(200);
    assert_eq!(call.body["hook"], hook, "the subscription without its secret");
    assert!(hook.get("secret").is_none());
    assert_eq!((&created["global"], hook.get("global")), (&json!(false), None));

    let token = call.body["token"].as_str().expect("a token");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).expect("claims")).expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!((&claims["sub"], &claims["_id"]), (&json!("subscription"), &created["_id"]));
    assert_eq!(claims["aud"], format!("https://tiledesk.com/subscriptions/{id}"));
}

#[tokio::test]
async fn a_receiver_can_call_the_api_with_the_token() {
    let (app, sink) = (App::new(), Sink::start());
    let mut state = app.state().await;
    let bots = state["bots"].as_array_mut().expect("bots").iter_mut();
    let bot = bots.into_iter().find(|bot| bot["_id"] == BOT).expect("it exists");
    bot["url"] = json!(sink.url("/bot"));
    bot["secret"] = json!("a secret of the bot");
    app.nobody().put("/_control/state", state).await.json_of(200);
    let created = subscribe(&app.admin(), "message.create", &sink.url("/hook")).await;
    app.guest().await.post(&format!("{PROJECT}/requests/called/messages"), json!({"text": "Hello"})).await.json_of(200);
    let calls = sink.calls(2);
    let by = |path: &str| calls.iter().find(|call| call.path == path).expect("both were called");
    for (call, sender) in [(by("/hook"), created["_id"].as_str().expect("an id")), (by("/bot"), BOT)] {
        let receiver = app.authorized(format!("JWT {}", call.body["token"].as_str().expect("a token")));
        assert_eq!(receiver.get(&format!("{PROJECT}/leads")).await.json_of(200)["count"], 5);
        let sent = receiver.post(&format!("{PROJECT}/requests/called/messages"), json!({"text": "Yes?"})).await;
        assert_eq!(sent.json_of(200)["sender"], sender);
        assert_eq!(receiver.get(&subscriptions("")).await.status, 403, "subscriptions are for admins");
        assert_eq!(receiver.get(&format!("{OTHER_PROJECT}/leads")).await.status, 403, "only its own project");
        assert_eq!(receiver.get("/v3/users").await.status, 404, "it has no account");
    }
    let id = created["_id"].as_str().expect("an id");
    app.admin().delete(&subscriptions(&format!("/{id}"))).await.json_of(200);
    let token = by("/hook").body["token"].as_str().expect("a token");
    let receiver = app.authorized(format!("JWT {token}"));
    assert_eq!(receiver.get(&format!("{PROJECT}/leads")).await.status, 401, "the token ends with the subscription");
}

#[tokio::test]
async fn subscribing_again_returns_the_existing_subscription() {
    let app = App::new();
    let admin = app.admin();
    let first = admin.post(&subscriptions(""), json!({"event": "lead.create", "target": "http://a.example"})).await;
    let secret = first.json_of(200)["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(first.header("x-hook-secret"), Some(secret.as_str()));
    let mut known = first.json();
    known.as_object_mut().expect("an object").shift_remove("global");
    assert_eq!(subscribe(&admin, "lead.create", "http://a.example").await, known);
    let other = subscribe(&admin, "lead.create", "http://b.example").await;
    assert_ne!((&other["_id"], &other["secret"]), (&first.json()["_id"], &first.json()["secret"]));
    let id = other["_id"].as_str().expect("an id");
    let taken = admin.put(&subscriptions(&format!("/{id}")), json!({"target": "http://a.example"})).await;
    assert_eq!(taken.status, 409, "{}", taken.text());
    let changed = admin.put(&subscriptions(&format!("/{id}")), json!({"event": "request.create"})).await.json_of(200);
    assert_eq!((&changed["event"], &changed["target"]), (&json!("request.create"), &json!("http://b.example")));
    assert!(changed.get("secret").is_none());
    admin.delete(&subscriptions(&format!("/{id}"))).await.json_of(200);
    admin.get(&subscriptions(&format!("/{id}"))).await.json_of(404);
    let before = app.state().await;
    for (body, field) in [
        (json!({"event": "lead.create"}), "target"),
        (json!({"target": "http://a.example"}), "event"),
        (json!({"event": "lead.create", "target": "a.example"}), "target"),
        (json!({"event": "lead.create", "target": "ftp://a.example"}), "target"),
        (json!({"event": "", "target": "http://a.example"}), "event"),
    ] {
        assert_eq!(admin.post(&subscriptions(""), body).await.json_of(422)["errors"][0]["param"], field);
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn events_are_delivered_in_commit_order() {
    let (app, sink) = (App::new(), Sink::start());
    subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
    for number in 0..200 {
        lead(&app, &number.to_string()).await;
    }
    let names: Vec<_> = sink.calls(200).iter().map(|call| call.body["payload"]["lead_id"].clone()).collect();
    assert_eq!(names, (0..200).map(|number| json!(number.to_string())).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_failed_delivery_is_retried_twice_and_delays_only_its_own_queue() {
    let (app, sink, other) = (real_time(), Sink::start(), Sink::start());
    let admin = app.admin();
    subscribe(&admin, "lead.create", &sink.url("/")).await;
    subscribe(&admin, "lead.create", &other.url("/")).await;
    sink.prepare([Reply::Status(500), Reply::Reset]);
    lead(&app, "first").await;
    lead(&app, "second").await;
    assert_eq!(other.calls(2).len(), 2, "the other target is not delayed");
    let names: Vec<_> = sink.calls(4).iter().map(|call| call.body["payload"]["lead_id"].clone()).collect();
    assert_eq!(names, ["first", "first", "first", "second"], "in order");
    let bodies = sink.calls(3);
    assert_eq!(bodies[0].body, bodies[2].body, "the same bytes each time");
    let deliveries = settled(&app).await;
    let tried = deliveries.iter().find(|delivery| delivery["attempts"].as_array().map(Vec::len) == Some(3));
    let tried = tried.expect("a delivery with three attempts");
    assert_eq!((&tried["state"], &tried["attempts"][0]["status"]), (&json!("delivered"), &json!(500)));
    assert!(tried["attempts"][1]["error"].is_string());
    let moments: Vec<_> = (0..3).map(|at| tried["attempts"][at]["at"].as_str().expect("a date").to_owned()).collect();
    assert!(moments[0] < moments[1] && moments[1] < moments[2], "{moments:?}");
}

#[tokio::test]
async fn permanently_failed_deliveries_are_in_the_history() {
    let (app, sink) = (real_time(), Sink::start());
    subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
    sink.prepare([Reply::Status(503), Reply::Half, Reply::Status(500)]);
    lead(&app, "Ada").await;
    let deliveries = settled(&app).await;
    assert_eq!((deliveries[0]["state"].as_str(), sink.count()), (Some("failed"), 3));
    let history = app.owner().get(&subscriptions("/history")).await.json_of(200);
    assert_eq!(history.as_array().map(Vec::len), Some(1), "one entry per delivery");
    let response: Value = serde_json::from_str(history[0]["response"].as_str().expect("a string")).expect("JSON");
    assert_eq!((&response["statusCode"], &response["body"]), (&json!(500), &json!({"received": true})));
    assert_eq!(
        response["request"]["headers"]["x-hook-secret"],
        sink.calls(1)[0].header("x-hook-secret").expect("the header with the secret")
    );
    let sent: Value = serde_json::from_str(history[0]["jsonRequest"].as_str().expect("a string")).expect("JSON");
    assert_eq!(sent, sink.calls(1)[0].body);
}

#[tokio::test]
async fn only_owners_see_the_responses_of_targets() {
    for (holes, shown) in [(false, false), (true, true)] {
        let app = App::with(|config| config.faithful_holes = holes);
        let sink = Sink::start();
        sink.prepare([Reply::Body(r#"{"AccessKeyId":"secret"}"#)]);
        subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
        lead(&app, "Ada").await;
        settled(&app).await;
        let history = app.admin().get(&subscriptions("/history")).await.json_of(200);
        assert_eq!(history.to_string().contains("AccessKeyId"), shown);
        assert_eq!(history[0].get("body").is_some(), shown);
        let response: Value = serde_json::from_str(history[0]["response"].as_str().expect("a string")).expect("JSON");
        assert_eq!((&response["statusCode"], response.get("headers").is_some()), (&json!(200), shown));
        assert_eq!(response["request"]["method"], "POST");
        let history = app.owner().get(&subscriptions("/history")).await.json_of(200);
        assert!(history[0]["body"].as_str().is_some_and(|body| body.contains("AccessKeyId")));
    }
}

// The documentation prints the request of a delivery with
// "headers":{"Content-Type":"application/json","x-hook-secret":"0060287d-…","accept":"application/json","content-length":6005}.
#[tokio::test]
async fn the_history_has_the_documented_request_headers() {
    let (app, sink) = (App::new(), Sink::start());
    let created = subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
    lead(&app, "Ada").await;
    settled(&app).await;
    let history = app.admin().get(&subscriptions("/history")).await.json_of(200);
    let response: Value = serde_json::from_str(history[0]["response"].as_str().expect("a string")).expect("JSON");
    let length = history[0]["jsonRequest"].as_str().map(str::len);
    let expected = json!({
        "Content-Type": "application/json",
        "x-hook-secret": created["secret"],
        "User-Agent": "tiledesk-webhooks",
        "Origin": "http://localhost:3000",
        "accept": "application/json",
        "content-length": length,
    });
    assert_eq!(response["request"]["headers"].to_string(), expected.to_string(), "in this order");
}

#[tokio::test]
async fn other_statuses_are_not_retried() {
    let (app, sink, elsewhere) = (real_time(), Sink::start(), Sink::start());
    subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
    sink.prepare([Reply::Status(404), Reply::Redirect(elsewhere.url("/")), Reply::Status(200)]);
    for name in ["1", "2", "3"] {
        lead(&app, name).await;
    }
    let deliveries = settled(&app).await;
    let told: Vec<_> = deliveries.iter().map(|delivery| delivery["attempts"][0]["status"].clone()).collect();
    assert_eq!(told, [404, 302, 200]);
    assert!(deliveries.iter().all(|delivery| delivery["state"] == "delivered"));
    assert_eq!((sink.count(), elsewhere.count()), (3, 0), "redirects are not followed");
    let history = app.admin().get(&subscriptions("/history")).await.json_of(200);
    let codes = history.as_array().expect("entries").iter().map(|entry| {
        let response: Value = serde_json::from_str(entry["response"].as_str().expect("a string")).expect("JSON");
        response["statusCode"].clone()
    });
    assert_eq!(codes.collect::<Vec<_>>(), [200, 302, 404], "newest first");
}

#[tokio::test]
async fn a_restarted_receiver_gets_the_missed_events() {
    let app = real_time();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("the listener is bound");
    drop(listener);
    subscribe(&app.admin(), "lead.create", &format!("http://{address}/")).await;
    lead(&app, "Ada").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let sink = Sink::start_at(address);
    assert_eq!(sink.calls(1)[0].body["payload"]["lead_id"], "Ada");
    assert!(settled(&app).await[0]["attempts"][0]["error"].as_str().is_some_and(|error| error.contains("refused")));
}

#[tokio::test]
async fn an_unresponsive_target_does_not_delay_others() {
    let (app, sink, other) = (App::new(), Sink::start(), Sink::start());
    subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
    subscribe(&app.admin(), "lead.create", &other.url("/")).await;
    sink.prepare([Reply::Hang]);
    let start = std::time::Instant::now();
    for number in 0..50 {
        lead(&app, &number.to_string()).await;
    }
    assert_eq!(other.calls(50).len(), 50);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    assert_eq!(sink.count(), 1, "one at a time");

    tokio::time::sleep(std::time::Duration::from_secs(11).saturating_sub(start.elapsed())).await;
    let deliveries = app.nobody().get("/_control/webhooks").await.json_of(200)["deliveries"].clone();
    let hung = deliveries
        .as_array()
        .expect("deliveries")
        .iter()
        .find(|delivery| delivery["attempts"][0]["error"] != Value::Null);
    let attempt = &hung.expect("a delivery with a failed attempt")["attempts"][0];
    assert!(attempt["error"].as_str().is_some_and(|error| error.contains("timed out")), "{attempt}");
    assert!(attempt["latency"].as_u64().is_some_and(|latency| (9_900..11_000).contains(&latency)), "{attempt}");
}

#[tokio::test]
async fn forbidden_targets_are_not_called() {
    for (targets, target, reason) in [
        (
            WebhookTargets::Local,
            "http://203.0.113.1/",
            "203.0.113.1 is not a loopback or private address; start with --webhooks any",
        ),
        (WebhookTargets::Local, "http://[2001:db8::1]/", "2001:db8::1 is not a loopback"),
        (WebhookTargets::Off, "http://127.0.0.1:9/", "webhooks are off; start with --webhooks local or any"),
    ] {
        let app = App::with(|config| config.webhooks = targets);
        subscribe(&app.admin(), "lead.create", target).await;
        lead(&app, "Ada").await;
        let deliveries = settled(&app).await;
        assert_eq!(deliveries[0]["state"], "refused", "{target}");
        let history = app.admin().get(&subscriptions("/history")).await.json_of(200);
        assert!(history[0]["err"].as_str().is_some_and(|error| error.contains(reason)), "{target}: {history}");
        assert!(history[0].get("response").is_none());
    }
}

#[tokio::test]
async fn an_inbox_is_a_target_that_tests_can_read() {
    let app = App::new();
    let inbox = "/_control/webhooks/inbox/leads";
    let url = format!("{}{inbox}", app.fake.url());
    let secret = subscribe(&app.admin(), "lead.create", &url).await["secret"].clone();
    lead(&app, "Ada").await;
    let held = app.nobody().get(&format!("{inbox}?wait=1")).await.json_of(200);
    assert_eq!((&held["count"], &held["calls"][0]["body"]["payload"]["lead_id"]), (&json!(1), &json!("Ada")));
    assert_eq!(held["calls"][0]["headers"]["x-hook-secret"], secret);
    let late = app.nobody().get(&format!("{inbox}?wait=2&timeout=50")).await;
    assert_eq!(late.json_of(408)["title"], "1 of 2 calls arrived within 50 ms.");

    // Paused, then delivered in order, then one of them redelivered.
    app.nobody().post("/_control/webhooks/pause", Value::Null).await.json_of(200);
    lead(&app, "Grace").await;
    lead(&app, "Edsger").await;
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_eq!(app.nobody().get(inbox).await.json_of(200)["count"], 1);
    app.nobody().post("/_control/webhooks/resume", Value::Null).await.json_of(200);
    let held = app.nobody().get(&format!("{inbox}?wait=3")).await.json_of(200);
    let names: Vec<_> = (0..3).map(|at| held["calls"][at]["body"]["payload"]["lead_id"].clone()).collect();
    assert_eq!(names, ["Ada", "Grace", "Edsger"]);
    app.nobody().post("/_control/webhooks/redeliver", json!({"id": 2})).await.json_of(200);
    let held = app.nobody().get(&format!("{inbox}?wait=4")).await.json_of(200);
    assert_eq!(held["calls"][3]["body"], held["calls"][1]["body"]);
    app.nobody().post("/_control/webhooks/redeliver", json!({"id": 99})).await.json_of(404);
    assert_eq!(app.nobody().delete(inbox).await.json_of(200)["count"], 0);
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(app.nobody().get("/_control/webhooks").await.json_of(200)["deliveries"], json!([]));
}

#[tokio::test]
async fn a_thousand_subscriptions_all_receive_the_event() {
    let (app, sink) = (App::new(), Sink::start());
    let admin = app.admin();
    for number in 0..1_000 {
        subscribe(&admin, "lead.create", &sink.url(&format!("/{number}"))).await;
    }
    lead(&app, "Ada").await;
    let mut paths: Vec<_> = sink.calls(1_000).into_iter().map(|call| call.path).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 1_000);
    settled(&app).await;
    let history = async |page: usize| {
        let path = subscriptions(&format!("/history?page={page}"));
        admin.get(&path).await.json_of(200).as_array().map_or(0, Vec::len)
    };
    assert_eq!((history(0).await, history(24).await, history(25).await), (40, 40, 0));
}
