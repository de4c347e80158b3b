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
    Error, Timestamp,
    call::{Answer, Call, Request},
    clock::stopwatch,
    digest::Digest,
    head::{Head, Heads},
    shards::Shards,
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
    parts: Shards<Part>,
    /// Apart from what is only read.
    counts: CachePadded<Counts>,
    /// Changes with every arrival and every answer.
    changed: watch::Sender<()>,
    /// The run up to the last time that it was cleared. Locked before a part is.
    past: Mutex<Past>,
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
    calls: VecDeque<Arc<Call>>,
    heads: Heads,
    /// The last large answer of each operation. Whoever polls gets the same again and again: it is held once.
    last: BTreeMap<&'static str, Bytes>,
}

/// The calls that a journal holds, and how many it holds no more.
pub(crate) struct Remembered {
    pub(crate) calls: Vec<Arc<Call>>,
    pub(crate) dropped: u64,
}

impl Journal {
    pub(super) fn new(capacity: usize) -> Self {
        let capacity = u64::try_from(capacity).unwrap_or(u64::MAX);
        let (parts, counts, changed) = (Shards::default(), CachePadded::default(), watch::Sender::new(()));
        Self { capacity, parts, counts, changed, past: Mutex::default() }
    }

    /// Whether calls are written down.
    pub(crate) fn is_kept(&self) -> bool {
        self.capacity > 0
    }

    /// The head of a call, which its target is of, or of an answer.
    pub(crate) fn head(&self, target: &str, headers: &HeaderMap) -> Head {
        self.parts.mine().heads.head(target, headers)
    }

    /// Writes a call down. It counts from now on.
    pub(crate) fn arrive(&self, at: Timestamp, request: Request) -> Arc<Call> {
        let (size, arrived) = (request.size(), stopwatch());
        let (operation, fault, answer, fields) = (OnceLock::new(), OnceLock::new(), OnceLock::new(), Mutex::default());
        let counted = AtomicUsize::new(size);
        let mut part = self.parts.mine();
        let number = self.counts.arrived.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.counts.bytes.fetch_add(size, Ordering::Relaxed) + size;
        let call = Arc::new(Call { number, at, request, operation, fault, answer, fields, arrived, counted });
        part.calls.push_back(call.clone());
        // It is dropped when the lock is free again; that it is more than one is rare.
        let forgotten = self.forget_old(&mut part, number);
        drop(part);
        drop(forgotten);
        if bytes > BYTES {
            self.shrink();
        }
        self.tell();
        call
    }

    /// Writes down what was answered.
    pub(crate) fn finish(&self, call: &Call, status: StatusCode, headers: Head, body: Bytes, why: Option<Error>) {
        let latency = u64::try_from(call.arrived.elapsed().as_micros()).unwrap_or(u64::MAX);
        let known = call.operation.get().and_then(|operation| self.known(operation, &body));
        let (again, body) = (known.is_some(), known.unwrap_or(body));
        let answer = Answer { status, headers, body, again, latency, refusal: why };
        let size = answer.size();
        if call.answer.set(answer).is_ok() {
            self.counts.bytes.fetch_add(size, Ordering::Relaxed);
            // It was forgotten before it was answered.
            if call.counted.fetch_add(size, Ordering::Relaxed) >= GONE {
                self.counts.bytes.fetch_sub(size, Ordering::Relaxed);
            }
        }
        self.tell();
    }

    /// Forgets what of a part is too long ago when so many calls arrived, and answers the last one of it.
    fn forget_old(&self, part: &mut Part, arrived: u64) -> Option<Arc<Call>> {
        let mut forgotten = None;
        while part.calls.front().is_some_and(|call| !self.is_among_last(call.number, arrived)) {
            forgotten = part.calls.pop_front().inspect(|call| self.forget(call));
        }
        forgotten
    }

    fn is_among_last(&self, number: u64, arrived: u64) -> bool {
        arrived - number < self.capacity
    }

    /// Forgets the oldest calls while there are too many bytes.
    fn shrink(&self) {
        let mut parts = self.parts.all();
        let mut forgotten = Vec::new();
        while self.counts.bytes.load(Ordering::Relaxed) > BYTES
            && parts.iter().map(|part| part.calls.len()).sum::<usize>() > 1
        {
            let first = |part: &Part| part.calls.front().map_or(u64::MAX, |call| call.number);
            let oldest = parts.iter_mut().min_by_key(|part| first(part)).and_then(|part| part.calls.pop_front());
            forgotten.extend(oldest.inspect(|call| self.forget(call)));
        }
        // They are dropped when nobody waits for them.
        drop(parts);
    }

