//! The coverage report as data: JSON, `JUnit` XML, and Markdown.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use super::report::{Covered, Report, Share};

pub(super) fn json(report: &Report) -> String {
    let share = |share: Share| json!({"covered": share.covered, "of": share.of, "percent": rounded(share.percent())});
    let clients = report.clients.iter().enumerate();
    let clients: Map<_, _> = clients.map(|(at, client)| (client.to_string(), share(report.covered_by(at)))).collect();
    let operation = |operation: &Covered| {
        let statuses = operation.statuses.iter().map(|(status, counts)| {
            let by_client = report.clients.iter().zip(counts).filter(|(_, count)| **count > 0);
            let by_client: Map<_, _> = by_client.map(|(client, count)| (client.to_string(), json!(count))).collect();
            let documented = operation.documented.contains(status);
            let told = json!({"count": counts.iter().sum::<u64>(), "documented": documented, "clients": by_client});
            (status.to_string(), told)
        });
        json!({
            "operation": operation.id,
            "method": operation.method,
            "path": operation.path,
            "tag": operation.tag,
            "covered": operation.is_covered(),
            "statuses": statuses.collect::<Map<_, _>>(),
            "parameters": operation.query,
            "fields": operation.body,
        })
    };
    let mut told: Value = json!({
        "percent": rounded(report.percent()),
        "operations": share(report.covered_operations()),
        "statuses": share(report.covered_statuses()),
        "parameters": share(report.covered_parameters()),
        "fields": share(report.covered_fields()),
        "clients": clients,
        "details": report.operations.iter().map(operation).collect::<Vec<_>>(),
    });
    if let Some(minimum) = report.minimum {
        told["gate"] = json!({"minimum": minimum, "passed": report.shortfall().is_none()});
    }
    format!("{told:#}\n")
}

/// Rounds to two decimals.
pub(super) fn rounded(percent: f64) -> f64 {
    (percent * 100.0).round() / 100.0
}

/// Escapes text for XML and HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// One suite per tag and one case per operation. Uncovered operations are skipped cases, which are visible but do
/// not fail the build. The gate is a separate case that fails if coverage is below the minimum.
pub(super) fn junit(report: &Report) -> String {
    let total = report.covered_operations();
    let (gates, failures) = (usize::from(report.minimum.is_some()), usize::from(report.shortfall().is_some()));
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"tiledesk-mock coverage\" tests=\"{}\" failures=\"{failures}\" skipped=\"{}\">\n",
        total.of + gates,
        total.of - total.covered
    );
    if let Some(minimum) = report.minimum {
        let case =
            format!("    <testcase classname=\"Gate\" name=\"at least {minimum} % of the operations are covered\"");
        say(&mut xml, &format!("  <testsuite name=\"Gate\" tests=\"1\" failures=\"{failures}\" skipped=\"0\">"));
        match report.shortfall() {
            None => say(&mut xml, &format!("{case}/>")),
            Some(why) => say(&mut xml, &format!("{case}><failure message=\"{}\"/></testcase>", escaped(&why))),
        }
        say(&mut xml, "  </testsuite>");
    }
    for operations in report.operations.chunk_by(|a, b| a.tag == b.tag) {
        let skipped = operations.iter().filter(|operation| !operation.is_covered()).count();
        let name = escaped(&operations[0].tag);
        let count = operations.len();
        say(&mut xml, &format!("  <testsuite name=\"{name}\" tests=\"{count}\" failures=\"0\" skipped=\"{skipped}\">"));
        for operation in operations {
            let (id, path) = (escaped(&operation.id), escaped(&operation.path));
            let case = format!("    <testcase classname=\"{name}\" name=\"{id} ({} {path})\"", operation.method);
            if operation.is_covered() {
                say(&mut xml, &format!("{case}/>"));
            } else {
                let why = if operation.calls() == 0 { "never called" } else { "no call succeeded" };
                say(&mut xml, &format!("{case}><skipped message=\"{why}\"/></testcase>"));
            }
        }
        say(&mut xml, "  </testsuite>");
    }
    xml + "</testsuites>\n"
}

pub(super) fn markdown(report: &Report) -> String {
    let mut text =
        "# Coverage of the Tiledesk API\n\n| what | covered | of | percent |\n|---|---|---|---|\n".to_owned();
    for (name, share) in [
        ("operations", report.covered_operations()),
        ("statuses", report.covered_statuses()),
        ("query parameters", report.covered_parameters()),
        ("body fields", report.covered_fields()),
    ] {
        row(&mut text, name, share);
    }
    if let Some(minimum) = report.minimum {
        let passed = format!("At least {minimum} % of the operations are covered.");
        say(&mut text, &format!("\nGate: {}", report.shortfall().map_or(passed, |why| format!("failed. {why}."))));
    }
    say(&mut text, "\n| client | operations | of | percent |\n|---|---|---|---|");
    for (at, client) in report.clients.iter().enumerate() {
        row(&mut text, &client.replace('|', "\\|"), report.covered_by(at));
    }
    say(&mut text, "\n| operation | method | path | statuses | missing parameters and fields |\n|---|---|---|---|---|");
    for operation in &report.operations {
        let answered = operation.statuses.iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0));
        let answered = answered.map(|(status, counts)| format!("{status} × {}", counts.iter().sum::<u64>()));
        let missing = operation.query.iter().chain(&operation.body).filter(|(_, seen)| !**seen);
        let missing: Vec<_> = missing.map(|(name, _)| name.as_str()).collect();
        let mark = if operation.is_covered() { "✓" } else { "✗" };
        let line = format!(
            "| {mark} {} | {} | `{}` | {} | {} |",
            operation.id,
            operation.method,
            operation.path,
            answered.collect::<Vec<_>>().join(", "),
            if operation.is_covered() { missing.join(", ") } else { String::new() },
        );
        say(&mut text, &line);
    }
    text
}

fn row(text: &mut String, name: &str, share: Share) {
    say(text, &format!("| {name} | {} | {} | {:.1} |", share.covered, share.of, share.percent()));
}

pub(super) fn say(text: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{line}");
}
