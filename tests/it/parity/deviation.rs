//! Allowed differences, and the rules that no difference needs.

use std::cell::Cell;

use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{
    difference::{Difference, Kind},
    script::{Call, Numbers, read},
};

/// Where a difference was found.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Call(&'a Call),
    /// Webhooks of this event.
    Event(&'a str),
    /// Frames of a connection with this topic and method.
    Socket(&'a str),
}

/// The contents of `deviations.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviations {
    #[serde(rename = "about")]
    _about: String,
    pub(super) deviations: Vec<Deviation>,
}

/// A deliberate deviation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviation {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) reason: String,
    pub(super) source: String,
    covers: Vec<Rule>,
}

/// Allows the differences that match all of its conditions.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    steps: Option<Numbers>,
    resource: Option<String>,
    event: Option<String>,
    socket: Option<String>,
    #[serde(default, deserialize_with = "pattern")]
    pointer: Option<Regex>,
    kinds: Option<Vec<Kind>>,
    /// The values that may differ.
    reference: Option<Vec<Value>>,
    ours: Option<Vec<Value>>,
    #[serde(default, deserialize_with = "pattern")]
    ours_like: Option<Regex>,
    #[serde(default, deserialize_with = "pattern")]
    reference_like: Option<Regex>,
    /// Texts that are equal once these parts are replaced.
    equal_after: Option<Vec<(String, String)>>,
    #[serde(skip)]
    used: Cell<bool>,
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let pattern = String::deserialize(deserializer)?;
    Regex::new(&pattern).map(Some).map_err(serde::de::Error::custom)
}

impl Rule {
    /// Whether this rule allows the difference. If so, it counts as used.
    fn allows(&self, difference: &Difference, place: Place<'_>) -> bool {
        let allows = self.is_for(place) && self.matches(difference);
        self.used.set(self.used.get() || allows);
        allows
    }

    fn is_for(&self, place: Place<'_>) -> bool {
        let (call, event, socket) = match place {
            Place::Call(call) => (Some(call), None, None),
            Place::Event(event) => (None, Some(event), None),
            Place::Socket(socket) => (None, None, Some(socket)),
        };
        self.steps.as_ref().is_none_or(|steps| call.is_some_and(|call| steps.contains(call.n)))
            && self.resource.as_ref().is_none_or(|resource| call.is_some_and(|call| call.resource == *resource))
            && self.event.as_ref().is_none_or(|known| event == Some(known))
            && self.socket.as_ref().is_none_or(|known| socket == Some(known))
    }

    fn matches(&self, difference: &Difference) -> bool {
        let Difference { pointer, kind, reference, ours } = difference;
        let one = |known: &Option<Vec<Value>>, value: &Option<Value>| {
            known.as_ref().is_none_or(|known| value.as_ref().is_some_and(|value| known.contains(value)))
        };
        let text = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
        let like = |pattern: &Option<Regex>, value: &Option<Value>| {
            pattern.as_ref().is_none_or(|pattern| text(value).is_some_and(|text| pattern.is_match(&text)))
        };
        let equal = |replaced: &Vec<(String, String)>| {
            let [reference, ours] = [reference, ours].map(|value| {
                Some(replaced.iter().fold(text(value)?, |text, (part, by)| text.replace(part.as_str(), by)))
            });
            reference.is_some() && reference == ours
        };
        self.pointer.as_ref().is_none_or(|pattern| pattern.is_match(pointer))
            && self.kinds.as_ref().is_none_or(|kinds| kinds.contains(kind))
            && one(&self.reference, reference)
            && one(&self.ours, ours)
            && like(&self.reference_like, reference)
            && like(&self.ours_like, ours)
            && self.equal_after.as_ref().is_none_or(equal)
    }
}

impl Deviations {
    pub(super) fn load() -> Self {
        read("deviations.json")
    }

    /// Whether a rule allows the difference. Only the first matching rule counts as used.
    pub(super) fn allow(&self, difference: &Difference, place: Place<'_>) -> bool {
        self.deviations.iter().flat_map(|deviation| &deviation.covers).any(|rule| rule.allows(difference, place))
    }

    /// The rules that allowed nothing, as `ID covers[N]`.
    pub(super) fn unused(&self) -> Vec<String> {
        let unused = |deviation: &Deviation| {
            let rules = deviation.covers.iter().enumerate().filter(|(_, rule)| !rule.used.get());
            rules.map(|(index, _)| format!("{} covers[{index}]", deviation.id)).collect::<Vec<_>>()
        };
        self.deviations.iter().flat_map(unused).collect()
    }
}
