//! The built-in world at the current time: recent conversations, and plans that have not expired.
//!
//! The documented examples are years old. They keep their identifiers, dates, and texts. With a frozen clock nothing is
//! added, so that tests see only the documents of the built-in world.

use super::{
    history::{Ground, extend},
    language::Language,
    plan::Plan,
};
use crate::{
    resource::project::document::Project,
    runtime::clock::LAST,
    state::{Collection, Tables},
    value::{Timestamp, timestamp::DAY},
};

/// The world with a few conversations from the last days, and with plans that last for a year.
pub(crate) fn update(mut world: Tables, seed: u64, now: Timestamp) -> Tables {
    let projects: Vec<_> = world.projects.iter().map(|project| project.value().into_owned()).collect();
    for mut project in projects {
        renew(&mut project, now);
        let known = Project::table_mut(&mut world).put(project);
        known.expect("the project replaces itself, which duplicates nothing");
    }
    let languages = vec![Language::English, Language::Italian];
    let plan = Plan { conversations: 12, days: 6, agents: 0, seed, languages };
    extend(world, Ground::Untouched, &plan, now)
}

/// Extends the plan of a project whose trial has expired.
fn renew(project: &mut Project, now: Timestamp) {
    let moment = |days: i64| Some(Timestamp::from_milliseconds((now.milliseconds() + days * DAY).min(LAST)));
    let age = (now.milliseconds() - project.created_at.milliseconds()).div_euclid(DAY);
    let profile = &mut project.profile;
    if age < i64::from(profile.trial_days) || profile.sub_end.is_some() {
        return;
    }
    profile.trial_days = u32::try_from(age + 365).unwrap_or(profile.trial_days);
    profile.kind = "payment".into();
    (profile.sub_start, profile.sub_end) = (moment(-30), moment(365));
}
