//! What a call may cost: counted in allocations, which do not depend on the machine or on what else it does.
//!
//! A change that makes a call cheaper lowers its budget, too.

use allocation_counter::measure;
use bytes::Bytes;
use http::{Request, StatusCode};
use tiledesk_mock::Fake;

/// More than the budget that is not minded, in percent: the journal grows now and then.
const TOLERANCE: u64 = 10;

const CALLS: u64 = 1_000;

#[test]
fn reading_a_lead_stays_within_its_budget() {
    stays_within(114, "/v3/5b55e806c93dde00143163dd/leads/5c81565edf767b0017d1aa35", r#""fullname":"#);
}

#[test]
fn listing_leads_stays_within_its_budget() {
    stays_within(398, "/v3/5b55e806c93dde00143163dd/leads", r#""leads":["#);
}

fn stays_within(budget: u64, path: &str, shown: &str) {
    let fake = Fake::builder().start().expect("there is a free port");
    let call = || {
        let request = Request::get(path).header("authorization", "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2");
        let answer = pollster::block_on(fake.call(request.body(Bytes::new()).expect("a valid request")));
        assert_eq!(answer.status(), StatusCode::OK);
        answer
    };
    // What is made once is made by the first calls.
    for _ in 0..CALLS {
        call();
    }
    assert!(std::str::from_utf8(call().body()).expect("an answer is UTF-8").contains(shown));
    let counted = measure(|| (0..CALLS).for_each(|_| drop(call())));
    let each = counted.count_total / CALLS;
    assert!(
        each * 100 <= budget * (100 + TOLERANCE),
        "GET {path} takes {each} allocations ({} bytes), of {budget} that it may take",
        counted.bytes_total / CALLS,
    );
}
