//! The `Prefer` header (RFC 7240): strict handling, and faults for one call.

use std::time::Duration;

use poem::http::{HeaderMap, HeaderName};

use crate::recorder::fault::Effect;

pub(super) static PREFER: HeaderName = HeaderName::from_static("prefer");

/// Whether a call requests strict mode (`Prefer: handling=strict`).
pub(super) fn prefers_strict(headers: &HeaderMap) -> bool {
    preferences(headers).any(|(name, value)| name == "handling" && value == "strict")
}

/// The names and values of all preferences (RFC 7240).
fn preferences(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    // Fast path: few requests have this header.
    let all = headers.contains_key(&PREFER).then(|| headers.get_all(&PREFER));
    let all = all.into_iter().flatten().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split([',', ';'])).map(|preference| {
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        (name.trim(), value.trim().trim_matches('"'))
    })
}

/// The effect that a call requests: a delayed response (`wait`) or an error response (`code`).
pub(super) fn preferred(headers: &HeaderMap) -> Option<Effect> {
    let mut effect = Effect::default();
    for (name, value) in preferences(headers) {
        match name {
            "code" => effect.status = value.parse().ok().filter(|status| (400..600).contains(status)),
            "wait" => {
                let seconds = value.parse().ok().filter(|seconds| (0.0..=60.0).contains(seconds));
                let delay = seconds.map(|seconds: f64| Duration::from_secs_f64(seconds).as_millis());
                effect.delay = delay.and_then(|delay| u64::try_from(delay).ok()).map(|delay| delay..=delay);
            }
            _ => {}
        }
    }
    (effect.status.is_some() || effect.delay.is_some()).then_some(effect)
}
