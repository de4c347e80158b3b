//! Time. The only module that reads the system clock.

use std::{
    collections::BTreeMap,
    fmt,
    str::FromStr,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use jiff::{Span, SpanRelativeTo, civil};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::value::Timestamp;

/// Maximum speed of a clock: almost three hours per second.
pub(crate) const MAX_SPEED: u16 = 10_000;

/// The start of the year 1. Dates of a history before it are still valid.
const FIRST: i64 = -62_135_596_800_000;

/// The end of the year 9998, which leaves room for calculations that add to it.
pub(crate) const LAST: i64 = 253_370_764_800_000;

/// The initial state of a clock, and its form on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClockSetting {
    /// Follows the system clock: `real`.
    Real,
    /// Frozen at this time, in milliseconds since 1970 (UTC): `2026-01-01T12:00:00Z`.
    Frozen(i64),
    /// Running: `2026-01-01T12:00:00Z+`, `2026-01-01T12:00:00Z+x60`, or `real x60`.
    Running {
        /// Where it starts, in milliseconds since 1970 (UTC), or nothing for the time of the system clock.
        from: Option<i64>,
        /// How many times faster than the system clock it runs.
        speed: u16,
    },
}

impl FromStr for ClockSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || {
            format!(
                "expected an ISO 8601 date and time with a time zone, such as 2026-01-01T12:00:00Z, to freeze the clock; the same \
                 with `+` to run from there, and with `+x60` to run 60 times faster; `real`, or `real x60`; got {text:?}"
            )
        };
        let (start, speed) = match text.rsplit_once('x') {
            Some((start, speed)) if speed.starts_with(|first: char| first.is_ascii_digit()) => {
                let problem = || format!("expected a speed from x1 to x{MAX_SPEED}, got `x{speed}`");
                (start.trim_end(), Some(parse_speed(speed).ok_or_else(problem)?))
            }
            Some(_) => return Err(expected()),
            None => (text.trim_end(), None),
        };
        let (start, runs) = match start.strip_suffix('+') {
            Some(start) => (start.trim_end(), true),
            None => (start, speed.is_some()),
        };
        if start.is_empty() && speed.is_none() {
            return Err(expected());
        }
        let from = match start {
            "" | "real" => None,
            date => {
                let problem = || without_zone(date).unwrap_or_else(expected);
                let moment = Timestamp::parse(date).ok_or_else(problem)?.milliseconds();
                if !(FIRST..=LAST).contains(&moment) {
                    return Err(format!("expected a date in the years 1 to 9998, got {date:?}"));
                }
                Some(moment)
            }
        };
        Ok(match (from, runs, speed.unwrap_or(1)) {
            (None, _, 1) => Self::Real,
            (Some(moment), false, _) => Self::Frozen(moment),
            (from, _, speed) => Self::Running { from, speed },
        })
    }
}

/// The problem with a date without a time or a time zone, with a complete example.
fn without_zone(text: &str) -> Option<String> {
    let date = text.parse::<civil::DateTime>().ok()?;
    let missing = if text.contains([':', 'T']) { "a time zone" } else { "a time" };
    Some(format!("expected a date with {missing}, such as {date}Z, got {text:?}"))
}

/// Parses a whole speed from 1 to the maximum.
fn parse_speed(text: &str) -> Option<u16> {
    text.parse().ok().filter(|speed| (1..=MAX_SPEED).contains(speed))
}

impl fmt::Display for ClockSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Frozen(milliseconds) => Timestamp::from_milliseconds(*milliseconds).fmt(f),
            Self::Running { from: None, speed } => write!(f, "real x{speed}"),
            Self::Running { from: Some(from), speed: 1 } => write!(f, "{}+", Timestamp::from_milliseconds(*from)),
            Self::Running { from: Some(from), speed } => {
                write!(f, "{}+x{speed}", Timestamp::from_milliseconds(*from))
            }
        }
    }
}

/// Parses a duration such as `90s`, `1h 30m`, `31d`, `2w`, or `PT2H`. A day is 24 hours; months and years are rejected.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let length = text.parse::<Span>().ok().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let length = length.and_then(|length| Duration::try_from(length).ok());
    length.ok_or_else(|| format!("expected a duration such as 90s, 2h 30m, 31d, or 2w, got {text:?}"))
}

/// The clock of a sandbox: frozen, or running at some speed. Its owner limits how far it can move back.
pub(crate) struct Clock {
    /// The speed, 0 if frozen, in the lowest [`SPEED_BITS`] bits. The rest is the time at process start if the clock
    /// had always run at this speed: the current time is that plus the elapsed time multiplied by the speed.
    reading: AtomicI64,
    /// Notified of every change.
    changed: watch::Sender<()>,
    /// The awaited times, with the number of waiters.
    awaited: Mutex<BTreeMap<i64, usize>>,
}

/// Enough for [`MAX_SPEED`]. The remaining 50 bits reach beyond the year 9998 in both directions.
const SPEED_BITS: u32 = 14;

/// A change of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Freezes it, at the given time or at the current one.
    Freeze(Option<Timestamp>),
    /// Sets the time. A frozen clock stays frozen, a running one keeps running.
    Set(Timestamp),
    /// Moves it forward by this many milliseconds.
    Advance(i64),
    /// Runs from the current time at this speed.
    Speed(u16),
    /// Starts over with a setting.
    Start(ClockSetting),
}

