//! Counts of messages.

use std::ops::Range;

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::{
    Section,
    calendar::{Day, Month, Week},
    rules::{EVER, MONTH, counted, documents, last_days, moments, total},
    schema::{DayCount, LastDays, MonthCount, TotalCount, WeekCount},
};
use crate::{
    http::{Admin, Filter, Member, Reply},
    resource::message::document::Message,
    state::{ProjectScope, query::Selection},
    store::{Direction, Term},
    value::{JsonObject, Text},
};

/// Number of messages from one sender.
#[derive(Object)]
pub(crate) struct SenderCount {
    /// Sender.
    #[oai(rename = "_id")]
    sender: Sender,
    /// Number of matching objects.
    count: u64,
}

/// The sender of messages.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct Sender {
    /// Identifier of a user, a visitor, or a bot, or `system`.
    sender: Text,
}

/// Number of messages with one bot answer, or with none.
#[derive(Object)]
pub(crate) struct AnswerCount {
    /// Bot answer; empty for all other messages.
    #[oai(rename = "_id")]
    answer: Answer,
    /// Number of matching objects.
    count: u64,
}

/// An answer of a bot.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Answer {
    /// Identifier of the answer, from the message attribute `_answerid`.
    #[oai(rename = "_answerid")]
    #[serde(rename = "_answerid")]
    answer: Option<Text>,
}

/// Filters by sender and recipient.
#[derive(Object)]
pub(crate) struct Correspondents {
    /// Only messages from this sender.
    pub(crate) sender: Option<Text>,
    /// Only messages in the conversation with this `request_id`.
    pub(crate) recipient: Option<Text>,
}

/// Filters for the total number of messages.
#[derive(Object)]
pub(crate) struct MessageFilter {
    #[oai(flatten)]
    pub(crate) correspondents: Correspondents,
    /// Only messages whose attributes are exactly these strings.
    pub(crate) attributes: Option<JsonObject>,
    /// Only messages with this bot answer (attribute `_answerid`).
    pub(crate) attributes_answerid: Option<Text>,
}

/// Filters for message counts.
#[derive(Object)]
pub(crate) struct MessageDays {
    #[oai(flatten)]
    pub(crate) period: LastDays,
    #[oai(flatten)]
    pub(crate) correspondents: Correspondents,
}

/// Filters for message counts, including the channel.
#[derive(Object)]
pub(crate) struct ChannelDays {
    #[oai(flatten)]
    pub(crate) days: MessageDays,
    /// Only messages of this channel.
    pub(crate) channel: Option<Text>,
}

pub(crate) struct MessageCounts;

#[OpenApi(tag = "Section::Analytics")]
impl MessageCounts {
    /// Count the project's messages
    ///
    /// Counts the messages of the last 30 days, from visitors as well as from the project.
    ///
    /// Returns an array with the total, empty if there are no messages.
    #[oai(path = "/analytics/messages/count", method = "get", operation_id = "count_messages")]
    async fn count(&self, member: Member<Admin>, filter: Filter<MessageFilter>) -> Reply<Vec<TotalCount>> {
        Reply::new(count(&member.scope, &filter.0))
    }

