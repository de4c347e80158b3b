//! What calls send and receive.

use poem_openapi::Object;

use super::document::Subscription;
use crate::{
    json_schema::{Embedded, Populate},
    value::Text,
};

/// A subscription to be created.
#[derive(Object)]
pub(crate) struct NewSubscription {
    /// Name of the event, such as `lead.create`.
    #[oai(validator(min_length = 1))]
    pub(crate) event: Text,
    /// URL that is told.
    #[oai(validator(min_length = 1))]
    pub(crate) target: Text,
}

/// Changes of a subscription. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct SubscriptionPatch {
    /// Name of the event, such as `lead.create`.
    #[oai(validator(min_length = 1))]
    pub(crate) event: Option<Text>,
    /// URL that is told.
    #[oai(validator(min_length = 1))]
    pub(crate) target: Option<Text>,
}

impl Populate for Subscription {
    const NAME: &'static str = "WebhookSubscription";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Text>(
                "secret",
                "What the receiver knows the sender by: the `x-hook-secret` header. Only in the answer to creating it.",
            ),
            Embedded::new::<bool>(
                "global",
                "Whether it receives the events of all projects. Only in the answer to creating it.",
            ),
        ]
    }
}
