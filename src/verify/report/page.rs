//! The report as a self-contained HTML page.

use super::{Report, escaped, file::details, say};

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#1c2430;background:#fff}\
    table{border-collapse:collapse}.t{overflow-x:auto}th,td{border:1px solid #d5dbe3;padding:.2rem .5rem;text-align:left;vertical-align:top}\
    th{background:#f2f5f9}td.d{white-space:pre-wrap}tr.drift td:first-child,tr.blocked td:first-child{border-left:4px solid #d64545}\
    tr.known td:first-child{border-left:4px solid #d6a045}tr.matches td:first-child{border-left:4px solid #2f9e63}\
    @media(prefers-color-scheme:dark){body{color:#dfe5ee;background:#151a21}th{background:#222a35}th,td{border-color:#3a4554}}";

pub(super) fn html(report: &Report) -> String {
    let target = escaped(&report.target);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Verification of {target}</title>\
         <style>{STYLE}</style></head><body>\n<h1>Verification of {target}</h1>\n<p>{}.</p>\n",
        report.summary()
    );
    if let Some(why) = &report.stopped {
        say(&mut page, &format!("<p><strong>Stopped:</strong> {}.</p>", escaped(why)));
    }
    for left in &report.left {
        say(&mut page, &format!("<p><strong>Left behind:</strong> {}</p>", escaped(left)));
    }
    say(&mut page, "<div class=\"t\"><table><tr><th>Case</th><th>Call</th><th>Verdict</th><th>Details</th></tr>");
    for verdict in ["drift", "blocked", "known", "matches", "skipped"] {
        for outcome in report.outcomes.iter().filter(|outcome| outcome.verdict.name() == verdict) {
            let row = format!(
                "<tr class=\"{verdict}\"><td>{}</td><td><code>{}</code></td><td>{verdict}</td><td class=\"d\">{}</td></tr>",
                escaped(&outcome.title()),
                escaped(&outcome.call),
                escaped(&details(outcome))
            );
            say(&mut page, &row);
        }
    }
    page + "</table></div>\n</body></html>\n"
}
