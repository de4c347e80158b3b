//! What a page of requests costs in a small and in a large project: ratios measured in one run, rounds alternating.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use std::{hint::black_box, time::Instant};

use serde_json::{Value, json};
use tiledesk_mock::bench::Requests;

const ROUNDS: usize = 15;
const PAGES: u32 = 200;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let (few, many) = (Requests::new(100), Requests::new(1_000_000));
    println!("| page of 40 requests | of 100, µs | of 1,000,000, µs | ratio | target |\n|---|---|---|---|---|");
    for (name, filter) in [
        ("all that are open", json!({})),
        ("one status", json!({"status": "200"})),
        ("one department", json!({"dept_id": "5c34ba232c62730016da250e"})),
    ] {
        let (mut small, mut large, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (one, other) = (time(&few, &filter), time(&many, &filter));
            // The first round only warms up.
            if round > 0 {
                small.push(one);
                large.push(other);
                ratios.push(other / one);
            }
        }
        let (small, large, ratio) = (median(small), median(large), median(ratios));
        println!("| {name} | {small:.1} | {large:.1} | {ratio:.2} | ≤ 1.50 |");
    }
}

/// Microseconds of one page.
fn time(requests: &Requests, filter: &Value) -> f64 {
    let start = Instant::now();
    for _ in 0..PAGES {
        black_box(requests.list(filter));
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(PAGES)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
