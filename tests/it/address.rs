//! Alternative addresses of operations: aliases, empty path segments, and paths that only the official clients use.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{BOT, PROJECT_ID},
};

/// Method and path of each operation below a first path segment.
fn operations_under(segment: &str) -> Vec<(Method, String)> {
    let list = tiledesk_mock::openapi::operations();
    let start = format!("/{{project_id}}/{segment}");
    let of_segment = list.lines().filter_map(|line| {
        let [.., method, path, _] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let rest = path.strip_prefix(&start).filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        let words = rest.split('/').map(|word| if word.starts_with('{') { BOT } else { word });
        Some((method.parse().expect("a method"), words.collect::<Vec<_>>().join("/")))
    });
    of_segment.collect()
}

#[tokio::test]
async fn every_operation_is_served_under_both_prefixes() {
    for (canonical, alias, least) in [("bots", "faq_kb", 15), ("faq", "intents", 8)] {
        let operations = operations_under(canonical);
        assert!(operations.len() >= least, "{operations:?}");
        for (method, rest) in operations {
            let answer = async |name: &str| {
                let app = App::new();
                app.owner().call(method.clone(), &format!("{PROJECT}/{name}{rest}"), Some(json!({}))).await
            };
            let (expected, answered) = (answer(canonical).await, answer(alias).await);
            assert_eq!(answered.to_snapshot(), expected.to_snapshot(), "{method} {alias}{rest}");
        }
    }
}

#[tokio::test]
async fn an_alias_is_recorded_as_its_operation_unless_documented_itself() {
    let app = App::new();
    for (path, operation) in [
        (format!("faq_kb/{BOT}"), "get_faq_kb"),
        (format!("faq_kb/exportjson/{BOT}"), "export_bot_json"),
        (format!("FAQ_KB/{BOT}/published"), "list_published_bots"),
        ("intents".to_owned(), "list_faqs"),
    ] {
        app.owner().get(&format!("{PROJECT}/{path}")).await.json_of(200);
        let calls = app.nobody().get("/_control/journal").await.json_of(200);
        let last = calls["calls"].as_array().and_then(|calls| calls.last()).expect("a call").clone();
        assert_eq!(last["operation"], operation, "{path}");
    }
    app.nobody()
        .post("/_control/faults", json!({"match": {"operation": "publish_bot"}, "effect": {"status": 503}}))
        .await
        .json_of(200);
    app.owner().put(&format!("{PROJECT}/faq_kb/{BOT}/publish"), Value::Null).await.json_of(503);
    let refused = app.owner().call(Method::PATCH, &format!("{PROJECT}/faq_kb/{BOT}/publish"), None).await;
    assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, Some("PUT, OPTIONS")));
}

#[tokio::test]
async fn empty_path_segments_are_ignored() {
    let app = App::new();
    let owner = app.owner();
    // As the widget does when a conversation opens.
    let own = owner.get(&format!("{PROJECT}/requests//me?preflight=true")).await.json_of(200);
    assert_eq!(own["requests"], json!([]));
    for path in [format!("/{PROJECT}/leads"), format!("{PROJECT}//leads//"), "//v3//projects".to_owned()] {
        owner.get(&path).await.json_of(200);
    }
    app.nobody().get("//_sandbox//one//_control//journal").await.json_of(200);
    // An encoded slash is part of an identifier.
    let encoded = format!("{PROJECT}/requests/a%2F%2Fb");
    owner.post(&encoded, json!({"first_text": "Hello"})).await.json_of(200);
    assert_eq!(owner.get(&encoded).await.json_of(200)["request_id"], "a//b");
}

#[tokio::test]
async fn the_api_root_reports_that_the_server_is_up() {
    let app = App::new();
    for path in ["/v3", "/v2/", "/v1/", "/api/"] {
        let answer = app.nobody().get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (200, Some("text/html; charset=utf-8")),
            "{path}"
        );
        assert!(answer.text().starts_with("Hello from Tiledesk server."), "{path}");
    }
    assert!(app.nobody().get("/").await.text().contains("Hello from tiledesk-mock."));
}

#[tokio::test]
async fn a_project_is_served_at_its_own_path() {
    let app = App::new();
    // "Endpoints are documented with the HTTP method for the request and a partial resource identifier. Example:
    // GET /v1/{project_id}"
    for id in [PROJECT_ID, "5c88a82990996000173cd4d1"] {
        let expected = app.owner().get(&format!("/v3/projects/{id}")).await.json_of(200);
        for prefix in ["/v1", "/v2", "/v3", "/api", "/api/v3", ""] {
            assert_eq!(app.owner().get(&format!("{prefix}/{id}")).await.json_of(200), expected, "{prefix}");
        }
    }
    assert_eq!(app.nobody().get(PROJECT).await.status, 401);
    app.outsider().get(PROJECT).await.json_of(403);
}

#[tokio::test]
async fn test_auth_validates_credentials() {
    let app = App::new();
    for prefix in ["", "/v1", "/v2", "/v3", "/api"] {
        let answer = app.outsider().get(&format!("{prefix}/testauth")).await;
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.json_of(200), json!({"success": true}), "{prefix}");
    }
    assert_eq!(app.nobody().get("/v1/testauth").await.status, 401);
    assert_eq!(app.user("nobody@example.com").get("/v1/testauth").await.status, 401);
    let refused = app.owner().post("/v1/testauth", json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    let document: Value = app.nobody().get("/openapi.json").await.json_of(200);
    assert!(document["paths"]["/testauth"].is_null(), "not on any documentation page");
}

#[tokio::test]
async fn a_chat21_event_is_rejected_as_not_implemented() {
    let app = App::new();
    let answer = app.nobody().post("/v3/chat21/requests", json!({})).await.json_of(501);
    assert!(answer["msg"].as_str().is_some_and(|msg| msg.contains("/chat21/requests")), "{answer}");
}
