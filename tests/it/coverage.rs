//! Which operations are shown to work: those of which an exchange succeeds.

use std::{collections::BTreeSet, fs};

use tiledesk_mock::{exchanges, openapi};

use crate::support::root;

#[test]
fn every_operation_has_an_exchange_that_succeeds() {
    let operations = openapi::operations();
    let operations: BTreeSet<_> = operations.lines().filter_map(|line| line.split_whitespace().nth_back(3)).collect();
    let exchanges = exchanges();
    let named = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let shown: BTreeSet<_> =
        exchanges.iter().filter(|(_, exchange)| exchange.status < 300).map(|(name, _)| named(name)).collect();
    for name in exchanges.keys() {
        assert!(operations.contains(named(name).as_str()), "{name} belongs to no operation");
    }
    // Operations without one. The list may only shrink.
    let file = fs::read_to_string(root().join("tests/it/uncovered.txt")).expect("the list is there");
    let excused: BTreeSet<_> = file.lines().filter(|line| !line.starts_with('#')).collect();
    let uncovered: BTreeSet<_> = operations.iter().copied().filter(|id| !shown.contains(*id)).collect();
    assert_eq!(uncovered, excused, "uncovered operations, and those that are excused");
}
