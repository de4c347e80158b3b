//! Makes the values of two runs comparable: IDs, times, tokens, and random names become placeholders.

use std::{borrow::Cow, sync::LazyLock};

use regex::Regex;
use serde_json::{Map, Value, json};

use super::script::View;

/// Patterns and their placeholders, applied in this order.
static PLACEHOLDERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let patterns = [
        (r"(?s)-----BEGIN [A-Z ]+-----.*?-----END [A-Z ]+-----", "<pem>"),
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3}Z| UTC)", "<date>"),
        (r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d GMT\+0000 \([\w ]+\)", "<date>"),
        (r"eyJ[\w-]+\.[\w-]+\.[\w-]*", "<jwt>"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>"),
        (r"\b[0-9a-f]{32}\b", "<uuid>"),
        (r"[0-9a-f]{24}", "<oid>"),
        (r"127\.0\.0\.1:\d+|localhost:\d+", "<host>"),
        (r"::ffff:127\.0\.0\.1|::1\b|127\.0\.0\.1", "<ip>"),
        (r"\b1[78]\d{11}\b", "<ms>"),
        (r"\d{1,2}/\d{1,2}/\d{4},? \d{1,2}:\d\d:\d\d( [AP]M)?", "<stamp>"),
        (r"guest#\w{4}", "guest#<random>"),
    ];
    patterns.map(|(pattern, placeholder)| (Regex::new(pattern).expect("a pattern"), placeholder)).into()
});

/// Values saved by calls for later ones.
#[derive(Default)]
pub(super) struct Variables(Map<String, Value>);

impl Variables {
    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Replaces `{name}` in a text.
    pub(super) fn fill(&self, template: &str) -> String {
        let mut filled = template.to_owned();
        for (name, value) in &self.0 {
            filled = filled.replace(&format!("{{{name}}}"), &text(value));
        }
        filled
    }

    /// Replaces `{name}` in all texts of a value. A text that consists of a placeholder only becomes the saved value
    /// itself.
    pub(super) fn fill_value(&self, value: &Value) -> Value {
        rewrite(value, &|value| {
            let Some(text) = value.as_str() else { return value.clone() };
            let name = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
            name.and_then(|name| self.0.get(name)).cloned().unwrap_or_else(|| self.fill(text).into())
        })
    }

    /// Replaces everything that differs between two runs. Names that start with `_` have no placeholder.
    pub(super) fn normalize(&self, value: &Value) -> Value {
        let named = self.0.iter().filter(|(name, _)| !name.starts_with('_'));
        let mut named: Vec<_> = named.filter_map(|(name, value)| Some((name, value.as_str()?))).collect();
        named.retain(|(_, value)| value.len() >= 8);
        named.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        rewrite(value, &|value| match value {
            // Every replaced value contains one of these; most texts contain none.
            Value::String(text) if text.contains(|c: char| c.is_ascii_digit() || c == '#') => {
                let mut text = text.clone();
                for (name, value) in &named {
                    if text.contains(value) {
                        text = text.replace(value, &format!("<{name}>"));
                    }
                }
                for (pattern, placeholder) in &*PLACEHOLDERS {
                    if let Cow::Owned(replaced) = pattern.replace_all(&text, *placeholder) {
                        text = replaced;
                    }
                }
                text.into()
            }
            Value::Number(number) => match number.as_f64() {
                Some(1.6e12..2e12) => json!("<ms>"),
                Some(1.6e9..2e9) => json!("<sec>"),
                _ => value.clone(),
            },
            _ => value.clone(),
        })
    }
}

/// Applies `change` to all keys and to all values that are neither arrays nor objects.
fn rewrite(value: &Value, change: &impl Fn(&Value) -> Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| rewrite(item, change)).collect(),
        Value::Object(fields) => {
            let key = |name: &str| text(&change(&name.into()));
            fields.iter().map(|(name, value)| (key(name), rewrite(value, change))).collect()
        }
        scalar => change(scalar),
    }
}

