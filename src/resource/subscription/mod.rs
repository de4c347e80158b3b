//! Subscriptions: which address is told of which event.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Names of events are compared as they are written; any text is taken for one.
//! - Subscribing to the same event with the same target again answers the subscription that is there, secret included.
//! - Only the answer to creating one shows the secret.
//! - There is no inactive state; failures never disable a subscription.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod history;
pub(crate) mod payload;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Webhooks: which addresses are told of which events.
    Subscriptions,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((history::api::History, api::Subscriptions, api::SubscriptionDetails))
}
