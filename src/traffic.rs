//! The commands about real servers: the proxy, and the drift report.

use std::{fs, path::PathBuf};

use clap::{Arg, Args};
use tiledesk_mock::{Config, Upstream, drift};
use tokio::runtime;

use super::{Failure, Serve, say};

/// Whether an option is given.
type IsGiven = fn(&Config) -> bool;

/// Options of the server that have no effect on a proxy.
const WITHOUT_EFFECT: [(&str, IsGiven); 15] = [
    ("fixtures", |config| config.fixtures.is_some()),
    ("replay", |config| config.replay.is_some()),
    ("lenient", |config| config.lenient),
    ("watch", |config| config.watch),
    ("pact_states", |config| config.pact_states.is_some()),
    ("empty", |config| config.empty),
    ("demo", |config| config.demo.is_some()),
    ("live", |config| config.live.is_some()),
    ("state", |config| config.state.is_some()),
    ("strict", |config| config.strict),
    ("faithful_holes", |config| config.faithful_holes),
    ("self_check", |config| config.self_check),
    ("safe_csv", |config| config.safe_csv),
    ("rate_limit", |config| config.rate_limit.is_some()),
    ("require_tls", |config| config.require_tls),
];

#[derive(Args)]
#[command(mut_args(without_effect))]
pub(super) struct Proxy {
    #[command(flatten)]
    upstream: Upstream,

    #[command(flatten)]
    serve: Serve,
}

#[derive(Args)]
pub(super) struct Drift {
    /// Directory with the recording of a proxy.
    #[arg(long, env = "TILEDESK_MOCK_RECORDED", value_name = "DIR")]
    recorded: PathBuf,

    /// OpenAPI document to compare with, in JSON or YAML (default: the exported one).
    #[arg(long, env = "TILEDESK_MOCK_DOCUMENT", value_name = "FILE")]
    document: Option<PathBuf>,

    /// Earlier JSON report, whose differences count as known.
    #[arg(long, env = "TILEDESK_MOCK_BASELINE", value_name = "FILE")]
    baseline: Option<PathBuf>,

    /// Format of the report on stdout.
    #[arg(long, value_enum, env = "TILEDESK_MOCK_DRIFT_FORMAT", default_value = "markdown")]
    format: drift::ReportFormat,

    /// Also write the report to this file.
    ///
    /// The extension determines the format: .md, .json, .sarif, or .html.
    #[arg(long, env = "TILEDESK_MOCK_REPORT", value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Hides options without effect from `--help`. They are still parsed, so that the error names the reason.
fn without_effect(arg: Arg) -> Arg {
    let is_useless = WITHOUT_EFFECT.iter().any(|(name, _)| arg.get_id() == name);
    if is_useless { arg.hide(true) } else { arg }
}

/// Serves a proxy.
pub(super) fn proxy(Proxy { upstream, mut serve }: Proxy) -> Result<(), Failure> {
    if let Some((name, _)) = WITHOUT_EFFECT.iter().find(|(_, is_given)| is_given(&serve.config)) {
        return Err(Failure::Misused(format!("--{} has no effect on a proxy", name.replace('_', "-"))));
    }
    serve.config.empty = true;
    serve.config.upstream = Some(upstream);
    super::serve(&serve)
}

/// Reports drift. Fails if there is drift that is not in the baseline.
pub(super) fn report_drift(options: &Drift) -> Result<(), Failure> {
    let format = |file: &PathBuf| {
        let wrong =
            || format!("--report: expected a file that ends with .md, .json, .sarif, or .html, got {}", file.display());
        drift::ReportFormat::of_file(file).map(|format| (file.clone(), format)).ok_or_else(wrong)
    };
    let report = options.report.as_ref().map(format).transpose().map_err(Failure::Misused)?;
    let runtime = runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| Failure::Failed(format!("cannot start: {error}")))?;
    let found = drift::find(&options.recorded, options.document.as_deref(), options.baseline.as_deref());
    let summary = runtime.block_on(found).map_err(Failure::Misused)?;
    if let Some((file, format)) = report {
        let written = fs::write(&file, summary.write(format));
        written.map_err(|error| Failure::Failed(format!("cannot write {}: {error}", file.display())))?;
    }
    say(summary.write(options.format).trim_end_matches('\n'))?;
    if summary.new_findings() == 0 { Ok(()) } else { Err(Failure::Failed(summary.line())) }
}
