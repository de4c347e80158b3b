//! Explains why a call was rejected, and shows a corrected call.

use http::StatusCode;
use poem_openapi::{Enum, Object, OpenApi, types::Any};
use serde_json::{Value, json};

use super::{
    Tag,
    violation::{self, JournalViolation},
};
use crate::{
    http::{Contract, Contracts, OperationSchema, Path, Problem, ProblemDetail, Reply, Selected},
    recorder::{
        entry::{Entry, FRAME},
        redact,
    },
    value::{
        Error, JsonObject, Text,
        error::{ErrorBody, ErrorKind},
        suggest,
    },
};

/// The outcome of a call, and the reason for it.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Explanation {
    /// Number of the call in the journal.
    id: u64,
    /// HTTP method.
    method: Text,
    /// Path and query, as sent.
    path: Text,
    /// Status of the response.
    status: u16,
    /// Operation, if the call matched one.
    operation: Option<Text>,
    /// The violated rule, if any.
    rule: Text,
    /// Cause of the rejection. Absent if the call was not rejected.
    cause: Option<Cause>,
    /// Explanation of the quirk, if one is involved.
    quirk: Option<Text>,
    /// Locations of the violations: JSON pointers into the body, or `/query/NAME`.
    errors: Vec<ProblemDetail>,
    /// Query parameters unknown to the operation. They had no effect; strict mode rejects them.
    ignored: Vec<Text>,
    /// Violations of the contract, if a proxy forwarded the call.
    violations: Option<Vec<JournalViolation>>,
    /// The contract of the operation, or the operations with the most similar paths.
    contract: Option<JsonObject>,
    /// Example of a valid body.
    example: Option<Any<Value>>,
    /// A corrected call as a shell command.
    curl: Option<Text>,
}

/// The cause of a rejection.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
enum Cause {
    /// The call is invalid.
    Caller,
    /// Surprising behavior of the imitated API.
    Quirk,
    /// A feature of the real API that the fake lacks, or an error of the fake.
    Gap,
    /// An injected failure, a requested response (`Prefer`), or the rate limit.
    Fault,
    /// The server behind the proxy.
    Upstream,
}

fn explain(call: &Entry, contract: &Contract) -> Result<Explanation, Problem> {
    let answer = call.answer.get().ok_or_else(|| Problem::of(409, "The call has no response yet; try again later."))?;
    let status = answer.status;
    let rules = call.operation.get().and_then(|operation| contract.of_call(operation, call.request.path()));
    let ignored = contract.ignored(call);
    let (mut cause, mut rule) = rule(call, status, answer.refusal.as_ref());
    let quirk = if cause == Some(Cause::Caller) { quirk(call, status) } else { None };
    if quirk.is_some() {
        cause = Some(Cause::Quirk);
    }
    if !ignored.is_empty() {
        rule = format!("{rule} Unknown query parameters were ignored: {}.", ignored.join(", "));
    }
    let errors = match answer.refusal.as_ref().map(|refusal| &refusal.body) {
        Some(ErrorBody::Fields(violations)) => violations.iter().cloned().map(ProblemDetail::from).collect(),
        _ => details(&answer.body),
    };
    let masked = |error: ProblemDetail| {
        if redact::names_secret(&error.pointer) { ProblemDetail { detail: "***".into(), ..error } } else { error }
    };
    let errors: Vec<ProblemDetail> = errors;
    let errors = errors.into_iter().map(masked).collect();
    let example = rules.and_then(OperationSchema::example).cloned();
    Ok(Explanation {
        id: call.number,
        method: call.request.method.as_str().into(),
        path: redact::target(call.request.head.target()).into(),
        status: status.as_u16(),
        operation: call.operation.get().map(|operation| (*operation).into()),
        rule: rule.into(),
        cause,
        quirk: quirk.map(Text::from),
        errors,
        ignored: ignored.into_iter().map(Text::from).collect(),
        violations: violation::of(call),
        contract: Some(rules.map_or_else(|| similar(call, contract), fragment)),
        curl: rules.map(|rules| redact::target(&curl(call, rules, example.as_ref())).into()),
        example: example.map(Any),
    })
}

