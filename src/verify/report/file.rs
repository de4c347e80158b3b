//! Reports for machines and job summaries: JSON, `JUnit` XML, Markdown.

use serde_json::json;

use super::{Outcome, Report, Verdict, escaped, say};

pub(super) fn json(report: &Report) -> String {
    let verdicts = ["matches", "known", "drift", "blocked", "skipped"];
    let counts: serde_json::Map<_, _> =
        verdicts.iter().map(|verdict| ((*verdict).to_owned(), report.count(verdict).into())).collect();
    let told = json!({
        "target": report.target,
        "matches": report.matches(),
        "counts": counts,
        "stopped": report.stopped,
        "left": report.left,
        "outcomes": report.outcomes,
    });
    format!("{told:#}\n")
}

/// Drift and blocked cases are failures.
pub(super) fn junit(report: &Report) -> String {
    let failures = report.count("drift") + report.count("blocked");
    let counts = format!(
        "tests=\"{}\" failures=\"{failures}\" skipped=\"{}\" errors=\"{}\"",
        report.outcomes.len(),
        report.count("skipped"),
        usize::from(report.stopped.is_some())
    );
    let target = escaped(&report.target);
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    say(&mut xml, &format!("<testsuites name=\"tiledesk-mock verify\" {counts}>"));
    say(&mut xml, &format!("  <testsuite name=\"{target}\" {counts}>"));
    for outcome in &report.outcomes {
        let case = format!(
            "    <testcase classname=\"{}\" name=\"{}\"",
            escaped(&outcome.operation),
            escaped(&outcome.title())
        );
        match &outcome.verdict {
            Verdict::Matches | Verdict::Unfinished => say(&mut xml, &format!("{case}/>")),
            Verdict::Known { .. } => {
                say(&mut xml, &format!("{case}><system-out>{}</system-out></testcase>", escaped(&details(outcome))));
            }
            Verdict::Drift { differences, .. } => {
                let message = escaped(&differences.first().map(super::Difference::line).unwrap_or_default());
                let failure = format!("<failure message=\"{message}\">{}</failure>", escaped(&details(outcome)));
                say(&mut xml, &format!("{case}>{failure}</testcase>"));
            }
            Verdict::Blocked { reason } => {
                say(&mut xml, &format!("{case}><failure message=\"{}\"/></testcase>", escaped(reason)));
            }
            Verdict::Skipped { reason } => {
                say(&mut xml, &format!("{case}><skipped message=\"{}\"/></testcase>", escaped(reason)));
            }
        }
    }
    if let Some(why) = &report.stopped {
        let error = format!("<error message=\"{}\"/>", escaped(why));
        say(&mut xml, &format!("    <testcase classname=\"run\" name=\"run\">{error}</testcase>"));
    }
    if !report.left.is_empty() {
        let left: Vec<_> = report.left.iter().map(|line| format!("left behind: {}", escaped(line))).collect();
        say(&mut xml, &format!("    <system-out>{}</system-out>", left.join("\n")));
    }
    xml + "  </testsuite>\n</testsuites>\n"
}

/// The differences of an outcome, one per line.
pub(super) fn details(outcome: &Outcome) -> String {
    let (new, known) = match &outcome.verdict {
        Verdict::Drift { differences, known } => (differences.as_slice(), known.as_slice()),
        Verdict::Known { known } => (&[][..], known.as_slice()),
        Verdict::Blocked { reason } | Verdict::Skipped { reason } => return reason.clone(),
        Verdict::Matches | Verdict::Unfinished => return String::new(),
    };
    let known = known.iter().map(|known| format!("known ({}): {}", known.deviation, known.difference.line()));
    new.iter().map(super::Difference::line).chain(known).collect::<Vec<_>>().join("\n")
}

pub(super) fn markdown(report: &Report) -> String {
    let cell = |text: &str| text.replace('|', "\\|").replace('\n', "<br>").replace('`', "'");
    let mut text = format!("# Verification of {}\n\n{}.\n", report.target, report.summary());
    if let Some(why) = &report.stopped {
        say(&mut text, &format!("\nStopped: {why}."));
    }
    for (verdict, title) in
        [("drift", "Drift"), ("blocked", "Blocked"), ("known", "Known deviations"), ("skipped", "Skipped")]
    {
        let of: Vec<_> = report.outcomes.iter().filter(|outcome| outcome.verdict.name() == verdict).collect();
        if of.is_empty() {
            continue;
        }
        say(&mut text, &format!("\n## {title}\n\n| case | call | details |\n|---|---|---|"));
        for outcome in of {
            let details = cell(&escaped(&details(outcome)));
            say(&mut text, &format!("| {} | `{}` | {details} |", cell(&outcome.title()), cell(&outcome.call)));
        }
    }
    if !report.left.is_empty() {
        say(&mut text, "\n## Left behind\n");
        report.left.iter().for_each(|line| say(&mut text, &format!("- {}", cell(line))));
    }
    text
}