/// The value at `a.b[0].c`. `[role=owner]` finds an array element; `a._id|_id` takes the first path that exists.
pub(super) fn find<'a>(value: &'a Value, paths: &str) -> Option<&'a Value> {
    let find = |path: &str| {
        path.split(['.', '[']).filter(|part| !part.is_empty()).try_fold(value, |value, part| {
            let part = part.trim_end_matches(']');
            match part.split_once('=') {
                Some((key, wanted)) => value.as_array()?.iter().find(|item| text(&item[key]) == wanted),
                None => part.parse::<usize>().map_or_else(|_| value.get(part), |index| value.get(index)),
            }
        })
    };
    paths.split('|').find_map(|path| find(path).filter(|value| !value.is_null()))
}

/// The text of a value, without quotes.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The part of a response body that is compared. Absent fields are left out.
pub(super) fn view(view: View, mut body: Value) -> Value {
    let pick = |body: &Value, keys: &[&str]| -> Map<String, Value> {
        keys.iter().filter_map(|key| Some(((*key).to_owned(), body.get(*key)?.clone()))).collect()
    };
    let requests = body.get("requests").and_then(Value::as_array);
    match (view, requests) {
        (View::FirstLine, _) => match body.as_str() {
            Some(text) => text.split('\n').next().into(),
            None => body,
        },
        (View::Length, _) => body.as_array().map(|items| json!(items.len())).unwrap_or(body),
        (View::WithoutExpiry, _) => {
            if let Some(decoded) = body.get_mut("decoded").and_then(Value::as_object_mut) {
                decoded.remove("exp");
            }
            body
        }
        (View::LabelCounts, _) => label_counts(body),
        (View::EventNames, _) => match body.get("events").and_then(Value::as_array) {
            Some(events) => events.iter().map(|event| event["name"].clone()).collect(),
            None => body,
        },
        (View::Verbs, _) => {
            let Some(activities) = body.get("activities").and_then(Value::as_array) else { return body };
            let word = |value: &Value| if value.is_null() { "undefined".to_owned() } else { text(value) };
            let line = |activity: &Value| {
                [&activity["verb"], &activity["actor"]["type"], &activity["target"]["type"]].map(word).join(" ")
            };
            let mut picked = pick(&body, &["perPage", "count"]);
            picked.insert("verbs".to_owned(), activities.iter().map(line).collect());
            picked.into()
        }
        (View::PageSize, _) => pick(&body, &["perPage", "count"]).into(),
        (View::Rows | View::Tickets | View::TicketPage | View::TicketCount, None) => body,
        (View::Rows, Some(requests)) => {
            let mut picked = pick(&body, &["perPage", "count"]);
            picked.insert("n".to_owned(), requests.len().into());
            picked.into()
        }
        (_, Some(requests)) => {
            let keys: &[_] = if matches!(view, View::TicketCount) { &["count"] } else { &["perPage", "count"] };
            let mut picked = pick(&body, keys);
            picked.insert("ids".to_owned(), requests.iter().map(|request| request["ticket_id"].clone()).collect());
            if matches!(view, View::Tickets) {
                let department = requests.first().and_then(|request| request.get("department"));
                picked.insert("dept".to_owned(), department.map_or("undefined", type_name).into());
            }
            picked.into()
        }
    }
}

/// JavaScript's `typeof`.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null | Value::Array(_) | Value::Object(_) => "object",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
    }
}

/// Replaces the translations of each language by their number.
fn label_counts(mut body: Value) -> Value {
    let count = |labels: &mut Value| {
        let labels = labels.as_object_mut()?;
        let number = labels.get("data").and_then(Value::as_object).map_or(0, Map::len);
        labels.insert("data".to_owned(), number.into());
        Some(())
    };
    if let Some(items) = body.get_mut("data").and_then(Value::as_array_mut) {
        for item in items {
            _ = count(item);
        }
    } else if let Some(items) = body.as_array_mut() {
        for item in items {
            _ = count(item);
        }
    } else if body.get("data").is_some_and(|data| !data.is_null()) {
        count(&mut body);
    }
    body
}
