//! The console page, and the page token with which it calls the control API.

use http::Method;
use serde_json::json;

use crate::support::{Answer, App};

const HOST: (&str, &str) = ("host", "127.0.0.1:4010");
const ORIGIN: (&str, &str) = ("origin", "http://127.0.0.1:4010");
const TYPED: [(&str, &str); 4] =
    [HOST, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];

async fn get(app: &App, path: &str, headers: &[(&str, &str)]) -> Answer {
    app.nobody().send(Method::GET, path, headers, "").await
}

/// The page token.
async fn token(app: &App) -> String {
    let page = get(app, "/_console", &TYPED).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let text = page.text();
    let (_, rest) = text.split_once("name=\"page-token\" content=\"").expect("the page has the token");
    rest.split_once('"').expect("the value ends").0.to_owned()
}

#[tokio::test]
async fn the_page_is_served_with_a_strict_policy_and_a_random_token() {
    let (app, other) = (App::new(), App::new());
    for path in ["/_console", "/_sandbox/one/_console"] {
        let page = get(&app, path, &TYPED).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        let policy = page.header("content-security-policy").expect("a policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(page.header("cross-origin-opener-policy"), Some("same-origin"));
        assert_eq!(page.header("cache-control"), Some("no-store"), "the token changes with every start");
        assert!(!page.text().contains("__PAGE_TOKEN__"));
    }
    let (one, another) = (token(&app).await, token(&other).await);
    assert!(one.len() == 32 && one != another, "{one} {another}");
    let moved = get(&app, "/_console/", &TYPED).await;
    assert_eq!((moved.status.as_u16(), moved.header("location")), (308, Some("../_console")));
}

#[tokio::test]
async fn assets_have_content_types_and_etags() {
    let app = App::new();
    let file = get(&app, "/_console/main.js", &[]).await;
    assert_eq!((file.status.as_u16(), file.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    let tag = file.header("etag").expect("a tag").to_owned();
    assert_eq!(get(&app, "/_console/main.js", &[("if-none-match", &tag)]).await.status, 304);
    let small = get(&app, "/_console/main.js", &[("accept-encoding", "gzip")]).await;
    assert_eq!(small.header("content-encoding"), Some("gzip"));
    assert_eq!(get(&app, "/_console/app.css", &[]).await.header("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(get(&app, "/_console/nothing.js", &[]).await.status, 404);
    assert_eq!(get(&app, "/_console/../Cargo.toml", &[]).await.status, 404);
    assert_eq!(app.nobody().post("/_console", json!({})).await.status, 405);
}

#[tokio::test]
async fn calls_from_pages_need_the_page_token() {
    let app = App::new();
    let token = token(&app).await;
    let script = [HOST, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    let posted = [HOST, ORIGIN, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")];
    let form = [HOST, ORIGIN, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate")];
    // Over plain HTTP to another machine, browsers send no fetch metadata.
    let plain = [HOST, ORIGIN];
    for (method, path, headers) in [
        (Method::GET, "/_control/state", &script[..]),
        (Method::POST, "/_control/reset", &posted),
        (Method::POST, "/_control/reset", &form),
        (Method::POST, "/_control/reset", &plain),
        (Method::DELETE, "/_control/journal", &posted),
    ] {
        let send = async |token: Option<&str>| {
            let mut headers = headers.to_vec();
            headers.extend(token.map(|token| ("x-page-token", token)));
            app.nobody().send(method.clone(), path, &headers, "").await
        };
        let refused = send(None).await;
        assert_eq!(refused.status, 403, "{method} {path} {headers:?}");
        assert!(refused.json()["title"].as_str().is_some_and(|title| title.starts_with("Page token")));
        assert_eq!(send(Some("")).await.status, 403);
        assert_eq!(send(Some(&token[1..])).await.status, 403);
        assert_eq!(send(Some(&token)).await.status, 200, "{method} {path} {headers:?}");
    }
    let foreign = [HOST, ("origin", "http://evil.example"), ("x-page-token", &token)];
    assert_eq!(
        app.nobody().send(Method::POST, "/_control/reset", &foreign, "").await.status,
        403,
        "another origin is rejected in spite of the token"
    );
}

#[tokio::test]
async fn programs_and_links_need_no_token() {
    let app = App::new();
    let link =
        [HOST, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
    assert_eq!(get(&app, "/_control/journal", &link).await.status, 200, "a link on the start page");
    // As Node's fetch sends it.
    let node = [HOST, ("sec-fetch-mode", "cors")];
    for headers in [&[][..], &node] {
        assert_eq!(app.nobody().send(Method::POST, "/_control/reset", headers, "").await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn scripts_and_other_origins_cannot_read_the_token() {
    let app = App::new();
    for headers in [
        vec![HOST, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", "empty")],
        vec![HOST, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")],
        vec![HOST, ("origin", "http://evil.example"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "cors")],
        vec![HOST, ("origin", "http://evil.example")],
        vec![("host", "evil.example:4010")],
    ] {
        let page = get(&app, "/_console", &headers).await;
        assert_eq!(page.status, 403, "{headers:?}");
        assert!(!page.text().contains("page-token"));
    }
}

#[tokio::test]
async fn without_the_control_api_there_is_no_console() {
    let app = App::with(|config| config.no_control = true);
    for path in ["/_console", "/_console/main.js"] {
        assert_eq!(get(&app, path, &[]).await.status, 404, "{path}");
    }
    let links = async |app: &App| get(app, "/", &[]).await.text().matches("href=\"_con").count();
    assert_eq!((links(&app).await, links(&App::new()).await), (0, 6), "the start page links to what is served");
}

#[tokio::test]
async fn with_a_control_token_the_page_loads_and_the_data_does_not() {
    let app = App::with(|config| config.control_token = Some("let me in".to_owned()));
    let token = token(&app).await;
    assert_eq!(get(&app, "/_console/main.js", &[]).await.status, 200);
    let page = [HOST, ORIGIN, ("x-page-token", &token)];
    assert_eq!(get(&app, "/_control/state", &page).await.status, 401);
    let known = [HOST, ORIGIN, ("authorization", "Bearer let me in")];
    assert_eq!(get(&app, "/_control/state", &known).await.status, 200);
}
