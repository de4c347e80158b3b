//! The command line: flags to a configuration, a fake from it, and the wait for a signal.

use std::{
    fs,
    io::{self, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use tiledesk_mock::{Config, Coverage, Fake, StartError, fixtures, openapi};

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
    /// Serve the API (what happens without a command, too).
    Serve(Box<Serve>),
    /// Write an OpenAPI document.
    Openapi(Openapi),
    /// Check, describe or print worlds.
    #[command(subcommand)]
    Fixtures(Fixtures),
    /// Ask a server whether it lives.
    Health(Health),
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    config: Config,

    /// When the server is stopped, write what its clients covered of the API: .json, .xml, .md or .html.
    #[arg(long, env = "TILEDESK_MOCK_COVERAGE", value_name = "FILE")]
    coverage: Option<PathBuf>,

    /// End with 1 when less of the operations was covered, in percent.
    #[arg(long, env = "TILEDESK_MOCK_FAIL_UNDER", value_name = "N")]
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

#[derive(Args)]
struct Health {
    /// Base URL of the server.
    #[arg(long, env = "TILEDESK_MOCK_URL", default_value = "http://127.0.0.1:4010")]
    url: String,
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
        Command::Health(options) => check_health(&options.url),
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
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    if options.fail_under.is_some() && options.coverage.is_none() {
        return Err(Failure::Misused("--fail-under: expected --coverage with it".to_owned()));
    }
    let fake = Fake::serve(&options.config).map_err(|error| match error {
        error @ (StartError::Fixture(_) | StartError::Tls(_)) => Failure::Misused(error.to_string()),
        error => Failure::Failed(error.to_string()),
    })?;
    say(&format!("listening on {}", fake.url()))?;
    if !options.config.host.is_loopback() {
        tracing::warn!("every machine that reaches {} can read and change what is served", fake.address());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let signal = runtime.and_then(|runtime| runtime.block_on(signal()));
    signal.map_err(|error| Failure::Failed(format!("cannot wait for a signal: {error}")))?;
    let coverage = fake.coverage();
    fake.stop().map_err(|error| Failure::Failed(format!("the server did not stop well: {error}")))?;
    report(options, &coverage)
}

/// Writes what was covered, and says whether it was enough.
fn report(options: &Serve, coverage: &Coverage) -> Result<(), Failure> {
    let Some(file) = &options.coverage else { return Ok(()) };
    let written = coverage.write(file);
    written.map_err(|error| Failure::Failed(format!("cannot write {}: {error}", file.display())))?;
    let percent = coverage.percent();
    match options.fail_under {
        Some(least) if percent < least => {
            Err(Failure::Failed(format!("{percent:.2} % of the operations were covered, less than {least} %")))
        }
        _ => Ok(()),
    }
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}

fn write_document(options: &Openapi) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
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

fn check_health(url: &str) -> Result<(), Failure> {
    let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/'));
    let authority =
        authority.ok_or_else(|| Failure::Misused(format!("--url: expected http://HOST:PORT, found {url}")))?;
    let ask = || -> io::Result<String> {
        let mut stream = TcpStream::connect(authority)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET /healthz HTTP/1.0\r\nHost: {authority}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    match ask() {
        Ok(answer) if answer.split(' ').nth(1) == Some("200") => Ok(()),
        Ok(answer) => Err(Failure::Failed(format!("{url}: {}", answer.lines().next().unwrap_or_default()))),
        Err(error) => Err(Failure::Failed(format!("{url}: {error}"))),
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
