//! Verification of a recorded server.
//!
//! The recorded calls are made to two fakes in order. The fakes start with the documents that existed before the
//! recording; the recorded names of documents created afterwards are translated for each fake.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::Path,
    sync::LazyLock,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use regex::{Captures, Regex};
use serde_json::Value;
use tokio::sync::watch;

use super::{
    Options, Progress,
    difference::{Compared, Difference, Kind, compare},
    expectation::Expectations,
    normal::Names,
    plan::{Case, Selection, Setting, Step},
    rebase::mapped,
    report::{Outcome, Report, Verdict},
    run::add_undocumented,
};
use crate::{
    example::{Call, Exchange},
    fake::{Fake, Sandbox},
    http::JSON,
    openapi,
    recording::{self, Recorded},
    webhook::WebhookTargets,
};

/// Offset of the second fake's clock from the recording.
const LATER: Duration = Duration::from_secs(37 * 86_400 + 18_011);

/// Fields that depend on documents in no response, such as the number of conversations so far.
const UNSEEN: [&str; 1] = ["/ticket_id"];

/// Fields with the time between two calls as the recorded server measured it.
const DURATIONS: [&str; 4] = ["/waiting_time", "/duration", "/waiting_time_avg", "/duration_avg"];

/// The recorder's placeholders for addresses.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b192\.0\.2\.\d{1,3}\b").expect("a valid pattern"));

/// The names of documents: identifiers, and the placeholders of tokens and secrets.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    let names = [
        r"eyJ[\w-]+\.[\w-]+\.[\w-]*",
        "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        r"\b[0-9a-f]{32}\b",
        "[0-9a-f]{24}",
        r"\b(?:token|secret)\d+\b",
    ];
    Regex::new(&names.join("|")).expect("a valid pattern")
});

/// A fake, and its names for the documents of the recording.
struct Side {
    /// Keeps the fake running.
    _fake: Fake,
    sandbox: Sandbox,
    names: BTreeMap<String, String>,
    ahead: Duration,
}

/// Verifies the server recorded in a directory.
pub(super) async fn verify(
    directory: &Path,
    options: &Options,
    expectations: &Expectations,
    stop: &watch::Receiver<bool>,
) -> Result<Report, String> {
    let failed = |why: String| format!("--recorded {why}");
    let recording = recording::load(directory).map_err(|problem| failed(problem.to_string()))?;
    let cases: Vec<_> = recording.iter().map(case).collect();
    let selection = Selection::new(&options.only, &options.skip, &cases)?;
    let world = recording::beginning(&recording, directory).map_err(|error| failed(error.to_string()))?;
    let mut sides = [Side::new(&world, 1, Duration::ZERO)?, Side::new(&world, 2, LATER)?];
    let contract = openapi::contract().await;
    let (mut outcomes, mut stopped) = (Vec::new(), None);
    let progress = Progress::new(cases.len());
    for (recorded, case) in recording.iter().zip(&cases) {
        if *stop.borrow() {
            stopped = Some("interrupted".to_owned());
            break;
        }
        progress.step(&case.name);
        let [exchange] = &case.steps[..] else { continue };
        let verdict = if let Some(name) = unknown(&sides, &exchange.call) {
            Verdict::Skipped { reason: format!("it needs {name}, which no recorded response shows") }
        } else {
            let time = recorded.time().map(SystemTime::from);
            let responses = [sides[0].send(&exchange.call, time).await, sides[1].send(&exchange.call, time).await];
            // The recorded caller had another address than the fakes' caller.
            let responses = responses.map(local);
            let actual = local(response(&recorded.exchange));
            for (side, response) in sides.iter_mut().zip(&responses) {
                side.learn(&read(&actual), &read(response));
            }
            let [one, other] = [0, 1].map(|at: usize| Compared::new(&responses[at], &sides[at].names(&actual)));
            let known = names_in(&actual).filter(|name| sides[0].names.contains_key(name));
            let own = Compared::new(&actual, &Names::new(known.map(|name| (name.clone(), name))));
            let mut found = compare([&one, &other], &own);
            found.retain(|difference| {
                !UNSEEN.iter().any(|field| difference.at.ends_with(field)) && !is_timing(difference)
            });
            add_undocumented(&mut found, &contract, exchange, [&responses[0], &actual]);
            Verdict::of(expectations, &exchange.operation, found)
        };
        if selection.includes(case) {
            outcomes.push(Outcome::new(&case.name, None, &exchange.operation, &exchange.call, verdict));
        }
    }
    Ok(Report { target: directory.display().to_string(), outcomes, left: Vec::new(), stopped })
}

/// A response with the local address in place of each placeholder for an address.
fn local(mut response: Response<Bytes>) -> Response<Bytes> {
    let replaced = std::str::from_utf8(response.body()).map(|text| ADDRESS.replace_all(text, "127.0.0.1"));
    let Ok(Cow::Owned(replaced)) = replaced else { return response };
    *response.body_mut() = replaced.into();
    response
}

