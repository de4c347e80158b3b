//! The cost of a call, counted in allocations, which depend neither on the machine nor on its load.
//!
//! Lower the budget with every change that makes a call cheaper.

use std::time::{Duration, SystemTime};

use allocation_counter::measure;
use bytes::Bytes;
use http::{Request, StatusCode};
use tiledesk_mock::Fake;

/// Tolerated excess in percent: the journal grows now and then.
const TOLERANCE: u64 = 10;

const CALLS: u64 = 1_000;

#[test]
fn reading_a_lead_stays_within_its_budget() {
    stays_within(108, "GET leads/5c81565edf767b0017d1aa35", "");
}

#[test]
fn listing_leads_stays_within_its_budget() {
    stays_within(374, "GET leads", "");
}

#[test]
fn creating_a_lead_stays_within_its_budget() {
    stays_within(132, "POST leads", r#"{"fullname":"Ada Lovelace","email":"ada@example.com"}"#);
}

fn stays_within(budget: u64, what: &str, body: &'static str) {
    // With a running clock, the default world has more documents.
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800);
    let fake = Fake::builder().frozen_at(noon).start().expect("a free port");
    let (method, path) = what.split_once(' ').expect("a method and a path");
    let call = || {
        let request = Request::builder().method(method).uri(format!("/v3/5b55e806c93dde00143163dd/{path}"));
        let request = request.header("authorization", "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2");
        let request = request.header("content-type", "application/json").body(Bytes::from_static(body.as_bytes()));
        let answer = pollster::block_on(fake.call(request.expect("a valid request")));
        assert_eq!(answer.status(), StatusCode::OK);
        answer
    };
    // The first calls also initialize what is created only once.
    for _ in 0..CALLS {
        call();
    }
    assert!(std::str::from_utf8(call().body()).expect("responses are UTF-8").contains(r#""fullname":"#));
    let counted = measure(|| (0..CALLS).for_each(|_| drop(call())));
    let each = counted.count_total / CALLS;
    assert!(
        each * 100 <= budget * (100 + TOLERANCE),
        "{what} takes {each} allocations ({} bytes), budget {budget}",
        counted.bytes_total / CALLS,
    );
}
