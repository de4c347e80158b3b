//! What was asked of a sandbox and what it answered: the last calls, from the moment in which they arrive.

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
};
use crate::{
    runtime::{clock::stopwatch, memory::Memory, per_thread::PerThread},
    value::{Error, Timestamp},
};

/// Bytes of requests and answers that a journal holds at most.
const BYTES: usize = 64 << 20;

/// Instead of the bytes of an entry that is held no more.
const GONE: usize = 1 << (usize::BITS - 1);

/// Bytes from which on it is worth a look whether an answer is held already.
const LARGE: usize = 1 << 10;

/// The last calls of a sandbox.
pub(crate) struct Journal {
    /// Most calls that it holds; 0 for none.
    capacity: u64,
    /// Each thread has its own part, and frees what it forgets itself.
    parts: PerThread<Part>,
    /// Apart from what is only read.
    counts: CachePadded<Counts>,
    /// Changes with every arrival and every answer.
    changed: watch::Sender<()>,
    /// The run up to the last time that it was cleared. Locked before a part is.
    past: Mutex<Past>,
    memory: Arc<Memory>,
}

/// What is left of the calls that were cleared.
#[derive(Default)]
struct Past {
    digest: Digest,
    /// Calls that were dropped before they were cleared, and are not in the digest.
    dropped: u64,
}

#[derive(Default)]
struct Counts {
    /// Calls that arrived. It grows only where a part is locked.
    arrived: AtomicU64,
    bytes: AtomicUsize,
}

#[derive(Default)]
struct Part {
    /// In the order of their numbers.
    calls: VecDeque<Arc<Entry>>,
    heads: HeaderInterner,
    /// The last large answer of each operation. Whoever polls gets the same again and again: it is held once.
    last: BTreeMap<&'static str, Bytes>,
}

