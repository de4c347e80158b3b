//! Conversations as a whole, above the requests, messages, and leads that they consist of: opening, routing, and the
//! responses of bots.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - `\agent` in any message to a conversation that a bot serves hands it over to the team.
//! - A bot responds to `\start` with the greeting of its `start` intent.
//! - Lines of an answer that begin with `tdImage:`, `tdFrame:`, or `* ` are an image, a frame, or a button.
//! - A bot without a matching intent responds with its fallback, or else with a standard text of the API. On an exact
//!   match with an intent that has no text, it stays silent.

pub(crate) mod bot;
mod markup;
pub(crate) mod open;
pub(crate) mod route;

use poem_openapi::OpenApi;

use crate::http::Scoped;

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(route::Routing)
}
