//! Compares a response with the one expected by a consumer.

use serde_json::{Map, Value};

use super::matcher::{Matcher, Matchers, Rules, Step, kind};

/// All mismatches of a body, each with its path.
pub(super) fn body(rules: &Rules, expected: &Value, actual: &Value) -> Vec<String> {
    let mut comparison = Comparison { rules, path: Vec::new(), mismatches: Vec::new() };
    comparison.value(expected, actual);
    comparison.mismatches
}

struct Comparison<'a> {
    rules: &'a Rules,
    path: Vec<Step>,
    mismatches: Vec<String>,
}

impl Comparison<'_> {
    fn differ(&mut self, what: &str) {
        let mut path = "$".to_owned();
        for step in &self.path {
            match step {
                Step::Name(name) => path.extend([".", name]),
                Step::Index(index) => path.extend(["[", &index.to_string(), "]"]),
            }
        }
        self.mismatches.push(format!("{path}: {what}"));
    }

    fn within(&mut self, step: Step, compare: impl FnOnce(&mut Self)) {
        self.path.push(step);
        compare(self);
        self.path.pop();
    }

    fn value(&mut self, expected: &Value, actual: &Value) {
        let found = self.rules.of(&self.path);
        match (found, expected, actual) {
            (Some((matchers, _)), _, _) if matchers.is_equality() => {
                if expected != actual {
                    self.differ(&format!("expected {expected}, got {actual}"));
                }
            }
            (Some((matchers, is_inherited)), Value::Array(expected), Value::Array(actual)) => {
                self.list(Some((&matchers, is_inherited)), expected, actual);
            }
            (Some((matchers, _)), Value::Object(expected), Value::Object(actual)) => {
                self.object(Some(&matchers), expected, actual);
            }
            (Some((matchers, _)), expected, actual) => {
                if let Err(why) = matchers.check(expected, actual) {
                    self.differ(&why);
                }
            }
            (None, Value::Array(expected), Value::Array(actual)) => self.list(None, expected, actual),
            (None, Value::Object(expected), Value::Object(actual)) => self.object(None, expected, actual),
            (None, expected, actual) if kind(expected) != kind(actual) => {
                self.differ(&format!("expected {}, got {}", kind(expected), kind(actual)));
            }
            (None, Value::Number(one), Value::Number(other)) if one.as_f64() == other.as_f64() => {}
            (None, expected, actual) if expected == actual => {}
            (None, expected, actual) => self.differ(&format!("expected {expected}, got {actual}")),
        }
    }

    fn list(&mut self, matchers: Option<(&Matchers, bool)>, expected: &[Value], actual: &[Value]) {
        if let Some((matchers, _)) = matchers {
            if matchers.all.iter().any(|matcher| matches!(matcher, Matcher::Contains)) {
                return self.contains(expected, actual);
            }
            if let Err(why) = matchers.check(&expected.to_vec().into(), &actual.to_vec().into()) {
                self.differ(&why);
            }
        }
        let each = matchers.and_then(|(matchers, is_inherited)| Some((matchers.each()?, is_inherited)));
        let Some(((min, max), is_inherited)) = each else {
            if expected.len() != actual.len() {
                self.differ(&format!("expected {} elements, got {}", expected.len(), actual.len()));
            }
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                self.within(Step::Index(index), |comparison| comparison.value(expected, actual));
            }
            return;
        };
        // Bounds apply to the list itself, not to nested lists.
        if let Some(min) = min.filter(|min| !is_inherited && actual.len() < *min) {
            self.differ(&format!("expected at least {min} elements, got {}", actual.len()));
        }
        if let Some(max) = max.filter(|max| !is_inherited && actual.len() > *max) {
            self.differ(&format!("expected at most {max} elements, got {}", actual.len()));
        }
        let Some(first) = expected.first() else { return };
        for (index, actual) in actual.iter().enumerate() {
            let expected = expected.get(index).unwrap_or(first);
            self.within(Step::Index(index), |comparison| comparison.value(expected, actual));
        }
    }

    /// Each expected element must occur anywhere in the list.
    fn contains(&mut self, expected: &[Value], actual: &[Value]) {
        for (index, variant) in expected.iter().enumerate() {
            let is_there = actual.iter().any(|one| {
                let mut comparison = Comparison { rules: self.rules, path: self.path.clone(), mismatches: Vec::new() };
                comparison.within(Step::Index(index), |comparison| comparison.value(variant, one));
                comparison.mismatches.is_empty()
            });
            if !is_there {
                self.differ(&format!("no element is like {variant}"));
            }
        }
    }

    fn object(&mut self, matchers: Option<&Matchers>, expected: &Map<String, Value>, actual: &Map<String, Value>) {
        let mut by_value = None;
        let either = matchers.filter(|matchers| matchers.is_any());
        if let Some(Err(why)) = either.map(|matchers| matchers.check(&expected.clone().into(), &actual.clone().into()))
        {
            self.differ(&why);
        }
        for matcher in matchers.into_iter().flat_map(|matchers| &matchers.all) {
            match matcher {
                Matcher::Values => by_value = Some(&[][..]),
                Matcher::EachValue(inner) => by_value = Some(inner.as_slice()),
                Matcher::EachKey(inner) => {
                    for name in actual.keys() {
                        let name = Value::from(name.as_str());
                        let wrong = inner.iter().find_map(|matcher| matcher.check(&name, &name).err());
                        if let Some(why) = wrong {
                            self.differ(&format!("key: {why}"));
                        }
                    }
                    by_value = by_value.or(Some(&[][..]));
                }
                Matcher::NotEmpty if actual.is_empty() => self.differ("expected an object that is not empty"),
                Matcher::Null
                | Matcher::Regex(_)
                | Matcher::Number
                | Matcher::Integer
                | Matcher::Decimal
                | Matcher::Boolean
                    if either.is_none() =>
                {
                    if let Err(why) = matcher.check(&Value::Null, &Value::Object(actual.clone())) {
                        self.differ(&why);
                    }
                }
                _ => {}
            }
        }
        if let Some(inner) = by_value {
            // Keys do not matter: all values are like the first expected one.
            let Some(first) = expected.values().next() else { return };
            for (name, value) in actual {
                let expected = expected.get(name).unwrap_or(first);
                self.within(Step::Name(name.clone()), |comparison| {
                    let wrong = inner.iter().find_map(|matcher| matcher.check(expected, value).err());
                    match wrong {
                        Some(why) => comparison.differ(&why),
                        None if inner.is_empty() => comparison.value(expected, value),
                        None => {}
                    }
                });
            }
            return;
        }
        for (name, expected) in expected {
            match actual.get(name) {
                Some(actual) => self.within(Step::Name(name.clone()), |comparison| comparison.value(expected, actual)),
                None => self.within(Step::Name(name.clone()), |comparison| comparison.differ("missing")),
            }
        }
    }
}