/// The calls that a journal holds, and how many it holds no more.
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

    /// Bytes of all calls that it holds.
    pub(crate) fn bytes(&self) -> usize {
        self.counts.bytes.load(Ordering::Relaxed)
    }

    /// Counts bytes, and returns how many there are then.
    fn add(&self, bytes: usize) -> usize {
        self.memory.add_evictable(bytes);
        self.counts.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes
    }

    fn sub(&self, bytes: usize) {
        self.counts.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.memory.sub_evictable(bytes);
    }

    /// Forgets the older calls until half of the bytes are left.
    pub(crate) fn halve(&self) {
        self.shrink(self.bytes() / 2);
    }

    /// Whether calls are written down.
    pub(crate) fn is_kept(&self) -> bool {
        self.capacity > 0
    }

    /// The head of a call, which its target is of, or of an answer.
    pub(crate) fn head(&self, target: &str, headers: &HeaderMap) -> PackedHeaders {
        self.parts.mine().heads.head(target, headers)
    }

    /// Writes a call down. It counts from now on.
    pub(crate) fn arrive(&self, at: Timestamp, request: RecordedRequest) -> Arc<Entry> {
        let (size, arrived) = (request.size(), stopwatch());
        let (operation, fault, answer, fields) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), Mutex::default());
        let counted = AtomicUsize::new(size);
        let mut part = self.parts.mine();
        let number = self.counts.arrived.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.add(size);
        let call = Arc::new(Entry { number, at, request, operation, fault, answer, fields, arrived, counted });
        part.calls.push_back(call.clone());
        // It is dropped when the lock is free again; that it is more than one is rare.
        let forgotten = self.forget_old(&mut part, number);
        drop(part);
        drop(forgotten);
        if bytes > BYTES {
            self.shrink(BYTES);
        }
        self.tell();
        call
    }

    /// Writes down what was answered.
    pub(crate) fn finish(
        &self,
        call: &Entry,
        status: StatusCode,
        headers: PackedHeaders,
        body: Bytes,
        why: Option<Error>,
    ) {
        let latency = u64::try_from(call.arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let known = call.operation.get().and_then(|operation| self.known(operation, &body));
        let (again, body) = (known.is_some(), known.unwrap_or(body));
        let answer = RecordedResponse { status, headers, body, again, latency, refusal: why };
        let size = answer.size();
        if call.answer.set(answer).is_ok() {
            self.add(size);
            // It was forgotten before it was answered.
            if call.counted.fetch_add(size, Ordering::Relaxed) >= GONE {
                self.sub(size);
            }
        }
        self.tell();
    }

    /// Forgets what of a part is too long ago when so many calls arrived, and answers the last one of it.
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

    /// Forgets the oldest calls while there are more bytes than that; the last one stays.
    fn shrink(&self, most: usize) {
        let mut parts = self.parts.all();
        let mut forgotten = Vec::new();
        while self.bytes() > most && parts.iter().map(|part| part.calls.len()).sum::<usize>() > 1 {
            let first = |part: &Part| part.calls.front().map_or(u64::MAX, |call| call.number);
            let oldest = parts.iter_mut().min_by_key(|part| first(part)).and_then(|part| part.calls.pop_front());
            forgotten.extend(oldest.inspect(|call| self.forget(call)));
        }
        // They are dropped when nobody waits for them.
        drop(parts);
    }

    /// Counts a call no more.
    fn forget(&self, call: &Entry) {
        self.sub(call.counted.swap(GONE, Ordering::Relaxed));
    }

    /// The last answer of an operation, if it is this one.
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

    fn tell(&self) {
        if self.changed.receiver_count() > 0 {
            self.changed.send_replace(());
        }
    }

    /// All that is remembered, oldest first.
    pub(crate) fn remembered(&self) -> Remembered {
        let mut parts = self.parts.all();
        let arrived = self.counts.arrived.load(Ordering::Relaxed);
        // A thread that has not written for a while has not forgotten for a while.
        for part in &mut parts {
            drop(self.forget_old(part, arrived));
        }
        let calls: Vec<_> = parts.iter().flat_map(|part| part.calls.iter().cloned()).collect();
        drop(parts);
        self.last(calls, arrived)
    }

    /// The calls that are not too long ago, in their order.
    fn last(&self, mut calls: Vec<Arc<Entry>>, arrived: u64) -> Remembered {
        calls.retain(|call| self.is_among_last(call.number, arrived));
        calls.sort_by_key(|call| call.number);
        let dropped = arrived - calls.len() as u64;
        Remembered { calls, dropped }
    }

    /// The number of calls that it holds.
    pub(crate) fn len(&self) -> usize {
        let parts = self.parts.all();
        let arrived = self.counts.arrived.load(Ordering::Relaxed);
        let held = |part: &Part| part.calls.iter().filter(|call| self.is_among_last(call.number, arrived)).count();
        parts.iter().map(|part| held(part)).sum()
    }

    /// One entry.
    pub(crate) fn call(&self, number: u64) -> Option<Arc<Entry>> {
        let parts = self.parts.all();
        let arrived = self.counts.arrived.load(Ordering::Relaxed);
        let mut calls = parts.iter().map(|part| &part.calls);
        let call = calls.find_map(|calls| calls.get(calls.binary_search_by_key(&number, |call| call.number).ok()?));
        call.filter(|call| self.is_among_last(call.number, arrived)).cloned()
    }

    /// Forgets everything but the digest, and answers how many calls there were; numbers start anew.
    pub(crate) fn clear(&self) -> u64 {
        let mut past = self.past.lock();
        let mut parts = self.parts.all();
        let calls: Vec<_> = parts.iter_mut().flat_map(|part| std::mem::take(&mut **part).calls).collect();
        for call in &calls {
            self.forget(call);
        }
        let arrived = self.counts.arrived.swap(0, Ordering::Relaxed);
        drop(parts);
        let Remembered { calls, dropped } = self.last(calls, arrived);
        past.dropped += dropped;
        for call in &calls {
            past.digest.add_call(call);
        }
        arrived
    }

    /// The digest of all calls since the sandbox was created, and how many calls were dropped and are not in it.
    pub(crate) fn digest(&self) -> (Digest, u64) {
        let past = self.past.lock();
        let Remembered { calls, dropped } = self.remembered();
        let mut digest = past.digest.clone();
        for call in &calls {
            digest.add_call(call);
        }
        (digest, past.dropped + dropped)
    }

    /// Starts a new digest with the calls that are remembered.
    pub(crate) fn restart_digest(&self) {
        *self.past.lock() = Past::default();
    }

    /// What tells of arrivals and answers.
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
