//! What nobody should read in a journal: passwords, tokens and secrets are replaced.

use serde_json::{Map, Value};

use crate::world::{head::Head, json};

const MASK: &str = "***";

/// The fields whose values are secrets, in lower case and without underscores.
const FIELDS: [&str; 16] = [
    "password",
    "oldpsw",
    "newpsw",
    "token",
    "secret",
    "jwtsecret",
    "resetpswrequestid",
    "apikey",
    "gptkey",
    "authorization",
    "secrettoken",
    "accesstoken",
    "refreshtoken",
    "verifyemailcode",
    "xhooksecret",
    "jwt",
];

/// The headers whose values are secrets. Of credentials the scheme is left.
const HEADERS: [&str; 4] = ["authorization", "cookie", "set-cookie", "x-hook-secret"];

fn is_secret(field: &str) -> bool {
    let field: String = field.chars().filter(char::is_ascii_alphanumeric).collect();
    FIELDS.contains(&field.to_ascii_lowercase().as_str())
}

/// Masks the secrets of a document.
pub(super) fn json(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                match value {
                    Value::String(text) if is_secret(name) && !text.is_empty() => MASK.clone_into(text),
                    value => json(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(json),
        Value::String(text) if is_token(text) => MASK.clone_into(text),
        _ => {}
    }
}

/// Whether a text is a JSON Web Token, whatever it is called.
fn is_token(text: &str) -> bool {
    let token = text.strip_prefix("JWT ").unwrap_or(text);
    token.starts_with("eyJ") && token.split('.').count() == 3
}

/// Headers by their names.
pub(super) fn headers(headers: &Head) -> Map<String, Value> {
    let told = |(name, value): (&str, &[u8])| {
        let text = String::from_utf8_lossy(value).into_owned();
        let text = if HEADERS.contains(&name) {
            text.split_once(' ').map_or(MASK.to_owned(), |(scheme, _)| format!("{scheme} {MASK}"))
        } else {
            text
        };
        (name.to_owned(), Value::String(text))
    };
    headers.iter().map(told).collect()
}

/// Path and query.
pub(super) fn target(target: &str) -> String {
    let parts = target.split_once('?').filter(|(_, query)| query.split('&').any(|pair| is_secret(name(pair))));
    let Some((path, query)) = parts else { return target.to_owned() };
    let pairs = query.split('&').map(|pair| match name(pair) {
        name if is_secret(name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
}

fn name(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

/// A body, unless it is empty: what JSON stands for, and a text otherwise.
pub(super) fn body(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return None;
    }
    let mut body = json::read(bytes).unwrap_or_else(|_| {
        let text = String::from_utf8_lossy(bytes);
        // A form hides no more than JSON does.
        let is_form = text.split('&').any(|pair| pair.contains('=') && is_secret(name(pair)));
        let hide = |pair: &str| if is_secret(name(pair)) { format!("{}={MASK}", name(pair)) } else { pair.to_owned() };
        Value::String(if is_form { text.split('&').map(hide).collect::<Vec<_>>().join("&") } else { text.into_owned() })
    });
    json(&mut body);
    Some(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::world::head::Heads;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let mut told = json!({
            "email": "a@b.c", "password": "123", "user": [{"new_psw": "x", "jwtSecret": "y", "text": "JWT eyJa.b.c"}],
            "token": 5, "tokens": "few",
        });
        json(&mut told);
        let expected = json!({
            "email": "a@b.c", "password": "***", "user": [{"new_psw": "***", "jwtSecret": "***", "text": "***"}],
            "token": 5, "tokens": "few",
        });
        assert_eq!(told, expected);
        assert_eq!(body(b"email=a&password=1%202"), Some(json!("email=a&password=***")));
        assert_eq!(body(b"a=b"), Some(json!("a=b")));
        assert_eq!(body(b""), None);
        assert_eq!(target("/p?secret_token=1&x=2"), "/p?secret_token=***&x=2");
        assert_eq!(target("/p?x=2"), "/p?x=2");
        let mut sent = http::HeaderMap::new();
        sent.insert("authorization", http::HeaderValue::from_static("Basic YTpi"));
        sent.insert("x-hook-secret", http::HeaderValue::from_static("s"));
        let told = headers(&Heads::default().head("", &sent));
        assert_eq!((&told["authorization"], &told["x-hook-secret"]), (&json!("Basic ***"), &json!("***")));
    }
}
