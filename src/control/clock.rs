//! The clock of a sandbox.

use poem_openapi::{Object, OpenApi};

use super::Tag;
use crate::{
    http::{Body, Problem, Reply, Selected},
    runtime::clock::{Clock, ClockSetting, Unreachable, parse_duration},
    state::Sandbox,
    value::{Text, Timestamp},
};

/// A sandbox's clock.
#[derive(Object)]
struct ClockInfo {
    /// Current time.
    now: Timestamp,
    /// Whether the clock is frozen.
    frozen: bool,
}

/// A change of a clock: exactly one of these fields.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ClockChange {
    /// Freezes the clock at this date (ISO 8601 with a time zone) or at `now`.
    freeze: Option<Text>,
    /// Sets the clock to this date (ISO 8601 with a time zone). A frozen clock stays frozen, a running one keeps
    /// running.
    set: Option<Text>,
    /// Advances the clock by a duration such as `90s`, `2h 30m`, `31d` or `PT2H`.
    advance: Option<Text>,
    /// Resumes the server's real time; only `true` is allowed.
    real: Option<bool>,
}

fn info(clock: &Clock) -> ClockInfo {
    ClockInfo { now: clock.now(), frozen: clock.is_frozen() }
}

fn moment(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let expected = || Problem::at(field, format!("expected an ISO 8601 date with a time zone, got {text:?}"));
    Timestamp::parse(text).ok_or_else(expected)
}

/// Explains why a sandbox's clock cannot show a time, and what to do about it.
pub(crate) fn unreachable(sandbox: &Sandbox, why: Unreachable) -> String {
    match (why, sandbox.clock_at_start()) {
        (Unreachable::Passed(now), ClockSetting::Real) => {
            format!(
                "the clock cannot move backwards (now {now}); for an earlier time, start the server with --clock TIME"
            )
        }
        (Unreachable::Passed(now), start @ ClockSetting::Frozen(_)) => format!(
            "the clock cannot move backwards (now {now}); reset it to {start}, or start with an earlier --clock"
        ),
        (Unreachable::Beyond, _) => "the latest supported year is 9998".to_owned(),
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
        _ => Err(Problem::at("", "expected exactly one of freeze, set, advance, and real (which can only be true)")),
    }
}

pub(super) struct ClockControl;

#[OpenApi(tag = "Tag::Clock")]
impl ClockControl {
    /// Get the clock
    ///
    /// Reads the sandbox's clock without changing it.
    ///
    /// Returns the clock's current time and whether it is frozen.
    #[oai(path = "/clock", method = "get", operation_id = "get_clock")]
    async fn get(&self, selected: Selected) -> Result<Reply<ClockInfo>, Problem> {
        Ok(Reply::of(&info(&selected.0.clock)))
    }

    /// Set the clock
    ///
    /// Freezes, sets, or advances the sandbox's clock. Everything time-dependent follows it: tokens expire, webhooks
    /// are retried, projects open and close. The clock cannot move backwards except by a reset.
    ///
    /// Returns the changed clock.
    #[oai(path = "/clock", method = "put", operation_id = "set_clock")]
    async fn set(&self, selected: Selected, body: Body<ClockChange>) -> Result<Reply<ClockInfo>, Problem> {
        apply(&selected.0, body.0)?;
        Ok(Reply::of(&info(&selected.0.clock)))
    }
}
