//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::Subscription;
use crate::{
    json_schema::{Embedded, Populate},
    value::Text,
};

/// A subscription to create.
#[derive(Object)]
pub(crate) struct NewSubscription {
    /// Name of the event, such as `lead.create`.
    #[oai(validator(min_length = 1))]
    pub(crate) event: Text,
    /// URL to which the event is delivered.
    #[oai(validator(min_length = 1))]
    pub(crate) target: Text,
}

/// Changes to a subscription. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct SubscriptionPatch {
    /// Name of the event, such as `lead.create`.
    #[oai(validator(min_length = 1))]
    pub(crate) event: Option<Text>,
    /// URL to which the event is delivered.
    #[oai(validator(min_length = 1))]
    pub(crate) target: Option<Text>,
}

impl Populate for Subscription {
    const NAME: &'static str = "WebhookSubscription";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Text>(
                "secret",
                "Secret that identifies the sender (`x-hook-secret` header). Only in the response to creation.",
            ),
            Embedded::new::<bool>(
                "global",
                "Whether the subscription receives the events of all projects. Only in the response to creation.",
            ),
        ]
    }
}
