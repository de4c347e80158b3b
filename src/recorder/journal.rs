//! The journal: the most recent calls of a sandbox and their responses, recorded from the moment they arrive.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use crossbeam_utils::CachePadded;
use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{
    digest::Digest,
    entry::{Entry, RecordedRequest, RecordedResponse},
    headers::{HeaderInterner, PackedHeaders},
    timeline::{Moment, Moments, Passage, merged},
};
use crate::{
    runtime::{clock::stopwatch, memory::Memory, per_thread::PerThread},
    value::{Error, Timestamp},
};

/// Maximum bytes of requests and responses in a journal.
const BYTES: usize = 64 << 20;

/// Marks an evicted entry, in place of its size.
const GONE: usize = 1 << (usize::BITS - 1);

/// Minimum size of a response body worth deduplicating.
const LARGE: usize = 1 << 10;

/// The most recent calls of a sandbox.
pub(crate) struct Journal {
    /// Maximum number of calls; 0 disables the journal.
    capacity: u64,
    /// Each thread writes to its own shard, and evicts from it itself.
    parts: PerThread<Part>,
    /// On a separate cache line from the fields that are only read.
    counts: CachePadded<Counts>,
    /// Notified of every arrival and every response.
    changed: watch::Sender<()>,
    /// The run before the journal was last cleared. Locked before any shard.
    past: Mutex<Past>,
    memory: Arc<Memory>,
}

/// The remains of cleared calls.
#[derive(Default)]
struct Past {
    digest: Digest,
    /// Number of calls evicted before they were cleared, which are missing from the digest.
    dropped: u64,
}

#[derive(Default)]
struct Counts {
    /// Number of calls that arrived. Incremented only while a shard is locked.
    arrived: AtomicU64,
    bytes: AtomicUsize,
    /// The last position of the timeline. Incremented only while a shard is locked; never restarts.
    position: AtomicU64,
    /// The last position that was cleared.
    cleared: AtomicU64,
}

#[derive(Default)]
struct Part {
    /// Ordered by number.
    calls: VecDeque<Arc<Entry>>,
    heads: HeaderInterner,
    /// The last large response body of each operation. Polling clients get equal responses, which then share memory.
    last: BTreeMap<&'static str, Bytes>,
    moments: Moments,
}

/// The calls in a journal, and the number of those evicted.
pub(crate) struct Remembered {
    pub(crate) calls: Vec<Arc<Entry>>,
    pub(crate) dropped: u64,
}

impl Journal {
    pub(crate) fn new(capacity: usize, memory: Arc<Memory>) -> Self {
        let capacity = u64::try_from(capacity).unwrap_or(u64::MAX);
        let (parts, counts, changed) = (PerThread::default(), CachePadded::default(), watch::Sender::new(()));
        Self { capacity, parts, counts, changed, past: Mutex::default(), memory }
    }

