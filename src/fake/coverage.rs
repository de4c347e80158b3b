//! The coverage of whoever calls a fake, for a file.

use std::{fs, io, path::Path, sync::Arc};

use crate::{
    control::coverage::{Report, ReportFormat},
    http::Format,
    openapi,
    world::World,
};

/// What was called of all that is documented, in all sandboxes together. It counts on while the fake runs.
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
pub struct Coverage(pub(super) Arc<World>);

impl Coverage {
    /// Operations of which a call succeeded, in percent of those that are documented.
    #[must_use]
    pub fn percent(&self) -> f64 {
        self.report().percent()
    }

    /// Writes a report: XML of `JUnit`, Markdown or a page in HTML when the name of the file ends so, and JSON otherwise.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let (_, text) = ReportFormat::of_file(file).write(&self.report());
        fs::write(file, text)
    }

    fn report(&self) -> Report {
        // On a thread of its own: the caller may be inside of a runtime, which cannot be waited in.
        let written = std::thread::scope(|scope| scope.spawn(|| openapi::wait(openapi::served(Format::Json))).join());
        let document = written.ok().and_then(|document| serde_json::from_slice(&document).ok());
        Report::new(&document.expect("the document is written, and is JSON"), &self.0.coverage().all())
    }
}
