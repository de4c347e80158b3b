//! The command `fixtures generate`.

use std::{
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use clap::Args;
use tiledesk_mock::{
    ClockSetting,
    fixtures::{self, Language, Plan},
};

use super::{Failure, Signals};

#[derive(Args)]
pub(super) struct Generate {
    /// Number of conversations.
    #[arg(long, default_value_t = 500, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    conversations: u32,

    /// Number of days over which the conversations are spread.
    #[arg(long, default_value_t = 30, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,

    /// Number of agents to add to the team.
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=200))]
    agents: u16,

    /// Seed for all random values.
    #[arg(long, default_value_t = 0, value_name = "N")]
    seed: u64,

    /// Languages of the conversations: en, it, es, de, and fr, separated by commas (default: all).
    #[arg(long, value_delimiter = ',', value_name = "CODES")]
    languages: Vec<Language>,

    /// Time at which the history ends, such as 2026-01-01T12:00:00Z.
    #[arg(long, default_value = "real", value_name = "TIME")]
    clock: ClockSetting,

    /// File to write to (default: stdout).
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn write(options: &Generate) -> Result<(), Failure> {
    let mut plan = Plan {
        conversations: usize::try_from(options.conversations).unwrap_or(usize::MAX),
        days: options.days,
        agents: options.agents.into(),
        seed: options.seed,
        ..Plan::default()
    };
    if !options.languages.is_empty() {
        plan.languages.clone_from(&options.languages);
    }
    let written = if let Some(file) = &options.output {
        replace(file, |out| fixtures::generate(&plan, options.clock, out))
    } else {
        let mut out = BufWriter::new(io::stdout().lock());
        let written = fixtures::generate(&plan, options.clock, &mut out).and_then(|()| out.flush());
        // The reader may close the pipe early.
        written.or_else(|error| if error.kind() == io::ErrorKind::BrokenPipe { Ok(()) } else { Err(error) })
    };
    let target = options.output.as_deref().map_or("stdout".into(), Path::to_string_lossy);
    written.map_err(|error| Failure::Failed(format!("cannot write {target}: {error}")))
}

/// Writes a file, which appears once it is complete. A signal leaves nothing behind.
fn replace(file: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // With the permissions of regular files instead of private ones.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    // Before the file exists.
    let mut signals = Signals::new()?;
    let is_stopped = Arc::new(AtomicBool::new(false));
    let stop = is_stopped.clone();
    // Ends with the process.
    thread::spawn(move || {
        signals.wait();
        stop.store(true, Ordering::Relaxed);
    });
    // The name of the temporary file is meaningless to the user.
    let out = builder.tempfile_in(folder).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::other(format!("no such directory: {}", folder.display())),
        kind => kind.into(),
    })?;
    let mut out = BufWriter::with_capacity(1 << 20, Stoppable { out, is_stopped });
    write(&mut out)?;
    let Stoppable { out, is_stopped } = out.into_inner()?;
    if is_stopped.load(Ordering::Relaxed) {
        return Err(stopped());
    }
    out.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// A file that fails once a signal was received, so that it is removed.
struct Stoppable {
    out: tempfile::NamedTempFile,
    is_stopped: Arc<AtomicBool>,
}

impl Write for Stoppable {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.is_stopped.load(Ordering::Relaxed) { Err(stopped()) } else { self.out.write(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn stopped() -> io::Error {
    io::Error::other("stopped by a signal")
}
