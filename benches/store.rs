//! The store in isolation: rendering a document, adding one, and reading pages of small and large tables.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use tiledesk_mock::bench::Leads;

fn store(criterion: &mut Criterion) {
    let mut few = Leads::new(1_000);
    let many = Leads::new(1_000_000);
    criterion.bench_function("render a lead", |bencher| bencher.iter(|| few.render(7)));
    for (name, leads) in [("1,000", &few), ("1,000,000", &many)] {
        criterion.bench_function(&format!("add a lead to {name}, keeping the state before"), |bencher| {
            bencher.iter_batched(|| leads.clone(), |mut leads| leads.add(7), BatchSize::SmallInput);
        });
        criterion.bench_function(&format!("first page of {name}"), |bencher| bencher.iter(|| leads.page(0, None)));
        criterion.bench_function(&format!("page 20 of {name}"), |bencher| bencher.iter(|| leads.page(20, None)));
        criterion.bench_function(&format!("one e-mail address of {name}"), |bencher| {
            bencher.iter(|| leads.page(0, Some("lead500@example.com")));
        });
    }
    criterion.bench_function("page 20,000 of 1,000,000", |bencher| bencher.iter(|| many.page(20_000, None)));
}

criterion_group!(benches, store);
criterion_main!(benches);
