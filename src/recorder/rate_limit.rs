//! Rate limiting per credentials.

use std::{hash::Hash, num::NonZeroU32, ops::Add, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, Reference},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::keyed::DashMapStateStore,
};

use crate::{runtime::clock::Clock, value::id::derive};

/// Maximum number of callers counted separately. Further ones are hashed into shared buckets.
const CALLERS: usize = 10_000;

/// The rate limit of a sandbox, measured by its clock.
pub(crate) struct RateLimit {
    /// Calls per minute, which is also the burst size.
    quota: Option<Quota>,
    clock: FakeTime,
    limiter: ArcSwap<Limiter>,
}

type Limiter = Option<RateLimiter<u64, DashMapStateStore<u64>, FakeTime, NoOpMiddleware<Moment>>>;

#[derive(Clone)]
struct FakeTime(Arc<Clock>);

/// Nanoseconds since 1970, according to the sandbox's clock.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Moment(u64);

impl Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.checked_sub(duration.as_u64()).unwrap_or(self.0))
    }
}

impl governor::clock::Clock for FakeTime {
    type Instant = Moment;

    fn now(&self) -> Moment {
        let milliseconds = u64::try_from(self.0.now().milliseconds()).unwrap_or_default();
        Moment(milliseconds.saturating_mul(1_000_000))
    }
}

impl RateLimit {
    pub(crate) fn new(a_minute: Option<NonZeroU32>, clock: Arc<Clock>) -> Self {
        let (quota, clock) = (a_minute.map(Quota::per_minute), FakeTime(clock));
        let limiter = ArcSwap::from_pointee(limiter(quota, &clock));
        Self { quota, clock, limiter }
    }

    /// Maximum number of calls per minute, if limited.
    pub(crate) fn a_minute(&self) -> Option<u32> {
        self.quota.map(|quota| quota.burst_size().get())
    }

    /// Admits a call, or returns how long the caller has to wait.
    pub(crate) fn take<H: Hash>(&self, credentials: impl FnOnce() -> H) -> Result<(), Duration> {
        match &**self.limiter.load() {
            None => Ok(()),
            Some(limiter) => {
                let key = derive(0, &credentials());
                let key = if limiter.len() < CALLERS { key } else { key % CALLERS as u64 };
                let taken = limiter.check_key(&key);
                taken.map_err(|refused| refused.wait_time_from(self.clock.now()))
            }
        }
    }

    /// Resets all counts.
    pub(crate) fn reset(&self) {
        self.limiter.store(Arc::new(limiter(self.quota, &self.clock)));
    }
}

fn limiter(quota: Option<Quota>, clock: &FakeTime) -> Limiter {
    quota.map(|quota| RateLimiter::dashmap_with_clock(quota, clock.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::clock::ClockSetting;

    #[test]
    fn the_number_of_buckets_is_bounded() {
        // With a frozen clock, no bucket ever expires.
        let clock = Arc::new(Clock::new(ClockSetting::Frozen(0)));
        let limit = RateLimit::new(NonZeroU32::new(1), clock);
        for caller in 0..4 * CALLERS {
            let _ = limit.take(|| caller);
        }
        let counts = limit.limiter.load().as_ref().as_ref().expect("there is a limit").len();
        assert!(counts <= 2 * CALLERS, "{counts}");
    }
}
