//! Time. The only module that reads the system clock.

use std::{
    fmt,
    str::FromStr,
    sync::{
        LazyLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

use jiff::{Span, SpanRelativeTo};
use tokio::sync::watch;

use crate::value::Timestamp;

/// The initial state of a clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSetting {
    /// Follows the system clock.
    Real,
    /// Frozen at this time, in milliseconds since 1970 (UTC).
    Frozen(i64),
}

impl FromStr for ClockSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "real" {
            return Ok(Self::Real);
        }
        let moment = Timestamp::parse(text).map(|moment| Self::Frozen(moment.milliseconds()));
        moment.ok_or_else(|| {
            "expected `real` or an ISO 8601 date with a time zone, such as 2026-01-01T12:00:00Z".to_owned()
        })
    }
}

impl fmt::Display for ClockSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real => f.write_str("real"),
            Self::Frozen(milliseconds) => Timestamp::from_milliseconds(*milliseconds).fmt(f),
        }
    }
}

/// Parses a duration such as `90s`, `1h 30m`, `31d`, or `PT2H`. A day is 24 hours; months and years are rejected.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let length = text.parse::<Span>().ok().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let length = length.and_then(|length| Duration::try_from(length).ok());
    length.ok_or_else(|| format!("expected a duration such as 90s, 2h 30m or 31d, got {text:?}"))
}

/// The clock of a sandbox: frozen, or running at an offset from the system clock. Only a reset moves it backwards.
pub(crate) struct Clock {
    /// Tagged: `(ms << 1) | 1` is frozen at ms since 1970; `offset << 1` is system time plus offset.
    reading: AtomicI64,
    /// Notified of every change.
    changed: watch::Sender<()>,
}

/// Why a clock cannot be set to a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// The clock is already past it, and shows this time.
    Passed(Timestamp),
    /// It is beyond the supported range of dates.
    Beyond,
}

impl Clock {
    pub(crate) fn new(setting: ClockSetting) -> Self {
        let reading = match setting {
            ClockSetting::Real => 0,
            ClockSetting::Frozen(milliseconds) => frozen(milliseconds),
        };
        Self { reading: AtomicI64::new(reading), changed: watch::Sender::new(()) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let reading = self.reading.load(Ordering::Relaxed);
        Timestamp::from_milliseconds(if is_frozen(reading) {
            reading >> 1
        } else {
            machine().saturating_add(reading >> 1)
        })
    }

    /// Whether the clock is frozen.
    pub(crate) fn is_frozen(&self) -> bool {
        is_frozen(self.reading.load(Ordering::Relaxed))
    }

    /// Freezes the clock, at the given time or at the current one.
    pub(crate) fn freeze(&self, at: Option<Timestamp>) -> Result<(), Unreachable> {
        self.change(|now, _| Ok(frozen(ahead(now, at.map_or(now, Timestamp::milliseconds))?)))
    }

    /// Sets the time. A frozen clock stays frozen, a running one keeps running.
    pub(crate) fn set(&self, to: Timestamp) -> Result<(), Unreachable> {
        self.change(|now, still| Ok(reading(ahead(now, to.milliseconds())?, still)))
    }

    /// Moves the clock forward by this many milliseconds.
    pub(crate) fn advance(&self, milliseconds: i64) -> Result<(), Unreachable> {
        self.change(|now, still| Ok(reading(ahead(now, now.saturating_add(milliseconds))?, still)))
    }

    /// Follows the system clock again.
    pub(crate) fn run(&self) -> Result<(), Unreachable> {
        self.change(|now, _| ahead(now, machine()).map(|_| 0))
    }

    /// Resets the clock to a setting, even if that moves it backwards.
    pub(crate) fn reset(&self, setting: ClockSetting) {
        self.reading.store(Self::new(setting).reading.into_inner(), Ordering::SeqCst);
        self.changed.send_replace(());
    }

    /// Shows an earlier time again. A frozen clock stays frozen, a running one keeps running.
    pub(crate) fn rewind(&self, to: Timestamp) {
        let known = self.reading.load(Ordering::SeqCst);
        self.reading.store(reading(to.milliseconds(), is_frozen(known)), Ordering::SeqCst);
        self.changed.send_replace(());
    }

    /// Replaces the reading with one computed from the current time and whether the clock is frozen.
    fn change(&self, to: impl Fn(i64, bool) -> Result<i64, Unreachable>) -> Result<(), Unreachable> {
        loop {
            let known = self.reading.load(Ordering::SeqCst);
            let new = to(self.now().milliseconds(), is_frozen(known))?;
            if self.reading.compare_exchange(known, new, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                self.changed.send_replace(());
                return Ok(());
            }
        }
    }

    /// Waits until the clock reaches a time.
    pub(crate) async fn reach(&self, moment: Timestamp) {
        let mut changed = self.changed.subscribe();
        while let Ok(left @ 1..) = u64::try_from(moment.milliseconds().saturating_sub(self.now().milliseconds())) {
            let running = !self.is_frozen();
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left)), if running => {}
                // Never an error: `self` owns the sender.
                _ = changed.changed() => {}
            }
        }
    }
}

fn frozen(milliseconds: i64) -> i64 {
    milliseconds << 1 | 1
}

fn is_frozen(reading: i64) -> bool {
    reading & 1 == 1
}

/// The reading of a clock that shows this time now.
fn reading(moment: i64, still: bool) -> i64 {
    if still { frozen(moment) } else { (moment - machine()) << 1 }
}

/// Checks that a clock showing `now` can be moved to a time.
fn ahead(now: i64, moment: i64) -> Result<i64, Unreachable> {
    /// The end of the year 9998, which leaves room for calculations that add to it.
    const LAST: i64 = 253_370_764_800_000;
    match moment {
        _ if moment < now => Err(Unreachable::Passed(Timestamp::from_milliseconds(now))),
        _ if moment > LAST => Err(Unreachable::Beyond),
        _ => Ok(moment),
    }
}

/// System time in milliseconds since 1970, made monotonic.
fn machine() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    #[expect(clippy::disallowed_methods, reason = "the only place that reads the system clock")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX >> 2);
    let last = LAST.load(Ordering::Relaxed);
    // Most calls share a millisecond with others, and need not write.
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
