//! Verification of servers.

mod middleman;
mod report;
mod selection;
mod trouble;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use tiledesk_mock::{
    Fake,
    verify::{Account, Kind, Options, Report, verify},
};
use tokio::sync::watch;

use self::middleman::{Effect, Middleman, edit};

/// Options for a fast run against a fake with the default world.
pub(crate) fn options(url: &str, only: &[&str]) -> Options {
    let account = Account { email: "andrea.leo@f21.it".to_owned(), password: "123456".to_owned() };
    Options {
        target: Some(url.parse().expect("a URL")),
        account: Some(account),
        recorded: None,
        project: None,
        read_only: false,
        only: only.iter().map(|&name| name.to_owned()).collect(),
        skip: Vec::new(),
        concurrency: 1,
        rate: 10_000_000,
        timeout: Duration::from_secs(10),
        insecure: false,
        expect: None,
        report: None,
    }
}

pub(crate) async fn verified(options: &Options) -> Report {
    let stop = watch::Sender::new(false);
    verify(options, stop.subscribe()).await.expect("the sign-in succeeds")
}

/// The projects and accounts that runs left behind.
fn leftovers(fake: &Fake) -> Vec<String> {
    let state = fake.default_sandbox().state();
    let all = |name: &str| state[name].as_array().cloned().unwrap_or_default();
    // Projects deleted by an exchange remain as closed projects, which no one can read.
    let is_open = |one: &Value| one["name"] == "tiledesk-mock verify" && one["status"] == 100;
    let projects = all("projects").into_iter().filter(is_open);
    let projects = projects.map(|one| one["_id"].to_string());
    let users = all("users").into_iter().filter_map(|one| Some(one["email"].as_str()?.to_owned()));
    let known: BTreeSet<_> = seeded().into_iter().collect();
    projects.chain(users.filter(|email| !known.contains(email))).collect()
}

