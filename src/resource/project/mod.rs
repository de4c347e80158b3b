//! Projects: workspaces with their team, conversations, and settings.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Lists return memberships with the project embedded, despite their name.
//! - `operatingHours` is documented as an object but is a string that contains JSON.
//! - `trialDaysLeft` is negative during the trial and counts up after it.
//! - Opening hours and available agents can be queried without credentials.

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

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Workspaces with their team, conversations, and settings.
    Projects,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let details = (api::ProjectDetails, api::Bans, api::Availability);
    (api::Projects, Scoped::<_, Projects>::new(details), Scoped::<_, Root>::new(api::ProjectRoot))
}
