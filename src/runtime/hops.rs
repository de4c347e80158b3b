//! Webhook hop count, which breaks loops: a webhook receiver may call the fake, which then sends the next webhook. Each
//! webhook carries the count in a header, and those beyond the maximum are not sent.

use futures_util::future::Either;
use http::{HeaderMap, HeaderName};

/// The header with the number of consecutive webhooks, including this one.
pub(crate) static HEADER: HeaderName = HeaderName::from_static("x-tiledesk-mock-hops");

/// Maximum number of consecutive webhooks.
pub(crate) const MAXIMUM: u8 = 16;

tokio::task_local! {
    static HOPS: u8;
}

/// The number of webhooks that led to the current call.
pub(crate) fn current() -> u8 {
    HOPS.try_with(|hops| *hops).unwrap_or_default()
}

/// The number of webhooks that led to a call, from its headers.
pub(crate) fn before(headers: &HeaderMap) -> u8 {
    headers.get(&HEADER).and_then(|hops| hops.to_str().ok()?.parse().ok()).unwrap_or_default()
}

/// Runs a call with its hop count set.
pub(crate) fn follow<F: Future>(hops: u8, call: F) -> impl Future<Output = F::Output> {
    if hops == 0 { Either::Left(call) } else { Either::Right(HOPS.scope(hops, call)) }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[tokio::test]
    async fn calls_count_the_webhooks_that_led_to_them() {
        for (sent, hops) in [(None, 0), (Some("0"), 0), (Some("7"), 7), (Some("256"), 0), (Some("x"), 0)] {
            let mut headers = HeaderMap::new();
            if let Some(sent) = sent {
                headers.insert(&HEADER, HeaderValue::from_static(sent));
            }
            assert_eq!(follow(before(&headers), async { current() }).await, hops, "{sent:?}");
        }
        assert_eq!(current(), 0);
    }
}
