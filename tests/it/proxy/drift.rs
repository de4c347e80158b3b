//! Drift reports about recordings with planted differences.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tiledesk_mock::{
    drift::{self, ReportFormat},
    exchanges,
};

use crate::support::{App, PROJECT, seed::LEAD};

/// Writes exchanges to a directory.
fn write(directory: &Path, exchanges: &[Value]) {
    for (number, exchange) in exchanges.iter().enumerate() {
        fs::write(directory.join(format!("{number:06}.json")), exchange.to_string()).expect("the file is writable");
    }
}

fn exchange(method: &str, path: &str, status: u16, body: &Value) -> Value {
    json!({"source": "a test", "request": {"method": method, "path": path}, "status": status, "body": body})
}

/// The findings, as kind, operation, and place.
async fn findings(directory: &Path, document: Option<&Path>) -> Vec<String> {
    let summary = drift::find(directory, document, None).await.expect("a recording");
    let report: Value = serde_json::from_str(&summary.write(ReportFormat::Json)).expect("JSON");
    let all = report["findings"].as_array().expect("findings").iter();
    all.map(|finding| finding["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn responses_of_the_fake_do_not_drift_from_its_document() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let app = App::new();
    let mut all = Vec::new();
    for exchange in
        exchanges().into_values().filter(|exchange| exchange.before.is_empty() && exchange.request.form.is_none())
    {
        app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
        let answer = app.call(exchange.request.request()).await;
        let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
        if let Ok(body) = serde_json::from_slice(&answer.body)
            && is_json
        {
            all.push(self::exchange(&exchange.request.method, &exchange.request.path, answer.status.as_u16(), &body));
        }
    }
    assert!(all.len() > 200);
    write(folder.path(), &all);
    let found = findings(folder.path(), None).await;
    // Documented fields may be missing for other reasons, such as a different state in the example.
    let found: Vec<_> = found.iter().filter(|finding| !finding.starts_with("missing ")).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn each_planted_difference_is_found_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (clean, drifted) = (folder.path().join("clean"), folder.path().join("drifted"));
    for directory in [&clean, &drifted] {
        fs::create_dir(directory).expect("the folder is writable");
    }
    let app = App::new();
    let path = format!("{PROJECT}/leads/{LEAD}");
    let lead = app.agent().get(&path).await.json_of(200);
    write(&clean, &[exchange("GET", &path, 200, &lead)]);
    let before = findings(&clean, None).await;
    let mut changed = lead.clone();
    changed["status"] = json!("one hundred");
    changed["surprise"] = json!(true);
    changed["id"] = json!("5c81593adf767b0017d1aa66");
    changed["createdAt"] = Value::Null;
    changed.as_object_mut().expect("an object").remove("lead_id");
    write(
        &drifted,
        &[
            exchange("GET", &path, 200, &changed),
            exchange("GET", &path, 418, &json!({})),
            exchange("POST", &format!("{PROJECT}/telepathy"), 200, &json!({})),
            exchange("GET", &format!("{PROJECT}/nothing"), 404, &json!({})),
        ],
    );
    let mut after = findings(&drifted, None).await;
    after.retain(|finding| !before.contains(finding));
    after.sort();
    let expected = [
        "extra get_lead 200 /surprise",
        "missing get_lead 200 /lead_id",
        "nullability get_lead 200 /createdAt",
        "status get_lead 418",
        "type get_lead 200 /status",
        "undocumented-operation POST /{id}/telepathy ",
    ];
    assert_eq!(after, expected);
}

#[tokio::test]
async fn a_recording_can_be_compared_with_another_document() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let recording = folder.path().join("recording");
    fs::create_dir(&recording).expect("the folder is writable");
    let document = folder.path().join("api.yaml");
    let text = "openapi: 3.0.0\npaths:\n  /things/{id}:\n    get:\n      operationId: get_thing\n      responses:\n        '200':\n          content:\n            application/json:\n              schema:\n                type: object\n                required: [color]\n                properties:\n                  color: {type: string, enum: [red, green]}\n                  size: {type: number, nullable: true}\n";
    fs::write(&document, text).expect("the file is writable");
    write(&recording, &[exchange("GET", "/v3/things/5", 200, &json!({"color": "blue", "size": null}))]);
    assert_eq!(findings(&recording, Some(&document)).await, ["enum get_thing 200 /color"]);
}

#[tokio::test]
async fn a_baseline_makes_findings_known_and_reports_come_in_four_formats() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let (recording, baseline) = (folder.path().join("recording"), folder.path().join("baseline.json"));
    fs::create_dir(&recording).expect("the folder is writable");
    write(&recording, &[exchange("GET", &format!("{PROJECT}/<telepathy>"), 200, &json!({}))]);
    let first = drift::find(&recording, None, None).await.expect("a recording");
    assert_eq!(first.new_findings(), 1);
    fs::write(&baseline, first.write(ReportFormat::Json)).expect("the file is writable");
    let second = drift::find(&recording, None, Some(&baseline)).await.expect("a recording");
    assert_eq!((second.new_findings(), &*second.line()), (0, "1 recorded call: 0 new differences, 1 known"));
    let sarif: Value = serde_json::from_str(&second.write(ReportFormat::Sarif)).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&result["ruleId"], &result["baselineState"]), (&json!("undocumented-operation"), &json!("unchanged")));
    assert!(second.write(ReportFormat::Markdown).contains("| known | GET /{id}/<telepathy> |"));
    let page = second.write(ReportFormat::Html);
    assert!(page.contains("GET /{id}/&lt;telepathy&gt;") && page.starts_with("<!doctype html>"), "{page}");
    fs::write(&baseline, "[]").expect("the file is writable");
    let error = drift::find(&recording, None, Some(&baseline)).await.map(drop).expect_err("not a drift report");
    assert!(error.contains("expected a drift report in JSON"), "{error}");
}
