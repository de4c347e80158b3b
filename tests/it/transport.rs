//! Behavior common to all operations: paths, bodies, CORS, and errors of the router.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{LEAD, PROJECT_ID},
};

const LEADS: &str = "/5b55e806c93dde00143163dd/leads";

#[tokio::test]
async fn every_prefix_selects_the_same_state() {
    let app = App::new();
    let expected = app.agent().get(LEADS).await.json_of(200);
    for prefix in ["/v1", "/v2", "/v3", "/api", "/api/v1", "/api/v2", "/api/v3"] {
        for path in [format!("{prefix}{LEADS}"), format!("{prefix}{LEADS}/"), format!("{prefix}{LEADS}/?page=0")] {
            assert_eq!(app.agent().get(&path).await.json_of(200), expected, "{path}");
        }
    }
    assert_eq!(
        app.agent().get(&LEADS.to_uppercase().replace("5B55E806C93DDE00143163DD", PROJECT_ID)).await.json_of(200),
        expected
    );
    app.nobody()
        .post("/v3/AUTH/SignIn/", json!({"email": "andrea.leo@f21.it", "password": "123456"}))
        .await
        .json_of(200);
    // A path parameter would match this segment, too.
    let csv = app.agent().get(&format!("{LEADS}/CSV")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
}

#[tokio::test]
async fn router_errors_are_json_and_name_the_call() {
    let app = App::new();
    for path in
        ["/v3/nothing", "/v3/5b55e806c93dde00143163dd/nothing/at/all", "//v3/x", "/v4/auth/signin", "/v3/PROJECT"]
    {
        let answer = app.nobody().get(path).await.json_of(404);
        let msg = answer["msg"].as_str().expect("a string");
        assert!(msg.contains("GET") && msg.contains(path), "{msg}");
    }
    for (method, path, allow) in [
        (Method::PATCH, format!("{PROJECT}/leads"), "GET, POST, HEAD, OPTIONS"),
        (Method::POST, format!("{PROJECT}/leads/{LEAD}"), "DELETE, GET, PUT, HEAD, OPTIONS"),
        (Method::GET, "/v3/auth/signin".into(), "POST, OPTIONS"),
        (Method::GET, "/v3/auth/SIGNIN".into(), "POST, OPTIONS"),
        (Method::TRACE, "/v3/auth/signin/".into(), "POST, OPTIONS"),
    ] {
        let answer = app.owner().call(method, &path, None).await;
        assert_eq!(answer.json_of(405)["success"], false);
        let mut allowed: Vec<_> = answer.header("allow").expect("a 405 has an Allow header").split(", ").collect();
        let mut expected: Vec<_> = allow.split(", ").collect();
        allowed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(allowed, expected, "{path}");
    }
}

#[tokio::test]
async fn invalid_utf8_in_paths_matches_nothing() {
    let app = App::new();
    app.agent().get("/v3/%ff/leads").await.json_of(400);
    for path in [format!("{LEADS}/%ff"), format!("{LEADS}/%C3"), "/v3/projects/%ff".to_owned()] {
        let status = app.agent().get(&path).await.status.as_u16();
        assert!([403, 404].contains(&status), "{path} returns {status}");
    }
    // A percent-encoded ID is equivalent.
    let lead = app.agent().get(&format!("{LEADS}/{LEAD}")).await.json_of(200);
    assert_eq!(app.agent().get(&format!("{LEADS}/%35c81593adf767b0017d1aa%366")).await.json_of(200), lead);
}

#[tokio::test]
async fn bodies_are_parsed_as_leniently_as_by_the_api() {
    let app = App::new();
    let agent = app.agent();
    let path = format!("{PROJECT}/leads");
    let post = async |content_type: &str, body: &str| {
        agent.send(Method::POST, &path, &[("content-type", content_type)], body.to_owned()).await
    };
    let named = r#"{"fullname":"N"}"#;
    for content_type in ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON"] {
        assert_eq!(post(content_type, named).await.json_of(200)["fullname"], "N", "{content_type}");
    }
    for content_type in ["application/vnd.api+json", "application/json-patch+json"] {
        assert_eq!(post(content_type, named).await.json_of(200)["fullname"], "N", "{content_type}");
    }
    assert_eq!(post("text/plain", named).await.status, 400, "the body is not ignored");
    let form = "fullname=N+M&attributes[plan]=free&attributes[deep][x]=1&nonsense=1";
    let lead = post("application/x-www-form-urlencoded", form).await.json_of(200);
    assert_eq!((&lead["fullname"], &lead["attributes"]), (&json!("N M"), &json!({"plan": "free", "deep": {"x": "1"}})));
    assert_eq!(post("application/json", "").await.json_of(200)["fullname"], Value::Null);
    assert_eq!(agent.send(Method::POST, &path, &[], named).await.status, 400, "there is no content type");
    assert_eq!(agent.send(Method::POST, &path, &[], "").await.json_of(200)["fullname"], Value::Null);
    let whole = post("application/json", r#"{"attributes":{"n":5.0,"x":1e400,"f":0.5,"big":1e300}}"#).await;
    assert_eq!(whole.status, 400, "1e400 is out of range");
    let whole = post("application/json", r#"{"attributes":{"n":5.0,"f":0.5,"big":1e300}}"#).await.json_of(200);
    assert_eq!(whole["attributes"].to_string(), r#"{"n":5,"f":0.5,"big":1e+300}"#);
}

#[tokio::test]
async fn syntax_errors_are_reported_in_plain_text_with_their_position() {
    let app = App::new();
    let long = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for (body, told) in [
        ("{\"a\":", "EOF while parsing a value at line 1 column 5"),
        ("{'a':1}", "key must be a string at line 1 column 2"),
        ("{\"a\":1,}", "trailing comma at line 1 column 8"),
        ("{\"a\":NaN}", "expected value at line 1 column 6"),
        ("5", "expected a JSON object or array"),
        ("null", "expected a JSON object or array"),
        ("   ", "EOF while parsing a value"),
        ("{} {}", "trailing characters at line 1 column 4"),
        (long.as_str(), "nested too deeply"),
    ] {
        let path = format!("{PROJECT}/leads");
        let headers = [("content-type", "application/json"), ("origin", "http://a.example")];
        let answer = app.agent().send(Method::POST, &path, &headers, body.to_owned()).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (400, Some("text/plain; charset=utf-8")));
        assert!(answer.text().contains(told), "{} does not contain {told}", answer.text());
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://a.example"));
    }
}

#[tokio::test]
async fn too_large_bodies_are_rejected_with_the_limit() {
    let app = App::new();
    let path = format!("{PROJECT}/leads");
    let body = |size: usize| format!("{{\"fullname\":\"{}\"}}", "x".repeat(size - 15));
    let headers = [("content-type", "application/json")];
    let send = async |size| app.agent().send(Method::POST, &path, &headers, body(size)).await;
    send(512_000).await.json_of(200);
    assert_eq!(send(512_001).await.json_of(413), json!({"err": "Request entity too large", "limit": 512_000}));
}

#[tokio::test]
async fn head_returns_the_headers_of_get() {
    let app = App::new();
    let path = format!("{PROJECT}/leads");
    let (head, get) = (app.agent().call(Method::HEAD, &path, None).await, app.agent().get(&path).await);
    assert_eq!((head.status, head.body.len()), (get.status, 0));
    assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    assert_eq!(head.header("content-type"), get.header("content-type"));
    assert_eq!(app.nobody().call(Method::HEAD, &path, None).await.status, 401);
}

#[tokio::test]
async fn pages_of_any_origin_may_call_and_read_responses() {
    let app = App::new();
    let origin = [("origin", "http://app.example:8080")];
    for (path, status) in [(format!("{PROJECT}/leads"), 401), ("/nothing".into(), 404), ("/healthz".into(), 200)] {
        let answer = app.nobody().send(Method::GET, &path, &origin, "").await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://app.example:8080"));
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
        let exposed = answer.header("access-control-expose-headers");
        assert_eq!(exposed, Some("Link, Retry-After, x-hook-secret"), "pages can read the headers they need");
        assert_eq!(answer.header("vary"), Some("Origin"));
        assert_eq!(app.nobody().get(&path).await.header("access-control-allow-origin"), Some("*"));
    }
    let asked = [
        origin[0],
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization,x-a"),
    ];
    for path in [format!("{PROJECT}/leads"), "/v3/fake/leads".into(), "/nothing".into()] {
        let answer = app.nobody().send(Method::OPTIONS, &path, &asked, "").await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
        assert_eq!(answer.header("access-control-allow-methods"), Some("GET,HEAD,PUT,PATCH,POST,DELETE"));
        assert_eq!(answer.header("access-control-allow-headers"), Some("authorization,x-a"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("http://app.example:8080"));
    }
}

#[tokio::test]
async fn pages_outside_the_api_are_served() {
    let app = App::new();
    assert_eq!(app.nobody().get("/healthz").await.json_of(200), json!({"status": "ok"}));
    let greeting = app.nobody().get("/").await;
    assert_eq!((greeting.status.as_u16(), greeting.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = greeting.text();
    assert!(page.contains("5b55e806c93dde00143163dd") && page.contains("andrea.leo@f21.it"), "a project and a login");
    for link in page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(app.nobody().get(&format!("/{link}")).await.status.as_u16(), 200, "{link}");
    }
    assert_eq!(app.nobody().get("/openapi.json").await.json_of(200)["openapi"], "3.1.1");
    let yaml = app.nobody().get("/openapi.yaml").await;
    assert_eq!(yaml.header("content-type"), Some("application/yaml"));
    assert!(yaml.text().starts_with("openapi: 3.1.1\n"));
}

#[tokio::test]
async fn pages_outside_the_api_are_read_only() {
    let app = App::new();
    for path in ["/", "/healthz", "/openapi.json", "/openapi.yaml", "/docs", "/docs/scalar.js", "/llms.txt"] {
        for (method, status) in [("POST", 405), ("TRACE", 405), ("DELETE", 405), ("FROBNICATE", 501)] {
            let method = Method::from_bytes(method.as_bytes()).expect("a token");
            let answer = app.nobody().send(method.clone(), path, &[], "").await;
            assert_eq!(answer.status, status, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET, HEAD, OPTIONS"), "{method} {path}");
        }
        assert_eq!(app.nobody().call(Method::HEAD, path, None).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn scripts_in_a_browser_get_no_basic_challenge() {
    let app = App::new();
    let challenge = async |mode: &[(&str, &str)]| {
        let answer = app.nobody().send(Method::GET, &format!("{PROJECT}/leads"), mode, "").await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (401, "Unauthorized"));
        answer.header("www-authenticate").map(str::to_owned)
    };
    for mode in ["cors", "no-cors", "same-origin", "websocket"] {
        assert_eq!(challenge(&[("sec-fetch-mode", mode)]).await, None, "{mode}");
    }
    for headers in [vec![], vec![("sec-fetch-mode", "navigate")]] {
        assert_eq!(challenge(&headers).await.as_deref(), Some("Basic realm=\"Users\""), "{headers:?}");
    }
}
