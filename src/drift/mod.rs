//! Drift: compares what a real server returned with the documentation and with an OpenAPI document, per operation and
//! field.

mod comparison;
mod operation;
mod report;
mod schema;
mod shape;

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

pub use self::report::{ReportFormat, Summary};
use self::{comparison::compare, operation::Operations};
use crate::{
    example::exchanges,
    openapi::{self, Document, Encoding, Version},
    recording,
};

/// A difference between a real server and its documentation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) operation: String,
    /// Status and JSON pointer, in which `*` stands for every item of a list.
    pub(crate) place: String,
    pub(crate) kind: Kind,
    /// What the documentation, the document, and the server say; empty if nothing.
    pub(crate) documentation: String,
    pub(crate) document: String,
    pub(crate) recorded: String,
    /// The file of a call with this difference.
    pub(crate) file: String,
}

/// A kind of difference, from the point of view of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    UndocumentedOperation,
    Status,
    Missing,
    Extra,
    Type,
    Nullability,
    Enum,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::UndocumentedOperation,
        Self::Status,
        Self::Missing,
        Self::Extra,
        Self::Type,
        Self::Nullability,
        Self::Enum,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::UndocumentedOperation => "undocumented-operation",
            Self::Status => "status",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Type => "type",
            Self::Nullability => "nullability",
            Self::Enum => "enum",
        }
    }

    fn about(self) -> &'static str {
        match self {
            Self::UndocumentedOperation => "The server has an operation that the document lacks.",
            Self::Status => "The server responded with a status that the document lacks.",
            Self::Missing => "The server did not return a documented field.",
            Self::Extra => "The server returned a field that the document lacks.",
            Self::Type => "The server returned a value of another type.",
            Self::Nullability => "The server returned null where the document does not allow it.",
            Self::Enum => "The server returned a value that the enumeration lacks.",
        }
    }
}

impl Finding {
    /// Identifies the finding in baselines.
    fn id(&self) -> String {
        format!("{} {} {}", self.kind.name(), self.operation, self.place)
    }
}

/// Compares a recording with the documentation and with an OpenAPI document: the one in a JSON or YAML file, or the
/// exported one. Findings of the baseline, an earlier report in JSON, count as known.
pub async fn find(recorded: &Path, document: Option<&Path>, baseline: Option<&Path>) -> Result<Summary, String> {
    let known = baseline.map(known).transpose()?.unwrap_or_default();
    let recording = recording::load(recorded).map_err(|problem| problem.to_string())?;
    let mut operations = Operations::default();
    match document {
        Some(file) => operations.add(&read(file)?, "").map_err(|error| format!("{}: {error}", file.display()))?,
        None => {
            for (document, version) in [(Document::V3, ""), (Document::V1, "/v1")] {
                let text = openapi::write(document, Version::V31, Encoding::Json).await;
                let document = serde_json::from_str(&text).map_err(|error| error.to_string())?;
                operations.add(&document, version)?;
            }
        }
    }
    let (calls, mut findings) = (recording.len(), compare(&recording, &operations, &exchanges()));
    findings.sort();
    Ok(Summary { calls, findings: findings.into_iter().map(|found| (!known.contains(&found.id()), found)).collect() })
}

/// A JSON or YAML file.
fn read(file: &Path) -> Result<Value, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let yaml =
        |_| serde_yaml::from_str(&text).map_err(|error| format!("{}: expected JSON or YAML: {error}", file.display()));
    serde_json::from_str(&text).or_else(yaml)
}

/// The findings of an earlier report.
fn known(file: &Path) -> Result<BTreeSet<String>, String> {
    let wrong = |what: &str| format!("{}: expected a drift report in JSON: {what}", file.display());
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let report: Value = serde_json::from_str(&text).map_err(|error| wrong(&error.to_string()))?;
    let findings = report["findings"].as_array().ok_or_else(|| wrong("it has no list `findings`"))?;
    let id = |finding: &Value| finding["id"].as_str().map(str::to_owned).ok_or_else(|| wrong("a finding has no `id`"));
    findings.iter().map(id).collect()
}
