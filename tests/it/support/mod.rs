//! A fake with the default world, and the people who call it.

pub(crate) mod sink;
pub(crate) mod socket;

use std::{fmt::Write, path::PathBuf};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tiledesk_mock::{ClockSetting, Config, Fake};

/// The project in which everybody of the default world has a role.
pub(crate) const PROJECT: &str = "/v3/5b55e806c93dde00143163dd";

/// 2026-01-01T12:00:00Z, where the clock of the tests stands still.
pub(crate) const NOON: i64 = 1_767_268_800_000;

/// A fake of one test.
pub(crate) struct App {
    pub(crate) fake: Fake,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A fake with other settings than the usual ones: clock at noon, seed 0, a free port.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { clock: ClockSetting::Frozen(NOON), self_check: true, ..Config::default() };
        change(&mut config);
        Self { fake: Fake::serve(&config).expect("the default world is valid and there is a free port") }
    }

    /// Everything that there is, to see whether a call changed anything; what is delivered meanwhile is left out.
    pub(crate) async fn state(&self) -> Value {
        let mut state = self.nobody().get("/_control/state").await.expect(200);
        state.as_object_mut().expect("collections").remove("subscription_logs");
        state
    }

    /// Lets the clock of the default sandbox jump ahead.
    pub(crate) async fn advance(&self, by: &str) {
        self.nobody().put("/_control/clock", json!({"advance": by})).await.expect(200);
    }

    pub(crate) fn nobody(&self) -> Actor<'_> {
        Actor { app: self, authorization: None }
    }

    pub(crate) fn owner(&self) -> Actor<'_> {
        self.user("andrea.leo@f21.it")
    }

    pub(crate) fn admin(&self) -> Actor<'_> {
        self.user("admin@example.com")
    }

    pub(crate) fn agent(&self) -> Actor<'_> {
        self.user("agent@example.com")
    }

    /// Has an account, and no role in the project.
    pub(crate) fn outsider(&self) -> Actor<'_> {
        self.user("outsider@example.com")
    }

    /// A user of the default world, by Basic authentication.
    pub(crate) fn user(&self, email: &str) -> Actor<'_> {
        self.authorized(format!("Basic {}", BASE64_STANDARD.encode(format!("{email}:123456"))))
    }

    /// A new anonymous visitor of the project.
    pub(crate) async fn guest(&self) -> Actor<'_> {
        let body = json!({"id_project": &PROJECT[4..]});
        let answer = self.nobody().post("/v3/auth/signinAnonymously", body).await.expect(200);
        self.authorized(answer["token"].as_str().expect("a token is a text").to_owned())
    }

    /// A visitor of the project who is signed in on the page that shows the widget.
    pub(crate) async fn visitor(&self) -> Actor<'_> {
        let exchanges = tiledesk_mock::exchanges();
        let answer = self.call(exchanges["sign_in_with_custom_token"].request.request()).await.expect(200);
        self.authorized(answer["token"].as_str().expect("a token is a text").to_owned())
    }

    pub(crate) async fn call(&self, request: Request<Bytes>) -> Answer {
        let (parts, body) = self.fake.call(request).await.into_parts();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn authorized(&self, header: String) -> Actor<'_> {
        Actor { app: self, authorization: Some(header) }
    }
}

/// Somebody who calls.
pub(crate) struct Actor<'a> {
    app: &'a App,
    authorization: Option<String>,
}

impl Actor<'_> {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        // JSON's null stands for no body.
        let (headers, body) = match body.filter(|body| !body.is_null()) {
            None => (vec![], String::new()),
            Some(body) => (vec![("content-type", "application/json")], body.to_string()),
        };
        self.send(method, path, &headers, body).await
    }

    /// A call with any headers and any bytes.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.app.call(request.body(body.into()).expect("tests send valid requests")).await
    }
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body in JSON, of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self.json()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Status, content type and body, for a snapshot.
    pub(crate) fn told(&self) -> String {
        let mut told = format!("{}\n", self.status);
        let content_type = self.header("content-type").unwrap_or("-");
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(body) if content_type.contains("json") => format!("{body:#}"),
            _ if content_type.starts_with("image/") => format!("{} bytes", self.body.len()),
            _ => self.text(),
        };
        write!(told, "{content_type}\n\n{body}").expect("a String takes any text");
        told
    }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Asserts that a file of the repository holds this text; `UPDATE=1` writes it instead.
#[track_caller]
pub(crate) fn assert_file(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, text).expect("the repository can be written to");
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(known == text, "{path} is not what the code generates; UPDATE=1 cargo test rewrites it");
}