    /// Size of all calls in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.counts.bytes.load(Ordering::Relaxed)
    }

    /// Adds to the size, and returns the new size.
    fn add(&self, bytes: usize) -> usize {
        self.memory.add_evictable(bytes);
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    fn sub(&self, bytes: usize) {
        self.counts.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.memory.sub_evictable(bytes);
    }

    fn add_held(&self, bytes: usize) {
        if bytes > 0 {
            self.add(bytes);
        }
    }

    fn sub_held(&self, bytes: usize) {
        if bytes > 0 {
            self.sub(bytes);
        }
    }

    /// Evicts the oldest calls until half of the bytes are left.
    pub(crate) fn halve(&self) {
        self.shrink(self.bytes() / 2);
    }

    /// Whether the journal is enabled.
    pub(crate) fn is_kept(&self) -> bool {
        self.capacity > 0
    }

    /// Packs the head of a request, or of a response with an empty target.
    pub(crate) fn head(&self, target: &str, headers: &HeaderMap) -> PackedHeaders {
        self.parts.mine().heads.head(target, headers)
    }

    /// Records a call, which counts from now on.
    pub(crate) fn arrive(&self, at: Timestamp, request: RecordedRequest) -> Arc<Entry> {
        let (size, arrived) = (request.size(), stopwatch());
        let (operation, fault, answer, fields) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), Mutex::default());
        let forwarded = OnceLock::new();
        let counted = AtomicUsize::new(size);
        let mut part = self.parts.mine();
        let number = self.counts.arrived.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.add(size);
        let call =
            Arc::new(Entry { number, at, request, operation, fault, answer, forwarded, fields, arrived, counted });
        part.calls.push_back(call.clone());
        // Usually a single entry, which is dropped without holding the lock.
        let forgotten = self.forget_old(&mut part, number);
        drop(part);
        drop(forgotten);
        if bytes > BYTES {
            self.shrink(BYTES);
        }
        self.tell();
        call
    }

    /// Records the response to a call.
    pub(crate) fn finish(
        &self,
        call: &Arc<Entry>,
        status: StatusCode,
        headers: PackedHeaders,
        body: Bytes,
        why: Option<Error>,
    ) {
        let latency = u64::try_from(call.arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let known = call.operation.get().and_then(|operation| self.known(operation, &body));
        let (again, body) = (known.is_some(), known.unwrap_or(body));
        let answer = RecordedResponse { status, headers, body, again, latency, refusal: why };
        let size = answer.size() + call.late_size();
        if call.answer.set(answer).is_ok() {
            self.add(size);
            // The call was evicted before its response was recorded.
            if call.counted.fetch_add(size, Ordering::Relaxed) >= GONE {
                self.sub(size);
            }
        }
        self.enter(|| Moment::Call(Arc::downgrade(call)));
    }

    /// Adds a moment to the timeline.
    pub(crate) fn enter(&self, moment: impl FnOnce() -> Moment) {
        if self.is_kept() {
            let moment = moment();
            self.add_held(moment.size());
            let mut part = self.parts.mine();
            let position = self.counts.position.fetch_add(1, Ordering::Relaxed) + 1;
            part.moments.push(position, moment);
            // Usually one per added moment.
            let mut old = part.moments.drop_old(position, self.reach());
            drop(part);
            while let Some(moment) = old {
                self.sub_held(moment.size());
                old = self.parts.mine().moments.drop_old(position, self.reach());
            }
        }
        self.tell();
    }

    /// The number of positions for which moments other than calls are kept.
    fn reach(&self) -> u64 {
        self.capacity.saturating_mul(2)
    }

    /// At most `most` moments after a position.
    pub(crate) fn since(&self, after: u64, most: usize) -> Passage {
        let parts = self.parts.all();
        let last = self.counts.position.load(Ordering::Relaxed);
        // A position beyond the last one is that of an earlier run.
        let after = if after > last { 0 } else { after }.max(self.counts.cleared.load(Ordering::Relaxed));
        let moments = merged(parts.iter().map(|part| &part.moments), after, most);
        let end = moments.last().filter(|_| moments.len() == most).map_or(last, |(position, _)| *position);
        Passage { moments, after, end }
    }

    /// The moments selected by `pick`, in no particular order.
    pub(crate) fn moments<T>(&self, pick: impl FnMut(&Moment) -> Option<T>) -> Vec<T> {
        self.parts.all().iter().flat_map(|part| part.moments.iter()).filter_map(pick).collect()
    }

    /// Evicts the calls of a shard that are beyond the capacity, and returns the last of them.
    fn forget_old(&self, part: &mut Part, arrived: u64) -> Option<Arc<Entry>> {
        let mut forgotten = None;
        while part.calls.front().is_some_and(|call| !self.is_among_last(call.number, arrived)) {
            forgotten = part.calls.pop_front().inspect(|call| self.forget(call));
        }
        forgotten
    }

    fn is_among_last(&self, number: u64, arrived: u64) -> bool {
        arrived - number < self.capacity
    }

    /// Evicts the oldest calls until at most `most` bytes are left, but keeps the last call.
    fn shrink(&self, most: usize) {
        let mut parts = self.parts.all();
        let mut forgotten = Vec::new();
        while self.bytes() > most && parts.iter().map(|part| part.calls.len()).sum::<usize>() > 1 {
            let first = |part: &Part| part.calls.front().map_or(u64::MAX, |call| call.number);
            let oldest = parts.iter_mut().min_by_key(|part| first(part)).and_then(|part| part.calls.pop_front());
            forgotten.extend(oldest.inspect(|call| self.forget(call)));
        }
        // Unlock before dropping the calls.
        drop(parts);
    }

    /// Removes a call from the size.
    fn forget(&self, call: &Entry) {
        self.sub(call.counted.swap(GONE, Ordering::Relaxed));
    }

    /// The last response body of an operation, if it equals this one.
    fn known(&self, operation: &'static str, body: &Bytes) -> Option<Bytes> {
        if !self.is_kept() || body.len() < LARGE {
            return None;
        }
        let mut part = self.parts.mine();
        let last = part.last.get(operation).filter(|last| *last == body).cloned();
        if last.is_none() {
            part.last.insert(operation, body.clone());
        }
        last
    }

    /// Wakes everyone who watches the journal.
    pub(crate) fn tell(&self) {
        if self.changed.receiver_count() > 0 {
            self.changed.send_replace(());
        }
    }

    /// All calls in the journal, oldest first.
    pub(crate) fn remembered(&self) -> Remembered {
        let mut parts = self.parts.all();
        let arrived = self.counts.arrived.load(Ordering::Relaxed);
        // The shard of an idle thread may still hold calls beyond the capacity.
        for part in &mut parts {
            drop(self.forget_old(part, arrived));
        }
        let calls: Vec<_> = parts.iter().flat_map(|part| part.calls.iter().cloned()).collect();
        drop(parts);
        self.last(calls, arrived)
    }

    /// The calls within the capacity, sorted by number.
    fn last(&self, mut calls: Vec<Arc<Entry>>, arrived: u64) -> Remembered {
        calls.retain(|call| self.is_among_last(call.number, arrived));
        calls.sort_by_key(|call| call.number);
        let dropped = arrived - calls.len() as u64;
        Remembered { calls, dropped }
    }

    /// The number of calls in the journal.
    pub(crate) fn len(&self) -> usize {
        let parts = self.parts.all();
        let arrived = self.counts.arrived.load(Ordering::Relaxed);
        let held = |part: &Part| part.calls.iter().filter(|call| self.is_among_last(call.number, arrived)).count();
        parts.iter().map(|part| held(part)).sum()
    }

    /// The call with a number.
    pub(crate) fn call(&self, number: u64) -> Option<Arc<Entry>> {
        let parts = self.parts.all();
        let arrived = self.counts.arrived.load(Ordering::Relaxed);
        let mut calls = parts.iter().map(|part| &part.calls);
        let call = calls.find_map(|calls| calls.get(calls.binary_search_by_key(&number, |call| call.number).ok()?));
        call.filter(|call| self.is_among_last(call.number, arrived)).cloned()
    }

    /// Clears everything but the digest, restarts the numbers, and returns the number of calls that had arrived.
    pub(crate) fn clear(&self) -> u64 {
        let mut past = self.past.lock();
        let mut parts = self.parts.all();
        let emptied: Vec<_> = parts.iter_mut().map(|part| std::mem::take(&mut **part)).collect();
        let arrived = self.counts.arrived.swap(0, Ordering::Relaxed);
        self.counts.cleared.store(self.counts.position.load(Ordering::Relaxed), Ordering::Relaxed);
        drop(parts);
        self.sub_held(emptied.iter().map(|part| part.moments.size()).sum());
        let calls: Vec<_> = emptied.into_iter().flat_map(|part| part.calls).collect();
        for call in &calls {
            self.forget(call);
        }
        let Remembered { calls, dropped } = self.last(calls, arrived);
        past.dropped += dropped;
        for call in &calls {
            past.digest.add_call(call);
        }
        self.enter(|| Moment::Change("reset"));
        arrived
    }

    /// The number of calls that arrived.
    pub(crate) fn arrived(&self) -> u64 {
        self.counts.arrived.load(Ordering::Relaxed)
    }

    /// The digest of all calls since the sandbox was created, and the number of evicted calls that are missing from it.
    pub(crate) fn digest(&self) -> (Digest, u64) {
        let past = self.past.lock();
        let Remembered { calls, dropped } = self.remembered();
        let mut digest = past.digest.clone();
        for call in &calls {
            digest.add_call(call);
        }
        (digest, past.dropped + dropped)
    }

    /// Restarts the digest with the calls in the journal.
    pub(crate) fn restart_digest(&self) {
        *self.past.lock() = Past::default();
    }

    /// A watch on arrivals and responses.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.memory.sub_evictable(self.bytes());
    }
}

#[cfg(test)]
mod tests;
