//! Faults: failures injected on purpose.

use std::sync::atomic::Ordering;

use globset::{GlobBuilder, GlobMatcher};
use http::{HeaderName, HeaderValue, Method};
use poem_openapi::{Enum, Object, OpenApi, types::Any};
use serde_json::{Map, Value, json};

use super::{Tag, check_method, check_operation};
use crate::{
    http::{Body, Path, Problem, ProblemDetail, Reply, Selected, from_value},
    recorder::fault::{self, Effect, Matcher, Reset, Schedule},
    state::Sandbox,
    value::{JsonObject, Text},
};

/// Maximum delay in milliseconds, including jitter.
const LONGEST: u64 = 600_000;

/// A fault to add: a preset, or an explicit effect.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct NewFault {
    /// Name shown in the journal (default: the preset's name, or `fault ID`).
    name: Option<Text>,
    /// A predefined rule: `flaky` returns 500 for each call with probability 0.2; `slow` delays calls by 0.5 to 2
    /// seconds; `down` returns 503 with `Retry-After: 30` for every call. `match`, `nth`, `times`, and `probability`
    /// still apply.
    preset: Option<Preset>,
    /// Which calls to match (default: all).
    #[oai(rename = "match")]
    pattern: Option<FaultPattern>,
    /// Apply to the nth matching call only (1-based).
    #[oai(validator(minimum(value = "1")))]
    nth: Option<u32>,
    /// Maximum number of calls to apply to.
    #[oai(validator(minimum(value = "1")))]
    times: Option<u32>,
    /// Probability of applying to a matching call, from 0 to 1, drawn from the seed.
    #[oai(validator(minimum(value = "0"), maximum(value = "1")))]
    probability: Option<f64>,
    /// Effect on matching calls.
    effect: Option<FaultEffect>,
}

/// Predefined rules.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug)]
#[oai(rename_all = "lowercase")]
enum Preset {
    Flaky,
    Slow,
    Down,
}

/// Conditions on a call. A call matches if it meets all of them.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct FaultPattern {
    /// Operation ID, such as `get_lead`.
    operation: Option<Text>,
    /// HTTP method.
    method: Option<Text>,
    /// Glob for the path as sent, without the query: `*` matches anything except a slash, `**` matches anything.
    path: Option<Text>,
    /// Globs for header values, by header name.
    headers: Option<JsonObject>,
    /// Expected values in the JSON body, by JSON pointer.
    body: Option<JsonObject>,
}

/// Effect of a fault on a call. A delay can be combined with any other effect.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct FaultEffect {
    /// Delay before any other effect, in milliseconds (maximum 600000 including `jitter`).
    delay: Option<u32>,
    /// Maximum random additional delay in milliseconds, drawn from the seed.
    jitter: Option<u32>,
    /// Status of an error response, from 400 to 599; the operation is not executed. The body is the API's own for this
    /// status unless `body` is given.
    #[oai(validator(minimum(value = "400"), maximum(value = "599")))]
    status: Option<u16>,
    /// JSON body of the error response.
    body: Option<Any<Value>>,
    /// Value of the error response's header `Retry-After`, in seconds (default 60 for the status 429).
    #[oai(rename = "retryAfter")]
    retry_after: Option<u32>,
    /// Resets the connection without a response, `before` or `after` the operation is executed.
    reset: Option<ResetTime>,
    /// Closes the connection after this number of bytes of the response body.
    cut: Option<u32>,
    /// Makes the JSON of the response malformed.
    malformed: Option<bool>,
    /// Content type that the response claims.
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

/// The predefined faults.
#[derive(Object)]
struct PresetList {
    /// Presets by name.
    presets: Vec<PresetInfo>,
}

/// A predefined fault.
#[derive(Object)]
struct PresetInfo {
    /// Name of the preset.
    name: Text,
    /// Description of the preset.
    description: Text,
    /// Equivalent body for adding the fault, with the effect spelled out.
    fault: JsonObject,
}

/// A list of faults.
#[derive(Object)]
struct FaultList {
    /// Number of faults.
    count: u32,
    /// Rules in evaluation order; the first match wins.
    faults: Vec<FaultInfo>,
}

/// A fault.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct FaultInfo {
    /// Number of the fault.
    id: u32,
    /// Name of the fault.
    name: Text,
    /// Operation to which it is limited, if any.
    operation: Option<Text>,
    /// Number of matching calls.
    matched: u32,
    /// Number of calls to which it was applied.
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

/// Parses a glob whose `*` does not match a slash.
pub(super) fn glob(text: &str) -> Result<GlobMatcher, globset::Error> {
    GlobBuilder::new(text).literal_separator(true).build().map(|glob| glob.compile_matcher())
}

