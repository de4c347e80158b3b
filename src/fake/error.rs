//! What can go wrong when a fake is controlled from code.

use std::time::{Duration, SystemTime};

use crate::state::fixture::FixtureError;

/// Why a call of a sandbox failed. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No operation has this ID. The message names the closest one.
    #[error("{0}")]
    UnknownOperation(String),
    /// No snapshot has this name. The message names those that exist.
    #[error("{0}")]
    UnknownSnapshot(String),
    /// The fault is not valid: JSON pointers and what is wrong there.
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
    /// The time is beyond the year 9998.
    #[error("{0}")]
    ClockOutOfRange(String),
    /// The journal no longer has all calls, so they cannot be counted. Start with a larger [`journal`](crate::FakeBuilder::journal).
    #[error("the journal has dropped {dropped} calls: use a larger `FakeBuilder::journal`")]
    JournalOverflow {
        /// Number of calls that were dropped.
        dropped: u64,
    },
    /// The calls that were waited for did not arrive.
    #[error("{arrived} of {expected} calls of `{operation}` arrived within {timeout:?}; instead: {instead}")]
    Timeout {
        /// The operation that was waited for.
        operation: String,
        /// Number of calls that were waited for.
        expected: usize,
        /// Number of calls that arrived.
        arrived: usize,
        /// How long they were waited for.
        timeout: Duration,
        /// What arrived instead: one line per operation and status.
        instead: String,
    },
}
