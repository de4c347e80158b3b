//! Coverage reports in code.

use std::{fs, io, path::Path, sync::Arc};

use crate::{
    control::coverage::{ReportFormat, report::Report},
    http::DocumentId,
    openapi,
    state::{World, state_file::writable},
};

/// Coverage of the documented operations across all sandboxes. It is live: later calls count.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().start()?;
/// let before = fake.coverage().percent();
/// let call = Request::get("/v3/5b55e806c93dde00143163dd/departments").body(Bytes::new())?;
/// assert_eq!(fake.client().send_blocking(call).status(), 200);
/// assert!(fake.coverage().percent() > before);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Coverage {
    pub(super) world: Arc<World>,
    pub(super) minimum: Option<f64>,
}

impl Coverage {
    /// Percentage of the documented operations with at least one successful call.
    #[must_use]
    pub fn percent(&self) -> f64 {
        self.report().percent()
    }

    /// Sets a minimum percentage, which reports compare with.
    #[must_use]
    pub fn at_least(self, percent: f64) -> Self {
        Self { minimum: Some(percent), ..self }
    }

    /// Why the minimum is not reached, or `None` if it is.
    #[must_use]
    pub fn shortfall(&self) -> Option<String> {
        self.report().shortfall()
    }

    /// Writes a report in the format of the file's extension: `.json`, `.xml` (`JUnit`), `.md`, or `.html`. An error of the kind
    /// `InvalidInput` if it has another one.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let format = Self::format(file).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        let (_, text) = format.write(&self.report());
        fs::write(file, text)
    }

    /// Checks that a report can be written to this file, without writing it.
    pub fn check(file: &Path) -> Result<(), String> {
        Self::format(file)?;
        writable(file).map_err(|error| format!("cannot write {}: {error}", file.display()))
    }

    fn format(file: &Path) -> Result<ReportFormat, String> {
        let expected = || format!("expected a file that ends with .json, .xml, .md, or .html, got {}", file.display());
        ReportFormat::of_file(file).ok_or_else(expected)
    }

    fn report(&self) -> Report {
        // On a separate thread: the caller may be inside an async runtime, where blocking panics.
        let written =
            std::thread::scope(|scope| scope.spawn(|| openapi::wait(openapi::served(DocumentId::CONTRACT))).join());
        let document = written.ok().and_then(|document| serde_json::from_slice(&document).ok());
        let document = document.expect("the document is written, and is JSON");
        Report::new(&document, &self.world.coverage().all()).with_minimum(self.minimum)
    }
}