    /// Count messages by day
    ///
    /// Days without messages have no row.
    ///
    /// Returns one row per day, in ascending order.
    #[oai(path = "/analytics/messages/aggregate/day", method = "get", operation_id = "aggregate_messages_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ChannelDays>) -> Reply<Vec<DayCount>> {
        Reply::new(by_day(&member.scope, &filter.0))
    }

    /// Count messages by month
    ///
    /// Counts all messages, regardless of age. Months without messages have no row.
    ///
    /// Returns one row per month, in ascending order.
    #[oai(path = "/analytics/messages/aggregate/month", method = "get", operation_id = "aggregate_messages_by_month")]
    async fn by_month(&self, member: Member<Admin>, filter: Filter<Correspondents>) -> Reply<Vec<MonthCount>> {
        Reply::new(by_month(&member.scope, &filter.0))
    }

    /// Count messages by week
    ///
    /// Counts all messages, regardless of age. Weeks without messages have no row.
    ///
    /// Returns one row per week, in ascending order.
    #[oai(path = "/analytics/messages/aggregate/week", method = "get", operation_id = "aggregate_messages_by_week")]
    async fn by_week(&self, member: Member<Admin>, filter: Filter<Correspondents>) -> Reply<Vec<WeekCount>> {
        Reply::new(by_week(&member.scope, &filter.0))
    }

    /// Count messages by sender
    ///
    /// Senders without messages in the period have no row.
    ///
    /// Returns one row per sender, ordered by identifier.
    #[oai(path = "/analytics/messages/aggregate/sender", method = "get", operation_id = "aggregate_messages_by_sender")]
    async fn by_sender(&self, member: Member<Admin>, filter: Filter<MessageDays>) -> Reply<Vec<SenderCount>> {
        Reply::new(by_sender(&member.scope, &filter.0))
    }

    /// Count messages by bot answer
    ///
    /// Messages that are not a bot's answer are counted in a row with an empty `_id`.
    ///
    /// Returns one row per bot answer.
    #[oai(
        path = "/analytics/requests/aggregate/attributes/_answerid",
        method = "get",
        operation_id = "aggregate_messages_by_answer"
    )]
    async fn by_answer(&self, member: Member<Admin>, filter: Filter<MessageDays>) -> Reply<Vec<AnswerCount>> {
        Reply::new(by_answer(&member.scope, &filter.0))
    }
}

/// The messages between correspondents, narrowed by another term if given.
fn select(
    scope: &ProjectScope,
    who: &Correspondents,
    further: Option<Term>,
    range: Range<i64>,
) -> Selection<'static, Message> {
    let project = scope.project;
    let sender = who.sender.as_ref().map(|sender| Message::of_sender(project, sender));
    let recipient = who.recipient.as_ref().map(|recipient| Message::of_request(project, recipient));
    let mut all: Vec<_> = [sender, recipient, further].into_iter().flatten().map(|term| vec![term]).collect();
    if all.is_empty() {
        all.push(vec![Message::of_project(project)]);
    }
    Selection { range, ..Selection::of(all) }
}

fn of_days(scope: &ProjectScope, days: &MessageDays, further: Option<Term>) -> Selection<'static, Message> {
    select(scope, &days.correspondents, further, days.period.range(scope))
}

/// Counts the messages of the last 30 days.
fn count(scope: &ProjectScope, filter: &MessageFilter) -> Bytes {
    let answer = filter.attributes_answerid.as_ref();
    let answer = answer.map(|answer| Message::of_answer(scope.project, Some(answer)));
    let mut selection = select(scope, &filter.correspondents, answer, last_days(scope, MONTH));
    if let Some(attributes) = filter.attributes.clone() {
        selection.only = Some(Box::new(move |message| message.attributes.as_ref() == Some(&attributes)));
    }
    total(scope, selection)
}

fn by_day(scope: &ProjectScope, filter: &ChannelDays) -> Bytes {
    let channel = filter.channel.as_ref().map(|channel| Message::of_channel(scope.project, channel));
    let moments = moments(scope, of_days(scope, &filter.days, channel));
    counted(moments.into_iter().map(Day::of), Direction::Ascending)
}

fn by_month(scope: &ProjectScope, who: &Correspondents) -> Bytes {
    counted(moments(scope, select(scope, who, None, EVER)).into_iter().map(Month::of), Direction::Ascending)
}

fn by_week(scope: &ProjectScope, who: &Correspondents) -> Bytes {
    counted(moments(scope, select(scope, who, None, EVER)).into_iter().map(Week::of), Direction::Ascending)
}

fn by_sender(scope: &ProjectScope, days: &MessageDays) -> Bytes {
    let messages = documents(scope, of_days(scope, days, None));
    let senders = messages.iter().map(|message| Sender { sender: message.value().sender.clone() });
    counted(senders, Direction::Ascending)
}

fn by_answer(scope: &ProjectScope, days: &MessageDays) -> Bytes {
    let answers = documents(scope, of_days(scope, days, Some(Message::of_answer(scope.project, None))));
    let all = moments(scope, of_days(scope, days, None)).len();
    // Only answers need their document; all other messages share one row.
    let others = std::iter::repeat_n(Answer { answer: None }, all.saturating_sub(answers.len()));
    let answers = answers.iter().map(|message| Answer { answer: message.value().answer().map(Text::from) });
    counted(answers.chain(others), Direction::Ascending)
}
