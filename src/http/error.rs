//! Turns an [`Error`] into a response: the single table of kinds and statuses, and the JSON of error bodies.

use poem::{
    IntoResponse, Response,
    error::{MethodNotAllowedError, NotFoundError, ResponseError},
    http::{HeaderValue, Method, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    error::ParsePathError,
    registry::{
        MetaHeader, MetaMediaType, MetaOperation, MetaParamIn, MetaRequest, MetaResponse, MetaResponses, Registry,
    },
    types::Type,
};
use serde_json::{Value, json};

use super::{multipart::MULTIPART, response::JSON};
use crate::{
    json_schema::OneOf,
    value::{
        Error, JsonObject, Text,
        error::{ErrorBody, ErrorKind, Location, Message, Violation},
        primitive::Nullable,
    },
};

/// The body of an error response. Its properties depend on the operation.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Refusal {
    /// Always false.
    success: Option<bool>,
    /// Always false. Some operations use this spelling.
    sucess: Option<bool>, // sic
    /// Always false. Some operations use this spelling.
    succes: Option<bool>, // sic
    /// Error message.
    msg: Option<Text>,
    /// Error message.
    error: Option<Text>,
    /// Error message.
    message: Option<Text>,
    /// Error message, or details of the error.
    err: Option<OneOf<Nullable<Text>, JsonObject>>,
    /// Error number.
    error_code: Option<u32>,
    /// Maximum number of objects of this kind in the project's plan.
    plan_limit: Option<u32>,
    /// Error number or name.
    code: Option<OneOf<u32, Text>>,
    /// Maximum size of a body in bytes, or maximum number of requests in a window.
    limit: Option<u32>,
    /// Length of the rate limit's window in seconds.
    window: Option<u32>,
    /// The fields with invalid values.
    errors: Option<Vec<OneOf<JsonObject, Text>>>,
}

/// Documented rate limit in requests per minute.
pub(super) const DOCUMENTED_RATE: u32 = 200;

/// The message of a 503 response.
pub(super) const MAINTENANCE: &str = "The service is down for maintenance.";

/// Length of the rate limit's window in seconds.
const WINDOW: u32 = 60;

fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::SoftFailure => StatusCode::OK,
        ErrorKind::Malformed => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthenticated | ErrorKind::SignInFailed | ErrorKind::Banned => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Overdue => StatusCode::REQUEST_TIMEOUT,
        ErrorKind::OutOfMemory => StatusCode::INSUFFICIENT_STORAGE,
        ErrorKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        ErrorKind::NotImplemented => StatusCode::NOT_IMPLEMENTED,
    }
}

pub(super) fn body(body: &ErrorBody) -> Value {
    match body {
        ErrorBody::Failure(message) => fields(Some(("success", json!(false))), message),
        ErrorBody::Bare(message) => fields(None, message),
        ErrorBody::Fields(violations) => json!({"errors": violations.iter().map(violation).collect::<Vec<_>>()}),
        ErrorBody::Texts(texts) => json!({"errors": texts}),
        ErrorBody::Own(body) => body.clone(),
        ErrorBody::Plain(text) => Value::String(text.to_string()),
    }
}

