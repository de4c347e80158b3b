//! Who is a visitor.

use std::ops::Range;

use bytes::Bytes;

use crate::{
    resource::{
        analytics::{
            calendar::{Day, Month, Week},
            model::LastDays,
            rules::{EVER, MONTH, counted, last_days, moments, total},
        },
        crud::Selection,
        team::model::Teammate,
    },
    store::Direction,
    world::{Role, Scope},
};

/// The guests and users of a project who may still come in.
fn select(scope: &Scope, range: Range<i64>) -> Selection<'static, Teammate> {
    let is_visitor = |member: &Teammate| member.is_active() && matches!(member.role, Role::Guest | Role::User);
    let all = vec![vec![Teammate::of_project(scope.project, false)]];
    Selection { only: Some(Box::new(is_visitor)), range, ..Selection::of(all) }
}

/// How many there are of the last 30 days.
pub(super) fn count(scope: &Scope) -> Bytes {
    total(scope, select(scope, last_days(scope, MONTH)))
}

pub(super) fn by_day(scope: &Scope, days: &LastDays) -> Bytes {
    counted(moments(scope, select(scope, days.range(scope))).into_iter().map(Day::of), Direction::Ascending)
}

pub(super) fn by_month(scope: &Scope) -> Bytes {
    counted(moments(scope, select(scope, EVER)).into_iter().map(Month::of), Direction::Ascending)
}

pub(super) fn by_week(scope: &Scope) -> Bytes {
    counted(moments(scope, select(scope, EVER)).into_iter().map(Week::of), Direction::Ascending)
}
