//! Writes a recording on a separate thread, one file per call.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
};

use parking_lot::Mutex;

use super::{exchange, placeholder::Placeholders};
use crate::recorder::entry::Entry;

/// Maximum number of calls waiting to be written.
const WAITING: usize = 4_096;

/// Maximum number of files.
const FILES: usize = 100_000;

/// Maximum size of all files.
const BYTES: usize = 1 << 30;

enum Job {
    Write(Arc<Entry>),
    /// Responds once everything before has been written.
    Flush(SyncSender<()>),
}

/// Writes the calls that it receives.
#[derive(Clone)]
pub(crate) struct Recorder(SyncSender<Job>);

impl Recorder {
    /// Records to a directory, which is created unless it exists and is empty. `upstream` is the source of the calls.
    pub(crate) fn start(directory: &Path, upstream: &str) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        if fs::read_dir(directory)?.next().is_some() {
            return Err(io::Error::other("expected an empty directory, which a recording does not mix with"));
        }
        let (sender, jobs) = sync_channel(WAITING);
        let files = Files {
            directory: directory.to_owned(),
            source: format!("recorded from {upstream}"),
            placeholders: Placeholders::default(),
            count: 0,
            bytes: 0,
        };
        std::thread::Builder::new().name("recorder".into()).spawn(move || files.write_all(&jobs))?;
        Ok(Self(sender))
    }

    /// Queues a call to be written. If the queue is full, the call is missing from the recording.
    pub(crate) fn record(&self, call: &Arc<Entry>) {
        static WARNED: Mutex<bool> = Mutex::new(false);
        if let Err(TrySendError::Full(_)) = self.0.try_send(Job::Write(call.clone()))
            && !std::mem::replace(&mut *WARNED.lock(), true)
        {
            tracing::warn!("calls arrive faster than they can be recorded; some are missing from the recording");
        }
    }

    /// Waits until everything is written.
    pub(crate) fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.0.send(Job::Flush(done)).is_ok() {
            // The thread ends only with its last sender.
            let _ = written.recv();
        }
    }
}

struct Files {
    directory: PathBuf,
    source: String,
    placeholders: Placeholders,
    count: usize,
    bytes: usize,
}

impl Files {
    fn write_all(mut self, jobs: &Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            match job {
                Job::Write(call) => {
                    if let Err(error) = self.write(&call) {
                        tracing::error!(%error, directory = %self.directory.display(), "a call was not recorded");
                    }
                }
                Job::Flush(done) => {
                    // The receiver may be gone.
                    let _ = done.send(());
                }
            }
        }
    }

    /// Writes a file as a whole or not at all.
    fn write(&mut self, call: &Entry) -> io::Result<()> {
        if self.count >= FILES || self.bytes >= BYTES {
            return Err(io::Error::other(format!("the recording is full ({FILES} calls or {BYTES} bytes)")));
        }
        let Some(exchange) = exchange::of(call, &self.source, &mut self.placeholders) else { return Ok(()) };
        let text = serde_json::to_string_pretty(&exchange).map_err(io::Error::other)? + "\n";
        let mut file = tempfile::NamedTempFile::new_in(&self.directory)?;
        file.write_all(text.as_bytes())?;
        self.count += 1;
        self.bytes += text.len();
        let operation = call.operation.get().copied().unwrap_or("undocumented");
        let name = format!("{:06}-{operation}.json", self.count);
        file.persist(self.directory.join(name)).map_err(|error| error.error)?;
        Ok(())
    }
}
