//! Long responses, rendered while they are sent: only the next part is in memory.

use std::{io, panic::AssertUnwindSafe};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use poem::Body;
use tokio::{runtime::Handle, sync::Semaphore};

/// Number of bytes to render at a time; a single item may be larger.
const PART: usize = 1 << 16;

/// Maximum number of parts rendered concurrently. A part is rendered only once the client has read the one before.
static RENDERING: Semaphore = Semaphore::const_new(2);

type Items = Box<dyn Iterator<Item = Bytes> + Send>;

/// A body of items that may each take long to render.
pub(super) fn body(items: Items) -> Body {
    Body::from_bytes_stream(stream::unfold(Some(items), |items| async { next(items?).await }))
}

/// A JSON array of items between `start` and `end`.
pub(super) fn array(start: String, items: impl Iterator<Item = Vec<u8>> + Send + 'static, end: &'static str) -> Items {
    let items = items.enumerate().map(|(at, mut item)| {
        if at > 0 {
            item.insert(0, b',');
        }
        Bytes::from(item)
    });
    let start = Bytes::from(start + "[");
    Box::new(std::iter::once(start).chain(items).chain([Bytes::from_static(b"]"), Bytes::from_static(end.as_bytes())]))
}

async fn next(items: Items) -> Option<(io::Result<Bytes>, Option<Items>)> {
    let (part, items) = match rendered(items).await {
        Ok(rendered) => rendered,
        Err(error) => return Some((Err(error), None)),
    };
    (!part.is_empty()).then_some((Ok(part), Some(items)))
}

/// The next part, rendered on a blocking thread.
async fn rendered(mut items: Items) -> io::Result<(Bytes, Items)> {
    let render = move || {
        let mut part = Vec::new();
        while part.len() < PART
            && let Some(item) = items.next()
        {
            part.extend_from_slice(&item);
        }
        (part.into(), items)
    };
    // A panic ends the body with an error.
    AssertUnwindSafe(blocking(render)).catch_unwind().await.map_err(|_| io::Error::other("rendering failed"))
}

/// Runs long work on a blocking thread, so that other calls do not wait for it.
pub(crate) async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    // In-process calls may run on any runtime.
    let Ok(runtime) = Handle::try_current() else { return work() };
    let _permit = RENDERING.acquire().await;
    match runtime.spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(items: Items) -> Result<Bytes, String> {
        body(items).into_bytes().await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn items_of_any_size_are_sent_in_order() {
        for sizes in [&[][..], &[1], &[PART, 1, 2 * PART + 3, 0, 5]] {
            let items = sizes.iter().map(|size| vec![b'1'; *size]);
            let joined = items.clone().map(|item| String::from_utf8(item).expect("text")).collect::<Vec<_>>().join(",");
            let items = array("{\"items\":".into(), items.collect::<Vec<_>>().into_iter(), "}");
            assert_eq!(sent(items).await.as_deref(), Ok(format!("{{\"items\":[{joined}]}}").as_bytes()));
        }
    }

    #[tokio::test]
    async fn panicking_item_ends_body_with_error() {
        let items = (0..3).map(|number| if number == 2 { panic!("rendering failed") } else { vec![b'1'; PART] });
        assert!(sent(array(String::new(), items, "")).await.is_err());
    }
}
