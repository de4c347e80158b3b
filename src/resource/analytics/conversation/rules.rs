//! Selection and grouping of the conversations to count.

use std::ops::Range;

use bytes::Bytes;

use super::schema::{
    BotDays, ConversationDays, ConversationMonths, DayBot, DayStatus, SourcePage, SourcePageDays, StatusDays,
    ZoneFilter,
};
use crate::{
    resource::{
        analytics::{
            calendar::{Day, Hour, Month, Week, WeekdayHour},
            rules::{EVER, MONTH, WEEK, counted, documents, last_days, moments, total},
        },
        period::zone,
        project::document::Project,
        request::{document::Request, index::RequestIndex, schema::RequestStatus},
    },
    state::{ProjectScope, query::Selection},
    store::{Direction, Term},
    value::{Id, Result, Text, primitive::Numbers},
};

/// Filters for conversations, from different query parameters.
#[derive(Default, Clone, Copy)]
struct Common<'a> {
    department: Option<&'a Text>,
    participant: Option<&'a Text>,
    channel: Option<&'a Text>,
    has_bot: Option<bool>,
    status: Option<u16>,
}

impl Common<'_> {
    fn terms(self, project: Id<Project>) -> Vec<Vec<Term>> {
        let with = |index, value: &str| vec![Request::with(index, project, false, value)];
        let has_bot = self.has_bot.map(|has| if has { "true" } else { "false" });
        let named = [
            (RequestIndex::DeptId, self.department.map(Text::as_str)),
            (RequestIndex::Participant, self.participant.map(Text::as_str)),
            (RequestIndex::Channel, self.channel.map(Text::as_str)),
            (RequestIndex::HasBot, has_bot),
        ];
        let named = named.into_iter().filter_map(|(index, value)| Some(with(index, value?)));
        let status = self.status.map(|status| vec![Request::of_status(project, status)]);
        let all: Vec<_> = named.chain(status).collect();
        if all.is_empty() { vec![with(RequestIndex::All, "")] } else { all }
    }
}

fn select(scope: &ProjectScope, common: Common<'_>, range: Range<i64>) -> Selection<'static, Request> {
    Selection { range, ..Selection::of(common.terms(scope.project)) }
}

/// The conversations that match a filter.
pub(in crate::resource::analytics) fn of_days(
    scope: &ProjectScope,
    days: &ConversationDays,
) -> Selection<'static, Request> {
    let common = Common {
        department: days.department_id.as_ref(),
        participant: days.participant.as_ref(),
        channel: days.channel.as_ref(),
        ..Common::default()
    };
    select(scope, common, last_days(scope, days.lastdays.unwrap_or(WEEK)))
}

/// Counts the conversations of the last 30 days.
pub(super) fn count(scope: &ProjectScope) -> Bytes {
    total(scope, select(scope, Common::default(), last_days(scope, MONTH)))
}

/// Counts the conversations of the last 30 days that have a bot as participant.
pub(super) fn count_with_bot(scope: &ProjectScope) -> Bytes {
    let common = Common { has_bot: Some(true), ..Common::default() };
    total(scope, select(scope, common, last_days(scope, MONTH)))
}

pub(super) fn by_day(scope: &ProjectScope, days: &ConversationDays) -> Bytes {
    counted(moments(scope, of_days(scope, days)).into_iter().map(Day::of), Direction::Ascending)
}

pub(super) fn by_month(scope: &ProjectScope, filter: &ConversationMonths) -> Bytes {
    let common = Common { department: filter.department_id.as_ref(), ..Common::default() };
    let moments = moments(scope, select(scope, common, EVER));
    counted(moments.into_iter().map(Month::of), Direction::Ascending)
}

pub(super) fn by_week(scope: &ProjectScope) -> Bytes {
    let moments = moments(scope, select(scope, Common::default(), EVER));
    counted(moments.into_iter().map(Week::of), Direction::Ascending)
}

pub(super) fn by_hour(scope: &ProjectScope, filter: &ZoneFilter) -> Result<Bytes> {
    let zone = zone(filter.timezone.as_ref())?;
    let moments = moments(scope, select(scope, Common::default(), last_days(scope, MONTH)));
    Ok(counted(moments.into_iter().map(|moment| Hour::of(moment, &zone)), Direction::Descending))
}

pub(super) fn by_weekday_and_hour(scope: &ProjectScope, filter: &ZoneFilter) -> Result<Bytes> {
    let zone = zone(filter.timezone.as_ref())?;
    let moments = moments(scope, select(scope, Common::default(), last_days(scope, MONTH)));
    Ok(counted(moments.into_iter().map(|moment| WeekdayHour::of(moment, &zone)), Direction::Descending))
}

/// One index lookup per status, without reading documents.
pub(super) fn by_status_and_day(scope: &ProjectScope, days: &StatusDays) -> Bytes {
    let range = last_days(scope, days.lastdays.unwrap_or(WEEK));
    let keys = RequestStatus::ALL.iter().map(|status| status.unsigned_abs()).flat_map(|status| {
        let common = Common {
            department: days.department_id.as_ref(),
            participant: days.participant.as_ref(),
            status: Some(status),
            ..Common::default()
        };
        let moments = moments(scope, select(scope, common, range.clone()));
        moments.into_iter().map(move |moment| DayStatus { day: Day::of(moment), status })
    });
    counted(keys, Direction::Ascending)
}

/// One index lookup each with and without bots, without reading documents.
pub(super) fn by_bot_and_day(scope: &ProjectScope, days: &BotDays) -> Bytes {
    let range = last_days(scope, days.lastdays.unwrap_or(WEEK));
    let keys = [false, true].into_iter().flat_map(|has_bot| {
        let common = Common {
            department: days.department_id.as_ref(),
            channel: days.channel.as_ref(),
            has_bot: Some(has_bot),
            ..Common::default()
        };
        let moments = moments(scope, select(scope, common, range.clone()));
        moments.into_iter().map(move |moment| DayBot { day: Day::of(moment), has_bot })
    });
    counted(keys, Direction::Ascending)
}

pub(super) fn by_source_page(scope: &ProjectScope, days: &SourcePageDays) -> Bytes {
    let common = Common { department: days.department_id.as_ref(), ..Common::default() };
    let range = last_days(scope, days.lastdays.unwrap_or(MONTH));
    let requests = documents(scope, select(scope, common, range));
    let pages = requests.iter().map(|request| SourcePage { page: request.value().source_page.clone() });
    counted(pages, Direction::Ascending)
}
