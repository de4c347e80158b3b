//! The documented exchanges, replayed against the default world: responses are snapshotted and compared with the
//! documented example key by key and type by type.

use serde_json::Value;
use tiledesk_mock::{Exchange, exchanges};

use crate::support::App;

#[tokio::test]
async fn every_documented_exchange_gets_the_documented_shape() {
    let app = App::new();
    let mut problems = Vec::new();
    for (name, exchange) in exchanges() {
        app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
        for call in &exchange.before {
            let answer = app.call(call.request()).await;
            assert!(answer.status.is_success(), "{name}: {} {}: {}", call.method, call.path, answer.text());
        }
        let answer = app.call(exchange.request.request()).await;
        if answer.status.as_u16() != exchange.status {
            problems.push(format!("{name}: {} instead of {}: {}", answer.status, exchange.status, answer.text()));
            continue;
        }
        if let Some(documented) = &exchange.body {
            let answered = serde_json::from_slice(&answer.body).unwrap_or_else(|_| Value::String(answer.text()));
            let mut shape = Shape { exchange: &exchange, problems: Vec::new(), excused: Vec::new() };
            shape.compare("", documented, &answered);
            problems.extend(shape.problems.iter().map(|problem| format!("{name}: {problem}")));
            let unused = exchange.defects.keys().filter(|pointer| !shape.excused.contains(pointer));
            problems.extend(unused.map(|pointer| format!("{name}: {pointer} is listed as a defect and is none")));
            if !answer.status.is_success() && !answer.to_snapshot().contains("reason") && answered != *documented {
                problems.push(format!("{name}: the refusal is {answered}, not {documented}"));
            }
        }
        insta::with_settings!({ description => exchange.source.clone(), omit_expression => true }, {
            insta::assert_snapshot!(name, answer.to_snapshot());
        });
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// Compares a documented example with the response.
struct Shape<'a> {
    exchange: &'a Exchange,
    problems: Vec<String>,
    /// Known defects of the documentation that were met.
    excused: Vec<&'a String>,
}

impl Shape<'_> {
    fn compare(&mut self, at: &str, documented: &Value, answered: &Value) {
        if self.exchange.elided.iter().any(|pointer| pointer == at) {
            return;
        }
        match (documented, answered) {
            (Value::Object(documented), Value::Object(answered)) => {
                for (key, value) in documented {
                    let at = format!("{at}/{key}");
                    match answered.get(key) {
                        Some(answer) => self.compare(&at, value, answer),
                        None => self.differ(&at, "is missing"),
                    }
                }
            }
            (Value::Array(documented), Value::Array(answered)) => {
                for (index, value) in documented.iter().enumerate() {
                    let at = format!("{at}/{index}");
                    match answered.get(index).or(answered.first()) {
                        Some(answer) => self.compare(&at, value, answer),
                        None => self.differ(&at, "is missing"),
                    }
                }
            }
            (documented, answered) if kind(documented) == kind(answered) => {}
            (documented, answered) => {
                self.differ(at, &format!("is {} and not {}", kind(answered), kind(documented)));
            }
        }
    }

    fn differ(&mut self, at: &str, problem: &str) {
        match self.exchange.defects.keys().find(|pointer| *pointer == at) {
            Some(pointer) => self.excused.push(pointer),
            None if self.exchange.elided.iter().any(|pointer| pointer == at) => {}
            None => self.problems.push(format!("{at} {problem}")),
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
