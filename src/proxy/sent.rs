//! The recorded beginnings of bodies, and streamed request bodies.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use parking_lot::Mutex;

use crate::{
    http::RECORDED,
    runtime::memory::{Charge, Memory},
};

/// The recorded beginning of a body.
pub(super) struct Beginning {
    bytes: Vec<u8>,
    pub(super) is_cut: bool,
    /// Absent until there is something to charge.
    charge: Option<Charge>,
    memory: Arc<Memory>,
}

impl Beginning {
    pub(super) fn new(memory: Arc<Memory>) -> Self {
        Self { bytes: Vec::new(), is_cut: false, charge: None, memory }
    }

    pub(super) fn add(&mut self, part: &Bytes) {
        if self.is_cut {
            return;
        }
        let room = RECORDED - self.bytes.len();
        self.is_cut = part.len() > room;
        let part = &part[..part.len().min(room)];
        let charged = match &mut self.charge {
            Some(charge) => charge.grow(part.len()),
            None => self.memory.reserve(part.len()).map(|charge| self.charge = Some(charge)),
        };
        match charged {
            Ok(()) => self.bytes.extend_from_slice(part),
            Err(_) => self.is_cut = true,
        }
    }

    /// The recorded bytes.
    pub(super) fn take(&mut self) -> Bytes {
        self.charge = None;
        std::mem::take(&mut self.bytes).into()
    }
}

/// How a request body ended, if it has.
const OVERDUE: u8 = 1;
const BROKEN: u8 = 2;
const COMPLETE: u8 = 3;

/// The progress of a request body.
pub(super) struct Progress {
    bytes: AtomicU64,
    end: AtomicU8,
    beginning: Mutex<Beginning>,
}

impl Progress {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the body failed, and if so, whether because the client paused for too long.
    pub(super) fn failure(&self) -> Option<bool> {
        match self.end.load(Ordering::Relaxed) {
            OVERDUE => Some(true),
            BROKEN => Some(false),
            _ => None,
        }
    }

    /// The recorded beginning, and whether it is truncated.
    pub(super) fn recorded(&self) -> (Bytes, bool) {
        let mut beginning = self.beginning.lock();
        let is_cut = beginning.is_cut || self.end.load(Ordering::Relaxed) != COMPLETE;
        (beginning.take(), is_cut)
    }
}

/// The body of a request.
struct Sent {
    body: BoxBody<Bytes, io::Error>,
    progress: Arc<Progress>,
}

/// A body to forward, and its progress.
pub(super) fn sent(body: BoxBody<Bytes, io::Error>, memory: Arc<Memory>) -> (BoxBody<Bytes, io::Error>, Arc<Progress>) {
    let beginning = Mutex::new(Beginning::new(memory));
    let progress = Arc::new(Progress { bytes: AtomicU64::new(0), end: AtomicU8::new(0), beginning });
    (BoxBody::new(Sent { body, progress: progress.clone() }), progress)
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(part) = frame.data_ref() {
                    self.progress.bytes.fetch_add(part.len() as u64, Ordering::Relaxed);
                    self.progress.beginning.lock().add(part);
                }
                if self.body.is_end_stream() {
                    self.progress.end.store(COMPLETE, Ordering::Relaxed);
                }
            }
            Some(Err(error)) => {
                let end = if error.kind() == io::ErrorKind::TimedOut { OVERDUE } else { BROKEN };
                self.progress.end.store(end, Ordering::Relaxed);
            }
            None => self.progress.end.store(COMPLETE, Ordering::Relaxed),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
