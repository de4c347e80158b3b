//! Projects: workspaces to which team, conversations and settings belong.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Lists show memberships with the project inside, whatever their name says.
//! - `operatingHours` is typed as an object and is a text that holds JSON.
//! - `trialDaysLeft` counts up after the trial and is negative before.
//! - Whether a project is open and who is available can be asked without credentials.

pub(crate) mod address_filter;
pub(crate) mod api;
pub(crate) mod availability;
mod ban;
pub(crate) mod document;
mod operating_hours;
mod patch;
pub(crate) mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::{Projects, Root, Scoped};

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Workspaces to which team, conversations and settings belong.
    Projects,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let details = (api::ProjectDetails, api::Bans, api::Availability);
    (api::Projects, Scoped::<_, Projects>::new(details), Scoped::<_, Root>::new(api::ProjectRoot))
}
