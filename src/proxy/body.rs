//! Response bodies that are streamed to the client while their beginning is recorded.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

use super::{observation::Observation, sent::Beginning};

/// The body of a response. The call is observed before the client can see its end.
pub(super) struct Received {
    body: Incoming,
    beginning: Beginning,
    /// Taken at the end.
    observation: Option<Observation>,
    /// Maximum time without another byte. `None` for event streams, which may pause.
    patience: Option<Duration>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Received {
    pub(super) fn body(body: Incoming, observation: Observation, patience: Option<Duration>) -> poem::Body {
        let beginning = Beginning::new(observation.memory());
        if body.is_end_stream() {
            observation.finish(Bytes::new(), false);
            // Keeps the length of the response to a HEAD unknown.
            return poem::Body::empty();
        }
        BoxBody::new(Self { body, beginning, observation: Some(observation), patience, timer: None }).into()
    }

    fn finish(&mut self) {
        if let Some(observation) = self.observation.take() {
            observation.finish(self.beginning.take(), self.beginning.is_cut);
        }
    }
}

impl Body for Received {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            let Some(patience) = this.patience else { return Poll::Pending };
            let timer = this.timer.get_or_insert_with(|| Box::pin(sleep(patience)));
            ready!(timer.as_mut().poll(cx));
            this.beginning.is_cut = true;
            this.finish();
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        };
        this.timer = None;
        match &frame {
            Some(Ok(frame)) => {
                if let Some(part) = frame.data_ref() {
                    this.beginning.add(part);
                }
                if this.body.is_end_stream() {
                    this.finish();
                }
            }
            Some(Err(_)) => {
                this.beginning.is_cut = true;
                this.finish();
            }
            None => this.finish(),
        }
        Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        // The client disconnected.
        self.beginning.is_cut = true;
        self.finish();
    }
}