/// The email addresses of the default world.
fn seeded() -> Vec<String> {
    let world: Value =
        serde_json::from_str(&tiledesk_mock::fixtures::dump(None).expect("a valid world")).expect("JSON");
    let users = world["users"].as_array().expect("users").iter();
    users.filter_map(|user| user["email"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verify_passes_against_the_fake_and_leaves_nothing_behind() {
    let fake = Fake::builder().start().expect("a free port");
    let report = verified(&Options { concurrency: 4, ..options(&format!("{}/v3", fake.url()), &[]) }).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.count("known"), 0, "{}", report.text());
    assert_eq!(report.left, <[String; 0]>::default());
    assert!(report.count("matches") > 450, "{}", report.summary());
    assert_eq!(leftovers(&fake), <[String; 0]>::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_conversation_is_verified_step_by_step() {
    let fake = Fake::builder().start().expect("a free port");
    let report = verified(&options(&format!("{}/v3", fake.url()), &["conversation"])).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.outcomes.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_planted_drifts_are_found_and_nothing_else() {
    let fake = Fake::builder().start().expect("a free port");
    let middleman = Middleman::start(
        &fake,
        Arc::new(|method, path, _, response| {
            let parts: Vec<_> = path.split('/').collect();
            // `/v3/PROJECT/RESOURCE/ID`
            let (resource, id) = (parts.get(3).copied().unwrap_or_default(), parts.get(4).is_some());
            let status = response.status().as_u16();
            match (method, resource, id, status) {
                (&Method::GET, "tags", true, 200) => edit(response, |tag| {
                    tag.as_object_mut().expect("a tag").remove("color");
                }),
                (&Method::GET, "groups", true, 200) => edit(response, |group| group["nickname"] = json!("first")),
                (&Method::GET, "segments", true, 200) => edit(response, |segment| segment["status"] = json!("100")),
                (&Method::PUT, "groups", true, 200) if path.contains("/disable/") => {
                    *response.status_mut() = http::StatusCode::ACCEPTED;
                }
                (&Method::GET, "leads", false, 401) => {
                    response.headers_mut().remove(header::WWW_AUTHENTICATE);
                }
                (&Method::GET, "subscriptions", true, 200) if !path.ends_with("/history") => {
                    edit(response, |subscription| subscription["event"] = Value::Null);
                }
                (&Method::GET, "departments", true, 200) if !path.ends_with("/allstatus") => {
                    edit(response, |department| department["routing"] = json!("random"));
                }
                (&Method::GET, "leads", true, 200) => edit(response, |lead| {
                    let lead = lead.as_object_mut().expect("a lead");
                    let name = lead.remove("fullname").expect("a name");
                    lead.insert("name".to_owned(), name);
                }),
                (&Method::GET, "faq", true, 200) => {
                    *response.body_mut() = "<!doctype html><p>Welcome</p>".into();
                    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
                }
                (&Method::GET, "events", true, 200) => *response.body_mut() = bytes::Bytes::new(),
                _ => {}
            }
            Effect::Respond
        }),
    );
    let only = [
        "*_tag",
        "*_tags",
        "*_group",
        "*_groups",
        "*_segment",
        "*_segments",
        "list_leads",
        "*_lead",
        "*_subscription",
        "get_department",
        "create_department",
        "get_faq",
        "create_faq",
        "*_event",
        "*_events",
    ];
    let report = verified(&options(&middleman.url(), &only)).await;
    let found: BTreeSet<_> = report.drift().into_iter().collect();
    let planted = [
        ("get_tag", Kind::Missing),
        ("get_group", Kind::Extra),
        ("get_segment", Kind::Type),
        ("disable_group", Kind::Status),
        ("list_leads", Kind::Header),
        ("get_subscription", Kind::Null),
        ("get_department", Kind::Value),
        ("get_lead", Kind::Renamed),
        ("get_faq", Kind::ContentType),
        ("get_event", Kind::Empty),
    ];
    assert_eq!(found, BTreeSet::from(planted), "{}", report.text());
    assert_eq!(report.count("blocked"), 0, "{}", report.text());
    assert!(!report.matches());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn expected_deviations_are_reported_by_name_and_are_not_drift() {
    let fake = Fake::builder().start().expect("a free port");
    let middleman = Middleman::start(
        &fake,
        Arc::new(|method, path, _, response| {
            if method == Method::GET && path.contains("/tags/") && response.status() == 200 {
                edit(response, |tag| tag["nickname"] = json!("one"));
            }
            Effect::Respond
        }),
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("known.json");
    let rule = json!({"operations": ["get_t*"], "at": "^/nickname$", "kinds": ["extra"]});
    let known = json!({"deviations": [{"id": "nicknames", "what": "tags have nicknames", "differences": [rule]}]});
    std::fs::write(&file, known.to_string()).expect("a file");
    let options = Options { expect: Some(file), ..options(&middleman.url(), &["get_tag", "list_tags"]) };
    let report = verified(&options).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.count("known"), 1);
    assert!(report.text().contains("known    get_tag: nicknames"), "{}", report.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_can_be_verified_without_writing() {
    let fake = Fake::builder().start().expect("a free port");
    let before = fake.default_sandbox().state();
    let options = Options {
        project: Some("5b55e806c93dde00143163dd".to_owned()),
        read_only: true,
        ..options(&format!("{}/v3", fake.url()), &[])
    };
    let report = verified(&options).await;
    assert!(report.matches(), "{}", report.text());
    assert!(report.count("matches") > 60, "{}", report.summary());
    let calls = fake.default_sandbox().calls();
    let writes = calls.iter().filter(|call| call.method != Method::GET && !call.uri.path().ends_with("/auth/signin"));
    assert_eq!(writes.count(), 0);
    assert_eq!(fake.default_sandbox().state()["leads"], before["leads"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misspelled_operations_get_suggestions() {
    let stop = watch::Sender::new(false);
    let error = verify(&options("http://127.0.0.1:9/v3", &["creat_lead"]), stop.subscribe()).await.expect_err("a typo");
    assert_eq!(error, "--only: unknown operation `creat_lead`; did you mean `create_lead`?");
    let error = verify(&options("http://127.0.0.1:9/v3", &["zz*"]), stop.subscribe()).await.expect_err("no match");
    assert_eq!(error, "--only: no operation matches `zz*`");
}
