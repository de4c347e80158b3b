//! Makes responses of different servers comparable: values that differ between any two servers become placeholders.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;
use serde_json::{Map, Value, json};

/// Patterns and their placeholders, applied in this order.
static PLACEHOLDERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let patterns = [
        (r"(?s)-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", "<pem>"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3}Z| UTC)", "<date>"),
        (r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT\+0000 \([\w ]+\)", "<date>"),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]*", "<jwt>"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
        (r"\b[0-9a-f]{32}\b", "<uuid>"),
        (r"[0-9a-f]{24}", "<id>"),
        (r"https?://(127\.0\.0\.1|localhost)(:\d+)?", "<server>"),
        (r"::ffff:127\.0\.0\.1|::1\b|127\.0\.0\.1(:\d+)?|localhost:\d+", "<address>"),
        (r"\b1[5-9]\d{11}\b", "<ms>"),
        (r"\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d\d:\d\d( [AP]M)?", "<date>"),
        (r"guest#\w{4}", "guest#<random>"),
    ];
    patterns.map(|(pattern, placeholder)| (Regex::new(pattern).expect("a valid pattern"), placeholder)).into()
});

/// A server's names for the objects of a case.
pub(super) struct Names {
    /// Values and their markers, longest value first.
    known: Vec<(String, String)>,
}

impl Names {
    /// Names of less than six characters are omitted, because they occur in texts by chance.
    pub(super) fn new(values: impl Iterator<Item = (String, String)>) -> Self {
        let mut known: Vec<_> = values.filter(|(value, _)| value.len() >= 6).collect();
        known.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.1.cmp(&b.1)));
        Self { known }
    }

    pub(super) fn text(&self, text: &str) -> String {
        let mut text = Cow::Borrowed(text);
        for (value, marker) in &self.known {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("<{marker}>")).into();
            }
        }
        for (pattern, placeholder) in &*PLACEHOLDERS {
            if let Cow::Owned(replaced) = pattern.replace_all(&text, *placeholder) {
                text = replaced.into();
            }
        }
        text.into_owned()
    }

    pub(super) fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (self.text(name), self.value(value))).collect::<Map<_, _>>().into()
            }
            Value::Number(number) => match number.as_f64() {
                Some(1.5e12..2.2e12) => json!("<ms>"),
                Some(1.5e9..2.2e9) => json!("<seconds>"),
                _ => value.clone(),
            },
            _ => value.clone(),
        }
    }
}
