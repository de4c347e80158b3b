//! The report of a run.

mod file;
mod page;

use std::{fmt::Write, io, path::Path};

use serde::Serialize;

use super::{
    Account,
    difference::{Difference, Kind},
    expectation::Expectations,
    stage::readable,
};
use crate::example::Call;

/// The result of one compared call.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Name of the exchange, or `conversation`.
    pub case: String,
    /// Position in the conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Operation ID.
    pub operation: String,
    /// Method and path, with object types in place of IDs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub call: String,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// A verdict.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict {
    /// The response matches the expected one.
    Matches,
    /// All differences are known deviations.
    Known {
        /// The differences, each with the name of its deviation.
        known: Vec<Known>,
    },
    /// There are differences that no known deviation explains.
    Drift {
        /// New differences.
        differences: Vec<Difference>,
        /// Known ones.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        known: Vec<Known>,
    },
    /// The server rejected a call that precedes the compared one.
    Blocked {
        /// The rejection.
        reason: String,
    },
    /// Not run.
    Skipped {
        /// The reason.
        reason: String,
    },
    /// The run ended before the response arrived.
    #[serde(skip)]
    Unfinished,
}

/// A known difference.
#[derive(Clone, Debug, Serialize)]
pub struct Known {
    /// Name of the deviation.
    pub deviation: String,
    /// What deviates.
    pub what: String,
    /// The difference.
    pub difference: Difference,
}

impl Verdict {
    /// Separates known differences from new ones.
    pub(super) fn of(expectations: &Expectations, operation: &str, found: Vec<Difference>) -> Self {
        let (mut differences, mut known) = (Vec::new(), Vec::new());
        for difference in found {
            match expectations.explain(operation, &difference) {
                Some((deviation, what)) => {
                    known.push(Known { deviation: deviation.to_owned(), what: what.to_owned(), difference });
                }
                None => differences.push(difference),
            }
        }
        match (differences.is_empty(), known.is_empty()) {
            (true, true) => Self::Matches,
            (true, false) => Self::Known { known },
            (false, _) => Self::Drift { differences, known },
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Matches => "matches",
            Self::Known { .. } => "known",
            Self::Drift { .. } => "drift",
            Self::Blocked { .. } => "blocked",
            Self::Skipped { .. } => "skipped",
            Self::Unfinished => "unfinished",
        }
    }
}

impl Outcome {
    pub(super) fn new(case: &str, step: Option<usize>, operation: &str, call: &Call, verdict: Verdict) -> Self {
        let call = format!("{} {}", call.method, readable(&call.path));
        Self { case: case.to_owned(), step, operation: operation.to_owned(), call, verdict }
    }

    pub(super) fn skipped(case: &str, operation: &str, reason: String) -> Self {
        let verdict = Verdict::Skipped { reason };
        Self { case: case.to_owned(), step: None, operation: operation.to_owned(), call: String::new(), verdict }
    }

    pub(super) fn is_unfinished(&self) -> bool {
        matches!(self.verdict, Verdict::Unfinished)
    }

    /// The name in reports.
    pub(super) fn title(&self) -> String {
        match self.step {
            Some(step) => format!("{} {step:02} {}", self.case, self.operation),
            None => self.case.clone(),
        }
    }
}

/// The report of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Base URL of the server.
    pub target: String,
    /// Results by name.
    pub outcomes: Vec<Outcome>,
    /// What the run could not remove from the server.
    pub left: Vec<String>,
    /// Why the run ended early.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

