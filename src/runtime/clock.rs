//! Time: the only place that asks the machine for it.

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

/// The time of the fake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockSetting {
    /// That of the machine.
    Real,
    /// Standing still, so many milliseconds after 1970 (UTC).
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

/// Reads a length of time such as `90s`, `1h 30m`, `31d` or `PT2H`. Days have 24 hours, months and years no length.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let length = text.parse::<Span>().ok().and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let length = length.and_then(|length| Duration::try_from(length).ok());
    length.ok_or_else(|| format!("expected a length of time such as 90s, 2h 30m or 31d, found {text:?}"))
}

/// The clock of a sandbox. It runs with the machine's, ahead of or behind it, or stands still; it goes back at a reset only.
pub(crate) struct Clock {
    /// Twice so many milliseconds: those since 1970 at which it stands still, plus one; or those that it is ahead of the machine.
    reading: AtomicI64,
    /// Told of every change.
    changed: watch::Sender<()>,
}

/// Why a clock cannot show a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreachable {
    /// It has passed it: this is what it shows.
    Passed(Timestamp),
    /// Dates end before.
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

    /// Whether it stands still.
    pub(crate) fn is_frozen(&self) -> bool {
        is_frozen(self.reading.load(Ordering::Relaxed))
    }

    /// Stands still from now on, at this moment or at what it shows.
    pub(crate) fn freeze(&self, at: Option<Timestamp>) -> Result<(), Unreachable> {
        self.change(|now, _| Ok(frozen(ahead(now, at.map_or(now, |at| at.milliseconds()))?)))
    }

    /// Shows this moment, and goes on as it did: a clock that stands still keeps standing.
    pub(crate) fn set(&self, to: Timestamp) -> Result<(), Unreachable> {
        self.change(|now, still| Ok(reading(ahead(now, to.milliseconds())?, still)))
    }

    /// Jumps ahead by so many milliseconds.
    pub(crate) fn advance(&self, milliseconds: i64) -> Result<(), Unreachable> {
        self.change(|now, still| Ok(reading(ahead(now, now.saturating_add(milliseconds))?, still)))
    }

    /// Runs with the machine's again.
    pub(crate) fn run(&self) -> Result<(), Unreachable> {
        self.change(|now, _| ahead(now, machine()).map(|_| 0))
    }

    /// Starts anew, whatever was shown before.
    pub(crate) fn reset(&self, setting: ClockSetting) {
        self.reading.store(Self::new(setting).reading.into_inner(), Ordering::SeqCst);
        self.changed.send_replace(());
    }

    /// Changes it from what it shows, and whether it stands still, to another reading.
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

    /// Waits until this clock shows the moment.
    pub(crate) async fn reach(&self, moment: Timestamp) {
        let mut changed = self.changed.subscribe();
        while let Ok(left @ 1..) = u64::try_from(moment.milliseconds().saturating_sub(self.now().milliseconds())) {
            let running = !self.is_frozen();
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(left)), if running => {}
                // The sender is our own: it cannot be gone.
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

/// The reading of a clock that shows this moment now.
fn reading(moment: i64, still: bool) -> i64 {
    if still { frozen(moment) } else { (moment - machine()) << 1 }
}

/// The moment, unless a clock that shows `now` cannot get there.
fn ahead(now: i64, moment: i64) -> Result<i64, Unreachable> {
    /// The end of the year 9998: what is reckoned from it is still a date.
    const LAST: i64 = 253_370_764_800_000;
    match moment {
        _ if moment < now => Err(Unreachable::Passed(Timestamp::from_milliseconds(now))),
        _ if moment > LAST => Err(Unreachable::Beyond),
        _ => Ok(moment),
    }
}

/// Milliseconds since 1970 by the machine's clock, which may go back, unlike this.
fn machine() -> i64 {
    static LAST: AtomicI64 = AtomicI64::new(0);
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let now = i64::try_from(now.as_millis()).unwrap_or(i64::MAX >> 2);
    let last = LAST.load(Ordering::Relaxed);
    // Most calls come in the same millisecond as others, and only read.
    if now > last { LAST.fetch_max(now, Ordering::Relaxed).max(now) } else { last }
}

/// Milliseconds since this was asked for the first time, whatever a fake's clock says.
pub(crate) fn uptime() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(stopwatch);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Measures what the machine does, whatever a fake's clock says.
pub(crate) fn stopwatch() -> Instant {
    Instant::now()
}
