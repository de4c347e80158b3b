//! Projects: workspaces to which team, conversations and settings belong.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Lists show memberships with the project inside, whatever their name says.
//! - `operatingHours` is typed as an object and is a text that holds JSON.
//! - `trialDaysLeft` counts up after the trial and is negative before.
//! - Whether a project is open and who is available can be asked without credentials.

pub(crate) mod api;
mod ban;
mod hours;
pub(crate) mod model;
pub(crate) mod rules;
