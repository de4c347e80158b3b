//! How many messages there are.

use poem_openapi::OpenApi;

use super::{
    model::{AnswerCount, ChannelDays, Correspondents, MessageDays, MessageFilter, SenderCount},
    rules,
};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::analytics::{
        Section,
        model::{DayCount, MonthCount, TotalCount, WeekCount},
    },
};

pub(crate) struct MessageCounts;

#[OpenApi(tag = "Section::Analytics")]
impl MessageCounts {
    /// Count messages
    ///
    /// The messages of the last 30 days, those of visitors and those of the project.
    #[oai(path = "/analytics/messages/count", method = "get", operation_id = "count_messages")]
    async fn count(&self, member: Member<Admin>, filter: Filter<MessageFilter>) -> Reply<Vec<TotalCount>> {
        Reply::new(rules::count(&member.scope, &filter.0))
    }

    /// Count messages by day
    ///
    /// One row for each day that has messages, the first first.
    #[oai(path = "/analytics/messages/aggregate/day", method = "get", operation_id = "aggregate_messages_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ChannelDays>) -> Reply<Vec<DayCount>> {
        Reply::new(rules::by_day(&member.scope, &filter.0))
    }

    /// Count messages by month
    ///
    /// One row for each month of all time that has messages, the first first.
    #[oai(path = "/analytics/messages/aggregate/month", method = "get", operation_id = "aggregate_messages_by_month")]
    async fn by_month(&self, member: Member<Admin>, filter: Filter<Correspondents>) -> Reply<Vec<MonthCount>> {
        Reply::new(rules::by_month(&member.scope, &filter.0))
    }

    /// Count messages by week
    ///
    /// One row for each week of all time that has messages, the first first.
    #[oai(path = "/analytics/messages/aggregate/week", method = "get", operation_id = "aggregate_messages_by_week")]
    async fn by_week(&self, member: Member<Admin>, filter: Filter<Correspondents>) -> Reply<Vec<WeekCount>> {
        Reply::new(rules::by_week(&member.scope, &filter.0))
    }

    /// Count messages by sender
    ///
    /// One row for each who sent messages, in the order of their identifiers.
    #[oai(path = "/analytics/messages/aggregate/sender", method = "get", operation_id = "aggregate_messages_by_sender")]
    async fn by_sender(&self, member: Member<Admin>, filter: Filter<MessageDays>) -> Reply<Vec<SenderCount>> {
        Reply::new(rules::by_sender(&member.scope, &filter.0))
    }

    /// Count messages by answer
    ///
    /// One row for each answer of a bot, and one with an empty `_id` for messages that are none.
    #[oai(
        path = "/analytics/requests/aggregate/attributes/_answerid",
        method = "get",
        operation_id = "aggregate_messages_by_answer"
    )]
    async fn by_answer(&self, member: Member<Admin>, filter: Filter<MessageDays>) -> Reply<Vec<AnswerCount>> {
        Reply::new(rules::by_answer(&member.scope, &filter.0))
    }
}
