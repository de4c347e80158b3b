//! The recorded call that is currently handled, so that its effects can be traced back to it.

tokio::task_local! {
    static CALL: u64;
}

/// The journal number of the current call.
pub(crate) fn current() -> Option<u64> {
    CALL.try_with(|number| *number).ok()
}

/// Handles a call with its journal number set.
pub(crate) fn of<F: Future>(number: u64, call: F) -> impl Future<Output = F::Output> {
    CALL.scope(number, call)
}
