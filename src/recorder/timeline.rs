//! The timeline of a sandbox: completed calls, realtime frames, webhook deliveries, and changes by the control API, in
//! a single order.

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
};

use super::entry::Entry;
use crate::value::Timestamp;

/// Approximate size of a frame's note in addition to its topic.
const NOTE: usize = 1 << 7;

/// An event on the timeline.
#[derive(Clone)]
pub(crate) enum Moment {
    /// A completed call. Weak, because the journal determines how long calls are kept.
    Call(Weak<Entry>),
    Frame(Arc<FrameNote>),
    /// The delivery with this number was queued or attempted.
    Delivery(u64),
    /// The part of the control API that changed something, such as `clock`.
    Change(&'static str),
}

/// The part that a successful control API call to this path changes. Calls to the journal record their changes
/// themselves.
pub(crate) fn change(path: &str) -> Option<&'static str> {
    const PARTS: [&str; 9] =
        ["clock", "collections", "faults", "requests", "sandboxes", "seed", "snapshots", "state", "webhooks"];
    let first = path.split('/').nth(1)?;
    PARTS.into_iter().find(|part| *part == first)
}

/// A frame of the realtime API.
#[derive(Debug)]
pub(crate) struct FrameNote {
    pub(crate) topic: Box<str>,
    pub(crate) direction: Direction,
    pub(crate) at: Timestamp,
    /// The action of a client, or the change to the published object.
    pub(crate) kind: &'static str,
    /// The number of the call that caused it.
    pub(crate) call: Option<u64>,
}

/// The sender of a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Direction {
    /// A client.
    In,
    /// The server.
    Out,
}

impl Moment {
    /// Size of the moment itself, in bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Frame(note) => NOTE + note.topic.len(),
            _ => 0,
        }
    }

    /// Whether this is a call that the journal has evicted.
    fn is_gone(&self) -> bool {
        matches!(self, Self::Call(call) if call.strong_count() == 0)
    }
}

/// The moments added by one thread, ordered by position.
#[derive(Default)]
pub(super) struct Moments(VecDeque<(u64, Moment)>);

impl Moments {
    pub(super) fn push(&mut self, position: u64, moment: Moment) {
        self.0.push_back((position, moment));
    }

    /// Drops the oldest moment if it is an evicted call, or further than `reach` behind `position`.
    pub(super) fn drop_old(&mut self, position: u64, reach: u64) -> Option<Moment> {
        let (oldest, moment) = self.0.front()?;
        let is_old = position - oldest > reach || moment.is_gone();
        if is_old { self.0.pop_front().map(|(_, moment)| moment) } else { None }
    }

    /// Bytes of all moments.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(|(_, moment)| moment.size()).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Moment> {
        self.0.iter().map(|(_, moment)| moment)
    }
}

/// At most `most` moments after a position, in order, from all threads.
pub(super) fn merged<'a>(parts: impl Iterator<Item = &'a Moments>, after: u64, most: usize) -> Vec<(u64, Moment)> {
    let mut rest: Vec<_> = parts.map(|part| part.0.range(part.0.partition_point(|(at, _)| *at <= after)..)).collect();
    let mut heads: Vec<_> = rest.iter_mut().map(Iterator::next).collect();
    let mut moments = Vec::new();
    while moments.len() < most {
        let next =
            heads.iter().enumerate().filter_map(|(part, head)| Some((part, (*head)?))).min_by_key(|(_, (at, _))| *at);
        let Some((part, (at, moment))) = next else { break };
        moments.push((*at, moment.clone()));
        heads[part] = rest[part].next();
    }
    moments
}

/// A part of the timeline.
pub(crate) struct Passage {
    /// The moments with their positions, in order. Positions without a moment were evicted.
    pub(crate) moments: Vec<(u64, Moment)>,
    /// The position after which the passage starts. Different from the requested one if the journal was cleared.
    pub(crate) after: u64,
    /// The position up to which it is complete.
    pub(crate) end: u64,
}