    /// Counts a call no more.
    fn forget(&self, call: &Call) {
        self.counts.bytes.fetch_sub(call.counted.swap(GONE, Ordering::Relaxed), Ordering::Relaxed);
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
    fn last(&self, mut calls: Vec<Arc<Call>>, arrived: u64) -> Remembered {
        calls.retain(|call| self.is_among_last(call.number, arrived));
        calls.sort_by_key(|call| call.number);
        let dropped = arrived - calls.len() as u64;
        Remembered { calls, dropped }
    }

    /// One entry.
    pub(crate) fn call(&self, number: u64) -> Option<Arc<Call>> {
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
    pub(super) fn restart_digest(&self) {
        *self.past.lock() = Past::default();
    }

    /// What tells of arrivals and answers.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use http::Method;

    use super::*;

    fn head(target: &str) -> Head {
        Heads::default().head(target, &HeaderMap::new())
    }

    fn request(target: &str, body: usize) -> Request {
        Request { head: head(target), method: Method::GET, body: vec![0; body].into(), cut: false, secure: false }
    }

    fn arrive(journal: &Journal, target: &str) -> Arc<Call> {
        journal.arrive(Timestamp::from_milliseconds(0), request(target, 0))
    }

    #[test]
    fn a_target_is_a_path_and_a_query() {
        for (target, path, query) in [("/a?b=c?d", "/a", "b=c?d"), ("/a", "/a", ""), ("/?", "/", ""), ("?a", "", "a")] {
            assert_eq!((request(target, 0).path(), request(target, 0).query()), (path, query));
        }
    }

    #[test]
    fn answers_count_like_requests_when_there_are_too_many_bytes() {
        let journal = Journal::new(10);
        for _ in 0..4 {
            let call = journal.arrive(Timestamp::from_milliseconds(0), request("/", BYTES / 8));
            let body = vec![0; BYTES / 4].into();
            journal.finish(&call, StatusCode::OK, head(""), body, None);
        }
        let kept = journal.remembered();
        assert_eq!((kept.calls.len(), kept.dropped), (3, 1), "the last was answered after the others were counted");
        journal.arrive(Timestamp::from_milliseconds(0), request("/", 0));
        let kept = journal.remembered();
        assert_eq!((kept.calls.len(), kept.dropped), (3, 2));
    }

    #[test]
    fn an_answer_that_comes_again_is_held_once() {
        let journal = Journal::new(10);
        let answered = |text: &'static [u8]| {
            let call = arrive(&journal, "/");
            call.operation.set("list_leads").expect("it is set once");
            journal.finish(&call, StatusCode::OK, head(""), Bytes::copy_from_slice(text), None);
            let answer = call.answer.get().expect("it was answered");
            assert_eq!(answer.body, text);
            (answer.body.as_ptr(), answer.size())
        };
        let (first, other) = (&[1; LARGE], &[2; LARGE]);
        let bodies = [&first[..], first, other, first, &first[1..], &first[1..]].map(answered);
        let again: Vec<_> = bodies.windows(2).map(|two| two[0].0 == two[1].0).collect();
        assert_eq!(again, [true, false, false, false, false], "only what is large, and only as it was last");
        let head = head("").len();
        let sizes = [LARGE, 0, LARGE, LARGE, LARGE - 1, LARGE - 1].map(|body| head + body);
        assert_eq!(bodies.map(|body| body.1), sizes);
    }

    #[test]
    fn an_answer_to_a_call_that_is_forgotten_does_not_count() {
        let journal = Journal::new(1);
        let early = arrive(&journal, "/early");
        arrive(&journal, "/late");
        let held = journal.counts.bytes.load(Ordering::Relaxed);
        journal.finish(&early, StatusCode::OK, head(""), vec![0; BYTES].into(), None);
        assert_eq!(journal.counts.bytes.load(Ordering::Relaxed), held);
        let late = journal.remembered().calls.remove(0);
        journal.clear();
        journal.finish(&late, StatusCode::OK, head(""), vec![0; BYTES].into(), None);
        assert_eq!(journal.counts.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn threads_write_one_journal() {
        let journal = Journal::new(10);
        let numbers = || journal.remembered().calls.iter().map(|call| call.number).collect::<Vec<_>>();
        let here = |calls| (0..calls).for_each(|_| drop(arrive(&journal, "/here")));
        let there = |calls| thread::scope(|scope| drop(scope.spawn(|| here(calls))));
        here(4);
        there(4);
        here(1);
        assert_eq!(numbers(), (1..=9).collect::<Vec<_>>());
        there(10);
        // The first thread has not forgotten its own yet.
        assert!(journal.call(9).is_none());
        assert_eq!(journal.call(10).map(|call| call.number), Some(10));
        assert_eq!(numbers(), (10..=19).collect::<Vec<_>>());
        journal.clear();
        assert_eq!((numbers().len(), journal.counts.bytes.load(Ordering::Relaxed)), (0, 0));
        there(1);
        assert_eq!(numbers(), [1]);
    }

    #[test]
    fn when_there_are_too_many_bytes_the_oldest_of_all_threads_are_forgotten() {
        let journal = Journal::new(10);
        let large = || drop(journal.arrive(Timestamp::from_milliseconds(0), request("/", BYTES / 3)));
        large();
        thread::scope(|scope| drop(scope.spawn(large)));
        arrive(&journal, "/");
        for kept in [[2, 3, 4], [3, 4, 5]] {
            large();
            assert!(journal.remembered().calls.iter().map(|call| call.number).eq(kept));
        }
    }

    #[test]
    fn a_journal_of_no_calls_holds_none() {
        let journal = Journal::new(0);
        for number in 1..=2 {
            let call = arrive(&journal, "/");
            assert_eq!(call.number, number);
            journal.finish(&call, StatusCode::OK, head(""), vec![0; LARGE].into(), None);
            let kept = journal.remembered();
            assert_eq!((kept.calls.len(), kept.dropped, journal.counts.bytes.load(Ordering::Relaxed)), (0, number, 0));
        }
    }
}
