//! Verification: the documented exchanges and a conversation, made to any server that claims to implement the API.
//!
//! The calls are rebased to objects that the run creates. Two fakes in this process get the same calls, and their
//! responses are the expected ones. A recording can take the place of the server.

mod difference;
mod expectation;
mod normal;
mod plan;
mod progress;
mod read_only;
mod rebase;
mod recipe;
mod recorded;
mod report;
mod run;
mod server;
mod stage;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use tokio::sync::watch;
use url::Url;

pub use self::{
    difference::{Difference, Kind},
    report::{Format, Outcome, Report, Verdict},
};
use self::{
    expectation::Expectations, plan::Selection, progress::Progress, rebase::DefaultWorld, run::Run, server::Remote,
};

/// Options of a verification.
#[derive(Args, Clone, Debug)]
pub struct Options {
    /// Base URL of the server, such as `https://api.tiledesk.com/v3`.
    ///
    /// Without a version at its end, calls have no version in their paths, and those of version 1 are skipped.
    #[arg(long, value_name = "URL", value_parser = parse_target, required_unless_present = "recorded")]
    pub target: Option<Url>,

    /// Account to verify with, as `EMAIL:PASSWORD`.
    ///
    /// It creates the projects. Calls that change an account use others, which the run signs up and deletes.
    #[arg(long = "as", env = "TILEDESK_MOCK_AS", value_name = "EMAIL:PASSWORD", hide_env_values = true, value_parser = parse_account, required_unless_present = "recorded")]
    pub account: Option<Account>,

    /// Verify a recorded server, without calling it.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["target", "project", "insecure"])]
    pub recorded: Option<PathBuf>,

    /// Existing project to read, instead of creating projects; requires --read-only.
    #[arg(long, value_name = "ID", requires = "read_only")]
    pub project: Option<String>,

    /// Only read, and only check responses against the document; requires --project.
    #[arg(long, requires = "project")]
    pub read_only: bool,

    /// Operations to verify, as IDs or globs such as `*_lead` (default: all); `conversation` stands for the full conversation.
    #[arg(long, value_name = "OPERATION", value_delimiter = ',')]
    pub only: Vec<String>,

    /// Operations to skip, as IDs or globs.
    #[arg(long, value_name = "OPERATION", value_delimiter = ',')]
    pub skip: Vec<String>,

    /// Number of calls in flight, each in a separate project.
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=32))]
    pub concurrency: u8,

    /// Maximum calls per minute.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub rate: u32,

    /// Seconds to wait for each response.
    #[arg(long, default_value = "10", value_name = "SECONDS", value_parser = parse_seconds)]
    pub timeout: Duration,

    /// Accept any certificate.
    #[arg(long)]
    pub insecure: bool,

    /// File with further known deviations, which do not count as drift.
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,

    /// Write a report to this file.
    ///
    /// The extension determines the format: .txt, .json, .xml (JUnit), .md, or .html.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Credentials. Their `Debug` form hides the password.
#[derive(Clone)]
pub struct Account {
    /// Email address.
    pub email: String,
    /// Password.
    pub password: String,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("email", &self.email).finish_non_exhaustive()
    }
}

fn parse_target(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("expected http://HOST or https://HOST: {error}"))?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    if !is_http {
        return Err("expected http://HOST or https://HOST".to_owned());
    }
    Ok(url)
}

/// Malformed credentials are rejected when the run starts, because the parser's message would repeat them.
#[expect(clippy::unnecessary_wraps, reason = "a parser of the command line returns a result")]
fn parse_account(text: &str) -> Result<Account, String> {
    let (email, password) = text.split_once(':').unwrap_or_default();
    Ok(Account { email: email.to_owned(), password: password.to_owned() })
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds: &f64| (0.01..=3600.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(|| "expected seconds from 0.01 to 3600".to_owned())
}

/// Verifies a server. A change of `stop` interrupts the run, which then cleans up.
///
/// Fails if the run cannot start: the options are invalid, or the sign-in fails.
pub async fn verify(options: &Options, stop: watch::Receiver<bool>) -> Result<Report, String> {
    if let Some(file) = &options.report {
        Format::check(file).map_err(|why| format!("--report: {why}"))?;
    }
    let expectations = Expectations::load(options.expect.as_deref())?;
    match (&options.recorded, &options.target, &options.account) {
        (Some(directory), ..) => recorded::verify(directory, options, &expectations, &stop).await,
        (None, Some(target), Some(account)) => verify_server(target, account, options, &expectations, stop).await,
        _ => Err("expected --target and --as, or --recorded".to_owned()),
    }
}

async fn verify_server(
    target: &Url,
    account: &Account,
    options: &Options,
    expectations: &Expectations,
    stop: watch::Receiver<bool>,
) -> Result<Report, String> {
    if !account.email.contains('@') || account.password.is_empty() {
        return Err("--as: expected EMAIL:PASSWORD".to_owned());
    }
    // The parser's message would repeat secrets in it.
    if target.query().is_some() || target.fragment().is_some() {
        return Err("--target: the URL must not have a query or a fragment".to_owned());
    }
    if !target.username().is_empty() || target.password().is_some() {
        return Err("--target: the URL must not contain credentials; use --as".to_owned());
    }
    let world = DefaultWorld::load();
    let cases = plan::cases(&world);
    let selection = Selection::new(&options.only, &options.skip, &cases)?;
    let remote = Remote::new(target.clone(), options.timeout, options.rate, options.insecure, stop)?;
    let user = run::sign_in(&remote, account).await?;
    let cases = cases.into_iter().filter(|case| selection.includes(case)).collect();
    let report = match &options.project {
        Some(project) => read_only::run(cases, &remote, (target, account), project, expectations).await?,
        None => Run::new(&world, remote, (target, account), options, expectations, &user)?.all(cases).await,
    };
    Ok(report.without_secrets(account))
}
