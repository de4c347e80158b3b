//! Webhooks over TLS: trusted certificates of receivers. The receiver is another fake with an inbox.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tiledesk_mock::{Config, Fake};
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types::PrivatePkcs8KeyDer};

use super::{lead, settled, subscribe};
use crate::support::App;

/// A receiver with its certificate in `cert.pem`.
struct Receiver {
    app: App,
    folder: TempDir,
}

impl Receiver {
    /// A self-signed CA certificate, as created by `openssl req -x509`.
    fn self_signed(name: &str) -> Self {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a name");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self::with(&certificate.pem(), &key.serialize_pem())
    }

    fn with(certificate: &str, key: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = ["cert.pem", "key.pem"].map(|name| folder.path().join(name));
        std::fs::write(&paths[0], certificate).expect("the file is writable");
        std::fs::write(&paths[1], key).expect("the file is writable");
        let [certificate, key] = paths.map(Some);
        Self { app: App::with(|config| (config.tls_cert, config.tls_key) = (certificate, key)), folder }
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn inbox(&self) -> String {
        format!("https://localhost:{}/_control/webhooks/inbox/leads", self.app.fake.address().port())
    }
}

/// State and last error of a delivery from a server with these settings.
async fn delivered(receiver: &str, change: impl FnOnce(&mut Config)) -> (String, String) {
    // The clock runs, so that failed attempts are retried.
    let app = App::with(|config| {
        config.clock = tiledesk_mock::ClockSetting::Real;
        change(config);
    });
    subscribe(&app.admin(), "lead.create", receiver).await;
    lead(&app, "Ada").await;
    let delivery = settled(&app).await.swap_remove(0);
    let error = delivery["attempts"][0]["error"].as_str().unwrap_or_default().to_owned();
    (delivery["state"].as_str().expect("a state").to_owned(), error)
}

#[tokio::test]
async fn self_signed_receivers_are_rejected_with_a_hint() {
    let receiver = Receiver::self_signed("localhost");
    let (state, error) = delivered(&receiver.inbox(), |_| {}).await;
    assert_eq!(state, "failed");
    assert!(error.contains("certificate") && error.contains("--webhooks-ca FILE or --webhooks-insecure"), "{error}");
}

#[tokio::test]
async fn a_self_signed_certificate_can_be_trusted() {
    let receiver = Receiver::self_signed("localhost");
    let trust = |file: &Path| Some(file.to_owned());
    let (state, error) =
        delivered(&receiver.inbox(), |config| config.webhooks_ca = trust(&receiver.certificate())).await;
    assert_eq!((&*state, &*error), ("delivered", ""));
    let inbox = receiver.app.nobody().get("/_control/webhooks/inbox/leads").await.json_of(200);
    assert_eq!((&inbox["count"], &inbox["calls"][0]["body"]["payload"]["lead_id"]), (&1.into(), &"Ada".into()));

    let other = Receiver::self_signed("localhost");
    let (state, _) = delivered(&receiver.inbox(), |config| config.webhooks_ca = trust(&other.certificate())).await;
    assert_eq!(state, "failed", "another certificate for the same name");
    let named = Receiver::self_signed("elsewhere.example");
    let (state, _) = delivered(&named.inbox(), |config| config.webhooks_ca = trust(&named.certificate())).await;
    assert_eq!(state, "failed", "a certificate for another name");
}

#[tokio::test]
async fn receivers_of_a_private_authority_can_be_trusted() {
    let mut params = CertificateParams::new(Vec::new()).expect("empty parameters are valid");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = params.self_signed(&key).expect("a certificate").pem();
    let issuer = Issuer::new(params, key);
    let own = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(["localhost".to_owned()]).expect("a name").signed_by(&own, &issuer);
    let receiver = Receiver::with(&leaf.expect("a certificate").pem(), &own.serialize_pem());
    let file = receiver.folder.path().join("ca.pem");
    std::fs::write(&file, authority).expect("the file is writable");
    let (state, error) = delivered(&receiver.inbox(), |config| config.webhooks_ca = Some(file)).await;
    assert_eq!((&*state, &*error), ("delivered", ""));
}

/// Starts a receiver that sends this response and closes the connection without a `close_notify`. Returns its URL.
fn closing_abruptly(response: &'static str) -> String {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key));
    let config = Arc::new(config.expect("a key and its certificate"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for tcp in listener.incoming().map_while(Result::ok) {
            let session = ServerConnection::new(config.clone()).expect("the settings are valid");
            let mut reader = BufReader::new(StreamOwned::new(session, tcp));
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).is_ok_and(|size| size > 2) {
                let header = line.to_ascii_lowercase();
                if let Some(text) = header.strip_prefix("content-length:") {
                    length = text.trim().parse().expect("a number");
                }
                line.clear();
            }
            let mut stream = reader;
            let read = stream.read_exact(&mut vec![0; length]);
            // The client may have gone.
            let _ = read.and_then(|()| stream.get_mut().write_all(response.as_bytes()));
            let _ = stream.get_mut().flush();
        }
    });
    format!("https://localhost:{port}/")
}

#[tokio::test]
async fn a_response_without_a_length_can_end_without_close_notify() {
    for (response, expected) in [
        ("HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nok", "delivered"),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "delivered"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "delivered"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", "failed"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "failed"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text", "failed"),
    ] {
        let url = closing_abruptly(response);
        let (state, error) = delivered(&url, |config| config.webhooks_insecure = true).await;
        assert_eq!((&*state, error.is_empty()), (expected, expected == "delivered"), "{response:?}: {error}");
    }
}

#[tokio::test]
async fn verification_can_be_disabled() {
    let receiver = Receiver::self_signed("elsewhere.example");
    let (state, error) = delivered(&receiver.inbox(), |config| config.webhooks_insecure = true).await;
    assert_eq!((&*state, &*error), ("delivered", ""));
}

#[tokio::test]
async fn the_servers_own_certificate_is_always_trusted() {
    let app = App::with(|config| config.tls_self_signed = true);
    let inbox = "/_control/webhooks/inbox/own";
    let target = format!("https://127.0.0.1:{}{inbox}", app.fake.address().port());
    subscribe(&app.admin(), "lead.create", &target).await;
    lead(&app, "Ada").await;
    assert_eq!(settled(&app).await[0]["state"], "delivered");
    assert_eq!(app.nobody().get(inbox).await.json_of(200)["count"], 1);
}

#[test]
fn a_file_without_certificates_is_rejected_at_startup() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let start = || Fake::builder().webhooks_ca(&file).start().map(drop).expect_err("the file is rejected").to_string();
    assert!(start().contains("ca.pem: expected a certificate in PEM"), "{}", start());
    std::fs::write(&file, "nothing").expect("the file is writable");
    assert!(start().contains("ca.pem: expected a certificate in PEM format: found none"), "{}", start());
    Fake::builder().webhooks_insecure().start().map(drop).expect("no file is needed");
}
