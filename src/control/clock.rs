//! The clock of a sandbox.

use poem_openapi::{Object, OpenApi};

use super::{
    Tag,
    due::{DueEvent, next},
};
use crate::{
    http::{Body, Problem, Reply, Selected},
    runtime::clock::{Change, ClockSetting, MAX_SPEED, Unreachable, parse_duration},
    state::Sandbox,
    value::{Text, Timestamp},
};

/// A sandbox's clock.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct ClockInfo {
    /// Current time.
    now: Timestamp,
    /// Whether the clock is frozen.
    frozen: bool,
    /// Speed relative to real time; 0 while frozen.
    speed: u16,
    /// Next scheduled event within a year, if any.
    next: Option<DueEvent>,
}

/// A change of a clock: exactly one of these fields.
#[derive(Object)]
#[oai(deny_unknown_fields)]
struct ClockChange {
    /// Sets the clock as the option `--clock` does: `2026-01-01T12:00:00Z` freezes it, `2026-01-01T12:00:00Z+` lets it
    /// run from that time, `2026-01-01T12:00:00Z+x60` 60 times faster; also `real` and `real x60`.
    clock: Option<Text>,
    /// Freezes the clock at this date (ISO 8601 with a time zone) or at `now`.
    freeze: Option<Text>,
    /// Sets the clock to this date (ISO 8601 with a time zone), past or future. A frozen clock stays frozen, a running
    /// one keeps running.
    set: Option<Text>,
    /// Advances the clock by a duration such as `90s`, `2h 30m`, `31d`, `2w`, or `PT2H`.
    advance: Option<Text>,
    /// Lets the clock run from its current time, this many times faster than real time (maximum 10000).
    speed: Option<u16>,
    /// Resumes the server's real time; only `true` is allowed.
    real: Option<bool>,
    /// Advances the clock to the next scheduled event; only `true` is allowed. 409 if nothing is due.
    next: Option<bool>,
}

fn info(sandbox: &Sandbox) -> ClockInfo {
    let clock = &sandbox.clock;
    ClockInfo { now: clock.now(), frozen: clock.is_frozen(), speed: clock.speed(), next: next(sandbox) }
}

fn moment(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let expected = || {
        let hint = if text.parse::<ClockSetting>().is_ok() { "; use the field `clock` for this" } else { "" };
        Problem::at(field, format!("expected an ISO 8601 date and time with a time zone, got {text:?}{hint}"))
    };
    Timestamp::parse(text).ok_or_else(expected)
}

/// Explains why a sandbox's clock cannot show a time, and what to do about it.
pub(crate) fn unreachable(why: Unreachable) -> String {
    match why {
        Unreachable::Written(at) => format!(
            "a document was written at {at}, so the clock cannot be set to an earlier time; reset the sandbox first, \
             restore an earlier snapshot, or use another sandbox"
        ),
        Unreachable::Beyond => "expected a time in the years 1 to 9998".to_owned(),
    }
}

/// The only field of a change, with its name.
fn read(change: ClockChange) -> Result<(&'static str, Change), Problem> {
    Ok(match change {
        ClockChange {
            clock: Some(text),
            freeze: None,
            set: None,
            advance: None,
            speed: None,
            real: None,
            next: None,
        } => ("/clock", Change::Start(text.parse().map_err(|problem: String| Problem::at("/clock", problem))?)),
        ClockChange {
            clock: None,
            freeze: Some(at),
            set: None,
            advance: None,
            speed: None,
            real: None,
            next: None,
        } => {
            let at = if &*at == "now" { None } else { Some(moment("/freeze", &at)?) };
            ("/freeze", Change::Freeze(at))
        }
        ClockChange {
            clock: None,
            freeze: None,
            set: Some(to),
            advance: None,
            speed: None,
            real: None,
            next: None,
        } => ("/set", Change::Set(moment("/set", &to)?)),
        ClockChange {
            clock: None,
            freeze: None,
            set: None,
            advance: Some(by),
            speed: None,
            real: None,
            next: None,
        } => {
            if by.trim_start().starts_with('-') {
                let problem = "advance moves the clock forward; to move it back, set an earlier date with `set`";
                return Err(Problem::at("/advance", problem.to_owned()));
            }
            let by = parse_duration(&by).map_err(|problem| Problem::at("/advance", problem))?;
            ("/advance", Change::Advance(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
        }
        ClockChange {
            clock: None,
            freeze: None,
            set: None,
            advance: None,
            speed: Some(speed),
            real: None,
            next: None,
        } => {
            if !(1..=MAX_SPEED).contains(&speed) {
                let problem = format!("expected a whole number from 1 to {MAX_SPEED}; `freeze` stops the clock");
                return Err(Problem::at("/speed", problem));
            }
            ("/speed", Change::Speed(speed))
        }
        ClockChange {
            clock: None,
            freeze: None,
            set: None,
            advance: None,
            speed: None,
            real: Some(true),
            next: None,
        } => ("/real", Change::Start(ClockSetting::Real)),
        _ => {
            let problem =
                "expected exactly one of clock, freeze, set, advance, speed, real, and next (which can only be true)";
            return Err(Problem::at("", problem));
        }
    })
}

fn apply(sandbox: &Sandbox, change: ClockChange) -> Result<(), Problem> {
    if let ClockChange {
        clock: None,
        freeze: None,
        set: None,
        advance: None,
        speed: None,
        real: None,
        next: Some(true),
    } = change
    {
        let due = next(sandbox).ok_or_else(|| Problem::of(409, "No event is scheduled within a year."))?;
        return sandbox.set_clock(Change::Set(due.at)).map_err(|why| Problem::at("/next", unreachable(why)));
    }
    let (field, change) = read(change)?;
    sandbox.set_clock(change).map_err(|why| Problem::at(field, unreachable(why)))
}

pub(super) struct ClockControl;

#[OpenApi(tag = "Tag::Clock")]
impl ClockControl {
    /// Get the clock
    ///
    /// Reads the sandbox's clock without changing it.
    ///
    /// Returns the clock's current time and speed, and the next scheduled event.
    #[oai(path = "/clock", method = "get", operation_id = "get_clock")]
    async fn get(&self, selected: Selected) -> Result<Reply<ClockInfo>, Problem> {
        Ok(Reply::of(&info(&selected.0)))
    }

    /// Set the clock
    ///
    /// Freezes, sets, advances, or accelerates the sandbox's clock. Everything time-dependent follows it: tokens
    /// expire, webhooks are retried, projects open and close. The clock can move backward, but not before the last
    /// write since the sandbox was created or reset.
    ///
    /// Returns the changed clock.
    #[oai(path = "/clock", method = "put", operation_id = "set_clock")]
    async fn set(&self, selected: Selected, body: Body<ClockChange>) -> Result<Reply<ClockInfo>, Problem> {
        apply(&selected.0, body.0)?;
        Ok(Reply::of(&info(&selected.0)))
    }
}