/// Whether a difference is one of durations, which the fakes measure between other points in time.
fn is_timing(difference: &Difference) -> bool {
    let values = [&difference.expected, &difference.actual];
    difference.kind == Kind::Value
        && values.iter().all(|value| value.is_number())
        && DURATIONS.iter().any(|field| difference.at.ends_with(field))
}

/// The case of a recorded call, named after its file. The name contains the operation.
fn case(recorded: &Recorded) -> Case {
    let name = recorded.file.trim_end_matches(".json").to_owned();
    let operation = name.split_once('-').map_or(&*name, |(_, operation)| operation).to_owned();
    let step = Step { operation, call: recorded.exchange.request.clone(), save: Vec::new() };
    let status = Some(recorded.exchange.status);
    Case { name, setting: Setting::Shared, before: Vec::new(), steps: vec![step], status }
}

/// The recorded response.
fn response(exchange: &Exchange) -> Response<Bytes> {
    let is_text = exchange.content_type.is_some();
    let body = match &exchange.body {
        None => String::new(),
        Some(Value::String(text)) if is_text => text.clone(),
        Some(body) => body.to_string(),
    };
    let kind = exchange.content_type.as_deref().or(exchange.body.is_some().then_some(JSON));
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(exchange.status).unwrap_or_default();
    if let Some(kind) = kind.and_then(|kind| HeaderValue::from_str(kind).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

fn read(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// The names of documents in a recorded response.
fn names_in(response: &Response<Bytes>) -> impl Iterator<Item = String> {
    let text = String::from_utf8_lossy(response.body());
    let all: std::collections::BTreeSet<_> = NAME.find_iter(&text).map(|found| found.as_str().to_owned()).collect();
    all.into_iter()
}

/// The placeholder of a token or secret that a call needs but no response contains.
fn unknown(sides: &[Side; 2], call: &Call) -> Option<String> {
    let credentials = call.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let texts = credentials.map(|(_, value)| value).chain([&call.path]);
    let mut names = texts.flat_map(|text| NAME.find_iter(text)).map(|name| name.as_str());
    let is_unknown =
        |name: &&str| (name.starts_with("token") || name.starts_with("secret")) && !sides[0].names.contains_key(*name);
    names.find(is_unknown).map(str::to_owned)
}

impl Side {
    fn new(world: &Value, seed: u64, ahead: Duration) -> Result<Self, String> {
        let failed = |error: String| format!("cannot start a fake to compare with: {error}");
        let builder = Fake::builder().empty().seed(seed).webhooks(WebhookTargets::Off).no_control();
        let fake = builder.start().map_err(|error| failed(error.to_string()))?;
        let sandbox = fake.default_sandbox();
        sandbox.set_state(world).map_err(|error| failed(error.to_string()))?;
        // Documents that existed before have the same names everywhere.
        let known = world.to_string();
        let names = NAME.find_iter(&known).map(|name| (name.as_str().to_owned(), name.as_str().to_owned())).collect();
        Ok(Self { _fake: fake, sandbox, names, ahead })
    }

    /// Makes a call at the time of the recorded one. The response keeps only the headers that recordings contain.
    async fn send(&self, call: &Call, time: Option<SystemTime>) -> Response<Bytes> {
        if let Some(time) = time {
            // Overlapping calls may be recorded out of order; the clock is then not moved.
            let _ = self.sandbox.freeze_at(time + self.ahead);
        }
        let translated = mapped(call, &|text| self.translated(text));
        let mut response = self.sandbox.client().send(translated.request()).await;
        let kind = response.headers_mut().remove(header::CONTENT_TYPE);
        response.headers_mut().clear();
        response.headers_mut().extend(kind.map(|kind| (header::CONTENT_TYPE, kind)));
        response
    }

    fn translated(&self, text: &str) -> String {
        let name = |found: &Captures<'_>| self.names.get(&found[0]).cloned().unwrap_or_else(|| found[0].to_owned());
        NAME.replace_all(text, name).into_owned()
    }

    /// Learns the names of documents from two responses to the same call. The first name of a document is kept.
    fn learn(&mut self, recorded: &Value, own: &Value) {
        match (recorded, own) {
            (Value::String(recorded), Value::String(own)) if recorded != own => {
                let names = |text| NAME.find_iter(text).map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
                let is_secret = recorded.starts_with("secret") && names(recorded) == [recorded.clone()];
                let (recorded, own) = (names(recorded), if is_secret { vec![own.clone()] } else { names(own) });
                if recorded.len() == own.len() {
                    for (recorded, own) in recorded.into_iter().zip(own) {
                        self.names.entry(recorded).or_insert(own);
                    }
                }
            }
            (Value::Array(recorded), Value::Array(own)) if recorded.len() == own.len() => {
                recorded.iter().zip(own).for_each(|(recorded, own)| self.learn(recorded, own));
            }
            (Value::Object(recorded), Value::Object(own)) => {
                for (name, recorded) in recorded {
                    own.get(name).into_iter().for_each(|own| self.learn(recorded, own));
                }
            }
            _ => {}
        }
    }

    /// The fake's names for the documents of a recorded response.
    fn names(&self, response: &Response<Bytes>) -> Names {
        Names::new(names_in(response).filter_map(|name| Some((self.names.get(&name)?.clone(), name))))
    }
}
