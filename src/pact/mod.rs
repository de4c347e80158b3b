//! Consumer-driven contracts: checks whether the fake and its document honor a consumer's pact.

mod compare;
mod file;
mod generator;
mod matcher;

use std::path::PathBuf;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use serde::Serialize;
use serde_json::{Value, json};

use self::{
    file::{Body, Interaction, Message, Pact},
    matcher::Matchers,
};
use crate::{
    fake::Fake,
    http::{Contract, JSON},
    openapi,
    webhook::WebhookTargets,
};

/// The result of an interaction.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Name of the consumer.
    pub consumer: String,
    /// Description of the interaction.
    pub interaction: String,
    /// Method and path.
    pub call: String,
    /// Mismatches of the fake's response.
    pub response: Vec<String>,
    /// Parts of the request that the document does not allow, and of the response that it does not contain.
    pub document: Vec<String>,
    /// Whether the interaction was skipped because it is not HTTP.
    pub skipped: bool,
    /// Whether the consumer marked the interaction as pending.
    pub pending: bool,
}

impl Verified {
    fn is_honored(&self) -> bool {
        self.response.is_empty() && self.document.is_empty()
    }
}

/// The results of all interactions.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The results, in the order of the files.
    pub interactions: Vec<Verified>,
}

/// Formats of reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// Human-readable text.
    Text,
    /// For scripts.
    Json,
}

impl Report {
    /// Whether the fake and the document honor every interaction that is not pending.
    #[must_use]
    pub fn is_honored(&self) -> bool {
        self.interactions.iter().all(|one| one.is_honored() || one.pending)
    }

    /// The report in a format.
    #[must_use]
    pub fn write(&self, format: Format) -> String {
        if format == Format::Json {
            let told = json!({"honored": self.is_honored(), "interactions": self.interactions});
            return format!("{told:#}\n");
        }
        let mut lines = Vec::new();
        for one in &self.interactions {
            let label = match one {
                one if one.skipped => "skipped",
                one if one.is_honored() => "honored",
                one if one.pending => "pending",
                _ => "broken ",
            };
            lines.push(format!("{label}  {}: {} ({})", one.consumer, one.interaction, one.call));
            lines.extend(one.response.iter().map(|line| format!("           response: {line}")));
            lines.extend(one.document.iter().map(|line| format!("           document: {line}")));
        }
        let skipped = self.interactions.iter().filter(|one| one.skipped).count();
        let honored = self.interactions.iter().filter(|one| one.is_honored() && !one.skipped).count();
        let all = self.interactions.len() - skipped;
        let interactions = if all == 1 { "interaction" } else { "interactions" };
        lines.push(format!("{honored} of {all} {interactions} honored"));
        lines.join("\n") + "\n"
    }
}

