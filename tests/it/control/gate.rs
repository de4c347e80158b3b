//! Access to the control API: rejected for pages of other origins, and optionally protected by a token or disabled.

use http::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{App, PROJECT};

const HOST: (&str, &str) = ("host", "127.0.0.1:4010");
const RESET: &str = "/_control/reset";
const INBOX: &str = "/_control/webhooks/inbox/gate";

/// Writes a document, tries to reset the sandbox, and returns the status and whether the document still exists.
async fn reset(app: &App, headers: &[(&str, &str)]) -> (u16, bool) {
    let lead = json!({"lead_id": "kept", "fullname": "Kept"});
    app.agent().post(&format!("{PROJECT}/leads"), lead).await.json_of(200);
    let answer = app.nobody().send(Method::POST, RESET, headers, "").await;
    let leads = app.agent().get(&format!("{PROJECT}/leads?full_text=Kept")).await.json_of(200);
    (answer.status.as_u16(), leads["count"].as_u64() > Some(0))
}

#[tokio::test]
async fn cross_origin_pages_are_rejected() {
    let app = App::new();
    let origins = [
        vec![HOST, ("origin", "http://localhost:3000")],
        vec![HOST, ("origin", "null")],
        vec![HOST, ("origin", "http://evil.example"), ("content-type", "text/plain")],
        vec![HOST, ("origin", "http://127.0.0.1:4011"), ("sec-fetch-site", "same-site")],
        // DNS rebinding: a foreign name that resolves to this address.
        vec![("host", "evil.example:4010"), ("origin", "http://evil.example:4010"), ("sec-fetch-site", "same-origin")],
        // A form on another page.
        vec![HOST, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
        vec![HOST, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")],
    ];
    for headers in origins {
        assert_eq!(reset(&app, &headers).await, (403, true), "{headers:?}");
    }
    let read =
        app.nobody().send(Method::GET, "/_control/state", &[HOST, ("origin", "http://localhost:3000")], "").await;
    let problem = read.json_of(403);
    assert!(problem["title"].as_str().is_some_and(|title| title.contains("--control-token")), "{problem}");
    assert_eq!(read.header("content-type"), Some("application/problem+json"));
    let renamed = app.nobody().send(Method::GET, "/_control/state", &[("host", "evil.example:4010")], "").await;
    assert_eq!(renamed.status, 403, "DNS rebinding");
    let shown = [HOST, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")];
    assert_eq!(
        app.nobody().send(Method::GET, "/_control/state", &shown, "").await.status,
        403,
        "loaded as a script or an image"
    );
}

#[tokio::test]
async fn a_request_without_a_host_is_rejected() {
    let app = App::new();
    for head in ["GET /_control/state HTTP/1.0\r\n\r\n", "GET /_control/state HTTP/1.1\r\nconnection: close\r\n\r\n"] {
        let mut stream = TcpStream::connect(app.fake.address()).await.expect("the connection is accepted");
        stream.write_all(head.as_bytes()).await.expect("the request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the connection is closed");
        assert_eq!(answer.split(' ').nth(1), Some("403"), "{head}");
    }
}

#[tokio::test]
async fn programs_are_accepted() {
    for headers in [
        vec![],
        vec![HOST],
        vec![("host", "mock:4010")],
        // Typed into the address bar, or opened from a bookmark.
        vec![HOST, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
    ] {
        assert_eq!(reset(&App::new(), &headers).await, (200, false), "{headers:?}");
    }
    let followed = [HOST, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")];
    let app = App::new();
    assert_eq!(app.nobody().send(Method::GET, "/_control/coverage?format=html", &followed, "").await.status, 200);
}

#[tokio::test]
async fn a_control_token_is_required_of_everyone_and_admits_every_page() {
    let app = App::with(|config| config.control_token = Some("let me in".to_owned()));
    for headers in [
        vec![],
        vec![HOST, ("origin", "http://127.0.0.1:4010")],
        vec![("authorization", "Bearer")],
        vec![("authorization", "Bearer let me i")],
        vec![("authorization", "Bearer let me in ")],
        vec![("authorization", "bearer let me in")],
        vec![("authorization", "Basic bGV0IG1lIGlu")],
    ] {
        assert_eq!(reset(&app, &headers).await, (401, true), "{headers:?}");
    }
    let page = [HOST, ("authorization", "Bearer let me in"), ("origin", "http://localhost:3000")];
    assert_eq!(reset(&app, &page).await, (200, false));
    let told = app.nobody().get("/_control/state").await;
    assert_eq!(told.json_of(401)["status"], 401);
}

#[tokio::test]
async fn the_control_api_can_be_disabled() {
    let app = App::with(|config| config.no_control = true);
    assert_eq!(reset(&app, &[]).await, (404, true));
    assert_eq!(app.nobody().post(INBOX, json!({})).await.status, 404, "inboxes, too");
    assert_eq!(app.nobody().get("/healthz").await.status, 200);
}

#[tokio::test]
async fn a_rejection_links_to_its_explanation_only_if_it_can_be_read() {
    for (closed, link) in [(true, None), (false, Some("</_control/explain/1>; rel=\"help\""))] {
        let app = App::with(|config| config.no_control = closed);
        assert_eq!(app.nobody().get("/v3/projects").await.header("link"), link);
    }
}

#[tokio::test]
async fn inboxes_accept_webhooks_without_a_token_but_reads_need_it() {
    let app = App::with(|config| config.control_token = Some("let me in".to_owned()));
    // As a webhook is delivered.
    let webhook = [("origin", "http://localhost:3000"), ("content-type", "application/json")];
    assert_eq!(app.nobody().send(Method::POST, INBOX, &webhook, "{}").await.status, 200);
    let page = [("origin", "http://localhost:3000"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")];
    let open = App::new();
    assert_eq!(open.nobody().send(Method::POST, INBOX, &webhook, "{}").await.status, 200);
    assert_eq!(open.nobody().send(Method::POST, INBOX, &page, "{}").await.status, 403);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(app.nobody().send(method.clone(), INBOX, &[], "").await.status, 401, "{method}");
    }
    let read = app.authorized("Bearer let me in".to_owned()).get(INBOX).await.json_of(200);
    assert_eq!((&read["count"], &read["calls"][0]["body"]), (&json!(1), &json!({})));
    let journal = app.authorized("Bearer let me in".to_owned()).get("/_control/journal").await.json_of(200);
    assert!(!journal.to_string().contains("let me in"), "the journal must not contain the token");
    assert_eq!(app.authorized("Bearer let me in".to_owned()).post(RESET, Value::Null).await.status, 200);
}
