//! Faults: what is to go wrong on purpose.

use std::sync::atomic::Ordering;

use globset::{GlobBuilder, GlobMatcher};
use http::{HeaderName, HeaderValue, Method};
use poem_openapi::{Enum, Object, OpenApi, types::Any};
use serde_json::Value;

use super::{Tag, check_method, check_operation};
use crate::{
    http::{Body, Path, Problem, ProblemDetail, Reply, Selected, from_value},
    recorder::fault::{self, Effect, Matcher, Reset, Schedule},
    state::Sandbox,
    value::{JsonObject, Text},
};

/// Longest delay, in milliseconds.
const LONGEST: u64 = 600_000;

/// A rule to be added: a preset, or what it says itself.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct NewFault {
    /// Name, as the journal tells it.
    name: Option<Text>,
    /// A ready-made rule, for all calls that fit: `flaky` answers 500 to every fifth, by chance; `slow` takes a half to two
    /// seconds; `down` answers 503 to all.
    preset: Option<Preset>,
    /// Which calls; all unless it is given.
    #[oai(rename = "match")]
    pattern: Option<FaultPattern>,
    /// Only the call that fits as so manieth, counted from 1.
    #[oai(validator(minimum(value = "1")))]
    nth: Option<u32>,
    /// So many calls and no more.
    #[oai(validator(minimum(value = "1")))]
    times: Option<u32>,
    /// Each call with this probability, from 0 to 1, drawn from the seed.
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    probability: Option<f64>,
    /// What happens to the calls.
    effect: Option<FaultEffect>,
}

/// Ready-made rules.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
enum Preset {
    Flaky,
    Slow,
    Down,
}

/// Which calls: those that fit all of it.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct FaultPattern {
    /// Operation, such as `get_lead`.
    operation: Option<Text>,
    /// HTTP method.
    method: Option<Text>,
    /// Glob for the path as it is sent, without the query: `*` stands for what has no slash, `**` for anything.
    path: Option<Text>,
    /// Globs for the values of headers, by their names.
    headers: Option<JsonObject>,
    /// Values in the JSON body, by their pointers.
    body: Option<JsonObject>,
}

/// What happens to a call. A delay goes with anything else.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct FaultEffect {
    /// Milliseconds before anything else.
    delay: Option<u32>,
    /// Up to so many milliseconds more, drawn from the seed.
    jitter: Option<u32>,
    /// Status, from 400 to 599, of a refusal; the call does nothing. The body is the API's own unless `body` is given.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: Option<u16>,
    /// JSON body of the refusal.
    body: Option<Any<Value>>,
    /// Seconds that `Retry-After` of the refusal tells; 60 for the status 429.
    #[oai(rename = "retryAfter")]
    retry_after: Option<u32>,
    /// The connection is reset `before` the call does anything, or `after` it did all, without an answer.
    reset: Option<ResetTime>,
    /// The connection ends after so many bytes of the answer's body.
    cut: Option<u32>,
    /// The JSON of the answer cannot be read.
    malformed: Option<bool>,
    /// Content type that the answer claims.
    #[oai(rename = "contentType")]
    content_type: Option<Text>,
}

/// When a connection is reset.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename_all = "lowercase")]
enum ResetTime {
    Before,
    After,
}

/// The rules of a sandbox.
#[derive(Object)]
struct FaultList {
    /// How many there are.
    count: u32,
    /// Each of them, in the order in which they are looked at: the first that fits counts.
    faults: Vec<FaultInfo>,
}

/// A rule.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct FaultInfo {
    /// Number.
    id: u32,
    /// Name.
    name: Text,
    /// Operation that it is for, if it is for one.
    operation: Option<Text>,
    /// Calls that fitted.
    matched: u32,
    /// Calls that went wrong.
    applied: u32,
}

fn info(fault: &fault::Fault) -> FaultInfo {
    FaultInfo {
        id: fault.id,
        name: fault.name.clone(),
        operation: fault.pattern.operation.clone(),
        matched: fault.matched.load(Ordering::Relaxed),
        applied: fault.applied.load(Ordering::Relaxed),
    }
}

