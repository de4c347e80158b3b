//! What was delivered, and what came back.

use poem_openapi::OpenApi;

use super::{document::SubscriptionLog, rules, schema::HistoryFilter};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::subscription::Section,
    value::Result,
};

pub(crate) struct History;

#[OpenApi(tag = "Section::Subscriptions")]
impl History {
    /// List deliveries
    ///
    /// What the targets of the project were told and what they answered, newest first, 40 a page: one entry a delivery,
    /// written after its last attempt. Only owners get the headers and the body of responses; others get their status.
    #[oai(path = "/subscriptions/history", method = "get", operation_id = "list_subscription_history")]
    async fn list(&self, member: Member<Admin>, filter: Filter<HistoryFilter>) -> Result<Reply<Vec<SubscriptionLog>>> {
        let scope = &member.scope;
        let page = filter.0.page.unwrap_or_default();
        Ok(Reply::new(scope.read(|state| rules::list(state, &member.actor, page))))
    }
}
