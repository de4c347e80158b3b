//! The command line: parses the options, runs the server, and waits for a signal.

mod check;
#[cfg(test)]
mod configuration;
mod generate;
mod traffic;
mod worlds;

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, CommandFactory, Parser, Subcommand, error::ContextValue};
use tiledesk_mock::{Config, Coverage, Fake, StartError, health, openapi, verify};
use tokio::runtime::{self, Runtime};

use self::traffic::{Drift, Proxy};

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
    /// Forward to a real server, and validate its traffic against the contract.
    Proxy(Box<Proxy>),
    /// Report how recorded responses of a real server differ from the documentation and an OpenAPI document.
    Drift(Drift),
    /// Write an OpenAPI document, or compare two.
    Openapi(Openapi),
    /// Check, generate, or print worlds.
    #[command(subcommand)]
    Fixtures(worlds::Command),
    /// Write a commented world to start from.
    Init(worlds::Init),
    /// Check that a server is healthy, and is the expected one.
    Health(health::Options),
    /// Verify that a server implements the API.
    Verify(Box<verify::Options>),
    /// Verify consumer pacts.
    #[command(subcommand)]
    Pact(check::Pact),
    /// Print a completion script for a shell.
    Completions {
        /// Shell to complete in.
        shell: clap_complete::Shell,
    },
    /// Print the manual page.
    Man,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    config: Config,

    /// Write an API coverage report to this file at shutdown.
    ///
    /// The extension determines the format: .json, .xml (JUnit), .md, or .html.
    #[arg(
        long,
        help_heading = "Control API, journal, and coverage",
        env = "TILEDESK_MOCK_COVERAGE",
        value_name = "FILE"
    )]
    coverage: Option<PathBuf>,

    /// Exit with status 1 if less than this percentage of operations was covered; requires --coverage.
    #[arg(long, help_heading = "Control API, journal, and coverage", env = "TILEDESK_MOCK_FAIL_UNDER", value_parser = parse_percentage, value_name = "PERCENT")]
    fail_under: Option<f64>,

    /// Filter for the log on stderr, such as `info` or `tiledesk_mock=debug`.
    #[arg(long, help_heading = "Server", env = "TILEDESK_MOCK_LOG", default_value = "warn", value_name = "FILTER")]
    log: String,
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
struct Openapi {
    #[command(subcommand)]
    command: Option<OpenapiCommand>,

    /// Document to write.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_API", default_value = "v3")]
    api: openapi::Document,

    /// Version of the OpenAPI specification.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_SPEC", default_value = "3.1")]
    spec: openapi::Version,

    /// Output format.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_FORMAT", default_value = "json")]
    format: openapi::Encoding,

    /// Write the browsable reference as a static site instead, which shows the document of --api first.
    #[arg(long, env = "TILEDESK_MOCK_HTML", conflicts_with_all = ["spec", "format"])]
    html: bool,

    /// File to write to (default: stdout), or directory of the static site (default: reference).
    #[arg(long, env = "TILEDESK_MOCK_OUTPUT", value_name = "FILE|DIR")]
    output: Option<PathBuf>,
}

#[derive(Subcommand)]
enum OpenapiCommand {
    /// Compare two documents; status 1 if the new one breaks clients.
    Diff(check::Diff),
}

fn parse_percentage(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=100.0).contains(number));
    number.ok_or_else(|| "expected a percentage from 0 to 100".to_owned())
}

/// The reason that the program exits with an error.
enum Failure {
    /// The operation failed: status 1.
    Failed(String),
    /// Wrong usage or invalid input: status 2.
    Misused(String),
}

/// Parses the command line. Errors repeat invalid values, but not the credentials in them.
fn parse() -> Cli {
    Cli::try_parse().unwrap_or_else(|mut error| {
        let masked = error.context().filter_map(|(kind, value)| match value {
            ContextValue::String(text) => Some((kind, ContextValue::String(without_credentials(text)))),
            _ => None,
        });
        for (kind, value) in masked.collect::<Vec<_>>() {
            error.insert(kind, value);
        }
        error.exit()
    })
}

/// A text with the user information of a URL masked. A malformed one may contain any character.
fn without_credentials(text: &str) -> String {
    let (start, end) = (text.find("://").map(|at| at + 3), text.rfind('@'));
    match (start, end) {
        (Some(start), Some(end)) if start < end => format!("{}***{}", &text[..start], &text[end..]),
        _ => text.to_owned(),
    }
}

fn main() -> ExitCode {
    let cli = parse();
    let outcome = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve(&options),
        Command::Proxy(options) => traffic::proxy(*options),
        Command::Drift(options) => traffic::report_drift(&options),
        Command::Openapi(options) => write_document(&options),
        Command::Fixtures(command) => worlds::run(&command),
        Command::Init(options) => worlds::init(&options),
        Command::Health(options) => health::check(&options).map_err(|error| match error {
            health::Error::Unhealthy(why) => Failure::Failed(why),
            health::Error::Misused(why) => Failure::Misused(why),
        }),
        Command::Verify(options) => check::verify(&options),
        Command::Pact(command) => check::pact(&command),
        Command::Completions { shell } => say(completions(shell).trim_end_matches('\n')),
        Command::Man => manual().and_then(|page| say(page.trim_end_matches('\n'))),
    };
    let (code, text) = match outcome {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::Failed(text)) => (1, text),
        Err(Failure::Misused(text)) => (2, text),
    };
    // If stderr is closed, there is no way left to report this.
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "tiledesk-mock: {line}");
    }
    ExitCode::from(code)
}

