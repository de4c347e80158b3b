//! Request bodies that arrive after the response. Closing a connection while the client is still uploading resets it,
//! and the client may never see the response.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::{
    runtime::Handle,
    time::{Sleep, sleep, timeout},
};

/// Maximum number of bytes to read and discard.
const BYTES: usize = 64 << 20;

/// Maximum time for discarding the rest of a body.
const WHOLE: Duration = Duration::from_secs(30);

/// Maximum pause while discarding.
const IDLE: Duration = Duration::from_secs(5);

/// The body of a request. After the response, the unread rest is read and discarded, up to the limits above.
pub(super) struct Draining {
    body: Option<Incoming>,
    /// Maximum time without another byte.
    patience: Duration,
    /// Runs while waiting for the next bytes.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Draining {
    pub(super) fn body(body: Incoming, patience: Duration) -> poem::Body {
        if body.is_end_stream() {
            return poem::Body::empty();
        }
        BoxBody::new(Self { body: Some(body), patience, timer: None }).into()
    }
}

/// Whether reading a body failed because the client paused for too long.
pub(super) fn is_overdue(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

impl Body for Draining {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let Poll::Ready(frame) = Pin::new(body).poll_frame(cx) else {
            let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(this.patience)));
            ready!(timer.as_mut().poll(cx));
            this.body = None;
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        };
        this.timer = None;
        if !matches!(frame, Some(Ok(_))) {
            this.body = None;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or(SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for Draining {
    fn drop(&mut self) {
        if let Some(body) = self.body.take().filter(|body| !body.is_end_stream())
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(timeout(WHOLE, drain(body)));
        }
    }
}

async fn drain(mut body: Incoming) {
    let mut left = BYTES;
    while left > 0
        && let Ok(Some(Ok(frame))) = timeout(IDLE, poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))).await
    {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
    }
}
