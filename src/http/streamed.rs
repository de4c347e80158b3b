//! Long answers, rendered while they are sent: no more of them is in memory than the next part.

use std::{io, panic::AssertUnwindSafe};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use poem::Body;
use tokio::{runtime::Handle, sync::Semaphore};

/// Bytes that are rendered at once, or one item if that is larger.
const PART: usize = 1 << 16;

/// Answers that are rendered at once. What a client does not read is not rendered.
static RENDERING: Semaphore = Semaphore::const_new(2);

type Items = Box<dyn Iterator<Item = Bytes> + Send>;

/// A body of rendered items, each of which may take long to render.
pub(super) fn body(items: Items) -> Body {
    Body::from_bytes_stream(stream::unfold(Some(items), |items| async { next(items?).await }))
}

/// A JSON array of items between two texts.
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

/// The next part, rendered on a thread on which nothing else waits.
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
    // A part that panics breaks the body off.
    AssertUnwindSafe(blocking(render)).catch_unwind().await.map_err(|_| io::Error::other("it could not be rendered"))
}

/// Does work that takes longer than other calls should wait, on a thread on which nothing else waits.
pub(crate) async fn blocking<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    // Calls in process may be made on any runtime.
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
    async fn an_item_that_cannot_be_rendered_breaks_the_body_off() {
        let items = (0..3).map(|number| if number == 2 { panic!("it cannot be rendered") } else { vec![b'1'; PART] });
        assert!(sent(array(String::new(), items, "")).await.is_err());
    }
}
