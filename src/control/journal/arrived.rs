//! The calls that arrived instead of the awaited ones, summarized for a timed-out wait.

use std::{
    collections::{HashMap, hash_map},
    sync::Arc,
};

use crate::recorder::{entry::Entry, redact};

/// Maximum number of lines. Further groups are combined in one more line.
const LINES: usize = 10;

/// One line per operation and status, latest first.
pub(crate) fn lines(calls: &[Arc<Entry>]) -> Vec<String> {
    let mut groups = Groups::default();
    for call in calls {
        let status = call.answer.get().map(|answer| answer.status.as_u16());
        let (method, path) = (call.request.method.as_str(), redact::target(call.request.path()));
        let told = status.map_or("no response yet".to_owned(), |status| status.to_string());
        match call.operation.get() {
            Some(operation) => {
                groups.add(format!("{operation} {told}"), || format!("{operation} ({method} {path}): {told}"));
            }
            None => groups.add(format!("{method} {path} {told}"), || format!("{method} {path}: {told}")),
        }
    }
    groups.lines()
}

/// Counts equal items.
#[derive(Default)]
pub(crate) struct Groups {
    groups: HashMap<String, Group>,
    added: usize,
}

struct Group {
    line: String,
    count: usize,
    /// Position of the item added last.
    last: usize,
}

impl Groups {
    /// Counts an item of a group. The group's first item provides the line.
    pub(crate) fn add(&mut self, group: String, line: impl FnOnce() -> String) {
        self.added += 1;
        let last = self.added;
        match self.groups.entry(group) {
            hash_map::Entry::Occupied(mut known) => {
                let known = known.get_mut();
                (known.count, known.last) = (known.count + 1, last);
            }
            hash_map::Entry::Vacant(place) => drop(place.insert(Group { line: line(), count: 1, last })),
        }
    }

    /// The latest groups, each with its count.
    pub(crate) fn lines(self) -> Vec<String> {
        let mut groups: Vec<_> = self.groups.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.last));
        let beyond: usize = groups.iter().skip(LINES).map(|group| group.count).sum();
        let lines = groups.iter().take(LINES).map(|group| format!("{} × {}", group.count, group.line));
        lines.chain((beyond > 0).then(|| format!("{beyond} × others"))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_counted_and_listed_latest_first() {
        let mut groups = Groups::default();
        for name in ["a", "b", "a", "c"] {
            groups.add(name.to_owned(), || format!("line {name}"));
        }
        assert_eq!(groups.lines(), ["1 × line c", "2 × line a", "1 × line b"]);
    }

    #[test]
    fn groups_beyond_the_maximum_share_one_line() {
        let mut groups = Groups::default();
        for number in 0..LINES + 5 {
            groups.add(number.to_string(), || number.to_string());
        }
        let lines = groups.lines();
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (LINES + 1, Some("5 × others")));
    }
}