fn fields(first: Option<(&str, Value)>, Message { key, text, extra }: &Message) -> Value {
    let text = Some((*key, json!(text)));
    let extra = extra.as_deref().map(|(name, value)| (*name, value.clone()));
    let all = [first, text, extra].into_iter().flatten();
    Value::Object(all.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The keys are in the real API's order.
fn violation(violation: &Violation) -> Value {
    let mut entry = serde_json::Map::new();
    if let Some(value) = &violation.value {
        entry.insert("value".into(), value.clone());
    }
    entry.insert("msg".into(), json!(violation.msg.unwrap_or("Invalid value")));
    entry.insert("param".into(), json!(violation.field));
    let location = match violation.location {
        Location::Body => "body",
        Location::Query => "query",
    };
    entry.insert("location".into(), json!(location));
    if let Some(reason) = &violation.reason {
        entry.insert("reason".into(), json!(reason));
    }
    Value::Object(entry)
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(status(self.kind)).finish();
        // Departs: An error in plain text has the type `text/plain`; those of the reference server have no type.
        let (content_type, text) = match body(&self.body) {
            Value::String(text) => ("text/plain; charset=utf-8", text),
            body => (JSON, body.to_string()),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        if self.kind == ErrorKind::Unauthenticated {
            let challenge = HeaderValue::from_static(r#"Basic realm="Users""#);
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response.set_body(text);
        response.extensions_mut().insert(self);
        response
    }
}

/// Rejects a call that should have come over TLS.
pub(super) fn plain_http() -> Response {
    let text = "TLS is required: the server was started with --require-tls.";
    Error::forbidden(ErrorBody::Plain(text.into())).into_response()
}

/// Rejects a call beyond the rate limit per minute, or beyond the documented limit if none is set.
pub(super) fn rate_limited(a_minute: Option<u32>, retry_after: u32) -> Response {
    let mut response = typical(429, None, Some(retry_after));
    if let Some(limit) = a_minute {
        response.set_body(body(&over_limit(limit)).to_string());
    }
    response
}

// Departs: A 429 response names the limit and its window; the reference server reports only that the limit was
// exceeded.
pub(super) fn over_limit(limit: u32) -> ErrorBody {
    ErrorBody::Own(json!({"message": "Rate limit exceeded", "limit": limit, "window": WINDOW}))
}

/// An error response with this status. Its body defaults to the API's usual one for the status.
pub(crate) fn typical(status: u16, body: Option<&Value>, retry_after: Option<u32>) -> Response {
    let msg = |text: &'static str| ErrorBody::msg(text.into());
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let words = match status.as_u16() {
        400 => Error::BAD_CREDENTIALS.body,
        401 => Error::UNAUTHENTICATED.body,
        403 => Error::FORBIDDEN.body,
        404 => Error::OBJECT_NOT_FOUND.body,
        409 => msg("Another document like this already exists."),
        413 => ErrorBody::bare("err", "Request entity too large".into()).with("limit", super::body::LIMIT),
        422 => ErrorBody::Fields(Vec::new()),
        429 => over_limit(DOCUMENTED_RATE),
        500 => Error::INTERNAL.body,
        503 => msg(MAINTENANCE),
        _ => msg(status.canonical_reason().unwrap_or("Something went wrong.")),
    };
    let kind = if status == StatusCode::UNAUTHORIZED { ErrorKind::Unauthenticated } else { ErrorKind::Internal };
    let mut response = Error::new(kind, words).into_response();
    response.set_status(status);
    if let Some(body) = body {
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        response.set_body(body.to_string());
    }
    let retry_after = retry_after.or((status == StatusCode::TOO_MANY_REQUESTS).then_some(WINDOW));
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}: {}", self.kind, body(&self.body))
    }
}

impl std::error::Error for Error {}

impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        status(self.kind)
    }

    fn as_response(&self) -> Response {
        self.clone().into_response()
    }
}

/// The error responses of an operation follow from its arguments (see [`documented`]) and its examples, so the type
/// itself adds none.
impl ApiResponse for Error {
    fn meta() -> MetaResponses {
        MetaResponses { responses: Vec::new() }
    }

    fn register(_: &mut Registry) {}
}

/// Tags whose operations write no unique values.
const WITHOUT_UNIQUE_VALUES: [&str; 10] = [
    "Activities",
    "Canned responses",
    "Contents",
    "Departments",
    "Events",
    "Groups",
    "Knowledge bases",
    "Leads",
    "Questions",
    "Segments",
];

