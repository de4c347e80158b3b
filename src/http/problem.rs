//! How what is not the imitated API says no: `application/problem+json` (RFC 9457), with a pointer for each problem.

use poem::{Response, error::ResponseError, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};
use serde_json::Value;

use crate::{
    state::{NoSandbox, fixture::FixtureError},
    value::{
        Error, JsonObject, Text,
        error::{ErrorBody, Location, Violation},
    },
};

pub(super) const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal.
#[derive(Object, Debug)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Problem {
    /// Kind of problem.
    #[oai(rename = "type")]
    kind: Text,
    /// The kind in words.
    title: Text,
    /// HTTP status.
    status: u16,
    /// All that is wrong.
    errors: Vec<ProblemDetail>,
    /// Operation of the imitated API that it is about.
    operation: Option<Text>,
    /// What the contract says of it.
    contract: Option<Box<JsonObject>>,
    /// What arrived instead, when a wait timed out: one line for calls that are alike.
    arrived: Option<Vec<Text>>,
}

/// One thing that is wrong.
#[derive(Object, Debug)]
pub(crate) struct ProblemDetail {
    /// JSON pointer into the body; `/query/NAME`, `/path/NAME` and `/header/NAME` for what is not in it.
    pub(crate) pointer: Text,
    /// What was expected, and what was found.
    pub(crate) detail: Text,
}

impl From<FixtureError> for Problem {
    fn from(error: FixtureError) -> Self {
        let detail = ProblemDetail { pointer: error.pointer.into(), detail: error.problem.into() };
        let title = "The state is not in the fixture format.".into();
        Self { title, ..Self::bad("", vec![detail]) }
    }
}

impl From<NoSandbox> for Problem {
    fn from(why: NoSandbox) -> Self {
        match why {
            NoSandbox::BadName => {
                let text = "The name of a sandbox has 1 to 64 letters, digits, hyphens, underscores and dots, and is not `_control`.";
                Self::of(400, text)
            }
            NoSandbox::Full => Self::of(
                507,
                "The memory budget has no room for another sandbox: delete some, or start with a greater --memory.",
            ),
            NoSandbox::Unnamed => Self::of(
                400,
                "Calls have to name a sandbox: by the path /_sandbox/NAME/…, by the header X-Sandbox or by the host NAME.localhost.",
            ),
        }
    }
}

/// What refuses calls of the imitated API refuses those of the control API, too, in other words.
impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = error.status();
        match error.words {
            ErrorBody::Fields(violations) => {
                Self::bad("The call cannot be carried out.", violations.into_iter().map(ProblemDetail::from).collect())
            }
            ErrorBody::Plain(text) | ErrorBody::Msg(text) => Self::of(status.as_u16(), &text),
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
        let missing = if violation.value.is_none() { "it is missing" } else { "it cannot have this value" };
        Self { pointer: pointer.into(), detail: violation.reason.unwrap_or(missing.to_owned()).into() }
    }
}

impl ProblemDetail {
    /// An operation that is served under the prefix of a version, and is not in the document of that version.
    pub(super) fn undocumented_operation() -> Self {
        Self { pointer: "".into(), detail: "version 1 does not document this operation; call it under /v3".into() }
    }
}

impl Problem {
    /// Something of the body, or of the path and the query, that cannot be used.
    pub(crate) fn at(pointer: impl Into<Text>, detail: impl Into<Text>) -> Self {
        Self::bad(
            "The call cannot be carried out.",
            vec![ProblemDetail { pointer: pointer.into(), detail: detail.into() }],
        )
    }

    /// A call in which several things are wrong.
    pub(crate) fn bad(title: &str, errors: Vec<ProblemDetail>) -> Self {
        Self { errors, ..Self::of(400, title) }
    }

    /// All of it in one line.
    pub(crate) fn told(&self) -> String {
        let errors = self.errors.iter().map(|error| format!("{}: {}", error.pointer, error.detail));
        std::iter::once(self.title.to_string()).chain(errors).collect::<Vec<_>>().join(" ")
    }

    /// A refusal with no more to say than its title.
    pub(crate) fn of(status: u16, title: &str) -> Self {
        let (kind, title, errors) = ("about:blank".into(), title.into(), Vec::new());
        Self { kind, title, status, errors, operation: None, contract: None, arrived: None }
    }

    /// A wait that timed out, and what arrived instead.
    pub(crate) fn timeout(title: &str, arrived: Vec<String>) -> Self {
        Self { arrived: Some(arrived.into_iter().map(Text::from).collect()), ..Self::of(408, title) }
    }

    /// A call that is not as an operation documents it, or an answer.
    pub(super) fn of_contract(
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

/// A response of the control API, whose refusals are problems, too.
pub(super) fn instead(mut response: Response) -> Response {
    let refusal = response.extensions_mut().remove::<Error>();
    let told = response.content_type() == Some(PROBLEM_JSON);
    refusal.filter(|_| !told).map_or(response, |refusal| Problem::from(refusal).as_response())
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
            description: "The call is refused.",
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
