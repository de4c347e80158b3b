//! HTTP archives (HAR 1.2), the format that browsers and proxies export.

use serde_json::{Map, Value, json};

use crate::recorder::{entry::Entry, redact};

/// The beginning of an archive, up to its entries.
pub(super) fn start() -> String {
    let creator = json!({"name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION")});
    format!(r#"{{"log":{{"version":"1.2","creator":{creator},"entries":"#)
}

/// The entry of a call, if it has a response.
pub(super) fn entry(call: &Entry) -> Option<Value> {
    let (request, answer) = (&call.request, call.answer.get()?);
    let kind = |headers: &Map<String, Value>| headers.get("content-type").cloned().unwrap_or_else(|| json!(""));
    let (sent, got) = (redact::headers(&request.head), redact::headers(&answer.headers));
    let target = redact::target(request.head.target());
    let query = form_urlencoded::parse(target.split_once('?').map_or("", |(_, query)| query).as_bytes());
    let query: Vec<_> = query.map(|(name, value)| json!({"name": name, "value": value})).collect();
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a call are few")]
    let milliseconds = answer.latency as f64 / 1_000.0;
    let mut told = json!({
        "method": request.method.as_str(),
        "url": format!("{}{target}", call.request.origin()),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "queryString": query,
        "headersSize": -1,
        "bodySize": call.body().len(),
    });
    if !call.body().is_empty() {
        told["postData"] = json!({"mimeType": kind(&sent), "text": text(call.body())});
    }
    told["headers"] = pairs(sent);
    let content = json!({"size": answer.body.len(), "mimeType": kind(&got), "text": text(&answer.body)});
    Some(json!({
        "startedDateTime": call.at,
        "time": milliseconds,
        "request": told,
        "response": {
            "status": answer.status.as_u16(),
            "statusText": answer.status.canonical_reason().unwrap_or_default(),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(got),
            "content": content,
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": answer.body.len(),
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": call.operation.get(),
    }))
}

fn pairs(headers: Map<String, Value>) -> Value {
    headers.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn text(body: &[u8]) -> String {
    match redact::body(body) {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(body) => body.to_string(),
    }
}
