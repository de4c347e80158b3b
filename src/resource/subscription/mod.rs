//! Webhook subscriptions.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Event names are case-sensitive, and any text is accepted as one.
//! - Subscribing the same target to the same event again returns the existing subscription, including its secret.
//! - Only the response to creating a subscription contains the secret.
//! - There is no inactive state; failures never disable a subscription.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod history;
pub(crate) mod payload;
mod rules;
pub(crate) mod schema;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// Section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Webhooks: subscriptions of URLs to events, and the history of deliveries.
    Subscriptions,
}

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new((history::api::History, api::Subscriptions, api::SubscriptionDetails))
}
