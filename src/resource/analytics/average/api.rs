//! Average waiting times, durations and ratings of conversations.

use poem_openapi::OpenApi;

use super::{
    model::{
        DurationAverage, DurationDay, DurationMonth, LastSeconds, SatisfactionAverage, SatisfactionDay,
        SatisfactionMonth, WaitingAverage, WaitingDay, WaitingMonth,
    },
    rules::{self, Measure},
};
use crate::{
    http::{Admin, Filter, Member, Public, Reply},
    resource::analytics::{
        Section,
        conversation::{model::ConversationDays, rules::of_days},
        rules::MONTH,
    },
};

pub(crate) struct Waiting;

#[OpenApi(tag = "Section::Analytics")]
impl Waiting {
    /// Get the average waiting time
    ///
    /// How long visitors waited for the first answer, in milliseconds, in the conversations of the last 30 days or of
    /// another period.
    #[oai(path = "/analytics/requests/waiting", method = "get", operation_id = "get_average_waiting_time")]
    async fn overall(&self, member: Member<Admin>, filter: Filter<LastSeconds>) -> Reply<Vec<WaitingAverage>> {
        let scope = &member.scope;
        Reply::new(rules::overall(scope, rules::of_seconds(scope, &filter.0), Measure::Waiting))
    }

    /// Get the average waiting time of the last day
    ///
    /// The same for the conversations of the last 24 hours.
    #[oai(
        path = "/analytics/requests/waiting/day/last",
        method = "get",
        operation_id = "get_last_day_average_waiting_time"
    )]
    async fn last_day(&self, member: Member<Admin>) -> Reply<Vec<WaitingAverage>> {
        let scope = &member.scope;
        Reply::new(rules::overall(scope, rules::of_days(scope, 1), Measure::Waiting))
    }

    /// Get the average waiting time by day
    ///
    /// One row for each day that has conversations, the last first.
    #[oai(path = "/analytics/requests/waiting/day", method = "get", operation_id = "get_waiting_time_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<WaitingDay>> {
        let scope = &member.scope;
        Reply::new(rules::by_day(scope, of_days(scope, &filter.0), Measure::Waiting))
    }

    /// Get the average waiting time by month
    ///
    /// One row for each month that has conversations, the last first.
    #[oai(path = "/analytics/requests/waiting/month", method = "get", operation_id = "get_waiting_time_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<WaitingMonth>> {
        let scope = &member.scope;
        Reply::new(rules::by_month(scope, rules::of_all_time(scope), Measure::Waiting))
    }

    /// Get the current waiting time
    ///
    /// How long visitors waited for the first answer in the last four hours. Everybody may ask.
    #[oai(path = "/publicanalytics/waiting/current", method = "get", operation_id = "get_public_current_waiting_time")]
    async fn current(&self, public: Public) -> Reply<Vec<WaitingAverage>> {
        Reply::new(rules::overall(&public.0, rules::of_now(&public.0), Measure::Waiting))
    }
}

pub(crate) struct Durations;

#[OpenApi(tag = "Section::Analytics")]
impl Durations {
    /// Get the average duration
    ///
    /// How long the conversations of the last 30 days took until they were closed, in milliseconds.
    #[oai(path = "/analytics/requests/duration", method = "get", operation_id = "get_average_duration")]
    async fn overall(&self, member: Member<Admin>) -> Reply<Vec<DurationAverage>> {
        let scope = &member.scope;
        Reply::new(rules::overall(scope, rules::of_days(scope, MONTH), Measure::Duration))
    }

    /// Get the average duration by day
    ///
    /// One row for each day that has conversations, the last first.
    #[oai(path = "/analytics/requests/duration/day", method = "get", operation_id = "get_duration_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<DurationDay>> {
        let scope = &member.scope;
        Reply::new(rules::by_day(scope, of_days(scope, &filter.0), Measure::Duration))
    }

    /// Get the average duration by month
    ///
    /// One row for each month in which there are conversations of the last 30 days, the last first.
    #[oai(path = "/analytics/requests/duration/month", method = "get", operation_id = "get_duration_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<DurationMonth>> {
        let scope = &member.scope;
        Reply::new(rules::by_month(scope, rules::of_days(scope, MONTH), Measure::Duration))
    }
}

pub(crate) struct Satisfaction;

#[OpenApi(tag = "Section::Analytics")]
impl Satisfaction {
    /// Get the average rating
    ///
    /// How visitors rated the conversations of all time.
    #[oai(path = "/analytics/requests/satisfaction", method = "get", operation_id = "get_average_satisfaction")]
    async fn overall(&self, member: Member<Admin>) -> Reply<Vec<SatisfactionAverage>> {
        let scope = &member.scope;
        Reply::new(rules::overall(scope, rules::of_all_time(scope), Measure::Satisfaction))
    }

    /// Get the average rating by day
    ///
    /// One row for each day that has conversations, the last first.
    #[oai(path = "/analytics/requests/satisfaction/day", method = "get", operation_id = "get_satisfaction_by_day")]
    async fn by_day(&self, member: Member<Admin>, filter: Filter<ConversationDays>) -> Reply<Vec<SatisfactionDay>> {
        let scope = &member.scope;
        Reply::new(rules::by_day(scope, of_days(scope, &filter.0), Measure::Satisfaction))
    }

    /// Get the average rating by month
    ///
    /// One row for each month that has conversations, the last first.
    #[oai(path = "/analytics/requests/satisfaction/month", method = "get", operation_id = "get_satisfaction_by_month")]
    async fn by_month(&self, member: Member<Admin>) -> Reply<Vec<SatisfactionMonth>> {
        let scope = &member.scope;
        Reply::new(rules::by_month(scope, rules::of_all_time(scope), Measure::Satisfaction))
    }
}
