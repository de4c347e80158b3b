//! A forwarded call as an exchange in the fixture format.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use serde_json::Value;

use super::placeholder::{Credentials, Placeholders};
use crate::{
    example::{Call, Exchange, FormField},
    http::Parts,
    recorder::entry::Entry,
    value::json,
};

/// The content type of tables.
const CSV: &str = "text/csv";

/// Statuses of protocol switches and of responses that refer to a cached body.
const UNRECORDED: [u16; 2] = [101, 304];

/// The exchange of a call, with placeholders. `None` if it cannot be recorded, because the upstream did not respond or
/// a body is incomplete.
pub(super) fn of(call: &Entry, source: &str, placeholders: &mut Placeholders) -> Option<Exchange> {
    let (answer, forwarded) = (call.answer.get()?, call.forwarded.get()?);
    let status = answer.status.as_u16();
    let is_preflight = call.request.method == http::Method::OPTIONS;
    if call.fault.get().is_some()
        || call.is_cut()
        || forwarded.answer_cut
        || is_preflight
        || UNRECORDED.contains(&status)
    {
        return None;
    }
    let kind = |kind: Option<&str>| kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_owned();
    let answer_kind = kind(answer.headers.get("content-type"));
    let mut body = content(&answer.body, &answer_kind)?;
    let sent_kind = kind(call.request.head.get("content-type"));
    let mut sent = json::read(call.body()).ok().filter(|_| !call.body().is_empty() && !is_form(&sent_kind));
    if let (Some(sent), Some(body)) = (&sent, &body)
        && let (Some(email), Some(password), Some(token)) =
            (sent["email"].as_str(), sent["password"].as_str(), body["token"].as_str())
    {
        placeholders.sign_in(email, password, token);
    }
    // Paths and queries come first, and may contain names that only the bodies show as such.
    for body in [&sent, &body].into_iter().flatten() {
        placeholders.learn("", body);
    }
    let (mut basic, mut headers, mut form) = (None, BTreeMap::new(), None);
    match call.request.head.get("authorization").map(|header| placeholders.credentials(header)) {
        Some(Credentials::Basic(account)) => basic = Some(account),
        Some(Credentials::Header(header)) => drop(headers.insert("authorization".to_owned(), header)),
        None => {}
    }
    let path = placeholders.target(own_target(call.request.head.target()));
    if sent_kind == "multipart/form-data" {
        form = fields(call.request.head.get("content-type")?, call.body(), placeholders);
    } else if let Some(sent) = &mut sent {
        placeholders.value("", sent);
        if !sent_kind.is_empty() && sent_kind != "application/json" {
            headers.insert("content-type".to_owned(), sent_kind);
        }
    } else if !call.body().is_empty() {
        let text = String::from_utf8(call.body().to_vec()).ok()?;
        let text = if is_form(&sent_kind) { placeholders.form(&text) } else { placeholders.unparsed(&text) };
        sent = Some(text.into());
        headers.insert("content-type".to_owned(), sent_kind);
    }
    match &mut body {
        Some(Value::String(table)) if answer_kind == CSV => *table = placeholders.csv(table),
        Some(body) => placeholders.value("", body),
        None => {}
    }
    Some(Exchange {
        source: format!("{source}, {}", call.at),
        example: true,
        before: Vec::new(),
        request: Call { method: call.request.method.to_string(), path, basic, headers, body: sent, form },
        status,
        content_type: (answer_kind != "application/json" && !answer_kind.is_empty()).then_some(answer_kind),
        body,
        elided: Vec::new(),
        defects: BTreeMap::new(),
    })
}

fn is_form(kind: &str) -> bool {
    kind == "application/x-www-form-urlencoded"
}

/// The target without the part that addresses the proxy.
fn own_target(target: &str) -> &str {
    let own = target.strip_prefix("/_sandbox/").and_then(|rest| rest.find('/').map(|end| &rest[end..]));
    own.unwrap_or(target)
}

/// The body of a response. `None` if it cannot be recorded, because it is neither JSON nor text.
#[expect(clippy::option_option, reason = "an empty body can be recorded")]
fn content(body: &Bytes, kind: &str) -> Option<Option<Value>> {
    if body.is_empty() {
        return Some(None);
    }
    if kind.contains("json")
        && let Ok(value) = json::read(body)
    {
        return Some(Some(value));
    }
    std::str::from_utf8(body).ok().map(|text| Some(text.into()))
}

/// The fields of a multipart form.
fn fields(content_type: &str, body: &Bytes, placeholders: &mut Placeholders) -> Option<BTreeMap<String, FormField>> {
    let mut form = Parts::of(content_type, body.clone()).ok()?;
    let mut fields = BTreeMap::new();
    while let Some(part) = form.next().ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let kind = part.content_type().map(str::to_owned);
        let content = part.content().ok()?;
        let text = std::str::from_utf8(&content).ok();
        let field = match (file, text) {
            (None, text) => FormField::Text(placeholders.field(&name, text?)),
            (Some(file), Some(text)) => FormField::File {
                file: placeholders.text(&file),
                text: if kind.as_deref() == Some(CSV) { placeholders.csv(text) } else { placeholders.unparsed(text) },
                kind,
                base64: None,
            },
            (Some(file), None) => FormField::File {
                file: placeholders.text(&file),
                kind,
                text: String::new(),
                base64: Some(BASE64_STANDARD.encode(&content)),
            },
        };
        fields.insert(name, field);
    }
    Some(fields)
}