fn list(sandbox: &Sandbox) -> Reply<FaultList> {
    let faults: Vec<_> = sandbox.faults.all().iter().map(|fault| info(fault)).collect();
    Reply::of(&FaultList { count: u32::try_from(faults.len()).unwrap_or(u32::MAX), faults })
}

/// Reads a glob, in which a star does not stand for a slash.
pub(super) fn glob(text: &str) -> Result<GlobMatcher, globset::Error> {
    GlobBuilder::new(text).literal_separator(true).build().map(|glob| glob.compile_matcher())
}

/// All that is wrong is told at once.
#[derive(Default)]
struct Wrong(Vec<ProblemDetail>);

impl Wrong {
    fn say(&mut self, pointer: impl Into<Text>, detail: impl Into<Text>) {
        self.0.push(ProblemDetail { pointer: pointer.into(), detail: detail.into() });
    }

    fn glob(&mut self, pointer: &str, text: &str) -> Option<GlobMatcher> {
        glob(text).map_err(|error| self.say(pointer, error.to_string())).ok()
    }
}

fn pattern(given: FaultPattern, wrong: &mut Wrong) -> Matcher {
    for (pointer, checked) in [
        ("/match/operation", given.operation.as_deref().map(check_operation)),
        ("/match/method", given.method.as_deref().map(check_method)),
    ] {
        if let Some(Err(detail)) = checked {
            wrong.say(pointer, detail);
        }
    }
    let method =
        given.method.as_deref().and_then(|method| Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok());
    let path = given.path.as_deref().and_then(|path| wrong.glob("/match/path", path));
    let mut headers = Vec::new();
    for (name, value) in given.headers.unwrap_or_default().0 {
        let at = format!("/match/headers/{}", name.replace('~', "~0").replace('/', "~1"));
        match (name.parse::<HeaderName>(), value.as_str()) {
            (Ok(name), Some(text)) => headers.extend(wrong.glob(&at, text).map(|glob| (name.as_str().into(), glob))),
            (Err(_), _) => wrong.say(at, "expected the name of a header"),
            (_, None) => wrong.say(at, "expected a glob as a text"),
        }
    }
    let mut body = Vec::new();
    for (pointer, value) in given.body.unwrap_or_default().0 {
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let at = format!("/match/body/{}", pointer.replace('~', "~0").replace('/', "~1"));
            wrong.say(at, "expected a JSON pointer such as /fullname");
        }
        body.push((pointer.into(), value));
    }
    Matcher { operation: given.operation, method, path, headers, body }
}

fn effect(given: FaultEffect, wrong: &mut Wrong) -> Effect {
    let refuses = given.status.is_some();
    let spoils = given.cut.is_some() || given.malformed == Some(true) || given.content_type.is_some();
    if !(refuses || spoils || given.reset.is_some() || given.delay.is_some() || given.jitter.is_some()) {
        wrong.say("/effect", "expected at least one of delay, jitter, status, reset, cut, malformed and contentType");
    }
    if given.reset.is_some() && (refuses || spoils) {
        wrong.say("/effect/reset", "a connection that is reset has no answer that something could happen to");
    }
    if !refuses {
        for (name, given) in [("body", given.body.is_some()), ("retryAfter", given.retry_after.is_some())] {
            if given {
                wrong.say(format!("/effect/{name}"), "expected a status with it");
            }
        }
    }
    if given.content_type.as_deref().is_some_and(|text| HeaderValue::from_str(text).is_err()) {
        wrong.say("/effect/contentType", "expected what can stand in a header");
    }
    let least = u64::from(given.delay.unwrap_or_default());
    let delay = least..=least + u64::from(given.jitter.unwrap_or_default());
    if *delay.end() > LONGEST {
        wrong.say("/effect/delay", format!("expected not more than {LONGEST} milliseconds"));
    }
    Effect {
        delay: (*delay.end() > 0).then_some(delay),
        status: given.status,
        body: given.body.map(|body| body.0),
        retry_after: given.retry_after,
        reset: given.reset.map(|reset| match reset {
            ResetTime::Before => Reset::Before,
            ResetTime::After => Reset::After,
        }),
        cut: given.cut.map(|cut| cut as usize),
        malformed: given.malformed == Some(true),
        content_type: given.content_type,
    }
}

