//! How many messages there are.

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

/// How many messages somebody sent.
#[derive(Object)]
pub(crate) struct SenderCount {
    /// Who sent them.
    #[oai(rename = "_id")]
    sender: Sender,
    /// How many.
    count: u64,
}

/// Who sends messages.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
pub(crate) struct Sender {
    /// The identifier of a user, of a visitor or of a bot, or `system`.
    sender: Text,
}

/// The number of messages of one answer, or of none.
#[derive(Object)]
pub(crate) struct AnswerCount {
    /// The answer; empty for messages that are none.
    #[oai(rename = "_id")]
    answer: Answer,
    /// How many.
    count: u64,
}

/// An answer of a bot.
#[serde_with::skip_serializing_none]
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Answer {
    /// Its identifier: the attribute `_answerid` of messages.
    #[oai(rename = "_answerid")]
    #[serde(rename = "_answerid")]
    answer: Option<Text>,
}

/// Between whom messages go.
#[derive(Object)]
pub(crate) struct Correspondents {
    /// Only messages of this sender.
    pub(crate) sender: Option<Text>,
    /// Only messages to the conversation with this `request_id`.
    pub(crate) recipient: Option<Text>,
}

/// The messages that a total counts.
#[derive(Object)]
pub(crate) struct MessageFilter {
    #[oai(flatten)]
    pub(crate) correspondents: Correspondents,
    /// Only messages with exactly these attributes, which are texts.
    pub(crate) attributes: Option<JsonObject>,
    /// Only messages that are this answer of a bot.
    pub(crate) attributes_answerid: Option<Text>,
}

/// The messages of some days.
#[derive(Object)]
pub(crate) struct MessageDays {
    #[oai(flatten)]
    pub(crate) period: LastDays,
    #[oai(flatten)]
    pub(crate) correspondents: Correspondents,
}

/// The messages of some days, of one channel or of any.
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
    /// Count messages
    ///
    /// The messages of the last 30 days, those of visitors and those of the project.
    #[oai(path = "/analytics/messages/count", method = "get", operation_id = "count_messages")]
    async fn count(&self, member: Member<Admin>, filter: Filter<MessageFilter>) -> Reply<Vec<TotalCount>> {
        Reply::new(count(&member.scope, &filter.0))
    }

    /// Count messages by day
    ///
    /// One row for each day that has messages, the first first.
    #[oai(path = "/analytics/messages/aggregate/day", method = "get", operation_id = "aggregate_messages_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ChannelDays>) -> Reply<Vec<DayCount>> {
        Reply::new(by_day(&member.scope, &filter.0))
    }

    /// Count messages by month
    ///
    /// One row for each month of all time that has messages, the first first.
    #[oai(path = "/analytics/messages/aggregate/month", method = "get", operation_id = "aggregate_messages_by_month")]
    async fn by_month(&self, member: Member<Admin>, filter: Filter<Correspondents>) -> Reply<Vec<MonthCount>> {
        Reply::new(by_month(&member.scope, &filter.0))
    }

    /// Count messages by week
    ///
    /// One row for each week of all time that has messages, the first first.
    #[oai(path = "/analytics/messages/aggregate/week", method = "get", operation_id = "aggregate_messages_by_week")]
    async fn by_week(&self, member: Member<Admin>, filter: Filter<Correspondents>) -> Reply<Vec<WeekCount>> {
        Reply::new(by_week(&member.scope, &filter.0))
    }

    /// Count messages by sender
    ///
    /// One row for each who sent messages, in the order of their identifiers.
    #[oai(path = "/analytics/messages/aggregate/sender", method = "get", operation_id = "aggregate_messages_by_sender")]
    async fn by_sender(&self, member: Member<Admin>, filter: Filter<MessageDays>) -> Reply<Vec<SenderCount>> {
        Reply::new(by_sender(&member.scope, &filter.0))
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
        Reply::new(by_answer(&member.scope, &filter.0))
    }
}

/// The messages between correspondents that have a further term, if there is one.
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

/// How many there are of the last 30 days.
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
    // Only answers are read; messages that are none have one row.
    let others = std::iter::repeat_n(Answer { answer: None }, all.saturating_sub(answers.len()));
    let answers = answers.iter().map(|message| Answer { answer: message.value().answer().map(Text::from) });
    counted(answers.chain(others), Direction::Ascending)
}
