//! What a journal keeps, in which order, and what it forgets.

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
    let journal = Journal::new(10, Memory::new(usize::MAX));
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
    let journal = Journal::new(10, Memory::new(usize::MAX));
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
fn threads_write_one_journal() {
    let journal = Journal::new(10, Memory::new(usize::MAX));
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
fn a_journal_of_no_calls_holds_none() {
    let journal = Journal::new(0, Memory::new(usize::MAX));
    for number in 1..=2 {
        let call = arrive(&journal, "/");
        assert_eq!(call.number, number);
        journal.finish(&call, StatusCode::OK, head(""), vec![0; LARGE].into(), None);
        let kept = journal.remembered();
        assert_eq!((kept.calls.len(), kept.dropped, journal.counts.bytes.load(Ordering::Relaxed)), (0, number, 0));
    }
}
