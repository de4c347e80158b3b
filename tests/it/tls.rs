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
    assert_eq!(refused.expect(429), json!({"message": "Rate limit exceeded"}));
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
