//! Second addresses of operations: aliases, empty path segments, and paths that only clients know.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

const BOT: &str = "5be9b2ecc72a050015e14951";

/// Method and path of each operation that is served under a first path segment.
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
            assert_eq!(answered.told(), expected.told(), "{method} {alias}{rest}");
        }
    }
}

#[tokio::test]
async fn an_alias_counts_as_the_operation_that_it_reaches_unless_the_documentation_prints_it() {
    let app = App::new();
    for (path, operation) in [
        (format!("faq_kb/{BOT}"), "get_faq_kb"),
        (format!("faq_kb/exportjson/{BOT}"), "export_bot_json"),
        (format!("FAQ_KB/{BOT}/published"), "list_published_bots"),
        ("intents".to_owned(), "list_faqs"),
    ] {
        app.owner().get(&format!("{PROJECT}/{path}")).await.expect(200);
        let calls = app.nobody().get("/_control/journal").await.expect(200);
        let last = calls["calls"].as_array().and_then(|calls| calls.last()).expect("a call").clone();
        assert_eq!(last["operation"], operation, "{path}");
    }
    app.nobody()
        .post("/_control/faults", json!({"match": {"operation": "publish_bot"}, "effect": {"status": 503}}))
        .await
        .expect(200);
    app.owner().put(&format!("{PROJECT}/faq_kb/{BOT}/publish"), Value::Null).await.expect(503);
    let refused = app.owner().call(Method::PATCH, &format!("{PROJECT}/faq_kb/{BOT}/publish"), None).await;
    assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, Some("PUT, OPTIONS")));
}

#[tokio::test]
async fn empty_path_segments_are_ignored() {
    let app = App::new();
    let owner = app.owner();
    // As the widget calls it when a conversation opens.
    let own = owner.get(&format!("{PROJECT}/requests//me?preflight=true")).await.expect(200);
    assert_eq!(own["requests"], json!([]));
    for path in [format!("/{PROJECT}/leads"), format!("{PROJECT}//leads//"), "//v3//projects".to_owned()] {
        owner.get(&path).await.expect(200);
    }
    app.nobody().get("//_sandbox//one//_control//journal").await.expect(200);
    // An encoded slash is a part of an identifier.
    let encoded = format!("{PROJECT}/requests/a%2F%2Fb");
    owner.post(&encoded, json!({"first_text": "Hello"})).await.expect(200);
    assert_eq!(owner.get(&encoded).await.expect(200)["request_id"], "a//b");
}

#[tokio::test]
async fn the_root_of_the_api_says_that_the_server_is_up() {
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
    for id in ["5b55e806c93dde00143163dd", "5c88a82990996000173cd4d1"] {
        let expected = app.owner().get(&format!("/v3/projects/{id}")).await.expect(200);
        for prefix in ["/v1", "/v2", "/v3", "/api", "/api/v3", ""] {
            assert_eq!(app.owner().get(&format!("{prefix}/{id}")).await.expect(200), expected, "{prefix}");
        }
    }
    assert_eq!(app.nobody().get(PROJECT).await.status, 401);
    app.outsider().get(PROJECT).await.expect(403);
}

#[tokio::test]
async fn credentials_can_be_tested() {
    let app = App::new();
    for prefix in ["", "/v1", "/v2", "/v3", "/api"] {
        let answer = app.outsider().get(&format!("{prefix}/testauth")).await;
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.expect(200), json!({"success": true}), "{prefix}");
    }
    assert_eq!(app.nobody().get("/v1/testauth").await.status, 401);
    assert_eq!(app.user("nobody@example.com").get("/v1/testauth").await.status, 401);
    let refused = app.owner().post("/v1/testauth", json!({})).await;
    assert_eq!((refused.status.as_u16(), refused.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    let document: Value = app.nobody().get("/openapi.json").await.expect(200);
    assert!(document["paths"]["/testauth"].is_null(), "no page documents it");
}

#[tokio::test]
async fn a_chat21_event_is_refused_as_not_built() {
    let app = App::new();
    let answer = app.nobody().post("/v3/chat21/requests", json!({})).await.expect(501);
    assert!(answer["msg"].as_str().is_some_and(|msg| msg.contains("/chat21/requests")), "{answer}");
}
