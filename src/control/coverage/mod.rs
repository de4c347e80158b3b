//! Coverage of the clients' test suites: the exercised parts of the documented API.

mod page;
pub(crate) mod report;
mod text;

use poem_openapi::{Enum, Object, OpenApi};

pub(crate) use self::report::Report;
use super::Tag;
use crate::http::{AllSandboxes, Contracts, Filter, Problem, Rendered, Reply};

/// Report formats.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[oai(rename_all = "lowercase")]
pub(crate) enum ReportFormat {
    #[default]
    Json,
    Junit,
    Markdown,
    Html,
}

/// How to format the report.
#[derive(Object)]
struct ReportWanted {
    /// Report format: `json` (default), `junit` (XML), `markdown`, or `html` (a self-contained page with a heat map).
    format: Option<ReportFormat>,
}

impl ReportFormat {
    /// The format for a file name, by extension.
    pub(crate) fn of_file(name: &std::path::Path) -> Option<Self> {
        match name.extension()?.to_str()? {
            "json" => Some(Self::Json),
            "xml" => Some(Self::Junit),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }

    /// The content type and the rendered report.
    pub(crate) fn write(self, report: &Report) -> (&'static str, String) {
        match self {
            Self::Json => ("application/json", text::json(report)),
            Self::Junit => ("application/xml", text::junit(report)),
            Self::Markdown => ("text/markdown; charset=utf-8", text::markdown(report)),
            Self::Html => ("text/html; charset=utf-8", page::html(report)),
        }
    }
}

pub(super) struct CoverageControl;

#[OpenApi(tag = "Tag::Coverage")]
impl CoverageControl {
    /// Get the coverage report
    ///
    /// Reports which documented operations were called since startup, in total across all sandboxes and by client
    /// (`User-Agent`), with which statuses, query parameters, and body fields. An operation is covered if a call of it
    /// succeeded, a parameter or field if such a call contained it.
    ///
    /// Returns the report in the requested format.
    #[oai(path = "/coverage", method = "get", operation_id = "get_coverage")]
    async fn get(
        &self,
        everything: AllSandboxes,
        documentation: Contracts,
        filter: Filter<ReportWanted>,
    ) -> Result<Rendered, Problem> {
        let document = documentation.read().await;
        let report = Report::new(&document, &everything.0.coverage().all());
        let (content_type, text) = filter.0.format.unwrap_or_default().write(&report);
        Ok(Rendered { content_type, text })
    }

    /// Clear the coverage
    ///
    /// Discards everything counted so far, for all sandboxes.
    ///
    /// Returns the number of covered operations, which is 0.
    #[oai(path = "/coverage", method = "delete", operation_id = "clear_coverage")]
    async fn clear(&self, everything: AllSandboxes) -> Result<Reply<Cleared>, Problem> {
        everything.0.coverage().clear();
        Ok(Reply::of(&Cleared { operations: 0 }))
    }
}

/// Coverage after clearing it.
#[derive(Object)]
struct Cleared {
    /// Number of covered operations.
    operations: u32,
}