fn serve(options: &Serve) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_new(&options.log);
    let filter = filter.map_err(|error| Failure::Misused(format!("--log: {error}")))?;
    // Do not panic if stderr is closed.
    let log = tracing_subscriber::fmt().log_internal_errors(false).with_ansi(io::stderr().is_terminal());
    log.with_env_filter(filter).with_writer(io::stderr).init();
    match &options.coverage {
        Some(file) => Coverage::check(file).map_err(|error| Failure::Misused(format!("--coverage: {error}")))?,
        None if options.fail_under.is_some() => {
            return Err(Failure::Misused("--fail-under requires --coverage".to_owned()));
        }
        None => {}
    }
    // Install the handlers before the server accepts connections, which may exhaust the file descriptors that they
    // need, and before the first line is printed, because its reader may send a signal right away.
    let mut signals = Signals::new().map_err(|error| Failure::Failed(format!("cannot wait for signals: {error}")))?;
    let fake = Fake::serve(&options.config).map_err(|error| match error {
        error @ (StartError::Fixture(_) | StartError::Recording(_) | StartError::Tls(_) | StartError::State(..)) => {
            Failure::Misused(error.to_string())
        }
        error => Failure::Failed(error.to_string()),
    })?;
    say(&introduction(&fake, &options.config))?;
    if !options.config.host.is_loopback() && options.config.upstream.is_none() {
        tracing::warn!("any machine that can connect to {} can read and change all data", fake.address());
    }
    signals.wait();
    let coverage = fake.coverage();
    let stopped = fake.stop().map_err(|error| Failure::Failed(format!("server shutdown failed: {error}")));
    // Write the coverage report even if saving the state failed.
    let reported = report(options, coverage);
    stopped.and(reported)
}

/// The first lines on stdout. Programs read the first one, and the ID in the second.
fn introduction(fake: &Fake, config: &Config) -> String {
    let url = fake.url();
    let instance = format!("  instance       {}", fake.instance());
    if let Some(upstream) = &config.upstream {
        let lines = [
            format!("listening on {url}"),
            instance,
            format!("  upstream       {}", upstream.url),
            format!("  journal        {url}/_control/journal"),
        ];
        return lines.join("\n");
    }
    let mut lines = vec![
        format!("listening on {url}"),
        instance,
        format!("  API reference  {url}/docs"),
        format!("  base URL       {url}/v3"),
    ];
    if !config.no_control {
        lines.push(format!("  console        {url}/_console"));
    }
    if config.fixtures.is_none() && !config.empty {
        lines.push("  login          andrea.leo@f21.it, password 123456".to_owned());
        lines.push("  project        5b55e806c93dde00143163dd".to_owned());
    }
    lines.join("\n")
}

/// Writes the coverage report. Fails if coverage is too low.
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

/// Handlers of the signals that stop the server, which are installed by [`Signals::new`].
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

    /// Waits for a signal, including one received since the handlers were installed.
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

    /// Waits for a signal.
    #[cfg(not(unix))]
    fn wait(&mut self) {
        // If the handler cannot be installed, the signal ends the process anyway.
        let _ = self.runtime.block_on(tokio::signal::ctrl_c());
    }
}

fn write_document(options: &Openapi) -> Result<(), Failure> {
    if let Some(OpenapiCommand::Diff(options)) = &options.command {
        return check::diff(options);
    }
    let runtime = runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    if options.html {
        let directory = options.output.as_deref().unwrap_or(Path::new("reference"));
        return write_site(directory, &runtime.block_on(openapi::site(options.api)));
    }
    let text = runtime.block_on(openapi::write(options.api, options.spec, options.format));
    match &options.output {
        None => say(text.trim_end_matches('\n')),
        Some(file) => fs::write(file, text).map_err(|error| cannot_write(file, &error)),
    }
}

fn write_site(directory: &Path, files: &[(String, impl AsRef<[u8]>)]) -> Result<(), Failure> {
    fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
    for (name, content) in files {
        let file = directory.join(name);
        fs::write(&file, content).map_err(|error| cannot_write(&file, &error))?;
    }
    say(&format!("wrote {}", directory.join("index.html").display()))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("cannot write {}: {error}", path.display()))
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tiledesk-mock", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

fn manual() -> Result<String, Failure> {
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(Cli::command()).render(&mut page);
    written.map_err(|error| Failure::Failed(format!("cannot write the manual page: {error}")))?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        // The reader may close the pipe early.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("cannot write: {error}")))
        }
        _ => Ok(()),
    }
}