impl Preset {
    /// The name, the probability and the effect.
    fn rule(self) -> (&'static str, Option<f64>, Effect) {
        match self {
            Self::Flaky => ("flaky", Some(0.2), Effect { status: Some(500), ..Effect::default() }),
            Self::Slow => ("slow", None, Effect { delay: Some(500..=2_000), ..Effect::default() }),
            Self::Down => ("down", None, Effect { status: Some(503), retry_after: Some(30), ..Effect::default() }),
        }
    }
}

fn add(sandbox: &Sandbox, new: NewFault) -> Result<FaultInfo, Problem> {
    let mut wrong = Wrong::default();
    let pattern = pattern(new.pattern.unwrap_or_default(), &mut wrong);
    let (name, probability, effect) = match (new.preset, new.effect) {
        (Some(preset), None) => {
            let (name, probability, effect) = preset.rule();
            (Some(name.into()), probability, effect)
        }
        (None, Some(given)) => (None, None, effect(given, &mut wrong)),
        (Some(_), Some(_)) => {
            wrong.say("/preset", "expected either `preset` or `effect`: a preset has an effect of its own");
            (None, None, Effect::default())
        }
        (None, None) => {
            wrong.say("/effect", "expected `effect`, or `preset` with one of \"flaky\", \"slow\", \"down\"");
            (None, None, Effect::default())
        }
    };
    if !wrong.0.is_empty() {
        return Err(Problem::bad("The fault cannot be used.", wrong.0));
    }
    let schedule = Schedule { nth: new.nth, times: new.times, probability: new.probability.or(probability) };
    Ok(info(&sandbox.faults.add(new.name.or(name), pattern, schedule, effect)))
}

/// Adds what the JSON of a rule says, or tells all that is wrong with it.
pub(super) fn add_told(sandbox: &Sandbox, told: &Value) -> Result<u32, String> {
    let new = from_value(told).map_err(Problem::from);
    new.and_then(|new| add(sandbox, new)).map(|fault| fault.id).map_err(|problem| problem.told())
}

pub(super) struct FaultControl;

#[OpenApi(tag = "Tag::Faults")]
impl FaultControl {
    /// List faults
    ///
    /// The rules of the sandbox, with how often they applied.
    #[oai(path = "/faults", method = "get", operation_id = "list_faults")]
    async fn list(&self, selected: Selected) -> Result<Reply<FaultList>, Problem> {
        Ok(list(&selected.0))
    }

    /// Add a fault
    ///
    /// From now on what it says goes wrong with the calls that fit. The journal marks each of them.
    #[oai(path = "/faults", method = "post", operation_id = "add_fault")]
    async fn add(&self, selected: Selected, body: Body<NewFault>) -> Result<Reply<FaultInfo>, Problem> {
        add(&selected.0, body.0).map(|fault| Reply::of(&fault))
    }

    /// Remove all faults
    ///
    /// From now on all goes well again.
    #[oai(path = "/faults", method = "delete", operation_id = "clear_faults")]
    async fn clear(&self, selected: Selected) -> Result<Reply<FaultList>, Problem> {
        selected.0.faults.clear();
        Ok(list(&selected.0))
    }

    /// Remove a fault
    ///
    /// The others stay.
    #[oai(path = "/faults/:id", method = "delete", operation_id = "remove_fault")]
    async fn remove(
        &self,
        selected: Selected,
        /// Number of the fault.
        id: Path<u32>,
    ) -> Result<Reply<FaultInfo>, Problem> {
        let removed = selected.0.faults.remove(id.0).map(|fault| Reply::of(&info(&fault)));
        removed.ok_or_else(|| Problem::of(404, "No fault has this number."))
    }
}
