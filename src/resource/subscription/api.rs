//! Operations on webhook subscriptions.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::Subscription,
    rules,
    schema::{NewSubscription, SubscriptionPatch},
};
use crate::{
    http::{Admin, Body, Member, Path, Reply, WithHookSecret},
    json_schema::Populated,
    value::{RawId, Result},
};

pub(crate) struct Subscriptions;

#[OpenApi(tag = "Section::Subscriptions")]
impl Subscriptions {
    /// List webhook subscriptions
    ///
    /// Secrets are not included.
    ///
    /// Returns all subscriptions of the project.
    #[oai(path = "/subscriptions", method = "get", operation_id = "list_subscriptions")]
    async fn list(&self, member: Member<Admin>) -> Result<Reply<Vec<Populated<Subscription>>>> {
        let scope = &member.scope;
        Ok(Reply::new(scope.read(|state| rules::list(state, scope.project))))
    }

    /// Create a subscription
    ///
    /// Delivers the event to the target from now on. Only this response contains the secret. Subscribing the same
    /// target to the same event again returns the existing subscription.
    ///
    /// Returns the subscription with its secret.
    #[oai(path = "/subscriptions", method = "post", operation_id = "create_subscription")]
    async fn create(
        &self,
        member: Member<Admin>,
        body: Body<NewSubscription>,
    ) -> Result<WithHookSecret<Populated<Subscription>>> {
        let (subscription, answer) = member.scope.write(|tx| rules::create(tx, &member.actor.caller, body.0))?;
        Ok(WithHookSecret::new(answer, subscription.value().secret.reveal()))
    }
}

pub(crate) struct SubscriptionDetails;

#[OpenApi(tag = "Section::Subscriptions")]
impl SubscriptionDetails {
    /// Get a subscription
    ///
    /// The secret is not included.
    ///
    /// Returns the subscription.
    #[oai(path = "/subscriptions/:subscription_id", method = "get", operation_id = "get_subscription")]
    async fn get(
        &self,
        member: Member<Admin>,
        subscription_id: Path<RawId<Subscription>>,
    ) -> Result<Reply<Populated<Subscription>>> {
        let scope = &member.scope;
        scope.read(|state| rules::get(state, scope.project, &subscription_id)).map(Reply::new)
    }

    /// Update a subscription
    ///
    /// Changes the given fields. Fields that are absent or `null` keep their value, as does the secret.
    ///
    /// Returns the updated subscription.
    #[oai(path = "/subscriptions/:subscription_id", method = "put", operation_id = "update_subscription")]
    async fn update(
        &self,
        member: Member<Admin>,
        subscription_id: Path<RawId<Subscription>>,
        body: Body<SubscriptionPatch>,
    ) -> Result<Reply<Populated<Subscription>>> {
        member.scope.write(|tx| rules::update(tx, &subscription_id, body.0)).map(Reply::new)
    }

    /// Delete a subscription
    ///
    /// Removes the subscription permanently. Deliveries in progress are still completed.
    ///
    /// Returns the deleted subscription.
    #[oai(path = "/subscriptions/:subscription_id", method = "delete", operation_id = "delete_subscription")]
    async fn delete(
        &self,
        member: Member<Admin>,
        subscription_id: Path<RawId<Subscription>>,
    ) -> Result<Reply<Populated<Subscription>>> {
        member.scope.write(|tx| tx.remove(&subscription_id)).map(|subscription| Reply::new(subscription.to_json()))
    }
}