/// Checks all interactions of pact files. Fails if a file is not a pact, or if a world is invalid.
pub async fn verify(files: &[PathBuf], fixtures: Option<PathBuf>, states: Option<PathBuf>) -> Result<Report, String> {
    let mut pacts = Vec::new();
    for file in files {
        let failed = |why: String| format!("{}: {why}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        pacts.push(Pact::read(&text).map_err(failed)?);
    }
    let mut builder = Fake::builder().webhooks(WebhookTargets::Off);
    if let Some(fixtures) = fixtures {
        builder = builder.fixtures(fixtures);
    }
    let has_states = states.is_some();
    if let Some(states) = states {
        builder = builder.pact_states(states);
    }
    let fake = builder.start().map_err(|error| error.to_string())?;
    let contract = openapi::contract().await;
    let mut interactions = Vec::new();
    for Pact { consumer, interactions: all, others } in &pacts {
        for interaction in all {
            interactions.push(check(&fake, &contract, consumer, interaction, has_states).await);
        }
        interactions.extend(others.iter().map(|description| Verified {
            consumer: consumer.clone(),
            interaction: description.clone(),
            call: "no HTTP".to_owned(),
            response: Vec::new(),
            document: Vec::new(),
            skipped: true,
            pending: false,
        }));
    }
    Ok(Report { interactions })
}

async fn check(
    fake: &Fake,
    contract: &Contract,
    consumer: &str,
    interaction: &Interaction,
    has_states: bool,
) -> Verified {
    let Interaction { description, states, request, response, is_pending } = interaction;
    let request = &generator::filled(request, states);
    let mut verified = Verified {
        consumer: consumer.to_owned(),
        interaction: description.clone(),
        call: format!("{} {}", request.method, request.path),
        response: Vec::new(),
        document: Vec::new(),
        skipped: false,
        pending: *is_pending,
    };
    if let Err(why) = set_state(fake, consumer, states, has_states).await {
        verified.response.push(why);
        return verified;
    }
    let (sent, body) = match built(request) {
        Ok(built) => built,
        Err(why) => {
            verified.response.push(format!("the request is not valid: {why}"));
            return verified;
        }
    };
    let (method, query, headers) =
        (sent.method().clone(), sent.uri().query().unwrap_or_default().to_owned(), sent.headers().clone());
    let answer = fake.client().send(sent).await;
    verified.response = mismatches(response, &answer);
    let operation = fake.default_sandbox().calls().last().and_then(|call| call.operation);
    let Some(schema) = operation.and_then(|operation| contract.of_call(operation, &request.path)) else {
        verified.document.push("no operation has this method and path".to_owned());
        return verified;
    };
    // A request that the consumer expects to be rejected may violate the document.
    if response.status < 400 {
        let problems = schema.problems(&method, &query, &headers, Some(&body[..]));
        verified.document.extend(problems.iter().map(|one| format!("request {}: {}", one.pointer, one.detail)));
    }
    verified.document.extend(promised(schema, response));
    verified
}

/// The expected parts of a response that the document does not contain.
fn promised(schema: &crate::http::OperationSchema, response: &Message) -> Vec<String> {
    let documented = &schema.node["responses"][response.status.to_string()];
    if documented.is_null() {
        return vec![format!("status {} is not documented", response.status)];
    }
    let Body::Json(body) = &response.body else { return Vec::new() };
    let status = http::StatusCode::from_u16(response.status).unwrap_or_default();
    let problems = schema.deviations(status, JSON, Some(body.to_string().as_bytes()));
    // Consumers may expect only parts of a response.
    let problems = problems.into_iter().filter(|problem| &*problem.detail != "a value is required");
    problems.map(|problem| format!("response {}: {}", problem.pointer, problem.detail)).collect()
}

/// Sets the combination of provider states. Without a directory of states, unknown ones leave the default world.
async fn set_state(fake: &Fake, consumer: &str, states: &[(String, Value)], is_strict: bool) -> Result<(), String> {
    fake.default_sandbox().reset();
    for (state, params) in states {
        let mut body = json!({"consumer": consumer, "state": state, "action": "setup"});
        if params.is_object() {
            body["params"] = params.clone();
        }
        let request = Request::post("/_control/pact/states").header(header::CONTENT_TYPE, JSON);
        let request = request.body(Bytes::from(body.to_string())).map_err(|error| error.to_string())?;
        let answer = fake.client().send(request).await;
        if is_strict && !answer.status().is_success() {
            let problem: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let why = problem["detail"].as_str().or(problem["title"].as_str()).unwrap_or("unknown provider state");
            return Err(why.to_owned());
        }
    }
    Ok(())
}

/// The request of an interaction, and its body.
fn built(message: &Message) -> Result<(Request<Bytes>, Bytes), String> {
    let mut uri = message.path.clone();
    if !message.query.is_empty() {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&message.query).finish();
        uri = format!("{uri}?{query}");
    }
    let mut request = Request::builder().method(message.method.as_str()).uri(uri);
    for (name, value) in &message.headers {
        request = request.header(name, value);
    }
    let has_type = message.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let body = match &message.body {
        Body::Any | Body::Empty => Bytes::new(),
        Body::Json(value) => {
            if !has_type {
                request = request.header(header::CONTENT_TYPE, JSON);
            }
            value.to_string().into()
        }
        Body::Text(bytes) => bytes.clone().into(),
    };
    let request = request.body(body.clone()).map_err(|error| error.to_string())?;
    Ok((request, body))
}

/// The differences between a response and the expected one.
fn mismatches(expected: &Message, actual: &Response<Bytes>) -> Vec<String> {
    let mut all = Vec::new();
    let status = actual.status().as_u16();
    let is_fine = match expected.rules.status() {
        Some(matchers) => matchers.check(&expected.status.into(), &status.into()).is_ok(),
        None => status == expected.status,
    };
    if !is_fine {
        all.push(format!("status: expected {}, got {status}", expected.status));
    }
    for (name, value) in &expected.headers {
        all.extend(header_mismatch(name, value, expected.rules.header(name), actual.headers()));
    }
    let content_type = expected.rules.of(&[]).and_then(|(matchers, _)| matchers.content_type().map(str::to_owned));
    match &expected.body {
        Body::Any => {}
        _ if content_type.is_some() => {
            let kind = content_type.unwrap_or_default();
            all.extend(header_mismatch("Content-Type", &kind, None, actual.headers()));
        }
        Body::Empty if actual.body().is_empty() => {}
        Body::Empty => all.push("body: expected none".to_owned()),
        Body::Json(body) => match serde_json::from_slice(actual.body()) {
            Ok(found) => all.extend(compare::body(&expected.rules, body, &found)),
            Err(_) => all.push("body: expected JSON".to_owned()),
        },
        Body::Text(text) => {
            let [text, found] =
                [text.as_slice(), &actual.body()[..]].map(|bytes| Value::from(String::from_utf8_lossy(bytes)));
            let wrong = match expected.rules.of(&[]) {
                Some((matchers, _)) => matchers.check(&text, &found).err(),
                None => (text != found).then(|| format!("expected {text}, got {found}")),
            };
            all.extend(wrong.map(|why| format!("body: {why}")));
        }
    }
    all
}

fn header_mismatch(name: &str, expected: &str, rule: Option<&Matchers>, actual: &HeaderMap) -> Option<String> {
    let found: Vec<_> = actual.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    if found.is_empty() {
        return Some(format!("header {name}: missing"));
    }
    let found = found.join(", ");
    let Some(rule) = rule else {
        let essence = |text: &str| text.replace("; ", ";").replace(", ", ",").to_ascii_lowercase();
        // Parameters of a content type, such as its charset, count only if they are expected.
        let matches = essence(expected) == essence(&found)
            || name.eq_ignore_ascii_case("content-type")
                && !expected.contains(';')
                && found.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(expected.trim()));
        return (!matches).then(|| format!("header {name}: expected {expected:?}, got {found:?}"));
    };
    let wrong = rule.check(&Value::from(expected), &Value::from(found));
    wrong.err().map(|why| format!("header {name}: {why}"))
}
