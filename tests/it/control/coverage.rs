//! Coverage: what counts as covered, and the report formats.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT, seed::LEAD};

fn detail<'a>(report: &'a Value, operation: &str) -> &'a Value {
    let mut details = report["details"].as_array().expect("details").iter();
    details
        .find(|detail| detail["operation"] == operation)
        .unwrap_or_else(|| panic!("{operation} is not in the report"))
}

#[tokio::test]
async fn only_successful_calls_count_as_covered() {
    let app = App::new();
    let report = async || app.nobody().get("/_control/coverage").await.json_of(200);
    let leads = format!("{PROJECT}/leads");
    let nothing = report().await;
    assert_eq!((&nothing["percent"], &nothing["operations"]["covered"]), (&json!(0.0), &json!(0)));
    assert!(nothing["operations"]["of"].as_u64() > Some(90));
    let as_client = async |client: &str, method: Method, path: &str, body: &str| {
        let headers = [("user-agent", client), ("content-type", "application/json")];
        app.agent().send(method, path, &headers, body.to_owned()).await
    };
    as_client("sdk/1", Method::GET, &format!("{leads}?email=a@b.c&nonsense=1"), "").await.json_of(200);
    as_client("sdk/2", Method::POST, &leads, r#"{"lead_id":"1","attributes":{"plan":"pro"}}"#).await.json_of(200);
    as_client("sdk/2", Method::POST, &leads, r#"{"fullname":{}}"#).await.json_of(422);
    as_client("sdk/2", Method::GET, &format!("{leads}/0"), "").await.json_of(404);
    let headers = [("user-agent", "sdk/2"), ("prefer", "code=500")];
    app.agent().send(Method::DELETE, &format!("{leads}/{LEAD}"), &headers, "").await.json_of(500);
    app.agent().get(&format!("/_sandbox/other{PROJECT}/groups")).await.json_of(200);
    let told = report().await;
    assert_eq!(told["operations"]["covered"], 3, "counted across all sandboxes");
    let list = detail(&told, "list_leads");
    assert_eq!(
        (&list["covered"], &list["parameters"]["email"], &list["parameters"]["page"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert!(list["parameters"].get("nonsense").is_none());
    assert_eq!(list["statuses"]["200"], json!({"count": 1, "documented": true, "clients": {"sdk/1": 1}}));
    let create = detail(&told, "create_lead");
    assert_eq!((&create["statuses"]["200"]["count"], &create["statuses"]["422"]["count"]), (&json!(1), &json!(1)));
    assert_eq!(
        (&create["fields"]["lead_id"], &create["fields"]["fullname"]),
        (&json!(true), &json!(false)),
        "a rejected call covers nothing"
    );
    assert_eq!(detail(&told, "get_lead")["covered"], false);
    assert_eq!(detail(&told, "delete_lead")["covered"], false);
    assert_eq!(told["clients"]["sdk/1"]["covered"], 1);
    assert_eq!(told["clients"]["sdk/2"]["covered"], 1);
    app.nobody().delete("/_control/coverage").await.json_of(200);
    assert_eq!(report().await, nothing);
}

#[tokio::test]
async fn form_fields_are_covered() {
    let app = App::new();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let leads = format!("{PROJECT}/leads");
    app.agent().send(Method::POST, &leads, &headers, "fullname=Ada&attributes[plan]=pro").await.json_of(200);
    let report = app.nobody().get("/_control/coverage").await.json_of(200);
    let create = detail(&report, "create_lead");
    let covered = ["fullname", "attributes", "email"].map(|field| create["fields"][field] == true);
    assert_eq!(covered, [true, true, false]);
}

#[tokio::test]
async fn the_report_has_four_formats() {
    let app = App::new();
    app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
    app.agent().get(&format!("{PROJECT}/leads/0")).await.json_of(404);
    let form = async |format: &str| app.nobody().get(&format!("/_control/coverage?format={format}")).await;
    let junit = form("junit").await;
    assert_eq!(junit.header("content-type"), Some("application/xml"));
    let xml = junit.text();
    assert!(xml.contains(r#"<testcase classname="Leads" name="list_leads (GET /{project_id}/leads)"/>"#), "{xml}");
    assert!(
        xml.contains(r#"name="get_lead (GET /{project_id}/leads/{lead_id})"><skipped message="no call succeeded"/>"#)
    );
    assert!(xml.contains(r#"<skipped message="never called"/>"#));
    assert_eq!(xml.matches("<testsuite ").count(), xml.matches("</testsuite>").count());
    let markdown = form("markdown").await.text();
    assert!(markdown.contains("| ✓ list_leads | GET | `/{project_id}/leads` | 200 × 1 |"), "{markdown}");
    assert!(markdown.contains("| ✗ get_lead | GET | `/{project_id}/leads/{lead_id}` | 404 × 1 |"));
    let html = form("html").await;
    assert_eq!(html.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(
        html.text().contains("hsl(150") && html.text().contains("hsl(10") && !html.text().contains("http"),
        "the page is self-contained"
    );
    assert_eq!(form("json").await.json()["operations"]["covered"], 1);
    form("pdf").await.json_of(400);
}