/// The reason that a clock cannot be set to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// A document was written at this later time.
    Written(Timestamp),
    /// It is beyond the supported range of dates.
    Beyond,
}

impl ClockSetting {
    /// The time at which a clock starts now.
    pub(crate) fn start(self) -> Timestamp {
        Timestamp::from_milliseconds(match self {
            Self::Real | Self::Running { from: None, .. } => machine(),
            Self::Frozen(moment) | Self::Running { from: Some(moment), .. } => moment,
        })
    }

    fn speed(self) -> u16 {
        match self {
            Self::Real => 1,
            Self::Frozen(_) => 0,
            Self::Running { speed, .. } => speed,
        }
    }
}

impl Clock {
    pub(crate) fn new(setting: ClockSetting) -> Self {
        let reading = reading(setting.start().milliseconds(), setting.speed());
        Self { reading: AtomicI64::new(reading), changed: watch::Sender::new(()), awaited: Mutex::default() }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let reading = self.reading.load(Ordering::Relaxed);
        let passed = match speed(reading) {
            0 => 0,
            speed => elapsed().saturating_mul(i64::from(speed)),
        };
        Timestamp::from_milliseconds((reading >> SPEED_BITS).saturating_add(passed).min(LAST))
    }

    /// Speed relative to the system clock; 0 if frozen.
    pub(crate) fn speed(&self) -> u16 {
        speed(self.reading.load(Ordering::Relaxed))
    }

    /// Whether the clock is frozen.
    pub(crate) fn is_frozen(&self) -> bool {
        self.speed() == 0
    }

    /// Changes the clock, unless it would then show a time before `earliest`.
    pub(crate) fn change(&self, change: Change, earliest: Timestamp) -> Result<(), Unreachable> {
        loop {
            let known = self.reading.load(Ordering::SeqCst);
            let now = self.now().milliseconds();
            let (to, speed) = match change {
                Change::Freeze(at) => (at.map_or(now, Timestamp::milliseconds), 0),
                Change::Set(to) => (to.milliseconds(), speed(known)),
                Change::Advance(by) => (now.saturating_add(by), speed(known)),
                Change::Speed(speed) => (now, speed),
                Change::Start(setting) => (setting.start().milliseconds(), setting.speed()),
            };
            if !(FIRST..=LAST).contains(&to) {
                return Err(Unreachable::Beyond);
            }
            if to < earliest.milliseconds() {
                return Err(Unreachable::Written(earliest));
            }
            let new = reading(to, speed);
            if self.reading.compare_exchange(known, new, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                self.changed.send_replace(());
                return Ok(());
            }
        }
    }

    /// Resets the clock to a setting.
    pub(crate) fn reset(&self, setting: ClockSetting) {
        self.reading.store(reading(setting.start().milliseconds(), setting.speed()), Ordering::SeqCst);
        self.changed.send_replace(());
    }

    /// The next awaited time.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let future = self.now().milliseconds() + 1..;
        self.awaited.lock().range(future).next().map(|(moment, _)| Timestamp::from_milliseconds(*moment))
    }

    /// Waits until the clock reaches a time.
    pub(crate) async fn reach(&self, moment: Timestamp) {
        let _waiting = Waiting::new(self, moment.milliseconds());
        let mut changed = self.changed.subscribe();
        while let Ok(left @ 1..) = u64::try_from(moment.milliseconds().saturating_sub(self.now().milliseconds())) {
            let speed = u64::from(self.speed());
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left.div_ceil(speed.max(1)))), if speed > 0 => {}
                // Never an error: `self` owns the sender.
                _ = changed.changed() => {}
            }
        }
    }
}

/// A waiter for a time, until it is dropped.
struct Waiting<'a>(&'a Clock, i64);

impl<'a> Waiting<'a> {
    fn new(clock: &'a Clock, moment: i64) -> Self {
        *clock.awaited.lock().entry(moment).or_default() += 1;
        Self(clock, moment)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut awaited = self.0.awaited.lock();
        let left = awaited.get(&self.1).map_or(0, |count| count - 1);
        if left == 0 {
            awaited.remove(&self.1);
        } else {
            awaited.insert(self.1, left);
        }
    }
}

fn speed(reading: i64) -> u16 {
    u16::try_from(reading & ((1 << SPEED_BITS) - 1)).expect("it has 14 bits")
}

/// The reading of a clock that shows this time now.
fn reading(moment: i64, speed: u16) -> i64 {
    let speed = i64::from(speed);
    (moment - elapsed().saturating_mul(speed)) << SPEED_BITS | speed
}

/// System time in milliseconds since the first call of this function.
fn elapsed() -> i64 {
    static START: LazyLock<i64> = LazyLock::new(machine);
    // First, because the initial value is the time of the first call.
    let start = *START;
    machine() - start
}

/// System time in milliseconds since 1970, made monotonic.
fn machine() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX >> 2);
    let last = LAST.load(Ordering::Relaxed);
    // Most calls share a millisecond with others, and do not need to write.
    if now > last { LAST.fetch_max(now, Ordering::Relaxed).max(now) } else { last }
}

/// Milliseconds since the first call of this function, independent of any sandbox's clock.
pub(crate) fn uptime() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(stopwatch);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// A stopwatch, independent of any sandbox's clock.
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}
