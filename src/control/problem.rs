//! How the control API says no: `application/problem+json` (RFC 9457), with a pointer for each problem.

use poem::{Response, error::ResponseError, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ToJSON, Type},
};

use crate::world::{Error, Text, fixture::FixtureError};

const PROBLEM_JSON: &str = "application/problem+json";

/// A refusal.
#[derive(Object, Debug)]
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
}

/// One thing that is wrong.
#[derive(Object, Debug)]
pub(crate) struct ProblemDetail {
    /// JSON pointer into the body.
    pointer: Text,
    /// What was expected, and what was found.
    detail: Text,
}

impl From<FixtureError> for Problem {
    fn from(error: FixtureError) -> Self {
        let detail = ProblemDetail { pointer: error.pointer.into(), detail: error.problem.into() };
        let title = "The state is not in the fixture format.".into();
        Self { kind: "about:blank".into(), title, status: 400, errors: vec![detail] }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = error.status();
        Self::of(status.as_u16(), status.canonical_reason().unwrap_or_default())
    }
}

impl Problem {
    /// A refusal with no more to say than its title.
    pub(super) fn of(status: u16, title: &str) -> Self {
        Self { kind: "about:blank".into(), title: title.into(), status, errors: Vec::new() }
    }
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
