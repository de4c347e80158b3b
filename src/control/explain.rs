//! Why a call was refused, and how it would not be.

use http::StatusCode;
use poem_openapi::{Enum, Object, OpenApi, types::Any};
use serde_json::{Value, json};

use super::Tag;
use crate::{
    http::{Contract, Contracts, OperationSchema, Path, Problem, ProblemDetail, Reply, Selected},
    recorder::{
        entry::{Entry, FRAME},
        redact,
    },
    value::{
        Error, JsonObject, Text,
        error::{ErrorBody, ErrorKind},
    },
};

/// What became of a call, and why.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct Explanation {
    /// Number of the call in the journal.
    id: u64,
    /// HTTP method.
    method: Text,
    /// Path and query, as they were sent.
    path: Text,
    /// What was answered.
    status: u16,
    /// Operation, where the call is of one.
    operation: Option<Text>,
    /// The rule that was broken, if one was.
    rule: Text,
    /// Whose doing it is. Absent where the call was not refused.
    cause: Option<Cause>,
    /// What is behind it, where it is a quirk.
    quirk: Option<Text>,
    /// Where the rule was broken: JSON pointers into the body, or `/query/NAME`.
    errors: Vec<ProblemDetail>,
    /// Query parameters that the operation does not know. They had no effect; strict mode refuses them.
    ignored: Vec<Text>,
    /// What the contract says of the operation, or which operations have a similar path.
    contract: Option<JsonObject>,
    /// A body that the operation takes.
    example: Option<Any<Value>>,
    /// A call that would not be refused so, ready for a shell.
    curl: Option<Text>,
}

/// Whose doing a refusal is.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
enum Cause {
    /// The call is not as it should be.
    Caller,
    /// The API does so, and that may surprise.
    Quirk,
    /// Something that the real API does and this one does not.
    Gap,
    /// It went wrong on purpose.
    Fault,
}

fn explain(call: &Entry, contract: &Contract) -> Result<Explanation, Problem> {
    let answer = call.answer.get().ok_or_else(|| Problem::of(409, "The call is not answered yet."))?;
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
    let errors = match answer.refusal.as_ref().map(|refusal| &refusal.words) {
        Some(ErrorBody::Fields(violations)) => violations.iter().cloned().map(ProblemDetail::from).collect(),
        _ => details(&answer.body),
    };
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
        contract: Some(rules.map_or_else(|| similar(call, contract), fragment)),
        curl: rules.map(|rules| curl(call, rules, example.as_ref()).into()),
        example: example.map(Any),
    })
}

/// Whose doing it is, and which rule was broken.
fn rule(call: &Entry, status: StatusCode, refusal: Option<&Error>) -> (Option<Cause>, String) {
    if let Some(message) = frame_error(call) {
        return (Some(Cause::Caller), message);
    }
    if let Some(fault) = call.fault.get() {
        let text = match &**fault {
            "preferred" => "The call asked for it with the header Prefer.".to_owned(),
            "self-check" => "The answer was not as the document says, and --self-check is on.".to_owned(),
            "rate limit" => "More calls came with these credentials than --rate-limit allows a minute.".to_owned(),
            name => format!("A fault of the sandbox applied to the call: {name}."),
        };
        return (Some(if &**fault == "self-check" { Cause::Gap } else { Cause::Fault }), text);
    }
    if status.as_u16() < 400 && refusal.is_none() {
        return (None, "The call was not refused.".to_owned());
    }
    if let Some(rule) = refusal.and_then(|refusal| refusal.rule) {
        return (Some(Cause::Caller), rule.to_owned());
    }
    let text = match refusal.map(|refusal| refusal.kind) {
        Some(ErrorKind::NotImplemented) => {
            return (Some(Cause::Gap), "The real API has this operation, and the fake does not.".to_owned());
        }
        Some(ErrorKind::Internal) => return (Some(Cause::Gap), "An error of the fake.".to_owned()),
        Some(ErrorKind::Malformed) => "The project, the credentials or the body could not be read.",
        Some(ErrorKind::Unauthenticated | ErrorKind::SignInFailed) => {
            "The call needs credentials that are known here: an e-mail address and a password, or a token."
        }
        Some(ErrorKind::Forbidden) => {
            "Who calls must belong to the project and have at least the role that the operation needs."
        }
        Some(ErrorKind::NotFound) if call.operation.get().is_some() => {
            "What the path names must be an object of the project that it names first."
        }
        Some(ErrorKind::Conflict) => "What is to be there only once is there already.",
        Some(ErrorKind::TooLarge) => "A body may not have more bytes than that.",
        Some(ErrorKind::OutOfMemory) => "The memory budget of the server is used up; see --memory.",
        Some(ErrorKind::Overdue) => "The body was not sent in time; see --body-timeout.",
        Some(ErrorKind::Unsupported) => "The encoding and the charset of a body must be supported.",
        Some(ErrorKind::Invalid) => "Fields and parameters must have the documented types and values.",
        _ => match status.as_u16() {
            404 => "The path must be that of an operation.",
            405 => "The path must be called with one of the methods that Allow lists.",
            400 => "In strict mode a call may have only what is documented.",
            500.. => return (Some(Cause::Gap), "An error of the fake.".to_owned()),
            _ => "The call is not as it should be.",
        },
    };
    (Some(Cause::Caller), text.to_owned())
}

