//! Typos in calls to the control API and to the crate: each is rejected with a suggestion.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tiledesk_mock::{Fake, Fault};

use crate::support::{App, PROJECT};

/// Pointer and detail of the only problem of a rejection.
fn problem(refusal: &Value) -> (&str, &str) {
    let errors = refusal["errors"].as_array().expect("errors");
    assert_eq!(errors.len(), 1, "{refusal}");
    (errors[0]["pointer"].as_str().expect("a pointer"), errors[0]["detail"].as_str().expect("a detail"))
}

#[tokio::test]
async fn every_operation_rejects_unknown_query_parameters() {
    let app = App::new();
    let document = include_str!("../../../openapi/control.json");
    let document: Value = serde_json::from_str(document).expect("JSON");
    let before = app.state().await;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path item") {
            let id = operation["operationId"].as_str().expect("an id");
            let words = path.split('/').map(|word| if word.starts_with('{') { "1" } else { word });
            let path = format!("/_control{}?sandboxx=1", words.collect::<Vec<_>>().join("/"));
            let method: Method = method.to_ascii_uppercase().parse().expect("a method");
            let answer = app.nobody().call(method, &path, Some(json!({}))).await;
            if id == "send_to_inbox" {
                assert_eq!(answer.status, 200, "an inbox accepts everything");
                continue;
            }
            let refusal = answer.json_of(400);
            let (pointer, detail) = problem(&refusal);
            assert_eq!(pointer, "/query/sandboxx", "{id}");
            let of_one = operation["parameters"].as_array().into_iter().flatten().any(|one| one["name"] == "sandbox");
            let told =
                if of_one { "unknown parameter `sandboxx`; did you mean `sandbox`?" } else { "unknown parameter" };
            assert!(detail.starts_with(told), "{id}: {detail}");
        }
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn whole_numbers_can_have_a_fraction_or_an_exponent() {
    let app = App::new();
    app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
    let nobody = app.nobody();
    assert_eq!(nobody.get("/_control/journal?limit=5.0").await.json_of(200)["count"], 1);
    assert_eq!(nobody.get("/_control/journal/count?status=2e2").await.json_of(200)["count"], 1);
    for (query, pointer) in [
        ("journal?limit=2.5", "/query/limit"),
        ("journal?limit=1e10", "/query/limit"),
        ("journal/count?status=200.5", "/query/status"),
        ("journal/count?after=1e300", "/query/after"),
    ] {
        let refusal = nobody.get(&format!("/_control/{query}")).await.json_of(400);
        let (at, detail) = problem(&refusal);
        assert!(at == pointer && !detail.contains("pars"), "{query}: {refusal}");
    }
}

#[tokio::test]
async fn a_parameter_without_a_value_or_given_twice_is_rejected() {
    let app = App::new();
    for (query, told) in [
        ("operation=", "the parameter has no value"),
        ("operation=get_lead&operation=list_leads", "the parameter is given twice"),
        ("operatoin=get_lead", "unknown parameter `operatoin`; did you mean `operation`?"),
    ] {
        for path in ["journal", "journal/count", "journal/wait", "journal/har"] {
            let refusal = app.nobody().get(&format!("/_control/{path}?{query}")).await.json_of(400);
            assert_eq!(problem(&refusal).1, told, "{path}?{query}");
        }
    }
}

#[tokio::test]
async fn an_unknown_operation_is_rejected_in_searches() {
    let app = App::new();
    for path in ["journal", "journal/count", "journal/wait", "journal/har"] {
        let refusal = app.nobody().get(&format!("/_control/{path}?operation=creat_lead")).await.json_of(400);
        let expected = ("/query/operation", "unknown operation `creat_lead`; did you mean `create_lead`?");
        assert_eq!(problem(&refusal), expected, "{path}");
    }
    let refusal = app.nobody().get("/_control/journal?method=PSOT").await.json_of(400);
    assert_eq!(problem(&refusal), ("/query/method", "unknown method `PSOT`; did you mean `POST`?"));
    app.nobody().get("/_control/journal?status=2000").await.json_of(400);
}

