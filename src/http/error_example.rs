//! The errors that every operation of a kind can return, as examples for the exported documents. Each is built by the
//! function that the server itself calls.

use poem_openapi::types::ToJSON;
use serde_json::{Value, json};

use super::{body, encoding, error, problem::Problem, upload};
use crate::{
    identity::authenticate,
    state::NoSandbox,
    value::{Error, JsonObject, error::ErrorBody},
};

/// What determines the errors of an operation.
#[derive(Clone, Copy)]
pub(crate) struct Traits {
    pub(crate) is_in_project: bool,
    pub(crate) is_secured: bool,
    pub(crate) body: BodyTrait,
}

/// The body that an operation accepts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyTrait {
    None,
    Json,
    Upload,
}

/// An example of an error response.
pub(crate) struct ErrorExample {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) body: Value,
}

/// The usual errors with this status, in JSON or in plain text.
pub(crate) fn usual(status: u16, is_json: bool, of: Traits) -> Vec<ErrorExample> {
    let example = |name, summary, error: &Error| ErrorExample { name, summary, body: error::body(&error.body) };
    match (status, is_json) {
        (400, true) if of.is_in_project => {
            let error = authenticate::unknown_project("5b55e806c93dde00143163d0");
            vec![example("project-unknown", "Unknown project", &error)]
        }
        (400, true) => {
            vec![example("malformed", "Malformed form", &upload::malformed("Multipart: Boundary not found", None))]
        }
        (400, false) => {
            let credentials = example("credentials-malformed", "Malformed credentials", &Error::BAD_CREDENTIALS);
            let json = body::from_text::<JsonObject>("{\"name\": ").err();
            let json = json.filter(|_| of.body == BodyTrait::Json);
            let json = json.map(|error| example("json-invalid", "Invalid JSON", &error));
            json.into_iter().chain(of.is_secured.then_some(credentials)).collect()
        }
        (401, true) => {
            vec![example("address-denied", "Denied address", &authenticate::barred("error project deny ip filter"))]
        }
        (401, false) => vec![example("no-credentials", "No credentials", &Error::UNAUTHENTICATED)],
        (403, _) if of.is_in_project && of.is_secured => vec![
            example("not-a-member", "Caller outside of the project", &Error::NOT_A_MEMBER),
            example("role-too-low", "Insufficient role", &Error::ROLE_TOO_LOW),
        ],
        (403, _) => vec![example("forbidden", "Insufficient permissions", &Error::FORBIDDEN)],
        (404, _) => vec![example("not-found", "Unknown identifier", &Error::OBJECT_NOT_FOUND)],
        (409, _) => vec![example("duplicate", "Duplicate value", &Error::duplicate("name"))],
        (413, _) if of.body == BodyTrait::Upload => {
            vec![example("too-large", "File too large", &upload::too_large())]
        }
        (413, _) => vec![example("too-large", "Body too large", &body::too_large(body::LIMIT))],
        (415, _) => vec![example("encoding-unknown", "Unknown encoding", &encoding::unsupported("zstd"))],
        (422, _) if of.body == BodyTrait::None => {
            let error = Error::invalid_parameter("page", "first", "expected an integer");
            vec![example("parameter-invalid", "Invalid parameter", &error)]
        }
        (422, _) => {
            let error = Error::invalid("name", json!(7), "7 is not of type \"string\"");
            vec![example("field-invalid", "Invalid field", &error)]
        }
        (429, _) => {
            let body = error::body(&error::over_limit(error::DOCUMENTED_RATE));
            vec![ErrorExample { name: "rate-limit-exceeded", summary: "Rate limit exceeded", body }]
        }
        (503, _) => {
            let body = error::body(&ErrorBody::msg(error::MAINTENANCE.into()));
            vec![ErrorExample { name: "maintenance", summary: "Scheduled maintenance", body }]
        }
        _ => Vec::new(),
    }
}

/// A problem of the control API.
pub(crate) fn control_problem() -> ErrorExample {
    let body = Problem::from(NoSandbox::BadName).to_json().unwrap_or_default();
    ErrorExample { name: "sandbox-invalid", summary: "Invalid sandbox name", body }
}
