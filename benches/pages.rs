//! The cost of a page in a small and in a large project: ratios measured in one run, with alternating rounds.

#![expect(clippy::print_stdout, reason = "prints the result table")]

use std::{hint::black_box, time::Instant};

use serde_json::{Value, json};
use tiledesk_mock::bench::Lists;

const ROUNDS: usize = 15;
const PAGES: u32 = 200;
const DEPARTMENT: &str = "5c34ba232c62730016da250e";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Reads a page, and returns its size in bytes.
type List = fn(&Lists, &Value) -> usize;

fn main() {
    let (few, many) = (Lists::new(1_000), Lists::new(1_000_000));
    let both = |filter: Value| [filter.clone(), filter];
    println!("| page of 40 | of 1,000, µs | of 1,000,000, µs | ratio | target |\n|---|---|---|---|---|");
    let (requests, leads): (List, List) = (Lists::requests, Lists::leads);
    for (name, list, [small, large], target) in [
        ("requests, first page", requests, both(json!({})), 1.5),
        ("requests, page 24 / page 1,000", requests, [json!({"page": 23}), json!({"page": 999})], 3.0),
        ("requests by status", requests, both(json!({"status": "200"})), 1.5),
        ("requests by department", requests, both(json!({"dept_id": DEPARTMENT})), 1.5),
        ("requests by lead", requests, [&few, &many].map(|lists| json!({"lead": lists.lead()})), 1.5),
        ("requests, full_text, word in 40", requests, both(json!({"full_text": "needle"})), 3.0),
        ("requests, full_text, word in all", requests, both(json!({"full_text": "hay"})), 3.0),
        ("leads, first page", leads, both(json!({})), 1.5),
        ("leads, page 24 / page 1,000", leads, [json!({"page": 23}), json!({"page": 999})], 3.0),
        ("leads by email address", leads, both(json!({"email": "lead500@example.com"})), 1.5),
        ("leads, full_text, word in one", leads, both(json!({"full_text": "lead500"})), 3.0),
        ("leads, full_text, word in all", leads, both(json!({"full_text": "lead"})), 3.0),
    ] {
        for page in [list(&few, &small), list(&many, &large)] {
            assert!(page > 300, "{name}: the page is empty: {page} bytes");
        }
        let (mut smalls, mut larges, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let (one, other) = (time(|| list(&few, &small)), time(|| list(&many, &large)));
            // The first round only warms up.
            if round > 0 {
                smalls.push(one);
                larges.push(other);
                ratios.push(other / one);
            }
        }
        let (small, large, ratio) = (median(smalls), median(larges), median(ratios));
        println!("| {name} | {small:.1} | {large:.1} | {ratio:.2} | ≤ {target:.2} |");
    }
}

/// Microseconds per page.
fn time(page: impl Fn() -> usize) -> f64 {
    let start = Instant::now();
    for _ in 0..PAGES {
        black_box(page());
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(PAGES)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
