//! The documented exchanges: requests and responses printed in the API's documentation.
//!
//! They are stored as `fixtures/<resource>/<operation id>[.<case>].json`, and serve as the examples of the exported
//! documents and as test cases for the shape of responses.

use std::collections::BTreeMap;

use ::http::{Request, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use poem::{Endpoint, Response};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::http::{MULTIPART, call};

#[derive(RustEmbed)]
#[folder = "fixtures"]
#[include = "*/*.json"]
struct Fixtures;

/// The login of the documentation, as `email:password`.
const DEFAULT_LOGIN: &str = "andrea.leo@f21.it:123456";

/// A documented exchange.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The page that documents it.
    pub source: String,
    /// Whether the exported document shows it. False if the documentation misprints the request.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub example: bool,
    /// Calls that set up the state.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Call>,
    /// The request.
    pub request: Call,
    /// Status of the response.
    pub status: u16,
    /// Content type of the response, unless it is JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Body of the response as documented.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// JSON pointers to the parts that the documentation elides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elided: Vec<String>,
    /// JSON pointers to errors in the documentation, each with the reason for deviating from it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defects: BTreeMap<String, String>,
}

/// An executed exchange, shown as an example of an operation.
pub(crate) struct Example {
    /// The operation ID.
    pub(crate) operation: String,
    /// The name of the example; `documented` for the documentation's own.
    pub(crate) name: String,
    /// Path and query as sent.
    pub(crate) path: String,
    /// Whether the document shows the request and its response, in addition to its path parameters.
    pub(crate) is_shown: bool,
    /// Whether it needs no state other than the default world.
    pub(crate) is_of_default_world: bool,
    /// Whether it needs no login other than the documented one.
    pub(crate) is_of_default_login: bool,
    /// Content type and body of the request.
    pub(crate) request: Option<(String, Value)>,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    /// A string, unless the content type is JSON.
    pub(crate) response: Value,
}

/// A request.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// HTTP method.
    pub method: String,
    /// Path and query, with the version prefix as documented.
    pub path: String,
    /// `email:password`, for Basic authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basic: Option<String>,
    /// Additional headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// The body. Strings are sent verbatim, anything else as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The fields of a multipart form, sent instead of a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<BTreeMap<String, FormField>>,
}

/// A field of a multipart form.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(untagged)]
pub enum FormField {
    /// A plain field.
    Text(String),
    /// A file.
    File {
        /// File name.
        file: String,
        /// The content type claimed by the sender.
        #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// Content of a text file.
        #[serde(default)]
        text: String,
        /// Content of a binary file, in Base64.
        #[serde(skip_serializing_if = "Option::is_none")]
        base64: Option<String>,
    },
}

impl FormField {
    /// The content as shown in an example.
    fn shown(&self) -> &str {
        match self {
            Self::Text(text) | Self::File { base64: None, text, .. } => text,
            Self::File { base64: Some(base64), .. } => base64,
        }
    }

    /// The content as a JSON value. A text field that parses as JSON, such as a number or a list, becomes that value.
    fn value(&self) -> Value {
        let read = match self {
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::File { .. } => None,
        };
        read.unwrap_or_else(|| self.shown().into())
    }

    /// # Panics
    ///
    /// Panics on invalid Base64, which tests rule out.
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::File { base64: Some(base64), .. } => BASE64_STANDARD.decode(base64).expect("exchanges are valid"),
            other => other.shown().as_bytes().to_vec(),
        }
    }
}

/// The boundary between form fields.
const BOUNDARY: &str = "----------field";

fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_yes(value: &bool) -> bool {
    *value
}

/// All exchanges by file name without extension: the operation ID and, after a dot, the case.
///
/// # Panics
///
/// Panics if a file is not in the expected format, which tests rule out.
#[must_use]
pub fn exchanges() -> BTreeMap<String, Exchange> {
    let read = |path: std::borrow::Cow<'static, str>| {
        let name = path.rsplit('/').next()?.strip_suffix(".json")?.to_owned();
        let exchange = serde_json::from_slice(&Fixtures::get(&path)?.data);
        Some((name, exchange.unwrap_or_else(|error| panic!("{path}: {error}"))))
    };
    Fixtures::iter().filter_map(read).collect()
}

impl Call {
    /// The request, ready to be sent.
    ///
    /// # Panics
    ///
    /// Panics if it is not a valid request.
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
            return request.body(encoded(form)).expect("exchanges are valid requests, as tests show");
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
        request.body(body).expect("exchanges are valid requests, as tests show")
    }
}

/// Encodes a multipart form.
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

/// The content type and body of a call, as shown in an example.
fn shown(call: &Call, content_type: &str) -> Option<(String, Value)> {
    if let Some(form) = &call.form {
        let fields = form.iter().map(|(name, field)| (name.clone(), field.value()));
        return Some((MULTIPART.to_owned(), Value::Object(fields.collect::<Map<_, _>>())));
    }
    call.body.clone().map(|body| (content_type.to_owned(), body))
}

/// Executes the exchanges that are shown, each after a `reset` to the default world, and returns all exchanges as
/// examples.
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
            is_of_default_login: exchange.request.basic.as_deref().is_none_or(|login| login == DEFAULT_LOGIN),
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
