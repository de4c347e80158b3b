//! How many webhooks led to a call. A webhook whose receiver calls the fake, which sends the next webhook, goes round in
//! circles: each carries the number in a header, and the last one is not sent.

use futures_util::future::Either;
use http::HeaderMap;

/// Names the number of webhooks in a row, this one included.
pub(crate) const HEADER: &str = "x-tiledesk-mock-hops";

/// Maximum number of webhooks in a row.
pub(crate) const MAXIMUM: u8 = 16;

tokio::task_local! {
    static HOPS: u8;
}

/// The number of webhooks that led to what is being done.
pub(crate) fn current() -> u8 {
    HOPS.try_with(|hops| *hops).unwrap_or_default()
}

/// The number of webhooks that led to a call, by its headers.
pub(crate) fn before(headers: &HeaderMap) -> u8 {
    headers.get(HEADER).and_then(|hops| hops.to_str().ok()?.parse().ok()).unwrap_or_default()
}

/// Answers a call to which that many webhooks led.
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
                headers.insert(HEADER, HeaderValue::from_static(sent));
            }
            assert_eq!(follow(before(&headers), async { current() }).await, hops, "{sent:?}");
        }
        assert_eq!(current(), 0);
    }
}