#[tokio::test]
async fn an_unknown_field_is_rejected_with_a_suggestion_or_its_place() {
    let app = App::new();
    for (method, path, body, pointer, told) in [
        (
            Method::POST,
            "faults",
            json!({"effect": {"preset": "slowly"}}),
            "/effect/preset",
            r#"unknown field; expected it at `/preset`, with one of "flaky", "slow", "down""#,
        ),
        (
            Method::POST,
            "faults",
            json!({"operation": "get_lead", "preset": "slow"}),
            "/operation",
            "unknown field; expected it at `/match/operation`",
        ),
        (
            Method::POST,
            "faults",
            json!({"match": {"operatoin": "get_lead"}, "preset": "slow"}),
            "/match/operatoin",
            "unknown field; did you mean `operation`?",
        ),
        (
            Method::POST,
            "faults",
            json!({"match": {"operation": "get_leed"}, "preset": "slow"}),
            "/match/operation",
            "unknown operation `get_leed`; did you mean `get_lead`?",
        ),
        (Method::PUT, "clock", json!({"advnace": "1h"}), "/advnace", "unknown field; did you mean `advance`?"),
        (Method::PUT, "seed", json!({"seed": 1, "sede": 2}), "/sede", "unknown field; did you mean `seed`?"),
        (Method::PUT, "sandboxes/a", json!({"snapshto": "x"}), "/snapshto", "unknown field; did you mean `snapshot`?"),
        (Method::POST, "reset", json!({"seed": 7}), "", "`reset` takes no body"),
        (Method::POST, "snapshots/a", json!({"at": 1}), "", "`take_snapshot` takes no body"),
    ] {
        let refusal = app.nobody().call(method, &format!("/_control/{path}"), Some(body.clone())).await.json_of(400);
        assert_eq!(problem(&refusal), (pointer, told), "{body}");
    }
    let refusal = app.nobody().put("/_control/state", json!({"lead": []})).await.json_of(400);
    assert!(problem(&refusal).1.contains("did you mean `leads`?"), "{refusal}");
}

#[tokio::test]
async fn an_unknown_snapshot_or_sandbox_is_rejected_with_a_suggestion() {
    let app = App::new();
    app.nobody().post("/_control/snapshots/before", Value::Null).await.json_of(200);
    for (method, path) in [
        (Method::POST, "snapshots/befor/restore"),
        (Method::DELETE, "snapshots/befor"),
        (Method::GET, "snapshots/befor/diff/now"),
    ] {
        let refusal = app.nobody().call(method, &format!("/_control/{path}"), None).await.json_of(404);
        assert_eq!(refusal["title"], "unknown snapshot `befor`; did you mean `before`?", "{path}");
    }
    let refusal = app.nobody().delete("/_control/reset").await;
    assert_eq!(
        (refusal.header("content-type"), refusal.header("allow")),
        (Some("application/problem+json"), Some("POST, OPTIONS"))
    );
    assert_eq!(refusal.status, 405);
    let refusal = app.nobody().get("/_control/sandboxes/defualt").await.json_of(404);
    let title = refusal["title"].as_str().expect("a title");
    assert!(title.contains("did you mean `default`?"), "{title}");
}

#[tokio::test]
async fn strict_mode_rejects_subscriptions_to_unknown_events() {
    let app = App::with(|config| config.strict = true);
    let subscriptions = format!("{PROJECT}/subscriptions");
    let target = "http://127.0.0.1:1/";
    let refusal =
        app.admin().post(&subscriptions, json!({"event": "lead.created", "target": target})).await.json_of(400);
    assert_eq!(problem(&refusal), ("/event", "unknown event `lead.created`; did you mean `lead.create`?"));
    for event in ["lead.create", "faqbot.update", "faqBot.update", "event.emit.typing", "message.create.channel.chat21"]
    {
        app.admin().post(&subscriptions, json!({"event": event, "target": target})).await.json_of(200);
    }
    let faithful = App::new();
    faithful.admin().post(&subscriptions, json!({"event": "lead.created", "target": target})).await.json_of(200);
}

#[tokio::test]
async fn strict_mode_suggests_fields_and_parameters() {
    let app = App::with(|config| config.strict = true);
    let refusal = app.agent().post(&format!("{PROJECT}/leads?pgae=1"), json!({"fullanem": "Ada"})).await.json_of(400);
    let details: Vec<_> = refusal["errors"].as_array().expect("errors").iter().map(|error| &error["detail"]).collect();
    assert!(details[1] == "unknown field; did you mean `fullname`?", "{refusal}");
    let refusal = app.agent().get(&format!("{PROJECT}/leads?pgae=1")).await.json_of(400);
    assert_eq!(problem(&refusal), ("/query/pgae", "unknown parameter `pgae`; did you mean `page`?"));
}

