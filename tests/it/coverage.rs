//! Operations covered by at least one successful exchange.

use std::{collections::BTreeSet, fs};

use tiledesk_mock::{exchanges, openapi};

use crate::support::root;

#[test]
fn every_operation_has_a_successful_exchange() {
    let operations = openapi::operations();
    let operations: BTreeSet<_> = operations.lines().filter_map(|line| line.split_whitespace().nth_back(3)).collect();
    let exchanges = exchanges();
    let named = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    let shown: BTreeSet<_> =
        exchanges.iter().filter(|(_, exchange)| exchange.status < 300).map(|(name, _)| named(name)).collect();
    for name in exchanges.keys() {
        assert!(operations.contains(named(name).as_str()), "{name} belongs to no operation");
    }
    // Operations without a successful exchange. The list may only shrink.
    let file = fs::read_to_string(root().join("tests/it/uncovered.txt")).expect("the list exists");
    let excused: BTreeSet<_> = file.lines().filter(|line| !line.starts_with('#')).collect();
    let uncovered: BTreeSet<_> = operations.iter().copied().filter(|id| !shown.contains(*id)).collect();
    assert_eq!(uncovered, excused, "uncovered operations must match the list");
}
