//! TLS, plain HTTP on the same port, and HTTP/2; and the rate limit, which also applies before any operation.

use std::num::NonZeroU32;

use http::Method;
use serde_json::json;

use crate::support::{
    App, PROJECT,
    https::{Accepted, HttpsClient},
};

#[tokio::test]
async fn tls_and_plain_http_are_served_on_one_port() {
    let app = App::with(|config| config.tls_self_signed = true);
    let health = |scheme: &str| format!("{scheme}://localhost:{}/healthz", app.fake.address().port());
    let client = HttpsClient::new();
    let secured = client.get(&health("https")).send().await.expect("the server accepts TLS");
    assert_eq!((secured.version(), secured.status().as_u16()), (http::Version::HTTP_2, 200));
    let plain = client.get(&health("http")).send().await.expect("the server accepts plain HTTP");
    assert_eq!((plain.version(), plain.status().as_u16()), (http::Version::HTTP_11, 200));
    let old = HttpsClient::with(Accepted::Any, false).get(&health("https")).send().await;
    assert_eq!(old.expect("the server accepts HTTP/1.1 over TLS").version(), http::Version::HTTP_11);
    let strict = HttpsClient::with(Accepted::Only(None), true).get(&health("https")).send().await;
    assert!(strict.is_err(), "the certificate is self-signed");
}

#[tokio::test]
async fn plain_http_can_be_rejected() {
    let app = App::with(|config| (config.tls_self_signed, config.require_tls) = (true, true));
    assert!(app.fake.url().starts_with("https://"));
    let leads = format!("{PROJECT}/leads");
    let refused = app.agent().get(&leads).await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (403, Some("text/plain; charset=utf-8")));
    assert!(refused.text().contains("--require-tls"));
    let behind_a_proxy = app.agent().send(Method::GET, &leads, &[("x-forwarded-proto", "https")], "").await;
    assert_eq!(behind_a_proxy.status, 200);
    let answer = HttpsClient::new().get(&format!("{}{leads}", app.fake.url()));
    let answer = answer.basic_auth("agent@example.com", "123456").send().await.expect("the server accepts TLS");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn plain_http_is_rejected_everywhere_except_for_health_checks() {
    let app = App::with(|config| (config.tls_self_signed, config.require_tls) = (true, true));
    let nobody = app.nobody();
    for path in ["/_control/state", "/docs", "/openapi.json", "/"] {
        assert_eq!(nobody.get(path).await.status, 403, "{path}");
    }
    assert_eq!(nobody.post("/_control/reset", serde_json::Value::Null).await.status, 403);
    nobody.get("/healthz").await.json_of(200);
    let state = HttpsClient::new().get(&format!("{}/_control/state", app.fake.url()));
    assert_eq!(state.send().await.expect("the server accepts TLS").status(), 200);
}

#[tokio::test]
async fn a_certificate_is_read_from_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&certificate, made.cert.pem()).expect("the file is writable");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("the file is writable");
    let app = App::with(|config| (config.tls_cert, config.tls_key) = (Some(certificate.clone()), Some(key.clone())));
    let client = HttpsClient::with(Accepted::Only(Some(made.cert.der().clone())), true);
    let answer = client.get(&format!("https://localhost:{}/healthz", app.fake.address().port())).send().await;
    assert_eq!(answer.expect("the certificate is trusted").status(), 200);
    std::fs::write(&key, "nonsense").expect("the file is writable");
    let mut config =
        tiledesk_mock::Config { tls_cert: Some(certificate), tls_key: Some(key.clone()), ..Default::default() };
    let error = tiledesk_mock::Fake::serve(&config).expect_err("the key is invalid").to_string();
    assert!(error.contains("key.pem") && error.contains("expected a private key"), "{error}");
    config.tls_cert = Some(folder.path().join("none.pem"));
    let error = tiledesk_mock::Fake::serve(&config).expect_err("the certificate is missing").to_string();
    assert!(error.contains("none.pem"), "{error}");
}

#[tokio::test]
async fn silent_clients_do_not_block_others() {
    let app = App::with(|config| config.tls_self_signed = true);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(tokio::net::TcpStream::connect(app.fake.address()).await.expect("the connection is accepted"));
    }
    let url = format!("https://localhost:{}/healthz", app.fake.address().port());
    assert_eq!(HttpsClient::new().get(&url).send().await.expect("the server responds").status(), 200);
}

#[tokio::test]
async fn too_many_calls_are_rejected_until_time_has_passed() {
    let app = App::with(|config| config.rate_limit = NonZeroU32::new(6));
    let leads = format!("{PROJECT}/leads");
    for _ in 0..6 {
        app.agent().get(&leads).await.json_of(200);
    }
    let refused = app.agent().get(&leads).await;
    assert_eq!(refused.header("retry-after"), Some("11"));
    // "Tiledesk will respond with a HTTP 429 Too Many Requests response code and a body that details the reason for the rate
    // limiter kicking in."
    assert_eq!(refused.json_of(429), json!({"message": "Rate limit exceeded", "limit": 6, "window": 60}));
    app.admin().get(&leads).await.json_of(200);
    app.advance("10s").await;
    app.agent().get(&leads).await.json_of(200);
    app.agent().get(&leads).await.json_of(429);
    app.advance("1m").await;
    for _ in 0..6 {
        app.agent().get(&leads).await.json_of(200);
    }
    app.agent().get(&leads).await.json_of(429);
    app.agent().get(&format!("/_sandbox/other{leads}")).await.json_of(200);
    app.nobody().post("/_control/reset", serde_json::Value::Null).await.json_of(200);
    app.agent().get(&leads).await.json_of(200);
    assert_eq!(
        app.nobody().get("/_control/journal?status=429").await.json_of(200)["count"],
        0,
        "a reset clears the counts"
    );
}

