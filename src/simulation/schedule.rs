//! The times of conversations: mostly during working hours, with peaks, and up to now.

use super::chance::Chance;
use super::script::Course;
use crate::value::{Timestamp, timestamp::DAY};

const HOUR: i64 = 3_600_000;

/// Conversations by hour of the day.
const HOURS: [u64; 24] = [2, 1, 1, 1, 1, 2, 4, 10, 26, 40, 52, 48, 34, 30, 42, 50, 44, 34, 22, 16, 12, 9, 6, 4];

/// Conversations by weekday, from Monday.
const WEEKDAYS: [u64; 7] = [30, 28, 26, 26, 24, 10, 7];

/// Maximum age of an ongoing conversation, unless it was forgotten.
const RECENT: i64 = 3 * HOUR;

/// A random time in the last days.
pub(super) fn moment(now: Timestamp, days: i64, chance: &mut Chance) -> i64 {
    let now = now.milliseconds();
    let today = now.div_euclid(DAY);
    let random = |chance: &mut Chance| {
        // Monday is 4 days after 1970-01-01, a Thursday.
        let day = (today - days + 1..=today)
            .map(|day| WEEKDAYS[usize::try_from((day - 4).rem_euclid(7)).unwrap_or_default()]);
        let day = today - days + 1 + i64::try_from(chance.weighted(&day.collect::<Vec<_>>())).unwrap_or_default();
        let hour = i64::try_from(chance.weighted(&HOURS)).unwrap_or_default();
        day * DAY + hour * HOUR + chance.between(0..=HOUR - 1)
    };
    (0..20).map(|_| random(chance)).find(|moment| *moment <= now).unwrap_or(now - HOUR)
}

/// A time shortly before now.
pub(super) fn recent(now: Timestamp, chance: &mut Chance) -> i64 {
    now.milliseconds() - chance.between(0..=RECENT / 3)
}

/// The course of a conversation that begins at this time.
pub(super) fn course(start: i64, now: Timestamp, chance: &mut Chance) -> Course {
    const ALL: [Course; 5] = [Course::Served, Course::Automated, Course::Overnight, Course::Waiting, Course::Ongoing];
    let hour = start.rem_euclid(DAY) / HOUR;
    let weights = match now.milliseconds() - start {
        ..RECENT => [10, 15, 0, 25, 50],
        _ if (8..19).contains(&hour) => [660, 320, 0, 10, 10],
        _ => [0, 450, 530, 20, 0],
    };
    ALL[chance.weighted(&weights)]
}
