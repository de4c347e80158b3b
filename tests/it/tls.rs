//! TLS, plain HTTP beside it, and HTTP/2; and the rate limit, which is as much a matter of the door.

use std::{num::NonZeroU32, time::Duration};

use http::Method;
use serde_json::json;

use crate::support::{App, PROJECT};

fn client() -> reqwest::ClientBuilder {
    reqwest::Client::builder().danger_accept_invalid_certs(true).timeout(Duration::from_secs(10))
}

#[tokio::test]
async fn tls_and_plain_http_are_served_on_one_port() {
    let app = App::with(|config| config.tls_self_signed = true);
    let health = |scheme: &str| format!("{scheme}://localhost:{}/healthz", app.fake.address().port());
    let client = client().build().expect("a client");
    let secured = client.get(health("https")).send().await.expect("TLS is served");
    assert_eq!((secured.version(), secured.status().as_u16()), (http::Version::HTTP_2, 200));
    let plain = client.get(health("http")).send().await.expect("so is plain HTTP");
    assert_eq!((plain.version(), plain.status().as_u16()), (http::Version::HTTP_11, 200));
    let old = self::client().http1_only().build().expect("a client").get(health("https")).send().await;
    assert_eq!(old.expect("HTTP/1.1 over TLS, too").version(), http::Version::HTTP_11);
    let strict = reqwest::Client::new().get(health("https")).send().await;
    assert!(strict.is_err(), "nobody else has signed the certificate");
}

#[tokio::test]
async fn plain_http_can_be_refused() {
    let app = App::with(|config| (config.tls_self_signed, config.require_tls) = (true, true));
    assert!(app.fake.url().starts_with("https://"));
    let leads = format!("{PROJECT}/leads");
    let refused = app.agent().get(&leads).await;
    assert_eq!((refused.status.as_u16(), refused.header("content-type")), (403, Some("text/plain; charset=utf-8")));
    assert!(refused.text().contains("--require-tls"));
    let behind_a_proxy = app.agent().send(Method::GET, &leads, &[("x-forwarded-proto", "https")], "").await;
    assert_eq!(behind_a_proxy.status, 200);
    let answer = client().build().expect("a client").get(format!("{}{leads}", app.fake.url()));
    let answer = answer.basic_auth("agent@example.com", Some("123456")).send().await.expect("TLS is served");
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn plain_http_is_refused_everywhere_but_for_health_checks() {
    let app = App::with(|config| (config.tls_self_signed, config.require_tls) = (true, true));
    let nobody = app.nobody();
    for path in ["/_control/state", "/docs", "/openapi.json", "/"] {
        assert_eq!(nobody.get(path).await.status, 403, "{path}");
    }
    assert_eq!(nobody.post("/_control/reset", serde_json::Value::Null).await.status, 403);
    nobody.get("/healthz").await.expect(200);
    let state = client().build().expect("a client").get(format!("{}/_control/state", app.fake.url()));
    assert_eq!(state.send().await.expect("TLS is served").status(), 200);
}

#[tokio::test]
async fn a_certificate_is_read_from_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    std::fs::write(&certificate, made.cert.pem()).expect("it can be written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("it can be written");
    let app = App::with(|config| (config.tls_cert, config.tls_key) = (Some(certificate.clone()), Some(key.clone())));
    let trusted = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).expect("a certificate");
    let client = reqwest::Client::builder().add_root_certificate(trusted).build().expect("a client");
    let answer = client.get(format!("https://localhost:{}/healthz", app.fake.address().port())).send().await;
    assert_eq!(answer.expect("who trusts it is answered").status(), 200);
    std::fs::write(&key, "nonsense").expect("it can be written");
    let mut config =
        tiledesk_mock::Config { tls_cert: Some(certificate), tls_key: Some(key.clone()), ..Default::default() };
    let error = tiledesk_mock::Fake::serve(&config).expect_err("that is no key").to_string();
    assert!(error.contains("key.pem") && error.contains("expected a private key"), "{error}");
    config.tls_cert = Some(folder.path().join("none.pem"));
    let error = tiledesk_mock::Fake::serve(&config).expect_err("there is none").to_string();
    assert!(error.contains("none.pem"), "{error}");
}

#[tokio::test]
async fn a_client_that_says_nothing_holds_nobody_up() {
    let app = App::with(|config| config.tls_self_signed = true);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(tokio::net::TcpStream::connect(app.fake.address()).await.expect("it is accepted"));
    }
    let url = format!("https://localhost:{}/healthz", app.fake.address().port());
    assert_eq!(client().build().expect("a client").get(url).send().await.expect("it is served").status(), 200);
}