/// The statuses of calls with these `Authorization` headers, each over a separate connection.
async fn statuses(app: &App, method: &Method, path: &str, headers: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for header in headers {
        let call = HttpsClient::new().call(method.clone(), &format!("{}{path}", app.fake.url()));
        let body = json!({"email": "agent@example.com", "password": "wrong!"});
        let call = if header.is_empty() { call.json(body.to_string()) } else { call.header("authorization", header) };
        statuses.push(call.send().await.expect("the server responds").status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn calls_are_counted_per_account_regardless_of_the_credentials_used() {
    use base64::{Engine, prelude::BASE64_STANDARD};

    let app = App::with(|config| config.rate_limit = NonZeroU32::new(3));
    let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
    let token = crate::support::socket::token(&app, "", "agent@example.com").await;
    let leads = format!("{PROJECT}/leads");
    let shown = [
        basic("agent@example.com:123456"),
        basic("Agent@Example.com:123456"),
        format!("JWT {token}"),
        basic("agent@example.com:123456"),
    ];
    assert_eq!(statuses(&app, &Method::GET, &leads, &shown).await, [200, 200, 200, 429]);
    // Invalid and missing credentials are counted per IP address.
    app.advance("10m").await;
    let wrong: Vec<_> = (0..4).map(|number| basic(&format!("agent@example.com:{number}"))).collect();
    assert_eq!(statuses(&app, &Method::GET, &leads, &wrong).await, [401, 401, 401, 429]);
    app.advance("10m").await;
    let none = vec![String::new(); 4];
    assert_eq!(statuses(&app, &Method::POST, "/v3/auth/signin", &none).await, [401, 401, 401, 429]);
    assert_eq!(statuses(&app, &Method::GET, &leads, &[basic("agent@example.com:123456")]).await, [200]);
}

#[tokio::test]
async fn the_http2_authority_is_used_as_host() {
    let app = App::with(|config| config.tls_self_signed = true);
    let client = HttpsClient::new();
    let port = app.fake.address().port();
    let lead = json!({"lead_id": "by-host", "fullname": "By host"}).to_string();
    let call = client.call(Method::POST, &format!("https://one.localhost:{port}{PROJECT}/leads")).json(lead);
    let call = call.basic_auth("agent@example.com", "123456");
    let answer = call.send().await.expect("the server accepts TLS");
    assert_eq!((answer.version(), answer.status().as_u16()), (http::Version::HTTP_2, 200));
    let found = async |prefix: &str| {
        app.agent().get(&format!("{prefix}{PROJECT}/leads?full_text=By+host")).await.json_of(200)["count"].clone()
    };
    assert_eq!((found("").await, found("/_sandbox/one").await), (json!(0), json!(1)));

    let page =
        client.get(&format!("https://one.localhost:{port}/_console")).send().await.expect("the server accepts TLS");
    let page = String::from_utf8_lossy(page.body());
    let token =
        page.split("name=\"page-token\" content=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let control = async |url: String, origin: Option<&str>| {
        let call = client.get(&format!("{url}/_control/clock")).header("x-page-token", token);
        let call = origin.map_or(call.clone(), |origin| call.header("origin", origin));
        let answer = call.send().await.expect("the server accepts TLS");
        assert_eq!(answer.version(), http::Version::HTTP_2);
        answer.status().as_u16()
    };
    let (own, foreign) = (format!("https://one.localhost:{port}"), format!("https://evil.example:{port}"));
    assert_eq!(control(foreign.clone(), None).await, 403, "DNS rebinding");
    assert_eq!(control(foreign.clone(), Some(&foreign)).await, 403);
    assert_eq!(control(own.clone(), Some(&own)).await, 200, "a page of the server itself");
    assert_eq!(control(own.clone(), Some(&foreign)).await, 403);
}

#[tokio::test]
async fn an_explanation_repeats_scheme_host_port_and_sandbox() {
    let app = App::with(|config| config.tls_self_signed = true);
    let client = HttpsClient::new();
    let port = app.fake.address().port();
    for (url, header, expected) in [
        (format!("https://one.localhost:{port}"), None, format!("https://one.localhost:{port}{PROJECT}/leads")),
        (
            format!("http://localhost:{port}/_sandbox/two"),
            None,
            format!("http://localhost:{port}/_sandbox/two{PROJECT}/leads"),
        ),
        (
            format!("http://localhost:{port}"),
            Some("three"),
            format!("http://localhost:{port}/_sandbox/three{PROJECT}/leads"),
        ),
    ] {
        let call = client.get(&format!("{url}{PROJECT}/leads"));
        let call = header.map_or(call.clone(), |name| call.header("x-sandbox", name));
        let refused = call.send().await.expect("the server responds");
        assert_eq!(refused.status(), 401);
        let link = refused.headers()["link"].to_str().expect("a string").to_owned();
        let path = link.trim_start_matches('<').split('>').next().expect("a path").to_owned();
        let explanation = app.nobody().get(&path).await.json_of(200);
        let curl = explanation["curl"].as_str().expect("a curl");
        assert!(curl.ends_with(&format!("'{expected}'")), "{curl}");
    }
}
