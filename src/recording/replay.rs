//! Returns recorded responses to recorded calls.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use http::{HeaderValue, StatusCode, header};
use poem::Response;
use serde_json::Value;

use super::Recorded;
use crate::{
    http::{JSON, ReplayFn, path},
    recorder::entry::Entry,
    value::json,
};

/// The lookup key of a recorded call: method, path and query, and body.
type Key = (String, String, Option<Value>);

/// The recorded responses to the same call by the same caller, in order.
struct Answers {
    /// The value of `Authorization`.
    caller: Option<HeaderValue>,
    answers: Vec<Answer>,
    next: AtomicUsize,
}

struct Answer {
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: String,
}

/// Responds to a recorded call: each time with the next response, and then with the last one again. Responses to the
/// same caller take precedence.
pub(crate) fn replay(recording: &[Recorded]) -> Arc<ReplayFn> {
    let mut calls = HashMap::<Key, Vec<Answers>>::new();
    for recorded in recording {
        let exchange = &recorded.exchange;
        let request = exchange.request.request();
        let method = exchange.request.method.to_ascii_uppercase();
        let key = (method, target(&exchange.request.path), parsed(request.body()));
        let caller = request.headers().get(header::AUTHORIZATION).cloned();
        let text = matches!(exchange.body, Some(Value::String(_))) && exchange.content_type.is_some();
        let body = match &exchange.body {
            None => String::new(),
            Some(Value::String(body)) if text => body.clone(),
            Some(body) => body.to_string(),
        };
        let kind = exchange.content_type.as_deref().unwrap_or(JSON);
        let content_type = exchange.body.as_ref().and_then(|_| HeaderValue::from_str(kind).ok());
        let status = StatusCode::from_u16(exchange.status).unwrap_or(StatusCode::OK);
        let answer = Answer { status, content_type, body };
        let callers = calls.entry(key).or_default();
        match callers.iter_mut().find(|known| known.caller == caller) {
            Some(known) => known.answers.push(answer),
            None => callers.push(Answers { caller, answers: vec![answer], next: AtomicUsize::new(0) }),
        }
    }
    Arc::new(move |call: &Entry| {
        if call.request.cut {
            return None;
        }
        let key = (call.request.method.to_string(), target(call.request.head.target()), parsed(&call.request.body));
        let callers = calls.get(&key)?;
        let caller = call.request.head.get("authorization");
        let same = |known: &&Answers| known.caller.as_ref().and_then(|caller| caller.to_str().ok()) == caller;
        let answers = callers.iter().find(same).or(callers.first())?;
        Some(answers.next())
    })
}

impl Answers {
    fn next(&self) -> Response {
        let last = self.answers.len() - 1;
        let next = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |next| Some((next + 1).min(last)));
        let answer = &self.answers[next.unwrap_or(last)];
        let mut response = Response::builder().status(answer.status).body(answer.body.clone());
        if let Some(content_type) = &answer.content_type {
            response.headers_mut().insert(header::CONTENT_TYPE, content_type.clone());
        }
        response
    }
}

/// The normalized path without the sandbox, and the sorted query.
fn target(target: &str) -> String {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = path::merged(path);
    let path = path.strip_prefix("/_sandbox/").and_then(|rest| rest.find('/').map(|end| &rest[end..])).unwrap_or(&path);
    let (version, path) = path::version(path);
    let version = version.filter(|version| *version == "/v1").unwrap_or_default();
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    format!(
        "{version}{}?{}",
        path::canonical(path),
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    )
}

/// A body: the value if it is JSON, otherwise the text.
fn parsed(body: &[u8]) -> Option<Value> {
    if body.is_empty() {
        return None;
    }
    Some(json::read(body).unwrap_or_else(|_| String::from_utf8_lossy(body).into_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn equal_targets_have_one_form() {
        for same in [
            "/v3/a/leads?x=1&y=2",
            "/a/leads/?y=2&x=1",
            "/_sandbox/one/v3/a//leads?y=2&x=%31",
            "/api/v3/a/leads?x=1&y=2",
        ] {
            assert_eq!(target(same), "/a/leads?x=1&y=2");
        }
        assert_ne!(target("/v1/a/leads"), target("/v3/a/leads"));
    }
}