/// Collects all violations, so that one response reports them together.
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
            (Err(_), _) => wrong.say(at, "expected a header name"),
            (_, None) => wrong.say(at, "expected a glob (a string)"),
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
        wrong.say("/effect", "expected at least one of delay, jitter, status, reset, cut, malformed, and contentType");
    }
    if given.reset.is_some() && (refuses || spoils) {
        wrong.say(
            "/effect/reset",
            "cannot be combined with `status`, `cut`, `malformed`, or `contentType`: there is no response to change",
        );
    }
    if !refuses {
        for (name, given) in [("body", given.body.is_some()), ("retryAfter", given.retry_after.is_some())] {
            if given {
                wrong.say(format!("/effect/{name}"), "requires `status`");
            }
        }
    }
    if given.content_type.as_deref().is_some_and(|text| HeaderValue::from_str(text).is_err()) {
        wrong.say("/effect/contentType", "expected a valid header value");
    }
    let least = u64::from(given.delay.unwrap_or_default());
    let delay = least..=least + u64::from(given.jitter.unwrap_or_default());
    if *delay.end() > LONGEST {
        wrong.say("/effect/delay", format!("`delay` plus `jitter` must not exceed {LONGEST} milliseconds"));
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
    const ALL: [Self; 3] = [Self::Flaky, Self::Slow, Self::Down];

    /// What it does, and the equivalent fault.
    fn shown(self) -> PresetInfo {
        let (name, probability, effect) = self.rule();
        let description = match self {
            Self::Flaky => "Returns 500 for one call in five.",
            Self::Slow => "Delays calls by 0.5 to 2 seconds.",
            Self::Down => "Returns 503 with `Retry-After: 30` for every call.",
        };
        let mut told = Map::new();
        if let Some(delay) = effect.delay {
            told.insert("delay".to_owned(), json!(delay.start()));
            told.insert("jitter".to_owned(), json!(delay.end() - delay.start()));
        }
        told.extend(effect.status.map(|status| ("status".to_owned(), json!(status))));
        told.extend(effect.retry_after.map(|seconds| ("retryAfter".to_owned(), json!(seconds))));
        let mut fault = Map::from_iter([("name".to_owned(), json!(name)), ("effect".to_owned(), Value::Object(told))]);
        fault.extend(probability.map(|probability| ("probability".to_owned(), json!(probability))));
        PresetInfo { name: name.into(), description: description.into(), fault: JsonObject(fault) }
    }

    /// Name, probability, and effect.
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
            wrong.say("/preset", "expected either `preset` or `effect`, got both");
            (None, None, Effect::default())
        }
        (None, None) => {
            wrong.say("/effect", "expected `effect`, or `preset` with one of \"flaky\", \"slow\", \"down\"");
            (None, None, Effect::default())
        }
    };
    if !wrong.0.is_empty() {
        return Err(Problem::bad("The fault is invalid.", wrong.0));
    }
    let schedule = Schedule { nth: new.nth, times: new.times, probability: new.probability.or(probability) };
    Ok(info(&sandbox.faults.add(new.name.or(name), pattern, schedule, effect)))
}

/// Adds a fault given as JSON, or returns all its violations in one line.
pub(super) fn add_told(sandbox: &Sandbox, told: &Value) -> Result<u32, String> {
    let new = from_value(told).map_err(Problem::from);
    new.and_then(|new| add(sandbox, new)).map(|fault| fault.id).map_err(|problem| problem.told())
}

pub(super) struct FaultControl;

#[OpenApi(tag = "Tag::Faults")]
impl FaultControl {
    /// List the sandbox's faults
    ///
    /// Lists the faults of the sandbox and how often each applied.
    ///
    /// Returns all faults in evaluation order.
    #[oai(path = "/faults", method = "get", operation_id = "list_faults")]
    async fn list(&self, selected: Selected) -> Result<Reply<FaultList>, Problem> {
        Ok(list(&selected.0))
    }

    /// Add a fault
    ///
    /// Applies the fault to matching calls from now on. Faults are evaluated in the order in which they were added, and
    /// the first match wins. The journal records which fault applied to a call.
    ///
    /// Returns the added fault.
    #[oai(path = "/faults", method = "post", operation_id = "add_fault")]
    async fn add(&self, selected: Selected, body: Body<NewFault>) -> Result<Reply<FaultInfo>, Problem> {
        add(&selected.0, body.0).map(|fault| Reply::of(&fault))
    }

    /// List predefined faults
    ///
    /// Lists the predefined faults, each as the equivalent body to add it with.
    ///
    /// Returns all presets.
    #[oai(path = "/faults/presets", method = "get", operation_id = "list_fault_presets")]
    async fn presets(&self) -> Result<Reply<PresetList>, Problem> {
        Ok(Reply::of(&PresetList { presets: Preset::ALL.into_iter().map(Preset::shown).collect() }))
    }

    /// Remove all faults
    ///
    /// Removes every fault of the sandbox; numbering restarts at 1.
    ///
    /// Returns the empty list of faults.
    #[oai(path = "/faults", method = "delete", operation_id = "clear_faults")]
    async fn clear(&self, selected: Selected) -> Result<Reply<FaultList>, Problem> {
        selected.0.faults.clear();
        Ok(list(&selected.0))
    }

    /// Remove a fault
    ///
    /// Removes one fault. 404 if it does not exist.
    ///
    /// Returns the removed fault.
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