impl Report {
    /// The number of outcomes with a verdict of this name.
    #[must_use]
    pub fn count(&self, verdict: &str) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.verdict.name() == verdict).count()
    }

    /// Whether every response matches, apart from known deviations.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.count("drift") + self.count("blocked") == 0 && self.stopped.is_none()
    }

    /// Operation and kind of each new difference.
    #[must_use]
    pub fn drift(&self) -> Vec<(&str, Kind)> {
        let drift = self.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
            Verdict::Drift { differences, .. } => Some((outcome, differences)),
            _ => None,
        });
        drift.flat_map(|(outcome, all)| all.iter().map(|one| (outcome.operation.as_str(), one.kind))).collect()
    }

    /// Replaces the account's credentials wherever the server repeats them.
    pub(super) fn without_secrets(mut self, account: &Account) -> Self {
        use base64::{Engine, prelude::BASE64_STANDARD};

        let basic = BASE64_STANDARD.encode(format!("{}:{}", account.email, account.password));
        let hide = |text: &str| {
            let text = text.replace(&basic, "(credentials)").replace(&account.email, "(email)");
            // Short passwords occur in other texts by chance.
            if account.password.len() >= 6 { text.replace(&account.password, "(password)") } else { text }
        };
        let hide_value = |value: &mut serde_json::Value| {
            if !value.is_null() {
                *value = serde_json::from_str(&hide(&value.to_string())).unwrap_or_default();
            }
        };
        for outcome in &mut self.outcomes {
            match &mut outcome.verdict {
                Verdict::Blocked { reason } | Verdict::Skipped { reason } => *reason = hide(reason),
                Verdict::Drift { differences, known } => {
                    let known = known.iter_mut().map(|known| &mut known.difference);
                    for difference in differences.iter_mut().chain(known) {
                        hide_value(&mut difference.expected);
                        hide_value(&mut difference.actual);
                    }
                }
                Verdict::Known { known } => {
                    for known in known {
                        hide_value(&mut known.difference.expected);
                        hide_value(&mut known.difference.actual);
                    }
                }
                Verdict::Matches | Verdict::Unfinished => {}
            }
        }
        self.left.iter_mut().for_each(|line| *line = hide(line));
        self
    }

    /// A line with the number of results by verdict.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = vec![format!("{} match", self.count("matches"))];
        for (verdict, label) in [("drift", "drift"), ("blocked", "blocked"), ("known", "known"), ("skipped", "skipped")]
        {
            match self.count(verdict) {
                0 => {}
                count => parts.push(format!("{count} {label}")),
            }
        }
        parts.join(", ")
    }

    /// The report as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for outcome in &self.outcomes {
            match &outcome.verdict {
                Verdict::Drift { differences, .. } => {
                    say(&mut text, &format!("drift    {} ({})", outcome.title(), outcome.call));
                    for one in differences {
                        say(&mut text, &format!("           {}", one.line()));
                    }
                }
                Verdict::Blocked { reason } => say(&mut text, &format!("blocked  {}: {reason}", outcome.title())),
                Verdict::Known { known } => {
                    let names: std::collections::BTreeSet<_> = known.iter().map(|one| one.deviation.as_str()).collect();
                    let names: Vec<_> = names.into_iter().collect();
                    say(&mut text, &format!("known    {}: {}", outcome.title(), names.join(", ")));
                }
                Verdict::Matches | Verdict::Skipped { .. } | Verdict::Unfinished => {}
            }
        }
        for left in &self.left {
            say(&mut text, &format!("left behind: {left}"));
        }
        if let Some(why) = &self.stopped {
            say(&mut text, &format!("stopped: {why}"));
        }
        say(&mut text, &format!("{}: {}", self.target, self.summary()));
        text
    }

    /// Writes the report to a file, in the format of its extension.
    pub fn write(&self, file: &Path) -> io::Result<()> {
        let format = Format::of(file).unwrap_or(Format::Text);
        std::fs::write(file, format.write(self))
    }
}

/// Formats of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// Complete, for scripts.
    Json,
    /// `JUnit` XML.
    Junit,
    /// Markdown tables.
    Markdown,
    /// An HTML page.
    Html,
}

impl Format {
    fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "txt" => Some(Self::Text),
            "json" => Some(Self::Json),
            "xml" => Some(Self::Junit),
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }

    /// Checks the extension of a report and that its directory exists.
    pub(super) fn check(file: &Path) -> Result<(), String> {
        if Self::of(file).is_none() {
            return Err(format!("{}: expected .txt, .json, .xml, .md, or .html", file.display()));
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if folder.is_dir() { Ok(()) } else { Err(format!("{} is not a directory", folder.display())) }
    }

    /// The report in this format.
    #[must_use]
    pub fn write(self, report: &Report) -> String {
        match self {
            Self::Text => report.text(),
            Self::Json => file::json(report),
            Self::Junit => file::junit(report),
            Self::Markdown => file::markdown(report),
            Self::Html => page::html(report),
        }
    }
}

fn say(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}

/// Escapes text for XML and HTML. Characters that XML does not have are dropped.
fn escaped(text: &str) -> String {
    let text: String = text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