#[tokio::test]
async fn too_many_calls_are_refused_until_time_has_passed() {
    let app = App::with(|config| config.rate_limit = NonZeroU32::new(6));
    let leads = format!("{PROJECT}/leads");
    for _ in 0..6 {
        app.agent().get(&leads).await.expect(200);
    }
    let refused = app.agent().get(&leads).await;
    assert_eq!(refused.header("retry-after"), Some("11"));
    // "Tiledesk will respond with a HTTP 429 Too Many Requests response code and a body that details the reason for the rate
    // limiter kicking in."
    assert_eq!(refused.expect(429), json!({"message": "Rate limit exceeded", "limit": 6, "window": 60}));
    app.admin().get(&leads).await.expect(200);
    app.advance("10s").await;
    app.agent().get(&leads).await.expect(200);
    app.agent().get(&leads).await.expect(429);
    app.advance("1m").await;
    for _ in 0..6 {
        app.agent().get(&leads).await.expect(200);
    }
    app.agent().get(&leads).await.expect(429);
    app.agent().get(&format!("/_sandbox/other{leads}")).await.expect(200);
    app.nobody().post("/_control/reset", serde_json::Value::Null).await.expect(200);
    app.agent().get(&leads).await.expect(200);
    assert_eq!(app.nobody().get("/_control/journal?status=429").await.expect(200)["count"], 0, "a reset forgets");
}

/// Statuses of calls with these `Authorization` headers, each over a connection of its own.
async fn statuses(app: &App, method: &Method, path: &str, headers: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for header in headers {
        let client = client().pool_max_idle_per_host(0).build().expect("a client");
        let call = client.request(method.clone(), format!("{}{path}", app.fake.url()));
        let body = json!({"email": "agent@example.com", "password": "wrong!"});
        let call = if header.is_empty() {
            call.header("content-type", "application/json").body(body.to_string())
        } else {
            call.header("authorization", header)
        };
        statuses.push(call.send().await.expect("it is answered").status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn calls_are_counted_by_account_and_not_by_what_they_show() {
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
    // Wrong and missing credentials are counted by address.
    app.advance("10m").await;
    let wrong: Vec<_> = (0..4).map(|number| basic(&format!("agent@example.com:{number}"))).collect();
    assert_eq!(statuses(&app, &Method::GET, &leads, &wrong).await, [401, 401, 401, 429]);
    app.advance("10m").await;
    let none = vec![String::new(); 4];
    assert_eq!(statuses(&app, &Method::POST, "/v3/auth/signin", &none).await, [401, 401, 401, 429]);
    assert_eq!(statuses(&app, &Method::GET, &leads, &[basic("agent@example.com:123456")]).await, [200]);
}

/// A client of HTTP/2 for which all names lead to the server.
fn client_of(app: &App, names: &[&str]) -> reqwest::Client {
    let resolve = |client: reqwest::ClientBuilder, name: &&str| client.resolve(name, app.fake.address());
    let client = names.iter().fold(client(), resolve);
    client.build().expect("a client")
}

#[tokio::test]
async fn the_host_of_http_2_is_its_authority() {
    let app = App::with(|config| config.tls_self_signed = true);
    let client = client_of(&app, &["one.localhost", "evil.example"]);
    let port = app.fake.address().port();
    let lead = json!({"lead_id": "by-host", "fullname": "By host"}).to_string();
    let call = client.post(format!("https://one.localhost:{port}{PROJECT}/leads")).body(lead);
    let call = call.basic_auth("agent@example.com", Some("123456")).header("content-type", "application/json");
    let answer = call.send().await.expect("TLS is served");
    assert_eq!((answer.version(), answer.status().as_u16()), (http::Version::HTTP_2, 200));
    let found = async |prefix: &str| {
        app.agent().get(&format!("{prefix}{PROJECT}/leads?full_text=By+host")).await.expect(200)["count"].clone()
    };
    assert_eq!((found("").await, found("/_sandbox/one").await), (json!(0), json!(1)));

    let control = async |url: String, origin: Option<&str>| {
        let call = client.get(format!("{url}/_control/clock"));
        let call = origin.map_or(call.try_clone().expect("no body"), |origin| call.header("origin", origin));
        let answer = call.send().await.expect("TLS is served");
        assert_eq!(answer.version(), http::Version::HTTP_2);
        answer.status().as_u16()
    };
    let (own, foreign) = (format!("https://one.localhost:{port}"), format!("https://evil.example:{port}"));
    assert_eq!(control(foreign.clone(), None).await, 403, "a name that its owner makes point here");
    assert_eq!(control(foreign.clone(), Some(&foreign)).await, 403);
    assert_eq!(control(own.clone(), Some(&own)).await, 200, "a page of the server itself");
    assert_eq!(control(own.clone(), Some(&foreign)).await, 403);
}

#[tokio::test]
async fn an_explanation_calls_back_by_scheme_host_port_and_sandbox() {
    let app = App::with(|config| config.tls_self_signed = true);
    let client = client_of(&app, &["one.localhost"]);
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
        let call = client.get(format!("{url}{PROJECT}/leads"));
        let call = header.map_or(call.try_clone().expect("no body"), |name| call.header("x-sandbox", name));
        let refused = call.send().await.expect("it is served");
        assert_eq!(refused.status(), 401);
        let link = refused.headers()["link"].to_str().expect("a text").to_owned();
        let path = link.trim_start_matches('<').split('>').next().expect("a path").to_owned();
        let explanation = app.nobody().get(&path).await.expect(200);
        let curl = explanation["curl"].as_str().expect("a curl");
        assert!(curl.ends_with(&format!("'{expected}'")), "{curl}");
    }
}