/// The cause of the rejection, and the violated rule.
fn rule(call: &Entry, status: StatusCode, refusal: Option<&Error>) -> (Option<Cause>, String) {
    if let Some(message) = frame_error(call) {
        return (Some(Cause::Caller), message);
    }
    if let Some(fault) = call.fault.get() {
        let text = match &**fault {
            "preferred" => "The call requested this response with the header `Prefer`.".to_owned(),
            "upstream" => "The upstream gave the proxy no valid response.".to_owned(),
            "violation" => "The call or its response violated the contract (--fail-on violation).".to_owned(),
            "self-check" => "The response did not match the contract (--self-check).".to_owned(),
            "rate limit" => "The calls with these credentials exceeded --rate-limit (calls per minute).".to_owned(),
            name => format!("The fault `{name}` of the sandbox applied to the call."),
        };
        let cause = match &**fault {
            "self-check" => Cause::Gap,
            "upstream" | "violation" => Cause::Upstream,
            _ => Cause::Fault,
        };
        return (Some(cause), text);
    }
    if let Some(forwarded) = call.forwarded.get() {
        let text = match (status.as_u16(), forwarded.violations.is_empty()) {
            (0..400, true) => return (None, "The call was forwarded, and was not rejected.".to_owned()),
            (0..400, false) => "The call and its response must match the contract; see `violations`.".to_owned(),
            (status, _) => format!("The upstream responded with {status}, or could not respond."),
        };
        return (Some(Cause::Upstream), text);
    }
    if status.as_u16() < 400 && refusal.is_none() {
        return (None, "The call was not rejected.".to_owned());
    }
    if let Some(rule) = refusal.and_then(|refusal| refusal.rule) {
        return (Some(Cause::Caller), rule.to_owned());
    }
    let text = match refusal.map(|refusal| refusal.kind) {
        Some(ErrorKind::NotImplemented) => {
            return (Some(Cause::Gap), "The real API has this operation; the fake does not implement it.".to_owned());
        }
        Some(ErrorKind::Internal) => return (Some(Cause::Gap), "Internal error of the fake.".to_owned()),
        Some(ErrorKind::Malformed) => "The project ID, the credentials, or the body is malformed.",
        Some(ErrorKind::Unauthenticated | ErrorKind::SignInFailed) => {
            "The call needs valid credentials: an email address and a password, or a token."
        }
        Some(ErrorKind::Forbidden) => "The caller must be a project member with at least the required role.",
        Some(ErrorKind::NotFound) if call.operation.get().is_some() => {
            "The object named in the path must exist in the project named in the path."
        }
        Some(ErrorKind::Conflict) => "Conflict: a unique value already exists.",
        Some(ErrorKind::TooLarge) => "The body exceeds the maximum size.",
        Some(ErrorKind::OutOfMemory) => "The server's memory budget is exhausted; see --memory.",
        Some(ErrorKind::Overdue) => "The body did not arrive within the time limit; see --body-timeout.",
        Some(ErrorKind::Unsupported) => "The body must have a supported content encoding and charset.",
        Some(ErrorKind::Invalid) => "Fields and parameters must have the documented types and values.",
        _ => match status.as_u16() {
            404 => "No operation has this path.",
            405 => "The path supports only the methods listed in the header `Allow`.",
            400 => "Strict mode accepts only documented input.",
            500.. => return (Some(Cause::Gap), "Internal error of the fake.".to_owned()),
            _ => "The call is invalid.",
        },
    };
    (Some(Cause::Caller), text.to_owned())
}

/// The error message for a rejected frame of the realtime API.
fn frame_error(call: &Entry) -> Option<String> {
    let answer = call.answer.get().filter(|_| call.request.method.as_str() == FRAME)?;
    let answer: Value = serde_json::from_slice(&answer.body).ok()?;
    answer["payload"]["message"].as_str().map(str::to_owned)
}

/// The quirk of the imitated API behind a rejection, if there is one.
fn quirk(call: &Entry, status: StatusCode) -> Option<&'static str> {
    if call.request.method.as_str() == FRAME {
        return Some("The API silently ignores invalid frames; strict mode responds with an error frame.");
    }
    let headers = &call.request.head;
    let query = call.request.query();
    let credentials = headers.get("authorization");
    match (status.as_u16(), credentials) {
        (401, Some(given)) if given.to_ascii_lowercase().starts_with("bearer ") => {
            Some("The API expects the scheme `JWT` before a token, not `Bearer`.")
        }
        (400, Some(given)) if !given.contains(' ') => {
            Some("The API treats a token without a scheme as malformed Basic credentials: 400 instead of 401.")
        }
        (403, None) if query.contains("secret_token=") => {
            Some("A token in the query authenticates the call, but a later check requires the header `Authorization`.")
        }
        (403, Some(given)) if given.split(' ').count() != 2 => {
            Some("`Authorization` must be exactly two words, separated by one space.")
        }
        (400, _) if call.answer.get().is_some_and(|answer| answer.body.starts_with(b"{\"error\":\"")) => {
            Some("An unknown project gives 400 instead of 404, before credentials are checked.")
        }
        _ => None,
    }
}