#[tokio::test]
async fn a_wait_that_times_out_lists_what_arrived_instead() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    for _ in 0..3 {
        app.agent().get(&leads).await.json_of(200);
    }
    app.agent().post(&leads, json!({"fullname": {}})).await.json_of(422);
    app.nobody().get("/v3/nothing?token=secret").await.json_of(404);
    let path = "/_control/journal/wait?operation=create_lead&status=200&timeout=20";
    let refusal = app.nobody().get(path).await.json_of(408);
    assert_eq!(refusal["title"], "0 of 1 calls arrived within 20 ms.");
    let expected = [
        "1 × GET /v3/nothing: 404".to_owned(),
        format!("1 × create_lead (POST {leads}): 422"),
        format!("3 × list_leads (GET {leads}): 200"),
    ];
    assert_eq!(refusal["arrived"], json!(expected));
    let after = app.nobody().get(&format!("{path}&after=4")).await.json_of(408);
    assert_eq!(after["arrived"], json!(expected[..1]));
}

#[tokio::test]
async fn a_wait_for_an_inbox_lists_other_inboxes_and_deliveries() {
    let app = App::new();
    let inbox = |name: &str| format!("/_control/webhooks/inbox/{name}");
    app.nobody().post(&inbox("lead"), json!({})).await.json_of(200);
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
    app.agent().post(&format!("{PROJECT}/leads"), json!({"lead_id": "1"})).await.json_of(200);
    let refusal = app.nobody().get(&format!("{}?wait=1&timeout=300", inbox("leads"))).await.json_of(408);
    assert_eq!(refusal["title"], "0 of 1 calls arrived within 300 ms.");
    let arrived: Vec<_> = refusal["arrived"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
    assert_eq!(arrived[0], "1 × in the inbox `lead`");
    assert!(
        arrived.iter().any(|line| line.starts_with("1 × lead.create to http://127.0.0.1:1/: pending")),
        "{arrived:?}"
    );
    let refusal = app.nobody().get(&format!("{}?timeout=20", inbox("leads"))).await.json_of(400);
    assert_eq!(problem(&refusal), ("/query/wait", "`timeout` requires `wait`"));
}

#[tokio::test]
async fn the_crate_rejects_typos() {
    let fake = Fake::start().await;
    let sandbox = fake.default_sandbox();
    let told = |refused: tiledesk_mock::Error| refused.to_string();
    assert_eq!(sandbox.count("list_leads"), Ok(0));
    let expected = "unknown operation `list_leeds`; did you mean `list_leads`?";
    assert_eq!(sandbox.count("list_leeds").map_err(told), Err(expected.to_owned()));
    let waiting = sandbox.wait_for("list_leeds", 1, Duration::from_millis(1)).await;
    assert_eq!(waiting.map(|calls| calls.len()).map_err(told), Err(expected.to_owned()));
    let fault = sandbox.inject(&Fault::status(503).for_operation("get_leed"));
    assert!(fault.map_err(told).expect_err("an invalid fault").contains("did you mean `get_lead`?"));
    sandbox.take_snapshot("before");
    assert_eq!(
        sandbox.restore("befor").map_err(told),
        Err("unknown snapshot `befor`; did you mean `before`?".to_owned())
    );
}

#[tokio::test]
async fn a_wait_of_the_crate_that_times_out_lists_what_arrived_instead() {
    let fake = Fake::start().await;
    let sandbox = fake.default_sandbox();
    let request = http::Request::get(format!("{PROJECT}/leads")).body(bytes::Bytes::new()).expect("a request");
    fake.client().send(request).await;
    let waiting = sandbox.wait_for("get_lead", 1, Duration::from_millis(20)).await;
    let told = waiting.expect_err("no such call arrives").to_string();
    let instead = format!("instead: 1 × list_leads (GET {PROJECT}/leads): 401");
    assert_eq!(told, format!("0 of 1 calls of `get_lead` arrived within 20ms; {instead}"));
}
