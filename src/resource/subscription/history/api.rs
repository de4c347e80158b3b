//! Operations on the delivery history.

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
    /// List webhook deliveries
    ///
    /// Lists the webhook deliveries of the project, newest first, 40 per page: one entry per delivery, written after
    /// its last attempt. Only owners see the headers and the body of responses; other members see the status.
    ///
    /// Returns one page of deliveries.
    #[oai(path = "/subscriptions/history", method = "get", operation_id = "list_subscription_history")]
    async fn list(&self, member: Member<Admin>, filter: Filter<HistoryFilter>) -> Result<Reply<Vec<SubscriptionLog>>> {
        let scope = &member.scope;
        let page = filter.0.page.unwrap_or_default();
        Ok(Reply::new(scope.read(|state| rules::list(state, &member.actor, page))))
    }
}
