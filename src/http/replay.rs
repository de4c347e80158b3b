//! Recorded responses that replace those of the operations.

use poem::{Request, Response};

use super::{context::RequestContext, router::Router};
use crate::recorder::entry::Entry;

/// Returns the recorded response to a call.
pub(crate) type ReplayFn = dyn Fn(&Entry) -> Option<Response> + Send + Sync;

/// The response of a recording, if it has one.
pub(super) fn replayed(replay: Option<&ReplayFn>, router: &Router, path: &str, request: &Request) -> Option<Response> {
    let replay = replay?;
    let call = RequestContext::of(request).call.as_ref()?;
    let response = replay(call)?;
    if let Some(operation) = router.operation(request.method(), path) {
        // The entry is new.
        let _ = call.operation.set(operation);
    }
    Some(response)
}
