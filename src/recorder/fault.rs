//! Fault injection: rules that select calls and determine how they fail.

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use globset::GlobMatcher;
use http::{HeaderMap, Method};
use parking_lot::RwLock;
use serde_json::Value;

use crate::value::{Text, id::derive, json};

/// The faults of a sandbox, in evaluation order.
#[derive(Default)]
pub(crate) struct Faults {
    /// Whether there are any rules. Without rules, the usual case, no lock is taken.
    any: AtomicBool,
    rules: RwLock<Vec<Arc<Fault>>>,
    added: AtomicU32,
}

/// A rule.
pub(crate) struct Fault {
    pub(crate) id: u32,
    pub(crate) name: Text,
    pub(crate) pattern: Matcher,
    pub(crate) schedule: Schedule,
    pub(crate) effect: Effect,
    /// Number of calls that matched.
    pub(crate) matched: AtomicU32,
    /// Number of calls that the fault was applied to.
    pub(crate) applied: AtomicU32,
}

/// Selects calls that match all of its conditions.
#[derive(Clone, Default)]
pub(crate) struct Matcher {
    pub(crate) operation: Option<Text>,
    pub(crate) method: Option<Method>,
    /// Matched against the path as sent, without the query.
    pub(crate) path: Option<GlobMatcher>,
    /// By header name.
    pub(crate) headers: Vec<(Text, GlobMatcher)>,
    /// By JSON pointer into the body.
    pub(crate) body: Vec<(Text, Value)>,
}

/// Selects among the matching calls.
#[derive(Clone, Copy, Default)]
pub(crate) struct Schedule {
    /// Apply to the nth matching call only (1-based).
    pub(crate) nth: Option<u32>,
    /// Maximum number of calls to apply to.
    pub(crate) times: Option<u32>,
    /// Apply with this probability, drawn from the seed.
    pub(crate) probability: Option<f64>,
}

/// The effect on a call.
#[derive(Clone, Default)]
pub(crate) struct Effect {
    /// Wall-clock milliseconds to wait before anything else.
    pub(crate) delay: Option<RangeInclusive<u64>>,
    /// An error status, returned instead of handling the call.
    pub(crate) status: Option<u16>,
    /// The error body (default: the API's own body for the status).
    pub(crate) body: Option<Value>,
    /// The `Retry-After` header, in seconds.
    pub(crate) retry_after: Option<u32>,
    pub(crate) reset: Option<Reset>,
    /// Close the connection after this many bytes of the body.
    pub(crate) cut: Option<usize>,
    /// Corrupt the JSON of the response.
    pub(crate) malformed: bool,
    pub(crate) content_type: Option<Text>,
}

/// When to reset the connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reset {
    /// Before the call is handled.
    Before,
    /// After the call is handled, instead of a response.
    After,
}

/// The parts of a call that matchers inspect.
pub(crate) struct RequestView<'a> {
    pub(crate) operation: &'a str,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// A fault to inject into a call.
pub(crate) struct Injected {
    pub(crate) name: Text,
    pub(crate) delay: Option<Duration>,
    pub(crate) effect: Effect,
}

impl Faults {
    /// Appends a rule.
    pub(crate) fn add(&self, name: Option<Text>, pattern: Matcher, schedule: Schedule, effect: Effect) -> Arc<Fault> {
        let mut rules = self.rules.write();
        let id = self.added.fetch_add(1, Ordering::Relaxed) + 1;
        let name = name.unwrap_or_else(|| format!("fault {id}").into());
        let (matched, applied) = (AtomicU32::new(0), AtomicU32::new(0));
        let fault = Arc::new(Fault { id, name, pattern, schedule, effect, matched, applied });
        rules.push(fault.clone());
        self.any.store(true, Ordering::Release);
        fault
    }

    /// Whether there are no rules.
    pub(crate) fn is_empty(&self) -> bool {
        !self.any.load(Ordering::Acquire)
    }

