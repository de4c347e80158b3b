//! A fake with the default world, and its callers.

pub(crate) mod https;
pub(crate) mod seed;
pub(crate) mod sink;
pub(crate) mod socket;
pub(crate) mod token;

use std::{env, fmt::Write, path::PathBuf, process::Command};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tiledesk_mock::{ClockSetting, Config, Fake};

use self::seed::PROJECT_ID;

/// Path prefix of the main project, in which everyone in the default world has a role.
pub(crate) const PROJECT: &str = "/v3/5b55e806c93dde00143163dd";

/// 2026-01-01T12:00:00Z, where the clock of the tests is frozen.
pub(crate) const NOON: i64 = 1_767_268_800_000;

/// Whether this process runs no other test. If it does, the test is run alone in a second process, and must pass there.
///
/// Memory is limited for a whole process, so documents of concurrent tests count, too.
pub(crate) fn alone(test: &str) -> bool {
    const VARIABLE: &str = "TILEDESK_MOCK_TEST_ALONE";
    if env::var_os(VARIABLE).is_some() {
        return true;
    }
    let program = env::current_exe().expect("the path of the tests");
    let output = Command::new(program).args(["--exact", test]).env(VARIABLE, "1").output().expect("the tests start");
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && report.contains("1 passed"), "{report}");
    false
}

/// The fake of one test.
pub(crate) struct App {
    pub(crate) fake: Fake,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A fake with changed settings. The defaults are a clock frozen at noon, seed 0, and a free port.
    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { clock: ClockSetting::Frozen(NOON), self_check: true, ..Config::default() };
        change(&mut config);
        Self { fake: Fake::serve(&config).expect("a valid default world and a free port") }
    }

    /// The exported state, for checking whether a call changed anything. Excludes deliveries, which finish
    /// concurrently.
    pub(crate) async fn state(&self) -> Value {
        let mut state = self.nobody().get("/_control/state").await.json_of(200);
        state.as_object_mut().expect("collections").remove("subscription_logs");
        state
    }

    /// Advances the clock of the default sandbox.
    pub(crate) async fn advance(&self, by: &str) {
        self.nobody().put("/_control/clock", json!({"advance": by})).await.json_of(200);
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

    /// A user without a role in the project.
    pub(crate) fn outsider(&self) -> Actor<'_> {
        self.user("outsider@example.com")
    }

    /// A user of the default world, with Basic authentication.
    pub(crate) fn user(&self, email: &str) -> Actor<'_> {
        self.authorized(format!("Basic {}", BASE64_STANDARD.encode(format!("{email}:123456"))))
    }

    /// A new anonymous visitor of the project.
    pub(crate) async fn guest(&self) -> Actor<'_> {
        let body = json!({"id_project": PROJECT_ID});
        let answer = self.nobody().post("/v3/auth/signinAnonymously", body).await.json_of(200);
        self.authorized(answer["token"].as_str().expect("the token is a string").to_owned())
    }

    /// A visitor of the project who is signed in on the page with the widget.
    pub(crate) async fn visitor(&self) -> Actor<'_> {
        let exchanges = tiledesk_mock::exchanges();
        let answer = self.call(exchanges["sign_in_with_custom_token"].request.request()).await.json_of(200);
        self.authorized(answer["token"].as_str().expect("the token is a string").to_owned())
    }

    pub(crate) async fn call(&self, request: Request<Bytes>) -> Answer {
        let (parts, body) = self.fake.call(request).await.into_parts();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) fn authorized(&self, header: String) -> Actor<'_> {
        Actor { app: self, authorization: Some(header) }
    }
}

/// A caller with its credentials.
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
        // `Value::Null` means no body.
        let (headers, body) = match body.filter(|body| !body.is_null()) {
            None => (vec![], String::new()),
            Some(body) => (vec![("content-type", "application/json")], body.to_string()),
        };
        self.send(method, path, &headers, body).await
    }

    /// A call with arbitrary headers and bytes.
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

/// A response.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The JSON body of a response that must have this status.
    #[track_caller]
    pub(crate) fn json_of(&self, status: u16) -> Value {
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

    /// Status, content type, and body, for a snapshot.
    pub(crate) fn to_snapshot(&self) -> String {
        let mut told = format!("{}\n", self.status);
        let content_type = self.header("content-type").unwrap_or("-");
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(body) if content_type.contains("json") => format!("{body:#}"),
            _ if content_type.starts_with("image/") => format!("{} bytes", self.body.len()),
            _ => self.text(),
        };
        write!(told, "{content_type}\n\n{body}").expect("writing to a String cannot fail");
        told
    }
}

/// A document whose shared responses are inlined.
pub(crate) fn inlined(mut document: Value) -> Value {
    let shared = document["components"]["responses"].clone();
    let items = document["paths"].as_object_mut().into_iter().flatten();
    for (_, node) in items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten()) {
        for (_, response) in node["responses"].as_object_mut().into_iter().flatten() {
            if let Some(reference) = response["$ref"].as_str() {
                *response = shared[reference.rsplit('/').next().expect("a name")].clone();
            }
        }
    }
    document
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Asserts that a file of the repository has this content. With `UPDATE=1`, writes it instead.
#[track_caller]
pub(crate) fn assert_file(path: &str, text: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, text).expect("the repository is writable");
    }
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(known == text, "{path} differs from the generated text; run UPDATE=1 cargo test to update it");
}
