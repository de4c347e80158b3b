//! Redaction. Secrets are recognized by name or format and masked wherever they occur: in headers, cookies, paths,
//! queries, forms, and JSON, even if truncated. Journals, explanations, archives, and logs contain redacted data only.

use std::{borrow::Cow, sync::LazyLock};

use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};
use serde_json::{Map, Value};

use super::headers::PackedHeaders;
use crate::value::json;

const MASK: &str = "***";

/// Names of secrets, in lowercase and without punctuation.
const NAMES: [&str; 4] = ["pass", "resetpswrequestid", "verifyemailcode", "sid"];

/// Suffixes of the names of secrets, which digits may follow.
const ENDINGS: [&str; 18] = [
    "password",
    "passwd",
    "passphrase",
    "psw",
    "pwd",
    "secret",
    "token",
    "apikey",
    "gptkey",
    "privatekey",
    "accesskey",
    "secretkey",
    "signingkey",
    "authkey",
    "authorization",
    "credentials",
    "jwt",
    "sessionid",
];

/// Path segments that precede a secret, with the distance to it in segments.
const PATHS: [(&str, usize); 3] = [("checkpswresetkey", 1), ("resetpsw", 1), ("verifyemail", 2)];

/// Whether a field, parameter, header, or cookie with this name is a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let name = name.trim_end_matches(|last: char| last.is_ascii_digit());
    NAMES.contains(&name) || ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// Like [`is_secret`], for a percent-encoded name from a form or a query, which may have nested names as in
/// `a[password]`, or be encoded several times.
fn is_secret_key(key: &str) -> bool {
    let mut key = key.replace('+', " ");
    for _ in 0..ENCODINGS {
        key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
    }
    key.split(['[', ']', '.']).any(is_secret)
}

/// Maximum number of times that a name is percent-encoded.
const ENCODINGS: usize = 3;

/// Names of secret parameters of URLs, in lowercase. Fields of bodies with these names are not secret.
const PARAMETERS: [&str; 4] = ["key", "sig", "signature", "auth"];

/// Like [`is_secret_key`], for a parameter of a URL.
pub(crate) fn is_secret_parameter(key: &str) -> bool {
    is_secret_key(key) || PARAMETERS.contains(&&*key.to_ascii_lowercase())
}

/// Masks secrets in JSON.
pub(crate) fn json(value: &mut Value) {
    match value {
        Value::Object(object) => {
            hide_refused(object);
            for (name, value) in object {
                match value {
                    Value::Null => {}
                    Value::String(text) if text.is_empty() => {}
                    value if is_secret(name) => *value = Value::String(MASK.to_owned()),
                    value => json(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(json),
        Value::String(text) => {
            if let Cow::Owned(masked) = string(text) {
                *text = masked;
            }
        }
        _ => {}
    }
}

/// Whether a dotted path or a JSON pointer refers to a secret.
pub(crate) fn names_secret(field: &str) -> bool {
    field.split(['.', '/']).any(is_secret)
}

/// Masks the value of a rejected field, which the response repeats, if the field is a secret.
fn hide_refused(object: &mut Map<String, Value>) {
    let field = ["param", "pointer"].into_iter().find_map(|name| object.get(name)?.as_str());
    let is_hidden = field.is_some_and(names_secret);
    for name in ["value", "reason", "detail"] {
        if is_hidden && let Some(value) = object.get_mut(name) {
            *value = Value::String(MASK.to_owned());
        }
    }
}

/// Masks secrets in a JSON string, which may contain a token, a URL, or a JSON document.
fn string(text: &str) -> Cow<'_, str> {
    if text.starts_with(['{', '['])
        && let Ok(mut inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
    {
        let before = inner.clone();
        json(&mut inner);
        return if inner == before { text.into() } else { inner.to_string().into() };
    }
    url(text)
}

/// Masks tokens in a text, and the user information and secret query parameters of URLs in it.
pub(crate) fn url(text: &str) -> Cow<'_, str> {
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| regex(r"eyJ[\w-]+\.[\w-]+\.[\w-]*"));
    static USER: LazyLock<Regex> = LazyLock::new(|| regex(r"://[^/?#\s@]*@"));
    static PAIR: LazyLock<Regex> = LazyLock::new(|| regex(r"([?&])([^=&\s#]+)=([^&\s#]*)"));
    let mut text = Cow::Borrowed(text);
    if text.contains("eyJ") {
        text = replaced(text, |text| TOKEN.replace_all(text, MASK));
    }
    if text.contains("://") {
        text = replaced(text, |text| USER.replace_all(text, format!("://{MASK}@")));
    }
    if text.contains(['?', '&']) {
        text = replaced(text, |text| {
            PAIR.replace_all(text, |found: &Captures<'_>| {
                let value = if is_secret_parameter(&found[2]) { MASK } else { &found[3] };
                format!("{}{}={value}", &found[1], &found[2])
            })
        });
    }
    if text.contains('/') {
        text = replaced(text, path);
    }
    text
}

/// Applies a replacement, without allocating if it changes nothing.
fn replaced(text: Cow<'_, str>, replace: impl Fn(&str) -> Cow<'_, str>) -> Cow<'_, str> {
    match replace(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(replaced) => replaced.into(),
    }
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is valid, as tests show")
}

/// Masks secret segments of a path.
fn path(text: &str) -> Cow<'_, str> {
    let (path, rest) = text.find(['?', '#']).map_or((text, ""), |end| text.split_at(end));
    match secret_segments(path, |_| MASK.to_owned()) {
        Cow::Borrowed(_) => text.into(),
        Cow::Owned(masked) => (masked + rest).into(),
    }
}

