//! The coverage report as a self-contained HTML page: a heat map of operations and statuses.

use std::collections::BTreeSet;

use super::{
    report::{Report, Share},
    text::{escaped, say},
};

const STYLE: &str = "body{font:14px/1.4 system-ui,sans-serif;margin:2rem;color:#1c2430;background:#fff}\
    table{border-collapse:collapse}.t{overflow-x:auto;margin:1rem 0}th,td{border:1px solid #d5dbe3;padding:.2rem .5rem;text-align:left}\
    th{background:#f2f5f9;position:sticky;top:0}td.n{text-align:right;min-width:2.5rem}td.o{color:#b8c0cb}\
    tr.x td:first-child{border-left:4px solid #d64545}tr.v td:first-child{border-left:4px solid #2f9e63}\
    .s{color:#5b6675;font-size:12px}.bar{display:inline-block;height:.6rem;background:#2f9e63}\
    .rest{display:inline-block;height:.6rem;background:#e4e9f0}";

pub(super) fn html(report: &Report) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Coverage of the Tiledesk API</title>\
         <style>{STYLE}</style></head><body>\n<h1>Coverage of the Tiledesk API: {:.1} %</h1>\n",
        report.percent()
    );
    let mut shares = vec![
        ("Operations".to_owned(), report.covered_operations()),
        ("Statuses".to_owned(), report.covered_statuses()),
        ("Query parameters".to_owned(), report.covered_parameters()),
        ("Body fields".to_owned(), report.covered_fields()),
    ];
    let clients = report.clients.iter().enumerate();
    shares.extend(clients.map(|(at, client)| (format!("Operations, {client}"), report.covered_by(at))));
    if let Some(why) = report.shortfall() {
        say(&mut page, &format!("<p><strong>Gate failed: {}.</strong></p>", escaped(&why)));
    }
    say(&mut page, "<div class=\"t\"><table>");
    for (name, share) in shares {
        say(&mut page, &summary(&name, share));
    }
    say(&mut page, "</table></div>");
    let statuses: BTreeSet<u16> =
        report.operations.iter().flat_map(|operation| operation.statuses.keys().copied()).collect();
    let most = report.operations.iter().flat_map(|operation| operation.statuses.values());
    let most = most.map(|counts| counts.iter().sum::<u64>()).max().unwrap_or_default();
    let heads: Vec<_> = statuses.iter().map(|status| format!("<th>{status}</th>")).collect();
    say(
        &mut page,
        &format!(
            "<div class=\"t\"><table><tr><th>Operation</th><th>Call</th>{}<th>Not exercised</th></tr>",
            heads.concat()
        ),
    );
    for operations in report.operations.chunk_by(|a, b| a.tag == b.tag) {
        let tag = escaped(&operations[0].tag);
        say(&mut page, &format!("<tr><th colspan=\"{}\">{tag}</th></tr>", statuses.len() + 3));
        for operation in operations {
            let class = if operation.is_covered() { "v" } else { "x" };
            let cells: Vec<_> = statuses
                .iter()
                .map(|status| match operation.statuses.get(status).map(|counts| counts.iter().sum::<u64>()) {
                    None => "<td></td>".to_owned(),
                    Some(0) => "<td class=\"n o\">0</td>".to_owned(),
                    Some(count) => heat(*status, count, most),
                })
                .collect();
            let missing = operation.query.iter().chain(&operation.body).filter(|(_, seen)| !**seen);
            let missing: Vec<_> = missing.map(|(name, _)| escaped(name)).collect();
            let line = format!(
                "<tr class=\"{class}\"><td>{}</td><td>{} {}</td>{}<td class=\"s\">{}</td></tr>",
                escaped(&operation.id),
                operation.method,
                escaped(&operation.path),
                cells.concat(),
                missing.join(", ")
            );
            say(&mut page, &line);
        }
    }
    page + "</table></div>\n</body></html>\n"
}

fn summary(name: &str, share: Share) -> String {
    let percent = share.percent();
    format!(
        "<tr><td>{}</td><td class=\"n\">{} / {}</td><td class=\"n\">{percent:.1} %</td><td>\
         <span class=\"bar\" style=\"width:{:.0}px\"></span><span class=\"rest\" style=\"width:{:.0}px\"></span></td></tr>",
        escaped(name),
        share.covered,
        share.of,
        percent * 2.0,
        200.0 - percent * 2.0,
    )
}

/// Green for successes and red for errors; darker means more calls.
fn heat(status: u16, count: u64, most: u64) -> String {
    let hue = if status < 400 { 150 } else { 10 };
    let (count_bits, most_bits) = (u64::BITS - count.leading_zeros(), u64::BITS - most.leading_zeros());
    let light = 92 - 40 * count_bits / most_bits.max(1);
    format!("<td class=\"n\" style=\"background:hsl({hue} 60% {light}%)\">{count}</td>")
}
