//! Reports of drift: Markdown, JSON, SARIF, and HTML.

use std::{fmt::Write, path::Path};

use serde_json::{Value, json};

use super::{Finding, Kind};

/// The findings of a comparison.
pub struct Summary {
    /// Number of recorded calls.
    pub(super) calls: usize,
    /// The findings; `true` for new ones.
    pub(super) findings: Vec<(bool, Finding)>,
}

/// The format of a report.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum ReportFormat {
    /// A Markdown table.
    Markdown,
    /// For programs, and as a baseline.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// An HTML page.
    Html,
}

impl ReportFormat {
    /// The format of a file, by its extension.
    #[must_use]
    pub fn of_file(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "md" => Some(Self::Markdown),
            "json" => Some(Self::Json),
            "sarif" => Some(Self::Sarif),
            "html" => Some(Self::Html),
            _ => None,
        }
    }
}

impl Summary {
    /// Number of findings that are not in the baseline.
    #[must_use]
    pub fn new_findings(&self) -> usize {
        self.findings.iter().filter(|(is_new, _)| *is_new).count()
    }

    /// The result in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let (new, all) = (self.new_findings(), self.findings.len());
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let (calls, known) = (self.calls, all - new);
        format!("{calls} recorded call{}: {new} new difference{}, {known} known", plural(calls), plural(new))
    }

    /// The report.
    #[must_use]
    pub fn write(&self, format: ReportFormat) -> String {
        match format {
            ReportFormat::Markdown => self.markdown(),
            ReportFormat::Json => pretty(&self.json()),
            ReportFormat::Sarif => pretty(&self.sarif()),
            ReportFormat::Html => self.html(),
        }
    }

    fn markdown(&self) -> String {
        let mut text = format!("# Drift\n\n{}.\n", self.line());
        if !self.findings.is_empty() {
            text += "\n| | Operation | Place | Difference | Documentation | Document | Server | Call |\n|---|---|---|---|---|---|---|---|\n";
        }
        for (is_new, found) in &self.findings {
            let cells = cells(*is_new, found).map(|cell| cell.replace('|', "\\|").replace('\n', " "));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        text
    }

    fn json(&self) -> Value {
        let findings = self.findings.iter().map(|(is_new, found)| {
            json!({
                "id": found.id(),
                "kind": found.kind.name(),
                "operation": found.operation,
                "place": found.place,
                "documentation": found.documentation,
                "document": found.document,
                "recorded": found.recorded,
                "file": found.file,
                "new": is_new,
            })
        });
        json!({
            "tool": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "calls": self.calls,
            "new": self.new_findings(),
            "findings": findings.collect::<Vec<_>>(),
        })
    }

    fn sarif(&self) -> Value {
        let rules = Kind::ALL.iter().map(|kind| json!({"id": kind.name(), "shortDescription": {"text": kind.about()}}));
        let results = self.findings.iter().map(|(is_new, found)| {
            let Finding { operation, place, documentation, document, recorded, .. } = found;
            let written = [("documentation", documentation), ("document", document), ("server", recorded)];
            let written = written.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}: {text}"));
            let text = format!("{operation} {place}: {}", written.collect::<Vec<_>>().join("; "));
            json!({
                "ruleId": found.kind.name(),
                "level": if *is_new { "error" } else { "note" },
                "message": {"text": text},
                "locations": [{"physicalLocation": {"artifactLocation": {"uri": found.file}, "region": {"startLine": 1}}}],
                "partialFingerprints": {"finding/v1": found.id()},
                "baselineState": if *is_new { "new" } else { "unchanged" },
            })
        });
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "version": env!("CARGO_PKG_VERSION"),
                    "informationUri": env!("CARGO_PKG_REPOSITORY"),
                    "rules": rules.collect::<Vec<_>>(),
                }},
                "results": results.collect::<Vec<_>>(),
            }],
        })
    }

    fn html(&self) -> String {
        let mut rows = String::new();
        for (is_new, found) in &self.findings {
            let cells = cells(*is_new, found).map(|cell| format!("<td>{}</td>", escaped(&cell)));
            // Writing to a String cannot fail.
            let _ = writeln!(rows, "<tr>{}</tr>", cells.concat());
        }
        include_str!("page.html").replace("{line}", &escaped(&self.line())).replace("{rows}", &rows)
    }
}

fn cells(is_new: bool, found: &Finding) -> [String; 8] {
    let state = if is_new { "new" } else { "known" };
    let Finding { operation, place, kind, documentation, document, recorded, file } = found.clone();
    [state.to_owned(), operation, place, kind.name().to_owned(), documentation, document, recorded, file]
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a value serializes to JSON") + "\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
