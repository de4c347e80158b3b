//! The commands `verify`, `pact verify`, and `openapi diff`.

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use tiledesk_mock::{
    openapi::{self, diff},
    pact, verify,
};
use tokio::{runtime, sync::watch};

use crate::{Failure, say};

#[derive(Args)]
pub(crate) struct Diff {
    /// Old document: a JSON or YAML file, or `-` for stdin.
    old: PathBuf,

    /// New document (default: the v3 document of this program, in the OpenAPI version of the old one).
    new: Option<PathBuf>,

    /// Output format.
    #[arg(long, value_enum, default_value = "text")]
    format: diff::Format,
}

#[derive(Subcommand)]
pub(crate) enum Pact {
    /// Check that the fake and its document honor consumer pacts.
    Verify(PactVerify),
}

#[derive(Args)]
pub(crate) struct PactVerify {
    /// Pact files, version 3 or 4.
    #[arg(required = true)]
    files: Vec<PathBuf>,

    /// Directory of provider states: a world for each, as `STATE.json`.
    #[arg(long, env = "TILEDESK_MOCK_PACT_STATES", value_name = "DIR")]
    states: Option<PathBuf>,

    /// World to start from (default: the built-in world).
    #[arg(long, value_name = "FILE|DIR")]
    fixtures: Option<PathBuf>,

    /// Output format.
    #[arg(long, value_enum, default_value = "text")]
    format: pact::Format,
}

fn runtime() -> Result<runtime::Runtime, Failure> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(|error| Failure::Failed(format!("cannot start: {error}")))
}

/// Verifies a server. Exits with status 1 for drift, and with status 2 if the run was not completed.
pub(crate) fn verify(options: &verify::Options) -> Result<(), Failure> {
    let runtime = runtime().map_err(|_| Failure::Misused("cannot start the runtime".to_owned()))?;
    let (stop, stopped) = watch::channel(false);
    let report = runtime.block_on(async {
        // Installed before the first call, so that no project is left behind.
        let signals = interruption().map_err(|error| format!("cannot wait for signals: {error}"))?;
        tokio::spawn(async move {
            signals.await;
            stop.send_replace(true);
            std::future::pending::<()>().await;
        });
        verify::verify(options, stopped).await
    });
    let report = report.map_err(Failure::Misused)?;
    let written = options.report.as_ref().map_or(Ok(()), |file| {
        report.write(file).map_err(|error| Failure::Misused(format!("cannot write {}: {error}", file.display())))
    });
    say(report.text().trim_end_matches('\n'))?;
    written?;
    match &report.stopped {
        Some(why) => Err(Failure::Misused(why.clone())),
        None if report.matches() => Ok(()),
        None => Err(Failure::Failed("the server differs from the API".to_owned())),
    }
}

/// Completes on the first signal to stop.
#[cfg(unix)]
fn interruption() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Completes on the first signal to stop.
#[cfg(not(unix))]
fn interruption() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

pub(crate) fn diff(options: &Diff) -> Result<(), Failure> {
    let old = document(&options.old)?;
    let new = if let Some(file) = &options.new {
        document(file)?
    } else {
        let version = if diff::version(&old) == "3.0" { openapi::Version::V30 } else { openapi::Version::V31 };
        let written = openapi::write(openapi::Document::V3, version, openapi::Encoding::Json);
        diff::read(&runtime()?.block_on(written)).map_err(Failure::Misused)?
    };
    let diff = diff::Diff::new(&old, &new).map_err(Failure::Misused)?;
    say(diff.write(options.format).trim_end_matches('\n'))?;
    if diff.is_breaking() { Err(Failure::Failed("the new document breaks clients".to_owned())) } else { Ok(()) }
}

/// Reads a document.
fn document(file: &Path) -> Result<serde_json::Value, Failure> {
    let failed = |why: String| Failure::Misused(format!("{}: {why}", file.display()));
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    let text = text.map_err(|error| failed(error.to_string()))?;
    diff::read(&text).map_err(failed)
}

pub(crate) fn pact(command: &Pact) -> Result<(), Failure> {
    let Pact::Verify(options) = command;
    let states = options.states.clone();
    let verified = runtime()?.block_on(pact::verify(&options.files, options.fixtures.clone(), states));
    let report = verified.map_err(Failure::Misused)?;
    say(report.write(options.format).trim_end_matches('\n'))?;
    if report.is_honored() { Ok(()) } else { Err(Failure::Failed("the pacts are not honored".to_owned())) }
}
