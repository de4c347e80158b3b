//! Errors of controlling a fake from code.

use std::time::{Duration, SystemTime};

use crate::state::fixture::FixtureError;

/// An error of a sandbox's method. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No operation has this ID. The message names the closest one.
    #[error("{0}")]
    UnknownOperation(String),
    /// No snapshot has this name. The message names the existing ones.
    #[error("{0}")]
    UnknownSnapshot(String),
    /// The fault is invalid. The message has JSON pointers with their problems.
    #[error("{0}")]
    InvalidFault(String),
    /// The documents are not a valid world.
    #[error(transparent)]
    InvalidWorld(#[from] FixtureError),
    /// The clock cannot be set to a time before the latest write.
    #[error("{message}")]
    ClockWouldGoBack {
        /// The time of the latest write.
        now: SystemTime,
        /// The error text, with that time in ISO 8601.
        message: String,
    },
    /// The time is outside the years 1 to 9998.
    #[error("{0}")]
    ClockOutOfRange(String),
    /// The journal has evicted calls, so they cannot be counted. Start with a larger
    /// [`journal`](crate::FakeBuilder::journal).
    #[error("the journal has evicted {dropped} calls: use a larger `FakeBuilder::journal`")]
    JournalOverflow {
        /// Number of evicted calls.
        dropped: u64,
    },
    /// The expected calls did not arrive.
    #[error("{arrived} of {expected} calls of `{operation}` arrived within {timeout:?}; instead: {instead}")]
    Timeout {
        /// The expected operation.
        operation: String,
        /// Number of expected calls.
        expected: usize,
        /// Number of calls that arrived.
        arrived: usize,
        /// The timeout of the wait.
        timeout: Duration,
        /// What arrived instead: one line per operation and status.
        instead: String,
    },
}
