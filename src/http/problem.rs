//! Errors outside the imitated API: `application/problem+json` (RFC 9457), with a pointer for each problem.

use poem::{
    Response,
    error::ResponseError,
    http::{StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};
use serde_json::Value;

use crate::{
    state::{self, NoSandbox, fixture::FixtureError},
    value::{
        Error, JsonObject, Text,
        error::{ErrorBody, Location, Message, Violation},
    },
};

pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// An error response.
#[derive(Object, Debug)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Problem {
    /// Type of the problem; always `about:blank`.
    #[oai(rename = "type")]
    kind: Text,
    /// Summary of the problem.
    title: Text,
    /// HTTP status.
    status: u16,
    /// Violations, if any.
    errors: Vec<ProblemDetail>,
    /// Operation of the imitated API that the problem is about.
    operation: Option<Text>,
    /// The operation's part of the contract.
    contract: Option<Box<JsonObject>>,
    /// After a timed-out wait: what arrived instead, one line per group of similar calls.
    arrived: Option<Vec<Text>>,
}

/// A violation.
#[derive(Object, Debug)]
pub(crate) struct ProblemDetail {
    /// JSON pointer into the body, or `/query/NAME`, `/path/NAME`, `/header/NAME`, or `/status`.
    pub(crate) pointer: Text,
    /// What was expected, and what was given.
    pub(crate) detail: Text,
}

impl From<FixtureError> for Problem {
    fn from(error: FixtureError) -> Self {
        let detail = |problem: &state::problem::Problem| ProblemDetail {
            pointer: problem.pointer.as_str().into(),
            detail: problem.problem.as_str().into(),
        };
        let title = "The state is not in the fixture format.".into();
        Self { title, ..Self::bad("", error.problems().iter().map(detail).collect()) }
    }
}

impl From<NoSandbox> for Problem {
    fn from(why: NoSandbox) -> Self {
        match why {
            NoSandbox::BadName => {
                let text = "A sandbox name must have 1 to 64 letters, digits, hyphens, underscores, or dots, and must not be `_control`.";
                Self::of(400, text)
            }
            NoSandbox::Full => Self::of(
                507,
                "The memory budget has no room for another sandbox: delete sandboxes, or start with a larger --memory.",
            ),
            NoSandbox::Unnamed => Self::of(
                400,
                "No sandbox selected: use the path /_sandbox/NAME/…, the header X-Sandbox, or the host NAME.localhost.",
            ),
        }
    }
}

/// Errors that the control API shares with the imitated API, as problems.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = error.status();
        match error.body {
            ErrorBody::Fields(violations) => {
                Self::bad("The request is invalid.", violations.into_iter().map(ProblemDetail::from).collect())
            }
            ErrorBody::Plain(text) | ErrorBody::Failure(Message { key: "msg", text, .. }) => {
                Self::of(status.as_u16(), &text)
            }
            _ => Self::of(status.as_u16(), status.canonical_reason().unwrap_or_default()),
        }
    }
}

impl From<Violation> for ProblemDetail {
    fn from(violation: Violation) -> Self {
        let field = violation.field.replace('.', "/");
        let pointer = match violation.location {
            _ if field.is_empty() => String::new(),
            Location::Body => format!("/{field}"),
            Location::Query => format!("/query/{field}"),
        };
        let missing = if violation.value.is_none() { "a value is required" } else { "invalid value" };
        Self { pointer: pointer.into(), detail: violation.reason.unwrap_or(missing.to_owned()).into() }
    }
}

impl ProblemDetail {
    /// The operation is served under a version prefix whose document does not contain it.
    pub(crate) fn undocumented_operation() -> Self {
        Self { pointer: "".into(), detail: "version 1 does not document this operation; call it under /v3".into() }
    }
}

impl Problem {
    /// An invalid part of the body, the path, or the query.
    pub(crate) fn at(pointer: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::bad("The request is invalid.", vec![ProblemDetail { pointer: pointer.into(), detail: detail.into() }])
    }

    /// A request with several violations.
    pub(crate) fn bad(title: &str, errors: Vec<ProblemDetail>) -> Self {
        Self::failed(400, title, errors)
    }

    /// An error response with details.
    pub(crate) fn failed(status: u16, title: &str, errors: Vec<ProblemDetail>) -> Self {
        Self { errors, ..Self::of(status, title) }
    }

    /// A document that was understood but violates the rules.
    pub(crate) fn unprocessable(title: &str, errors: Vec<ProblemDetail>) -> Self {
        Self { errors, ..Self::of(422, title) }
    }

    /// The title and all violations in one line.
    pub(crate) fn told(&self) -> String {
        let errors = self.errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail));
        std::iter::once(self.title.to_string()).chain(errors).collect::<Vec<_>>().join(" ")
    }

    /// A problem without violations.
    pub(crate) fn of(status: u16, title: &str) -> Self {
        let (kind, title, errors) = ("about:blank".into(), title.into(), Vec::new());
        Self { kind, title, status, errors, operation: None, contract: None, arrived: None }
    }

    /// A timed-out wait, and what arrived instead.
    pub(crate) fn timeout(title: &str, arrived: Vec<String>) -> Self {
        Self { arrived: Some(arrived.into_iter().map(Text::from).collect()), ..Self::of(408, title) }
    }

    /// A request or a response that violates the contract.
    pub(crate) fn of_contract(
        status: u16,
        title: &str,
        operation: &str,
        node: &Value,
        errors: Vec<ProblemDetail>,
    ) -> Self {
        let mut contract = serde_json::Map::new();
        for key in ["summary", "parameters", "requestBody"] {
            if !node[key].is_null() {
                contract.insert(key.to_owned(), node[key].clone());
            }
        }
        let (operation, contract) = (Some(operation.into()), Some(Box::new(JsonObject(contract))));
        Self { errors, operation, contract, ..Self::of(status, title) }
    }
}

/// Turns errors of the control API into problems.
pub(super) fn instead(mut response: Response) -> Response {
    let refusal = response.extensions_mut().remove::<Error>();
    if response.content_type() == Some(PROBLEM_JSON) {
        return response;
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = response.headers_mut().remove(header::ALLOW);
        let text = "The path supports only the methods listed in the header `Allow`.";
        let mut problem = Problem::of(405, text).as_response();
        problem.headers_mut().extend(allowed.map(|allowed| (header::ALLOW, allowed)));
        return problem;
    }
    refusal.map_or(response, |refusal| Problem::from(refusal).as_response())
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST)
    }

    fn as_response(&self) -> Response {
        Response::builder().status(self.status()).content_type(PROBLEM_JSON).body(self.to_json_string())
    }
}

impl ApiResponse for Problem {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: PROBLEM_JSON, schema: Self::schema_ref() }];
        let refused = MetaResponse {
            description: "What is wrong with the request, and where.",
            status: None,
            status_range: Some("4XX".into()),
            content,
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![refused] }
    }

    fn register(registry: &mut Registry) {
        <Self as Type>::register(registry);
    }
}
