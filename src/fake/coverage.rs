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
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().start()?;
/// assert!(fake.coverage().percent() < 1.0, "nothing was called yet");
/// # Ok::<(), tiledesk_mock::StartError>(())
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