/// The problems that the response itself lists.
fn details(body: &[u8]) -> Vec<ProblemDetail> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = body["errors"].as_array().into_iter().flatten();
    let told = listed.filter_map(|error| {
        let text = |name: &str| error[name].as_str().map(Text::from);
        Some(ProblemDetail { pointer: text("pointer")?, detail: text("detail")? })
    });
    told.collect()
}

/// The operation's part of the contract.
fn fragment(rules: &OperationSchema) -> JsonObject {
    let mut fragment = json!({"method": rules.method, "path": rules.path});
    for key in ["summary", "description", "parameters", "requestBody", "security"] {
        if !rules.node[key].is_null() {
            fragment[key] = rules.node[key].clone();
        }
    }
    object(fragment)
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => JsonObject(object),
        _ => JsonObject::default(),
    }
}

/// The operations whose paths are most similar to the called one.
fn similar(call: &Entry, contract: &Contract) -> JsonObject {
    let called: Vec<_> = call.request.path().split('/').filter(|word| !word.is_empty()).collect();
    let likeness = |rules: &OperationSchema| {
        let words = rules.path.split('/').filter(|word| !word.is_empty() && !word.starts_with('{'));
        let shared = words.filter(|word| called.iter().any(|called| are_alike(word, called))).count();
        let length = rules.path.split('/').count().abs_diff(called.len());
        (shared, usize::MAX - length)
    };
    let mut all: Vec<_> = contract.all().filter(|rules| likeness(rules).0 > 0).collect();
    all.sort_by(|a, b| likeness(b).cmp(&likeness(a)).then(a.path.cmp(&b.path)).then(a.method.cmp(&b.method)));
    let lines: Vec<_> = all.iter().take(8).map(|rules| format!("{} {}", rules.method, rules.path)).collect();
    object(json!({"similar": lines}))
}

/// Whether one word is a prefix of the other or a misspelling of it, ignoring case.
fn are_alike(known: &str, called: &str) -> bool {
    let is_misspelling = || suggest::closest(called, [known]).is_some();
    let (known, called) = (known.to_ascii_lowercase(), called.to_ascii_lowercase());
    called.len() > 2 && (known.starts_with(&called) || called.starts_with(&known) || is_misspelling())
}

/// A shell command that makes the documented call, to the same address and sandbox.
fn curl(call: &Entry, rules: &OperationSchema, example: Option<&Value>) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut curl = format!("curl -X {}", rules.method);
    if rules.node["security"].as_array().is_some_and(|security| !security.is_empty()) {
        curl += " -u andrea.leo@f21.it:123456";
    }
    if let Some(example) = example {
        curl = [&curl, " -H 'Content-Type: application/json' -d ", &quoted(&example.to_string())].concat();
    }
    // If the host or the path selects the sandbox, the URL already contains it.
    let path = call.request.path();
    let sandbox = call.request.head.get("x-sandbox").filter(|_| !path.starts_with("/_sandbox/"));
    let sandbox = sandbox.map(|name| format!("/_sandbox/{name}")).unwrap_or_default();
    curl + " " + &quoted(&format!("{}{sandbox}{path}", call.request.origin()))
}

pub(super) struct ExplanationControl;

#[OpenApi(tag = "Tag::Journal")]
impl ExplanationControl {
    /// Explain a call
    ///
    /// Explains a call of the journal: the violated rule and the locations of the violations, ignored query parameters,
    /// the contract of the operation, and a corrected call. The header `Link` of every rejection points here. The cause
    /// is the `caller`, a `quirk` of the API, a `gap` in the fake, or an injected `fault`. 404 if the journal has no
    /// such call, 409 while the call has no response.
    ///
    /// Returns the explanation of the call.
    #[oai(path = "/explain/:id", method = "get", operation_id = "explain_call")]
    async fn explain(
        &self,
        selected: Selected,
        documentation: Contracts,
        /// Number of the call in the journal.
        id: Path<u64>,
    ) -> Result<Reply<Explanation>, Problem> {
        let call = selected.0.journal.call(id.0);
        let call = call.ok_or_else(|| Problem::of(404, "The journal has no call with this number."))?;
        explain(&call, &*documentation.contract().await).map(|explanation| Reply::of(&explanation))
    }
}
