//! The next scheduled event in a sandbox.

use poem_openapi::Object;

use crate::{
    resource::{event, file, project, user},
    simulation::crowd,
    state::Sandbox,
    value::{Text, Timestamp},
};

/// A scheduled event.
#[derive(Object)]
pub(super) struct DueEvent {
    /// Time of the event.
    pub(super) at: Timestamp,
    /// Kind of event: `retry` of a webhook delivery; `expiry` of a custom event, an uploaded file, or a code that
    /// verifies an email address; end of a project's `trial` or paid `subscription`; or `visit`, the next act of a
    /// simulated visitor.
    what: Text,
}

/// Maximum time to the next event in milliseconds: the default world has a code that never expires.
const HORIZON: i64 = 366 * 86_400_000;

/// The next scheduled event, if there is one within a year.
pub(super) fn next(sandbox: &Sandbox) -> Option<DueEvent> {
    let (now, state) = (sandbox.clock.now(), sandbox.state());
    let due = [
        ("retry", sandbox.clock.next()),
        ("expiry", event::rules::next_expiry(&state, now)),
        ("expiry", file::path::next_expiry(&state, now)),
        ("expiry", user::rules::next_expiry(&state, now)),
        ("trial", project::rules::next_trial_end(&state, now)),
        ("subscription", project::rules::next_subscription_end(&state, now)),
        ("visit", crowd::next_visit(sandbox)),
    ];
    let due = due.into_iter().filter_map(|(what, at)| Some(DueEvent { at: at?, what: what.into() }));
    due.filter(|due| due.at.milliseconds() - now.milliseconds() <= HORIZON).min_by_key(|due| due.at)
}
