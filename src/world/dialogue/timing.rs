//! The times of the lines of a dialogue.

use serde_json::Value;

use super::line::{Line, When, Wrong};
use crate::{
    value::Timestamp,
    world::{draft::Script, moment},
};

/// The lines of a script, with their times.
pub(super) fn lines(script: &Script, now: Timestamp) -> Vec<Timed> {
    let written = script.fields.get("dialogue").and_then(Value::as_array);
    let lines: Vec<_> = written.into_iter().flatten().map(|line| Line::read(line, now)).collect();
    let start = script.fields.get("at").and_then(Value::as_str).and_then(|text| moment::parse(text, now));
    let pauses = lines.iter().skip(1).flatten().filter_map(|line| match line.when {
        When::After(pause) => Some(pause),
        When::At(_) => None,
    });
    // Without a date, the conversation has just ended.
    let mut last = start.unwrap_or_else(|| Timestamp::from_milliseconds(now.milliseconds() - pauses.sum::<i64>()));
    let time = |at: usize, line: &Line| {
        last = match line.when {
            When::At(moment) => moment,
            When::After(_) if at == 0 => last,
            When::After(pause) => Timestamp::from_milliseconds(last.milliseconds().saturating_add(pause)),
        };
        last
    };
    timed(lines, time)
}

/// A line with its time, or its problems.
pub(super) type Timed = Result<(Timestamp, Line), Vec<Wrong>>;

fn timed(lines: Vec<Result<Line, Vec<Wrong>>>, mut time: impl FnMut(usize, &Line) -> Timestamp) -> Vec<Timed> {
    let one = |(at, line): (usize, Result<Line, _>)| line.map(|line| (time(at, &line), line));
    lines.into_iter().enumerate().map(one).collect()
}

/// The start of the first conversation.
pub(in crate::world) fn start(scripts: &[Script], now: Timestamp) -> Timestamp {
    let times = scripts.iter().flat_map(|script| lines(script, now)).filter_map(|line| line.ok().map(|(at, _)| at));
    times.min().unwrap_or(now).min(now)
}
