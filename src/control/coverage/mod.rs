//! The coverage of the caller's suite: what it exercised of what is documented.

mod page;
pub(crate) mod report;
mod text;

use poem_openapi::{Enum, Object, OpenApi};

pub(crate) use self::report::Report;
use super::Tag;
use crate::http::{AllSandboxes, Contracts, Filter, Problem, Rendered, Reply};

/// The forms of a report.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[oai(rename_all = "lowercase")]
pub(crate) enum ReportFormat {
    #[default]
    Json,
    Junit,
    Markdown,
    Html,
}

/// How the report is wanted.
#[derive(Object)]
struct ReportWanted {
    /// `json` (the default), `junit` (XML), `markdown`, or `html`: a page with a heat map that needs nothing else.
    format: Option<ReportFormat>,
}

impl ReportFormat {
    /// The form that goes with the name of a file, if one does.
    pub(crate) fn of_file(name: &std::path::Path) -> Option<Self> {
        match name.extension()?.to_str()? {
            "json" => Some(Self::Json),
            "xml" => Some(Self::Junit),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }

    /// The content type and the text.
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
    /// Report the coverage
    ///
    /// Which documented operations were called since the start, in all sandboxes together and by client (`User-Agent`): with
    /// which statuses, parameters and fields of bodies. An operation is covered when a call of it succeeded, a parameter or a
    /// field when such a call had it.
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

    /// Forget the coverage
    ///
    /// Counts anew.
    #[oai(path = "/coverage", method = "delete", operation_id = "clear_coverage")]
    async fn clear(&self, everything: AllSandboxes) -> Result<Reply<Cleared>, Problem> {
        everything.0.coverage().clear();
        Ok(Reply::of(&Cleared { operations: 0 }))
    }
}

/// What is left.
#[derive(Object)]
struct Cleared {
    /// Operations that are covered.
    operations: u32,
}