/// What is wrong with a frame of the realtime API.
fn frame_error(call: &Entry) -> Option<String> {
    let answer = call.answer.get().filter(|_| call.request.method.as_str() == FRAME)?;
    let answer: Value = serde_json::from_slice(&answer.body).ok()?;
    answer["payload"]["message"].as_str().map(str::to_owned)
}

/// What the API does so and may surprise.
fn quirk(call: &Entry, status: StatusCode) -> Option<&'static str> {
    if call.request.method.as_str() == FRAME {
        return Some("The API ignores invalid frames without an answer; strict mode answers them.");
    }
    let headers = &call.request.head;
    let query = call.request.query();
    let credentials = headers.get("authorization");
    match (status.as_u16(), credentials) {
        (401, Some(given)) if given.to_ascii_lowercase().starts_with("bearer ") => {
            Some("The API takes the word JWT before a token, and not Bearer.")
        }
        (400, Some(given)) if !given.contains(' ') => {
            Some("A token without a word before it is taken for malformed Basic credentials: 400 and not 401.")
        }
        (403, None) if query.contains("secret_token=") => {
            Some("A token in the query authenticates, but a later check wants the header Authorization.")
        }
        (403, Some(given)) if given.split(' ').count() != 2 => {
            Some("Authorization must be exactly two words, parted by one blank.")
        }
        (400, _) if call.answer.get().is_some_and(|answer| answer.body.starts_with(b"{\"error\":\"")) => {
            Some("A project that does not exist is 400 and not 404, before credentials are looked at.")
        }
        _ => None,
    }
}

/// The problems that an answer itself lists.
fn details(body: &[u8]) -> Vec<ProblemDetail> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let listed = body["errors"].as_array().into_iter().flatten();
    let told = listed.filter_map(|error| {
        let text = |name: &str| error[name].as_str().map(Text::from);
        Some(ProblemDetail { pointer: text("pointer")?, detail: text("detail")? })
    });
    told.collect()
}

/// What the contract says of an operation.
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

/// Operations whose paths are most like the one that was called.
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

/// Whether one word begins with the other, in whatever case.
fn are_alike(known: &str, called: &str) -> bool {
    let (known, called) = (known.to_ascii_lowercase(), called.to_ascii_lowercase());
    called.len() > 2 && (known.starts_with(&called) || called.starts_with(&known))
}

/// The call as the documentation would make it, to the same place.
fn curl(call: &Entry, rules: &OperationSchema, example: Option<&Value>) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let mut curl = format!("curl -X {}", rules.method);
    if rules.node["security"].as_array().is_some_and(|security| !security.is_empty()) {
        curl += " -u andrea.leo@f21.it:123456";
    }
    if let Some(example) = example {
        curl = [&curl, " -H 'Content-Type: application/json' -d ", &quoted(&example.to_string())].concat();
    }
    // A sandbox that the host or the path names is in the URL as it is.
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
    /// Which query parameters were ignored and which rule a call broke, where, what the contract says, and a call that would not be refused so. The header `Link` of
    /// every refusal leads here. Whose doing it is: the `caller`'s, a `quirk` of the API, a `gap` of the fake, or a `fault`
    /// that was asked for.
    #[oai(path = "/explain/:id", method = "get", operation_id = "explain_call")]
    async fn explain(
        &self,
        selected: Selected,
        documentation: Contracts,
        /// Number of the call.
        id: Path<u64>,
    ) -> Result<Reply<Explanation>, Problem> {
        let call = selected.0.journal.call(id.0);
        let call = call.ok_or_else(|| Problem::of(404, "The journal remembers no call with this number."))?;
        explain(&call, &*documentation.contract().await).map(|explanation| Reply::of(&explanation))
    }
}
