//! The documented exchanges: requests that the documentation prints, with the answers it prints.
//!
//! They are the examples of the exported document and the cases of the shape tests: `fixtures/<resource>/<operation
//! id>[.<case>].json`.

use std::collections::BTreeMap;

use ::http::{Request, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use include_dir::{Dir, include_dir};
use poem::{Endpoint, Response};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http::{MULTIPART, call};

static FIXTURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures");

/// One exchange.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// Where it is printed.
    pub source: String,
    /// Whether the exported document shows it. Not those whose request the documentation misprints.
    #[serde(default = "yes")]
    pub example: bool,
    /// Calls that make the state in which it happens.
    #[serde(default)]
    pub before: Vec<Call>,
    /// What is sent.
    pub request: Call,
    /// Status of the answer.
    pub status: u16,
    /// Body of the answer as the documentation prints it.
    pub body: Option<Value>,
    /// JSON pointers to what the documentation cuts.
    #[serde(default)]
    pub elided: Vec<String>,
    /// JSON pointers to where the documentation errs, and why it is not followed there.
    #[serde(default)]
    pub defects: BTreeMap<String, String>,
}

/// One request with its answer, shown as an example of an operation.
pub(crate) struct Example {
    /// The operation's id.
    pub(crate) operation: String,
    /// Names the example; `documented` for the documentation's own.
    pub(crate) name: String,
    /// Path and query, as they were sent.
    pub(crate) path: String,
    /// Whether the document shows the request and its response, besides what stands in the path.
    pub(crate) is_shown: bool,
    /// Whether nothing but what the default world holds was needed.
    pub(crate) is_of_default_world: bool,
    /// The content type and the body of the request.
    pub(crate) request: Option<(String, Value)>,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// A text when the content type is not JSON.
    pub(crate) response: Value,
}

/// A request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// HTTP method.
    pub method: String,
    /// Path and query, with the version prefix that the documentation prints.
    pub path: String,
    /// `email:password`, for Basic authentication.
    pub basic: Option<String>,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A text is sent as it is, anything else as JSON.
    pub body: Option<Value>,
    /// The fields of a multipart form, which is sent instead of a body.
    pub form: Option<BTreeMap<String, FormField>>,
}

/// A field of a multipart form.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum FormField {
    /// A plain field.
    Text(String),
    /// A file.
    File {
        /// Its name.
        file: String,
        /// The content type that the sender claims.
        #[serde(rename = "type")]
        kind: Option<String>,
        /// What is in it.
        #[serde(default)]
        text: String,
        /// Its bytes, of a file that is no text.
        base64: Option<String>,
    },
}

impl FormField {
    /// What is in it, as an example shows it.
    fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::File { base64: None, text, .. } => text,
            Self::File { base64: Some(base64), .. } => base64,
        }
    }

    /// The same; a plain field that is a number, a list or the like stands for that.
    fn value(&self) -> Value {
        let read = match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::File { .. } => None,
        };
        read.unwrap_or_else(|| self.shown().into())
    }

    /// # Panics
    ///
    /// When it is no Base64, which a test excludes.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::File { base64: Some(base64), .. } => BASE64_STANDARD.decode(base64).expect("exchanges are valid"),
            other => other.shown().as_bytes().to_vec(),
        }
    }
}

/// What separates the fields of a form.
const BOUNDARY: &str = "----------field";

fn yes() -> bool {
    true
}

/// All exchanges, by operation id and, after a dot, case.
///
/// # Panics
///
/// When one of the files is not in the format, which a test excludes.
#[must_use]
pub fn exchanges() -> BTreeMap<String, Exchange> {
    let files = FIXTURES.dirs().flat_map(Dir::files);
    files
        .map(|file| {
            let name = file.path().file_stem().and_then(|name| name.to_str()).expect("fixtures have plain names");
            let exchange = serde_json::from_slice(file.contents());
            (name.to_owned(), exchange.unwrap_or_else(|error| panic!("{}: {error}", file.path().display())))
        })
        .collect()
}

impl Call {
    /// The request, ready to be sent.
    ///
    /// # Panics
    ///
    /// When it is not a valid request.
    #[must_use]
    pub fn request(&self) -> Request<Bytes> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        if let Some(basic) = &self.basic {
            request = request.header(header::AUTHORIZATION, format!("Basic {}", BASE64_STANDARD.encode(basic)));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(form) = &self.form {
            request = request.header(header::CONTENT_TYPE, format!("{MULTIPART}; boundary={BOUNDARY}"));
            return request.body(encoded(form)).expect("exchanges are valid requests: a test sends them all");
        }
        let body = match &self.body {
            None => Bytes::new(),
            Some(Value::String(text)) => text.clone().into(),
            Some(body) => {
                if !self.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
                    request = request.header(header::CONTENT_TYPE, "application/json");
                }
                body.to_string().into()
            }
        };
        request.body(body).expect("exchanges are valid requests: a test sends them all")
    }
}

/// A multipart form.
fn encoded(form: &BTreeMap<String, FormField>) -> Bytes {
    let mut bytes = Vec::new();
    for (name, field) in form {
        let of_file = match field {
            FormField::Text(_) => String::new(),
            FormField::File { file, kind: None, .. } => format!("; filename=\"{file}\""),
            FormField::File { file, kind: Some(kind), .. } => format!("; filename=\"{file}\"\r\nContent-Type: {kind}"),
        };
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{of_file}\r\n\r\n");
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(&field.bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    bytes.into()
}

/// What a call sends, as an example shows it: a content type and a value.
fn shown(call: &Call, content_type: &str) -> Option<(String, Value)> {
    if let Some(form) = &call.form {
        let fields = form.iter().map(|(name, field)| (name.clone(), field.value()));
        return Some((MULTIPART.to_owned(), Value::Object(fields.collect::<Map<_, _>>())));
    }
    call.body.clone().map(|body| (content_type.to_owned(), body))
}

/// The exchanges as examples, those that are shown with the answers of `endpoint`. `reset` brings the default world back before
/// each.
pub(crate) async fn examples(endpoint: &impl Endpoint<Output = Response>, reset: impl Fn()) -> Vec<Example> {
    let mut examples = Vec::new();
    for (name, exchange) in exchanges() {
        let (operation, case) = name.split_once('.').unwrap_or((&name, "documented"));
        let unshown = Example {
            operation: operation.to_owned(),
            name: case.to_owned(),
            path: exchange.request.path.clone(),
            is_shown: false,
            is_of_default_world: exchange.before.is_empty(),
            request: None,
            status: exchange.status,
            content_type: String::new(),
            response: Value::Null,
        };
        if !exchange.example {
            examples.push(unshown);
            continue;
        }
        reset();
        for earlier in &exchange.before {
            call(endpoint, earlier.request()).await;
        }
        let request = exchange.request.request();
        let sent = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let sent = shown(&exchange.request, sent(header::CONTENT_TYPE));
        let response = call(endpoint, request).await;
        let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let text = || Value::String(String::from_utf8_lossy(response.body()).into_owned());
        examples.push(Example {
            is_shown: true,
            request: sent,
            status: response.status().as_u16(),
            response: if content_type.contains("json") {
                serde_json::from_slice(response.body()).unwrap_or_else(|_| text())
            } else {
                text()
            },
            content_type,
            ..unshown
        });
    }
    examples
}
