//! Tests of the journal's contents, order, and eviction.

use std::thread;

use http::Method;

use super::*;

fn head(target: &str) -> PackedHeaders {
    HeaderInterner::default().head(target, &HeaderMap::new())
}

fn request(target: &str, body: usize) -> RecordedRequest {
    RecordedRequest { head: head(target), method: Method::GET, body: vec![0; body].into(), cut: false, secure: false }
}

fn arrive(journal: &Journal, target: &str) -> Arc<Entry> {
    journal.arrive(Timestamp::from_milliseconds(0), request(target, 0))
}

#[test]
fn a_target_has_a_path_and_a_query() {
    for (target, path, query) in [("/a?b=c?d", "/a", "b=c?d"), ("/a", "/a", ""), ("/?", "/", ""), ("?a", "", "a")] {
        assert_eq!((request(target, 0).path(), request(target, 0).query()), (path, query));
    }
}

#[test]
fn responses_count_towards_the_size_limit() {
    let journal = Journal::new(10, Memory::new(usize::MAX));
    for _ in 0..4 {
        let call = journal.arrive(Timestamp::from_milliseconds(0), request("/", BYTES / 8));
        let body = vec![0; BYTES / 4].into();
        journal.finish(&call, StatusCode::OK, head(""), body, None);
    }
    let kept = journal.remembered();
    assert_eq!((kept.calls.len(), kept.dropped), (3, 1), "the last response arrived after the last eviction");
    journal.arrive(Timestamp::from_milliseconds(0), request("/", 0));
    let kept = journal.remembered();
    assert_eq!((kept.calls.len(), kept.dropped), (3, 2));
}

#[test]
fn equal_consecutive_responses_share_memory() {
    let journal = Journal::new(10, Memory::new(usize::MAX));
    let answered = |text: &'static [u8]| {
        let call = arrive(&journal, "/");
        call.operation.set("list_leads").expect("the operation is set once");
        journal.finish(&call, StatusCode::OK, head(""), Bytes::copy_from_slice(text), None);
        let answer = call.answer.get().expect("the response is recorded");
        assert_eq!(answer.body, text);
        (answer.body.as_ptr(), answer.size())
    };
    let (first, other) = (&[1; LARGE], &[2; LARGE]);
    let bodies = [&first[..], first, other, first, &first[1..], &first[1..]].map(answered);
    let again: Vec<_> = bodies.windows(2).map(|two| two[0].0 == two[1].0).collect();
    assert_eq!(again, [true, false, false, false, false], "only large bodies, and only consecutive ones");
    let head = head("").len();
    let sizes = [LARGE, 0, LARGE, LARGE, LARGE - 1, LARGE - 1].map(|body| head + body);
    assert_eq!(bodies.map(|body| body.1), sizes);
}

#[test]
fn responses_to_evicted_calls_do_not_count() {
    let journal = Journal::new(1, Memory::new(usize::MAX));
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
fn threads_share_one_journal() {
    let journal = Journal::new(10, Memory::new(usize::MAX));
    let numbers = || journal.remembered().calls.iter().map(|call| call.number).collect::<Vec<_>>();
    let here = |calls| (0..calls).for_each(|_| drop(arrive(&journal, "/here")));
    let there = |calls| thread::scope(|scope| drop(scope.spawn(|| here(calls))));
    here(4);
    there(4);
    here(1);
    assert_eq!(numbers(), (1..=9).collect::<Vec<_>>());
    there(10);
    // The first thread's shard has not evicted anything yet.
    assert!(journal.call(9).is_none());
    assert_eq!(journal.call(10).map(|call| call.number), Some(10));
    assert_eq!(numbers(), (10..=19).collect::<Vec<_>>());
    journal.clear();
    assert_eq!((numbers().len(), journal.counts.bytes.load(Ordering::Relaxed)), (0, 0));
    there(1);
    assert_eq!(numbers(), [1]);
}

#[test]
fn the_oldest_calls_of_all_threads_are_evicted_first() {
    let journal = Journal::new(10, Memory::new(usize::MAX));
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
fn a_journal_without_capacity_holds_nothing() {
    let journal = Journal::new(0, Memory::new(usize::MAX));
    for number in 1..=2 {
        let call = arrive(&journal, "/");
        assert_eq!(call.number, number);
        journal.finish(&call, StatusCode::OK, head(""), vec![0; LARGE].into(), None);
        let kept = journal.remembered();
        assert_eq!((kept.calls.len(), kept.dropped, journal.counts.bytes.load(Ordering::Relaxed)), (0, number, 0));
    }
}
