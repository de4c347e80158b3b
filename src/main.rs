//! The command line: flags to a configuration, a fake from it, and the wait for a signal.

mod health;

use std::{
    fs,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand};
use tiledesk_mock::{Config, Coverage, Fake, StartError, fixtures, openapi};
use tokio::runtime::{self, Runtime};

use self::health::Health;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A stateful, in-memory fake of the Tiledesk REST API.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Box<Serve>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API (default).
    Serve(Box<Serve>),
    /// Write an OpenAPI document.
    Openapi(Openapi),
    /// Check, describe or print worlds.
    #[command(subcommand)]
    Fixtures(Fixtures),
    /// Check that a server is healthy.
    Health(Health),
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    config: Config,

    /// When the server is stopped, write what its clients covered of the API: .json, .xml, .md or .html.
    #[arg(long, env = "TILEDESK_MOCK_COVERAGE", value_name = "FILE")]
    coverage: Option<PathBuf>,

    /// Exit with 1 if a lower percentage of the operations was covered.
    #[arg(long, env = "TILEDESK_MOCK_FAIL_UNDER", value_parser = parse_percentage, value_name = "PERCENT")]
    fail_under: Option<f64>,

    /// What is logged to stderr, as in `info` or `tiledesk_mock=debug`.
    #[arg(long, env = "TILEDESK_MOCK_LOG", default_value = "warn", value_name = "FILTER")]
    log: String,
}

#[derive(Args)]
struct Openapi {
    /// Which document.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_API", default_value = "v3")]
    api: openapi::Document,

    /// Which version of the specification it follows.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_SPEC", default_value = "3.1")]
    spec: openapi::Version,

    /// In which format.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_FORMAT", default_value = "json")]
    format: openapi::Encoding,

    /// File to write to, instead of stdout.
    #[arg(long, env = "TILEDESK_MOCK_OUTPUT", value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Fixtures {
    /// Say what is wrong with a file, or with the files of a folder.
    Check {
        /// File or folder.
        path: PathBuf,
    },
    /// Print the JSON Schema of the format.
    Schema,
    /// Print a world as one file: that of a file or folder, or the default one.
    Dump {
        /// File or folder.
        path: Option<PathBuf>,
    },
}

fn parse_percentage(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "expected a percentage from 0 to 100".to_owned())
}

/// Why the program ends without success.
enum Failure {
    /// What was asked for went wrong: exit code 1.
    Failed(String),
    /// It was asked for wrongly: exit code 2.
    Misused(String),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve(&options),
        Command::Openapi(options) => write_document(&options),
        Command::Fixtures(command) => run_fixtures(&command),
        Command::Health(options) => health::check(&options),
    };
    let (code, text) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Failed(text)) => (1, text),
        Err(Failure::Misused(text)) => (2, text),
    };
    // Nothing is left to be done when stderr is closed as well.
    let _ = writeln!(io::stderr(), "tiledesk-mock: {text}");
    ExitCode::from(code)
}

fn serve(options: &Serve) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&options.log);
    let filter = filter.map_err(|error| Failure::Misused(format!("--log: {error}")))?;
    // A log that nobody reads any more is no reason to panic.
    tracing_subscriber::fmt().log_internal_errors(false).with_env_filter(filter).with_writer(io::stderr).init();
    match &options.coverage {
        Some(file) => Coverage::check(file).map_err(|error| Failure::Misused(format!("--coverage: {error}")))?,
        None if options.fail_under.is_some() => {
            return Err(Failure::Misused("--fail-under: expected --coverage with it".to_owned()));
        }
        None => {}
    }
    // Before the server accepts connections: they take the file descriptors that this needs, and whoever reads the first line
    // may send a signal at once.
    let mut signals = Signals::new().map_err(|error| Failure::Failed(format!("cannot wait for signals: {error}")))?;
    let fake = Fake::serve(&options.config).map_err(|error| match error {
        error @ (StartError::Fixture(_) | StartError::Tls(_) | StartError::State(..)) => {
            Failure::Misused(error.to_string())
        }
        error => Failure::Failed(error.to_string()),
    })?;
    say(&format!("listening on {}", fake.url()))?;
    if !options.config.host.is_loopback() {
        tracing::warn!("every machine that reaches {} can read and change what is served", fake.address());
    }
    signals.wait();
    let coverage = fake.coverage();
    let stopped = fake.stop().map_err(|error| Failure::Failed(format!("server shutdown failed: {error}")));
    // What was covered is written even if the state was not.
    let reported = report(options, coverage);
    stopped.and(reported)
}

/// Writes what was covered, and says whether it was enough.
fn report(options: &Serve, coverage: Coverage) -> Result<(), Failure> {
    let Some(file) = &options.coverage else { return Ok(()) };
    let coverage = match options.fail_under {
        Some(minimum) => coverage.at_least(minimum),
        None => coverage,
    };
    let written = coverage.write(file);
    written.map_err(|error| Failure::Failed(format!("cannot write {}: {error}", file.display())))?;
    coverage.shortfall().map_or(Ok(()), |why| Err(Failure::Failed(why)))
}

/// The signals that stop the server, from the moment in which this is made.
struct Signals {
    runtime: Runtime,
    #[cfg(unix)]
    streams: [tokio::signal::unix::Signal; 4],
}

impl Signals {
    fn new() -> io::Result<Self> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        #[cfg(unix)]
        let streams = {
            use tokio::signal::unix::{SignalKind, signal};

            let _entered = runtime.enter();
            let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
            let [hangup, quit] = [SignalKind::hangup(), SignalKind::quit()].map(signal);
            [interrupt?, terminate?, hangup?, quit?]
        };
        Ok(Self {
            runtime,
            #[cfg(unix)]
            streams,
        })
    }

    /// Waits until one of them comes, or has come.
    #[cfg(unix)]
    fn wait(&mut self) {
        let [interrupt, terminate, hangup, quit] = &mut self.streams;
        self.runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
                _ = quit.recv() => {}
            }
        });
    }

    /// Waits until one of them comes.
    #[cfg(not(unix))]
    fn wait(&mut self) {
        // Without a handler the signal ends the process.
        let _ = self.runtime.block_on(tokio::signal::ctrl_c());
    }
}

fn write_document(options: &Openapi) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let text = runtime.block_on(openapi::write(options.api, options.spec, options.format));
    match &options.output {
        None => say(text.trim_end_matches('\n')),
        Some(file) => {
            fs::write(file, text).map_err(|error| Failure::Failed(format!("cannot write {}: {error}", file.display())))
        }
    }
}

fn run_fixtures(command: &Fixtures) -> Result<(), Failure> {
    let misused = |error: fixtures::FixtureError| Failure::Misused(error.to_string());
    match command {
        Fixtures::Check { path } => fixtures::check(path).map_err(misused),
        Fixtures::Schema => say(fixtures::schema().trim_end_matches('\n')),
        Fixtures::Dump { path } => say(fixtures::dump(path.as_deref()).map_err(misused)?.trim_end_matches('\n')),
    }
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        // Whoever reads the output may stop reading it.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("cannot write: {error}")))
        }
        _ => Ok(()),
    }
}