/// The error responses that follow from an operation's arguments.
pub(super) fn documented(operation: &MetaOperation) -> Vec<MetaResponse> {
    let plain = || MetaMediaType { content_type: "text/plain", schema: Text::schema_ref() };
    let json = || MetaMediaType { content_type: "application/json", schema: Refusal::schema_ref() };
    let header = |name: &str, description: &str, required, schema| MetaHeader {
        name: name.into(),
        description: Some(description.into()),
        required,
        deprecated: false,
        schema,
    };
    let refusal = |status, description, content| MetaResponse {
        description,
        status: Some(status),
        status_range: None,
        content,
        headers: Vec::new(),
    };
    let has = |place| operation.params.iter().any(|parameter| parameter.in_type == place);
    let in_project = operation.params.iter().any(|parameter| parameter.name == "project_id");
    let (secured, has_body) = (!operation.security.is_empty(), operation.request.is_some());
    let mut all = Vec::new();
    let takes_input = has_body || has(MetaParamIn::Query);
    if in_project || secured || takes_input || has(MetaParamIn::Path) {
        let is_text = |request: &MetaRequest| request.content[0].content_type != MULTIPART;
        let is_text = operation.request.as_ref().is_some_and(is_text);
        let content = [Some(json()), (secured || is_text).then(plain)];
        all.push(refusal(400, "The request is malformed.", content.into_iter().flatten().collect()));
        all.push(refusal(404, "The object does not exist.", vec![json()]));
    }
    if secured {
        let challenge = header("WWW-Authenticate", "How to authenticate.", false, Text::schema_ref());
        let unknown = refusal(401, "The credentials are missing, invalid, or insufficient.", vec![plain(), json()]);
        all.push(MetaResponse { headers: vec![challenge], ..unknown });
        all.push(refusal(403, "The caller is not a member of the project or lacks permission.", vec![json()]));
    }
    if in_project && !secured {
        all.push(refusal(401, "The caller is banned from the project.", vec![json()]));
        all.push(refusal(403, "The caller lacks permission.", vec![json()]));
    }
    if has_body {
        if !operation.tags.iter().any(|tag| WITHOUT_UNIQUE_VALUES.contains(tag)) {
            all.push(refusal(409, "Conflict: a unique value already exists.", vec![json()]));
        }
        all.push(refusal(413, "The body is too large.", vec![json()]));
        all.push(refusal(415, "The `Content-Encoding` or the charset of the body is not supported.", vec![plain()]));
    }
    if takes_input {
        all.push(refusal(422, "Some fields or parameters have invalid values.", vec![json()]));
    }
    let exceeded =
        refusal(429, "The caller exceeded the rate limit. Try again after `Retry-After` seconds.", vec![json()]);
    let wait = header("Retry-After", "Seconds to wait before the next request.", true, u32::schema_ref());
    all.push(MetaResponse { headers: vec![wait], ..exceeded });
    let down = refusal(503, "The service is down for maintenance.", vec![json()]);
    let wait = header("Retry-After", "Seconds to wait before the next request, if known.", false, u32::schema_ref());
    all.push(MetaResponse { headers: vec![wait], ..down });
    all
}

/// Rejects a method on a read-only page.
pub(super) fn wrong_method(method: &Method, path: &str) -> Response {
    let known = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::CONNECT];
    let status = if known.contains(method) { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_IMPLEMENTED };
    let mut response = method_not_allowed(status, method.as_str(), path);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    response
}

fn method_not_allowed(status: StatusCode, method: &str, path: &str) -> Response {
    let text = format!("Method {method} not allowed for {path}.");
    let body = body(&ErrorBody::msg(text.into())).to_string();
    Response::builder().status(status).content_type(JSON).body(body)
}

/// Turns routing errors and internal errors into the API's form of an error.
//
// Departs: An unknown path returns 404 in JSON, and a known path with another method returns 405 with `Allow`; the
// reference server returns an HTML page for both, or takes the first path segment for a project.
pub(super) fn translate(error: poem::Error, method: &str, path: &str) -> Response {
    if error.is::<NotFoundError>() {
        let text = format!("No operation matches {method} {path}.");
        return Error::not_found(ErrorBody::msg(text.into())).into_response();
    }
    if error.is::<MethodNotAllowedError>() {
        return method_not_allowed(StatusCode::METHOD_NOT_ALLOWED, method, path);
    }
    // All path parameters that are not strings are numbers.
    if error.is::<ParsePathError>() {
        return Error::not_found(ErrorBody::msg("Not found: the path parameter must be a number.".into()))
            .into_response();
    }
    // The conversion into a response would lose the error in the response's extensions.
    let refusal = error.downcast_ref::<Error>().cloned();
    let mut response = error.into_response();
    if let Some(refusal) = refusal {
        response.extensions_mut().insert(refusal);
    }
    // An exhausted memory budget is counted elsewhere, and some operations are not implemented on purpose.
    let is_expected = [StatusCode::INSUFFICIENT_STORAGE, StatusCode::NOT_IMPLEMENTED].contains(&response.status());
    if response.status().is_server_error() && !is_expected {
        tracing::error!(method, path, status = response.status().as_u16(), "internal error");
    }
    response
}
