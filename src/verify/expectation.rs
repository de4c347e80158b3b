//! Known deviations: named differences that do not count as drift.

use std::path::Path;

use globset::{Glob, GlobMatcher};
use regex::Regex;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::difference::{Difference, Kind};
use crate::parity;

/// A known deviation of a server.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectation {
    /// Its name in reports.
    id: String,
    /// What deviates.
    #[serde(default)]
    what: String,
    #[serde(default, rename = "reason")]
    _reason: String,
    differences: Vec<Pattern>,
}

/// The differences that a deviation explains. Omitted conditions always hold.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pattern {
    /// Operation IDs, or globs.
    #[serde(default, deserialize_with = "globs")]
    operations: Vec<GlobMatcher>,
    /// A regular expression for the location of the difference.
    #[serde(default, deserialize_with = "pattern")]
    at: Option<Regex>,
    #[serde(default)]
    kinds: Vec<Kind>,
    expected: Option<Vec<Value>>,
    actual: Option<Vec<Value>>,
    /// Regular expressions for texts.
    #[serde(default, deserialize_with = "pattern")]
    expected_like: Option<Regex>,
    #[serde(default, deserialize_with = "pattern")]
    actual_like: Option<Regex>,
    /// Texts that are equal once these parts are replaced.
    equal_after: Option<Vec<(String, String)>>,
}

fn globs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<GlobMatcher>, D::Error> {
    let patterns = Vec::<String>::deserialize(deserializer)?;
    let compiled = patterns.iter().map(|pattern| Glob::new(pattern).map(|glob| glob.compile_matcher()));
    compiled.collect::<Result<_, _>>().map_err(serde::de::Error::custom)
}

fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Regex>, D::Error> {
    let pattern = Option::<String>::deserialize(deserializer)?;
    pattern.map(|pattern| Regex::new(&pattern).map_err(serde::de::Error::custom)).transpose()
}

#[derive(Deserialize)]
struct File {
    deviations: Vec<Expectation>,
}

impl Expectation {
    fn explains(&self, operation: &str, difference: &Difference) -> bool {
        self.differences.iter().any(|pattern| {
            (pattern.operations.is_empty() || pattern.operations.iter().any(|glob| glob.is_match(operation)))
                && pattern.at.as_ref().is_none_or(|at| at.is_match(place(difference)))
                && (pattern.kinds.is_empty() || pattern.kinds.contains(&difference.kind))
                && pattern.expected.as_ref().is_none_or(|all| all.contains(&difference.expected))
                && pattern.actual.as_ref().is_none_or(|all| all.contains(&difference.actual))
                && is_like(pattern.expected_like.as_ref(), &difference.expected)
                && is_like(pattern.actual_like.as_ref(), &difference.actual)
                && pattern.equal_after.as_ref().is_none_or(|parts| are_equal_after(parts, difference))
        })
    }
}

fn is_like(pattern: Option<&Regex>, value: &Value) -> bool {
    pattern.is_none_or(|pattern| value.as_str().is_some_and(|text| pattern.is_match(text)))
}

fn are_equal_after(parts: &[(String, String)], difference: &Difference) -> bool {
    let replaced = |value: &Value| {
        let text = value.as_str()?.to_owned();
        Some(parts.iter().fold(text, |text, (part, by)| text.replace(part.as_str(), by)))
    };
    let expected = replaced(&difference.expected);
    // Masked values look equal, but may differ.
    expected.is_some() && difference.expected != difference.actual && expected == replaced(&difference.actual)
}

/// The location of a difference; that of the whole body is `/`.
fn place(difference: &Difference) -> &str {
    if difference.at.is_empty() { "/" } else { &difference.at }
}

/// The deviations of a run.
pub(super) struct Expectations(Vec<Expectation>);

impl Expectations {
    /// The known deviations of the reference server, and those of a file.
    pub(super) fn load(file: Option<&Path>) -> Result<Self, String> {
        let known: File = serde_json::from_str(parity::TEXT).expect("the ledger is valid, as tests show");
        let mut all = Vec::new();
        if let Some(file) = file {
            let failed = |why: String| format!("--expect {}: {why}", file.display());
            let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
            let own: File = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
            all = own.deviations;
        }
        all.extend(known.deviations);
        Ok(Self(all))
    }

    /// The name and the description of the deviation that explains a difference.
    pub(super) fn explain(&self, operation: &str, difference: &Difference) -> Option<(&str, &str)> {
        let found = self.0.iter().find(|expectation| expectation.explains(operation, difference))?;
        Some((&found.id, &found.what))
    }
}
