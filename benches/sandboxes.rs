//! The cost of a sandbox, a snapshot, and a restore, with few documents and with a million.

#![expect(clippy::print_stdout, reason = "prints the result table")]

use std::time::{Duration, Instant};

use tiledesk_mock::bench::Worlds;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 101;

fn median(mut measure: impl FnMut(usize)) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|round| {
            let start = Instant::now();
            measure(round);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[ROUNDS / 2]
}

fn main() {
    println!("| | default world | plus 1,000,000 leads | target |\n|---|---|---|---|");
    let mut few = Worlds::new(0);
    let mut many = Worlds::new(1_000_000);
    let row = |name: &str, few: Duration, many: Duration, target: &str| {
        println!("| {name} | {:.1} µs | {:.1} µs | {target} |", few.as_secs_f64() * 1e6, many.as_secs_f64() * 1e6);
    };
    row("sandbox on first use", median(|round| few.sandbox(round)), median(|round| many.sandbox(round)), "≤ 100 µs");
    row("snapshot", median(|_| few.snapshot()), median(|_| many.snapshot()), "≤ 1 ms");
    row("restore", median(|_| few.restore()), median(|_| many.restore()), "≤ 1 ms");
    row("difference in one lead", median(|_| few.difference()), median(|_| many.difference()), "");
}
