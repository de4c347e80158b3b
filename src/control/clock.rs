//! The clock of a sandbox.

use poem_openapi::{Object, OpenApi};

use super::Tag;
use crate::{
    http::{Body, Problem, Reply, Selected},
    runtime::clock::{Clock, ClockSetting, Unreachable, parse_duration},
    state::Sandbox,
    value::{Text, Timestamp},
};

/// A clock.
#[derive(Object)]
struct ClockInfo {
    /// What it shows.
    now: Timestamp,
    /// Whether it stands still.
    frozen: bool,
}

/// What to do to a clock: exactly one of these.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ClockChange {
    /// Stand still, at this date (ISO 8601 with a time zone) or `now`.
    freeze: Option<Text>,
    /// Show this date (ISO 8601 with a time zone). A clock that stands still keeps standing, one that runs goes on.
    set: Option<Text>,
    /// Jump ahead by a length of time such as `90s`, `2h 30m`, `31d` or `PT2H`.
    advance: Option<Text>,
    /// Run with the machine's clock.
    real: Option<bool>,
}

fn info(clock: &Clock) -> ClockInfo {
    ClockInfo { now: clock.now(), frozen: clock.is_frozen() }
}

fn moment(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let expected = || Problem::at(field, format!("expected an ISO 8601 date with a time zone, found {text:?}"));
    Timestamp::parse(text).ok_or_else(expected)
}

/// Why the clock of a sandbox cannot show a time, and what can be done.
pub(crate) fn unreachable(sandbox: &Sandbox, why: Unreachable) -> String {
    match (why, sandbox.clock_at_start()) {
        (Unreachable::Passed(now), ClockSetting::Real) => {
            format!(
                "the clock shows {now} and cannot go back; to use an earlier time, start the server with --clock TIME"
            )
        }
        (Unreachable::Passed(now), start @ ClockSetting::Frozen(_)) => format!(
            "the clock shows {now} and cannot go back; a reset returns it to {start}, and --clock starts the server earlier"
        ),
        (Unreachable::Beyond, _) => "dates end with the year 9998".to_owned(),
    }
}

fn apply(sandbox: &Sandbox, change: ClockChange) -> Result<(), Problem> {
    let clock = &sandbox.clock;
    let unreachable = |field: &'static str| move |why| Problem::at(field, unreachable(sandbox, why));
    match change {
        ClockChange { freeze: Some(at), set: None, advance: None, real: None } => {
            let at = if &*at == "now" { None } else { Some(moment("/freeze", &at)?) };
            clock.freeze(at).map_err(unreachable("/freeze"))
        }
        ClockChange { freeze: None, set: Some(to), advance: None, real: None } => {
            clock.set(moment("/set", &to)?).map_err(unreachable("/set"))
        }
        ClockChange { freeze: None, set: None, advance: Some(by), real: None } => {
            let by = parse_duration(&by).map_err(|problem| Problem::at("/advance", problem))?;
            clock.advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)).map_err(unreachable("/advance"))
        }
        ClockChange { freeze: None, set: None, advance: None, real: Some(true) } => {
            clock.run().map_err(unreachable("/real"))
        }
        _ => Err(Problem::at("", "expected exactly one of freeze, set, advance and real, which can only be true")),
    }
}

pub(super) struct ClockControl;

#[OpenApi(tag = "Tag::Clock")]
impl ClockControl {
    /// Read the clock
    ///
    /// What the clock of the sandbox shows.
    #[oai(path = "/clock", method = "get", operation_id = "get_clock")]
    async fn get(&self, selected: Selected) -> Result<Reply<ClockInfo>, Problem> {
        Ok(Reply::of(&info(&selected.0.clock)))
    }

    /// Change the clock
    ///
    /// Everything that depends on time follows it: tokens expire, webhooks are tried again, offices open. It never goes back.
    #[oai(path = "/clock", method = "put", operation_id = "set_clock")]
    async fn set(&self, selected: Selected, body: Body<ClockChange>) -> Result<Reply<ClockInfo>, Problem> {
        apply(&selected.0, body.0)?;
        Ok(Reply::of(&info(&selected.0.clock)))
    }
}
