//! Events: custom events that applications exchange through a project.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::CustomEvent,
    rules,
    schema::{CustomEventFilter, CustomEventPage, NewCustomEvent},
};
use crate::{
    http::{Agent, Body, Filter, Guest, Member, Path, Reply, respond},
    value::{RawId, Result},
};

pub(crate) struct CustomEvents;

#[OpenApi(tag = "Section::Events")]
impl CustomEvents {
    /// List the project's events
    ///
    /// Lists the events of the last hour, 40 per page.
    ///
    /// Returns one page of events, newest first.
    #[oai(path = "/events", method = "get", operation_id = "list_events")]
    async fn list(&self, member: Member<Agent>, filter: Filter<CustomEventFilter>) -> Result<Reply<CustomEventPage>> {
        let page = filter.0.pages.page(rules::PER_PAGE);
        Ok(respond::page(&member.scope, rules::selection(&member.scope, &filter.0), page))
    }

    /// Create an event
    ///
    /// Stores an event and publishes it to the webhooks subscribed to `event.emit` or `event.emit.NAME` and, over the
    /// realtime API, to the topic of the member who posts it. Visitors can post events, too.
    ///
    /// Returns the created event.
    #[oai(path = "/events", method = "post", operation_id = "create_event")]
    async fn create(&self, member: Member<Guest>, body: Body<NewCustomEvent>) -> Result<Reply<CustomEvent>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor, body.0)))
    }

    /// Get an event
    ///
    /// Events expire after one hour and then return 404.
    ///
    /// Returns the event.
    #[oai(path = "/events/:event_id", method = "get", operation_id = "get_event")]
    async fn get(
        &self,
        member: Member<Agent>,
        /// Identifier of the event.
        event_id: Path<RawId<CustomEvent>>,
    ) -> Result<Reply<CustomEvent>> {
        respond::reply(rules::get(&member.scope, &event_id))
    }
}
