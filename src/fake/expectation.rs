//! Expectations: the number of calls of an operation during a test.

use std::{
    fmt,
    ops::{Bound, Range, RangeBounds, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
    sync::Arc,
    thread,
    time::Instant,
};

use super::Error;
use crate::{control, runtime::clock::stopwatch, state};

/// A number of calls: `3`, `1..`, `..=2`, `1..4`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    minimum: usize,
    maximum: Option<usize>,
}

impl Times {
    fn of(range: &impl RangeBounds<usize>) -> Self {
        let minimum = match range.start_bound() {
            Bound::Included(minimum) => *minimum,
            Bound::Excluded(below) => below.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let maximum = match range.end_bound() {
            Bound::Included(maximum) => Some(*maximum),
            Bound::Excluded(above) => Some(above.saturating_sub(1)),
            Bound::Unbounded => None,
        };
        Self { minimum, maximum }
    }

    fn include(self, count: usize) -> bool {
        count >= self.minimum && self.maximum.is_none_or(|maximum| count <= maximum)
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.minimum, self.maximum) {
            (minimum, Some(maximum)) if minimum == maximum => write!(f, "{minimum}"),
            (minimum, Some(maximum)) => write!(f, "{minimum} to {maximum}"),
            (minimum, None) => write!(f, "at least {minimum}"),
        }
    }
}

impl From<usize> for Times {
    fn from(count: usize) -> Self {
        Self { minimum: count, maximum: Some(count) }
    }
}

impl From<Range<usize>> for Times {
    fn from(range: Range<usize>) -> Self {
        Self::of(&range)
    }
}

impl From<RangeInclusive<usize>> for Times {
    fn from(range: RangeInclusive<usize>) -> Self {
        Self::of(&range)
    }
}

impl From<RangeFrom<usize>> for Times {
    fn from(range: RangeFrom<usize>) -> Self {
        Self::of(&range)
    }
}

impl From<RangeTo<usize>> for Times {
    fn from(range: RangeTo<usize>) -> Self {
        Self::of(&range)
    }
}

impl From<RangeToInclusive<usize>> for Times {
    fn from(range: RangeToInclusive<usize>) -> Self {
        Self::of(&range)
    }
}

impl From<RangeFull> for Times {
    fn from(range: RangeFull) -> Self {
        Self::of(&range)
    }
}

/// Checks, when dropped, the number of calls of an operation since its creation, like `expect` of `wiremock`. Calls
/// before a reset of the sandbox are not counted.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().start()?;
/// let sandbox = fake.default_sandbox();
/// let expectation = sandbox.expect("list_departments", 1..=2)?;
/// fake.client().send_blocking(Request::get("/v3/5b55e806c93dde00143163dd/departments").body(Bytes::new())?);
/// expectation.verify()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
///
/// When it is dropped and the number of calls is not the expected one, unless the thread is already panicking.
#[must_use = "it is verified when it is dropped"]
pub struct Expectation {
    sandbox: Arc<state::Sandbox>,
    operation: String,
    times: Times,
    since: Instant,
    verified: bool,
}

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {times} calls of `{operation}`, got {calls}; other calls: {others}")]
pub struct Unmet {
    operation: String,
    times: Times,
    calls: usize,
    others: String,
}

impl Expectation {
    pub(super) fn new(sandbox: Arc<state::Sandbox>, operation: &str, times: Times) -> Result<Self, Error> {
        control::check_operation(operation).map_err(Error::UnknownOperation)?;
        Ok(Self { sandbox, operation: operation.to_owned(), times, since: stopwatch(), verified: false })
    }

    /// Checks the number of calls now instead of when the expectation is dropped.
    pub fn verify(mut self) -> Result<(), Unmet> {
        self.check()
    }

    fn check(&mut self) -> Result<(), Unmet> {
        self.verified = true;
        let calls = self.sandbox.journal.remembered().calls;
        let since = calls.into_iter().filter(|call| call.arrived >= self.since);
        let (calls, others): (Vec<_>, Vec<_>) =
            since.partition(|call| call.operation.get() == Some(&self.operation.as_str()));
        if self.times.include(calls.len()) {
            return Ok(());
        }
        let others = control::arrived_instead(&others);
        let others = if others.is_empty() { "none".to_owned() } else { others.join("; ") };
        Err(Unmet { operation: self.operation.clone(), times: self.times, calls: calls.len(), others })
    }
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} calls of `{}`", self.times, self.operation)
    }
}

impl Drop for Expectation {
    fn drop(&mut self) {
        if !self.verified
            && !thread::panicking()
            && let Err(unmet) = self.check()
        {
            panic!("{unmet}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_what_they_say() {
        for (times, text, included, excluded) in [
            (Times::from(2), "2", vec![2], vec![1, 3]),
            (Times::from(1..), "at least 1", vec![1, 9], vec![0]),
            (Times::from(1..3), "1 to 2", vec![1, 2], vec![0, 3]),
            (Times::from(..=2), "0 to 2", vec![0, 2], vec![3]),
            (Times::from(..), "at least 0", vec![0, 9], vec![]),
        ] {
            assert_eq!(times.to_string(), text);
            assert!(included.into_iter().all(|count| times.include(count)), "{text}");
            assert!(!excluded.into_iter().any(|count| times.include(count)), "{text}");
        }
    }
}
