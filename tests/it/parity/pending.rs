//! Differences that are not resolved yet. `UPDATE_PENDING=1` writes `tests/parity/pending.json` anew.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    deviation::{Place, Rule},
    difference::{Difference, Kind},
    script::read,
};
use crate::support::root;

/// Where, of which kind, at which pointer.
type Key = (Option<(&'static str, String)>, Kind, String);

pub(super) struct Pending {
    rules: Vec<Rule>,
    found: Option<BTreeMap<Key, BTreeSet<u32>>>,
}

impl Pending {
    pub(super) fn load() -> Self {
        let found = std::env::var_os("UPDATE_PENDING").map(|_| BTreeMap::new());
        Self { rules: if found.is_some() { Vec::new() } else { read("pending.json") }, found }
    }

    pub(super) fn allow(&mut self, difference: &Difference, place: Place<'_>) -> bool {
        let Some(found) = &mut self.found else { return self.rules.iter().any(|rule| rule.allows(difference, place)) };
        let (place, step) = match place {
            Place::Call(call) => (None, Some(call.n)),
            Place::Event(event) => (Some(("event", event.to_owned())), None),
            Place::Socket(socket) => (Some(("socket", socket.to_owned())), None),
        };
        found.entry((place, difference.kind, difference.pointer.clone())).or_default().extend(step);
        true
    }

    pub(super) fn save(&self) {
        let Some(found) = &self.found else { return };
        let rules = found.iter().map(|((place, kind, pointer), steps)| {
            let mut rule = Map::new();
            if let Some((what, name)) = place {
                rule.insert((*what).to_owned(), json!(name));
            } else {
                let steps: Vec<_> = steps.iter().map(u32::to_string).collect();
                rule.insert("steps".to_owned(), json!(steps.join(",")));
            }
            rule.insert("pointer".to_owned(), json!(format!("^{}$", regex::escape(pointer))));
            rule.insert("kinds".to_owned(), json!([kind]));
            Value::from(rule).to_string()
        });
        let text = format!("[\n{}\n]\n", rules.collect::<Vec<_>>().join(",\n"));
        std::fs::write(root().join("tests/parity/pending.json"), text).expect("the repository can be written to");
    }
}
