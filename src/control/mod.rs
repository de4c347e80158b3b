//! The control API under `/_control`: what tests do to the fake and could not do to the real thing. Its document is its own.

mod api;
mod clock;
pub(crate) mod coverage;
mod explain;
mod fault;
mod journal;
mod sandbox;
mod snapshot;
mod webhook;

use std::{collections::BTreeSet, sync::LazyLock};

use poem_openapi::{OpenApi, Tags};
use serde_json::Value;

pub(crate) use self::{
    clock::unreachable, journal::arrived::lines as arrived_instead, snapshot::unknown as unknown_snapshot,
};
use crate::{
    http, resource,
    state::{Sandbox, snapshot::Difference},
    value::suggest,
};

/// The sections of the control document.
#[derive(Tags)]
enum Tag {
    /// Worlds that do not see each other.
    Sandboxes,
    /// The documents that a sandbox holds.
    State,
    /// Named states, to go back to and to compare.
    Snapshots,
    /// The time of a sandbox.
    Clock,
    /// What is to go wrong on purpose.
    Faults,
    /// What was asked and answered.
    Journal,
    /// Which operations were called.
    Coverage,
    /// What bots do to conversations.
    Requests,
    /// What was delivered to whom, and inboxes to deliver to.
    Webhooks,
}

/// All operations of the control API.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let state = (api::States, snapshot::SnapshotControl, clock::ClockControl, api::Requests);
    let calls = (fault::FaultControl, journal::JournalControl, explain::ExplanationControl, coverage::CoverageControl);
    (sandbox::SandboxControl, state, calls, webhook::Deliveries)
}

/// Adds a fault, as its JSON says.
pub(crate) fn add_fault(sandbox: &Sandbox, told: &Value) -> Result<u32, String> {
    fault::add_told(sandbox, told)
}

/// A difference of a collection, in JSON.
pub(crate) fn told_difference(difference: (&'static str, Difference)) -> (String, Value) {
    snapshot::told(difference)
}

/// Refuses an id that no operation of the imitated API has.
pub(crate) fn check_operation(id: &str) -> Result<(), String> {
    let ids = operation_ids();
    if ids.contains(id) { Ok(()) } else { Err(suggest::unknown("operation", id, ids.iter().copied())) }
}

/// Refuses a method that no client sends, in any case.
fn check_method(method: &str) -> Result<(), String> {
    const METHODS: [&str; 10] =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "WEBSOCKET"];
    let is_known = METHODS.iter().any(|known| known.eq_ignore_ascii_case(method));
    if is_known { Ok(()) } else { Err(suggest::unknown("method", method, METHODS)) }
}

/// The ids of all operations of the imitated API.
fn operation_ids() -> &'static BTreeSet<&'static str> {
    fn ids<A: OpenApi>(_: A) -> impl Iterator<Item = &'static str> {
        http::operations::<A>().into_iter().map(|operation| operation.id)
    }

    static IDS: LazyLock<BTreeSet<&'static str>> =
        LazyLock::new(|| ids(resource::operations()).chain(ids(resource::first_version())).collect());
    &IDS
}