/// Replaces the secret segments of a path.
pub(crate) fn secret_segments(path: &str, mut replace: impl FnMut(&str) -> String) -> Cow<'_, str> {
    let mut segments: Vec<Cow<'_, str>> = path.split('/').map(Cow::from).collect();
    // Empty segments and the segment `.` do not count, as for the router and for clients.
    let counted: Vec<_> = (0..segments.len()).filter(|at| !matches!(&*segments[*at], "" | ".")).collect();
    let name = |segment: &str| {
        let plain = segment.split(';').next().unwrap_or_default();
        percent_decode_str(plain).decode_utf8_lossy().to_ascii_lowercase()
    };
    let mut secrets: Vec<usize> = Vec::new();
    for (at, segment) in counted.iter().enumerate() {
        let known = PATHS.iter().find(|(known, _)| name(&segments[*segment]) == *known);
        secrets.extend(known.and_then(|(_, after)| counted.get(at + after)).copied());
    }
    if secrets.is_empty() {
        return path.into();
    }
    for at in secrets {
        segments[at] = replace(&segments[at]).into();
    }
    segments.join("/").into()
}

/// Redacted headers by name.
pub(crate) fn headers(headers: &PackedHeaders) -> Map<String, Value> {
    let masked = |(name, value): (&str, &[u8])| {
        let text = String::from_utf8_lossy(value);
        (name.to_owned(), Value::String(header(name, &text)))
    };
    headers.iter().map(masked).collect()
}

fn header(name: &str, text: &str) -> String {
    match name {
        "authorization" | "proxy-authorization" => {
            text.split_once(' ').map_or(MASK.to_owned(), |(scheme, _)| format!("{scheme} {MASK}"))
        }
        "cookie" => text.split(';').map(cookie).collect::<Vec<_>>().join(";"),
        "set-cookie" => match text.split_once(';') {
            Some((pair, attributes)) => format!("{};{attributes}", cookie(pair)),
            None => cookie(text),
        },
        name if is_secret(name) || name.starts_with("x-auth") => MASK.to_owned(),
        _ => url(text).into_owned(),
    }
}

fn cookie(pair: &str) -> String {
    pair.split_once('=').map_or_else(|| MASK.to_owned(), |(name, _)| format!("{name}={MASK}"))
}

/// Redacts a request target (path and query).
pub(crate) fn target(target: &str) -> String {
    url(target).into_owned()
}

/// Redacts a body: as JSON if it parses, as text otherwise. `None` if it is empty.
pub(crate) fn body(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let mut body = json::read(bytes).unwrap_or_else(|_| Value::String(text(&String::from_utf8_lossy(bytes))));
    json(&mut body);
    Some(body)
}

/// Masks secrets in a text that is not JSON: a URL-encoded or multipart form, or invalid or truncated JSON.
fn text(text: &str) -> String {
    if let Some(boundary) = text.strip_prefix("--").and_then(|rest| rest.lines().next()) {
        let separator = format!("--{boundary}");
        return text.split(&separator).map(part).collect::<Vec<_>>().join(&separator);
    }
    let pairs: Vec<_> = text.split('&').collect();
    if pairs.iter().all(|pair| pair.split_once('=').is_some_and(|(name, _)| !name.contains(['"', '{', '\n']))) {
        let masked = pairs.into_iter().map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret_key(name) => format!("{name}={MASK}"),
            // Some clients separate pairs by semicolons.
            Some((_, value)) if value.contains(';') => assignments(pair),
            _ => pair.to_owned(),
        });
        return masked.collect::<Vec<_>>().join("&");
    }
    assignments(text)
}

/// Redacts a part of a multipart form, including its head.
fn part(text: &str) -> String {
    let Some((head, content)) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")) else {
        return text.to_owned();
    };
    let name = head.split(';').find_map(|field| field.trim().strip_prefix("name=")).unwrap_or_default();
    let name = name.lines().next().unwrap_or_default().trim_matches('"');
    let content = if is_secret_key(name) { format!("{MASK}\r\n") } else { assignments(content) };
    format!("{head}\r\n\r\n{content}")
}

/// Masks the values that follow the names of secrets. After a name whose value is an array or object, the rest of the
/// text is dropped, because the end of the value is unknown.
fn assignments(text: &str) -> String {
    static NAME: LazyLock<Regex> = LazyLock::new(|| regex(r#"((?:[\w%.\[\]-]|\\u[0-9a-fA-F]{4})+)\\?["']?\s*[:=]\s*"#));
    let (mut masked, mut at) = (String::new(), 0);
    while let Some(found) = NAME.captures_at(text, at) {
        let (whole, name) = (found.get(0).expect("group 0 is the whole match"), &found[1]);
        masked.push_str(&text[at..whole.end()]);
        at = whole.end();
        if is_secret_key(&unescaped(name)) {
            masked.push_str(MASK);
            at += value_end(&text[at..]);
        }
    }
    masked.push_str(&text[at..]);
    masked
}

/// A name whose letters may be escaped as in JSON.
fn unescaped(name: &str) -> Cow<'_, str> {
    if !name.contains('\\') {
        return name.into();
    }
    serde_json::from_str(&format!("\"{name}\"")).map_or(name.into(), Cow::Owned)
}

/// The end of the value at the beginning of a text.
fn value_end(text: &str) -> usize {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let end = text.char_indices().skip(1).find(|(_, character)| {
                let is_end = *character == quote && !escaped;
                escaped = *character == '\\' && !escaped;
                is_end
            });
            end.map_or(text.len(), |(end, _)| end + 1)
        }
        Some('[' | '{') => text.len(),
        _ => text.find(['&', ',', ';', '}', ']', '\r', '\n', ' ', '\t']).unwrap_or(text.len()),
    }
}

#[cfg(test)]
mod tests;
