//! Which messages are counted, and how.

use std::ops::Range;

use bytes::Bytes;

use super::model::{Answer, ChannelDays, Correspondents, MessageDays, MessageFilter, Sender};
use crate::{
    resource::{
        analytics::{
            calendar::{Day, Month, Week},
            rules::{EVER, MONTH, counted, documents, last_days, moments, total},
        },
        crud::Selection,
        message::model::Message,
    },
    store::{Direction, Term},
    world::{Scope, Text},
};

/// The messages between correspondents that have a further term, if there is one.
fn select(
    scope: &Scope,
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

fn of_days(scope: &Scope, days: &MessageDays, further: Option<Term>) -> Selection<'static, Message> {
    select(scope, &days.correspondents, further, days.period.range(scope))
}

/// How many there are of the last 30 days.
pub(super) fn count(scope: &Scope, filter: &MessageFilter) -> Bytes {
    let answer = filter.attributes_answerid.as_ref();
    let answer = answer.map(|answer| Message::of_answer(scope.project, Some(answer)));
    let mut selection = select(scope, &filter.correspondents, answer, last_days(scope, MONTH));
    if let Some(attributes) = filter.attributes.clone() {
        selection.only = Some(Box::new(move |message| message.attributes.as_ref() == Some(&attributes)));
    }
    total(scope, selection)
}

pub(super) fn by_day(scope: &Scope, filter: &ChannelDays) -> Bytes {
    let channel = filter.channel.as_ref().map(|channel| Message::of_channel(scope.project, channel));
    let moments = moments(scope, of_days(scope, &filter.days, channel));
    counted(moments.into_iter().map(Day::of), Direction::Ascending)
}

pub(super) fn by_month(scope: &Scope, who: &Correspondents) -> Bytes {
    counted(moments(scope, select(scope, who, None, EVER)).into_iter().map(Month::of), Direction::Ascending)
}

pub(super) fn by_week(scope: &Scope, who: &Correspondents) -> Bytes {
    counted(moments(scope, select(scope, who, None, EVER)).into_iter().map(Week::of), Direction::Ascending)
}

pub(super) fn by_sender(scope: &Scope, days: &MessageDays) -> Bytes {
    let messages = documents(scope, of_days(scope, days, None));
    let senders = messages.iter().map(|message| Sender { sender: message.value().sender.clone() });
    counted(senders, Direction::Ascending)
}

pub(super) fn by_answer(scope: &Scope, days: &MessageDays) -> Bytes {
    let answers = documents(scope, of_days(scope, days, Some(Message::of_answer(scope.project, None))));
    let all = moments(scope, of_days(scope, days, None)).len();
    // Only answers are read; messages that are none have one row.
    let others = std::iter::repeat_n(Answer { answer: None }, all.saturating_sub(answers.len()));
    let answers = answers.iter().map(|message| Answer { answer: message.value().answer().map(Text::from) });
    counted(answers.chain(others), Direction::Ascending)
}
