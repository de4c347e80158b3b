//! The control API under `/_control`: operations that tests need and the real API lacks. It has a separate OpenAPI
//! document.

mod api;
mod clock;
mod collection;
pub(crate) mod coverage;
mod due;
mod email;
mod explain;
mod fault;
mod journal;
mod pact;
mod parity;
mod reset_options;
mod sandbox;
mod snapshot;
mod violation;
mod visitor;
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

/// Sections of the control API document.
#[derive(Tags)]
enum Tag {
    /// Isolated copies of the world, each with its own clock, journal, faults, and webhooks.
    Sandboxes,
    /// The documents of a sandbox: reset, export, import, and save them, or read and write single ones.
    State,
    /// Named states of a sandbox, to restore and to compare.
    Snapshots,
    /// The clock of a sandbox: freeze, set, and advance it.
    Clock,
    /// Simulated visitors, who open conversations and write messages.
    Visitors,
    /// Rules that make matching calls fail, stall, or return broken responses.
    Faults,
    /// Recorded calls with their responses, and explanations of why a call was rejected.
    Journal,
    /// Which documented operations, statuses, parameters, and fields the clients have exercised.
    Coverage,
    /// Bot-side changes to conversations that the API itself cannot make.
    Requests,
    /// Recorded webhook deliveries, and test inboxes that can receive them.
    Webhooks,
    /// Provider states for the verification of consumer pacts.
    Pacts,
    /// Evidence behind the responses of each operation.
    Parity,
}

/// All operations of the control API.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let state = (api::States, snapshot::SnapshotControl, clock::ClockControl, visitor::VisitorControl, api::Requests);
    let documents = (collection::CollectionControl, email::EmailControl);
    let calls = (fault::FaultControl, journal::JournalControl, explain::ExplanationControl, coverage::CoverageControl);
    let contracts = (pact::PactControl, parity::ParityControl);
    (sandbox::SandboxControl, state, documents, calls, journal::TravelControl, webhook::Deliveries, contracts)
}

/// Adds a fault given as JSON.
pub(crate) fn add_fault(sandbox: &Sandbox, told: &Value) -> Result<u32, String> {
    fault::add_told(sandbox, told)
}

/// The JSON form of one collection's differences.
pub(crate) fn told_difference(difference: (&'static str, Difference)) -> (String, Value) {
    snapshot::told(difference)
}

/// Rejects an operation ID that the imitated API does not have.
pub(crate) fn check_operation(id: &str) -> Result<(), String> {
    let ids = operation_ids();
    if ids.contains(id) { Ok(()) } else { Err(suggest::unknown("operation", id, ids.iter().copied())) }
}

/// Rejects unknown HTTP methods, ignoring case.
fn check_method(method: &str) -> Result<(), String> {
    const METHODS: [&str; 10] =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "WEBSOCKET"];
    let is_known = METHODS.iter().any(|known| known.eq_ignore_ascii_case(method));
    if is_known { Ok(()) } else { Err(suggest::unknown("method", method, METHODS)) }
}

/// All operation IDs of the imitated API.
fn operation_ids() -> &'static BTreeSet<&'static str> {
    fn ids<A: OpenApi>(_: A) -> impl Iterator<Item = &'static str> {
        http::operations::<A>().into_iter().map(|operation| operation.id)
    }

    static IDS: LazyLock<BTreeSet<&'static str>> =
        LazyLock::new(|| ids(resource::operations()).chain(ids(resource::first_version())).collect());
    &IDS
}