    /// All rules, in evaluation order.
    pub(crate) fn all(&self) -> Vec<Arc<Fault>> {
        self.rules.read().clone()
    }

    /// Removes a rule.
    pub(crate) fn remove(&self, id: u32) -> Option<Arc<Fault>> {
        let mut rules = self.rules.write();
        let at = rules.iter().position(|fault| fault.id == id)?;
        let fault = rules.remove(at);
        self.any.store(!rules.is_empty(), Ordering::Release);
        Some(fault)
    }

    /// Removes all rules, returns their number, and restarts the IDs at 1.
    pub(crate) fn clear(&self) -> usize {
        let mut rules = self.rules.write();
        self.added.store(0, Ordering::Relaxed);
        self.any.store(false, Ordering::Release);
        rules.drain(..).len()
    }

    /// Evaluates the rules for a call; the first that matches and is due wins.
    pub(crate) fn apply<'a>(&self, seed: u64, call: impl FnOnce() -> RequestView<'a>) -> Option<Injected> {
        if !self.any.load(Ordering::Acquire) {
            return None;
        }
        let call = call();
        self.rules.read().iter().find_map(|fault| fault.apply(seed, &call))
    }
}

impl Fault {
    fn apply(&self, seed: u64, call: &RequestView<'_>) -> Option<Injected> {
        if !self.pattern.fits(call) {
            return None;
        }
        let number = self.matched.fetch_add(1, Ordering::SeqCst) + 1;
        let Schedule { nth, times, probability } = self.schedule;
        let drawn = |what: &str| fraction(derive(seed, &("fault", self.id, what, number)));
        if nth.is_some_and(|nth| nth != number) || probability.is_some_and(|probability| drawn("turn") >= probability) {
            return None;
        }
        let turn = self.applied.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |applied| {
            times.is_none_or(|times| applied < times).then_some(applied.saturating_add(1))
        });
        turn.ok()?;
        let delay = self.effect.delay.as_ref().map(|delay| {
            let (least, span) = (*delay.start(), delay.end() - delay.start());
            Duration::from_millis(least + derive(seed, &("fault", self.id, "delay", number)) % (span + 1))
        });
        Some(Injected { name: self.name.clone(), delay, effect: self.effect.clone() })
    }
}

impl Matcher {
    fn fits(&self, call: &RequestView<'_>) -> bool {
        let header = |(name, glob): &(Text, GlobMatcher)| {
            let mut values = call.headers.get_all(name.as_str()).iter();
            values.any(|value| value.to_str().is_ok_and(|value| glob.is_match(value)))
        };
        self.operation.as_deref().is_none_or(|operation| operation == call.operation)
            && self.method.as_ref().is_none_or(|method| method == call.method)
            && self.path.as_ref().is_none_or(|glob| glob.is_match(call.path))
            && self.headers.iter().all(header)
            && (self.body.is_empty() || self.fits_body(call.body))
    }

    fn fits_body(&self, body: &[u8]) -> bool {
        let body = json::read(body).unwrap_or_default();
        self.body.iter().all(|(pointer, value)| body.pointer(pointer) == Some(value))
    }
}

/// Maps random bits to a number in [0, 1).
fn fraction(drawn: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit into the mantissa")]
    let numerator = (drawn >> 11) as f64;
    numerator / 9_007_199_254_740_992.0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn delays_cover_the_whole_range() {
        let faults = Faults::default();
        let effect = Effect { delay: Some(100..=104), ..Effect::default() };
        faults.add(None, Matcher::default(), Schedule::default(), effect);
        let headers = HeaderMap::new();
        let drawn = (0..200).map(|_| {
            let call =
                RequestView { operation: "get_lead", method: &Method::GET, path: "/", headers: &headers, body: b"" };
            faults.apply(1, || call).and_then(|applied| applied.delay).expect("a delay")
        });
        let expected: BTreeSet<_> = (100..=104).map(Duration::from_millis).collect();
        assert_eq!(drawn.collect::<BTreeSet<_>>(), expected);
    }
}
