//! Verification of servers.

mod middleman;
mod recorded;
mod report;
mod selection;
mod trouble;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use http::{HeaderValue, Method, header};
use serde_json::{Value, json};
use tiledesk_mock::{
    Fake,
    verify::{Account, Format, Kind, Options, Report, verify},
};
use tokio::sync::watch;

use self::middleman::{Effect, Middleman, edit};

/// The credentials of the caller, as a header.
const CALLER: &str = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2";

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

/// The projects, accounts, and files that runs left behind, as in reports but without reasons.
fn leftovers(fake: &Fake) -> Vec<String> {
    let world: Value =
        serde_json::from_str(&tiledesk_mock::fixtures::dump(None).expect("a valid world")).expect("JSON");
    let [before, after] = [world, fake.default_sandbox().state()].map(|state| {
        let all = |what: &str, collection: &str, field: &str| -> Vec<String> {
            let all = state[collection].as_array().into_iter().flatten();
            // Thumbnails are deleted with their images.
            let names = all.filter_map(|one| one[field].as_str()).filter(|name| !name.contains("/thumbnails_"));
            names.map(|name| format!("{what} {name}")).collect()
        };
        let kinds = [("project", "projects", "_id"), ("account", "users", "email"), ("file", "files", "path")];
        kinds.into_iter().flat_map(|(what, collection, field)| all(what, collection, field)).collect::<BTreeSet<_>>()
    });
    after.difference(&before).cloned().collect()
}

/// The objects in a report's list of what was left behind, without the reasons.
fn listed(report: &Report) -> Vec<String> {
    let mut listed: Vec<_> =
        report.left.iter().map(|line| line.split(" (").next().unwrap_or_default().to_owned()).collect();
    listed.sort();
    listed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verify_passes_against_the_fake_and_lists_everything_that_it_leaves_behind() {
    let fake = Fake::builder().start().expect("a free port");
    let owner = |state: &Value| {
        state["users"]
            .as_array()
            .and_then(|users| users.iter().find(|user| user["email"] == "andrea.leo@f21.it").cloned())
    };
    let before = owner(&fake.default_sandbox().state());
    let report = verified(&Options { concurrency: 4, ..options(&format!("{}/v3", fake.url()), &[]) }).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.count("known"), 0, "{}", report.text());
    assert!(report.count("matches") > 450, "{}", report.summary());
    assert_eq!(listed(&report), leftovers(&fake));
    // The API deletes neither closed projects nor images that were uploaded without credentials.
    let is_permanent = |line: &String| {
        line.starts_with("project ") && line.contains("(closed; deleting it: 404)")
            || line.starts_with("file uploads/public/images/") && line.ends_with("(deleting it: 403)")
    };
    assert!(report.left.iter().all(is_permanent) && report.left.len() <= 3, "{:?}", report.left);
    assert_eq!(owner(&fake.default_sandbox().state()), before, "the account of the caller is unchanged");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_project_that_an_exchange_closes_is_listed_as_left_behind() {
    let fake = Fake::builder().start().expect("a free port");
    let report = verified(&options(&format!("{}/v3", fake.url()), &["delete_project"])).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!((listed(&report), report.left.len()), (leftovers(&fake), 1));
    for format in [Format::Text, Format::Json, Format::Junit, Format::Markdown, Format::Html] {
        let text = format.write(&report);
        assert!(text.contains("(closed; deleting it: 404)"), "{format:?}: {text}");
    }
    let mut request = http::Request::get("/v3/projects").body(bytes::Bytes::new()).expect("a request");
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_static(CALLER));
    let list = fake.client().send(request).await;
    let list: Value = serde_json::from_slice(list.body()).expect("JSON");
    let names = list.as_array().expect("projects").iter().map(|one| &one["id_project"]["name"]);
    assert_eq!(names.filter(|name| **name == "tiledesk-mock verify").count(), 0, "the caller never owned it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_are_deleted_and_never_replace_the_photo_of_the_caller() {
    let fake = Fake::builder().start().expect("a free port");
    let only =
        ["upload_user_photo*", "upload_user_file", "put_user_photo*", "upload_project_asset", "upload_chat_file"];
    let report = verified(&options(&format!("{}/v3", fake.url()), &only)).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.left, <[String; 0]>::default());
    assert_eq!(leftovers(&fake), <[String; 0]>::default());
    let calls = fake.default_sandbox().calls();
    let by_caller = calls.iter().filter(|call| {
        let is_upload = call.uri.path().contains("/files") || call.uri.path().contains("/images");
        is_upload && call.headers.get("authorization").is_some_and(|value| value == CALLER)
    });
    assert_eq!(by_caller.count(), 0, "uploads belong to accounts that the run signs up");
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
async fn a_project_that_cannot_be_read_is_not_verified() {
    let fake = Fake::builder().start().expect("a free port");
    for project in ["NONEXISTENT", "5b55e806c93dde0014316300"] {
        let options = Options {
            project: Some(project.to_owned()),
            read_only: true,
            ..options(&format!("{}/v3", fake.url()), &[])
        };
        let stop = watch::Sender::new(false);
        let error = verify(&options, stop.subscribe()).await.expect_err("there is no such project");
        assert!(error.starts_with(&format!("--project: cannot read the project \"{project}\": ")), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn misspelled_operations_get_suggestions() {
    let stop = watch::Sender::new(false);
    let error = verify(&options("http://127.0.0.1:9/v3", &["creat_lead"]), stop.subscribe()).await.expect_err("a typo");
    assert_eq!(error, "--only: unknown operation `creat_lead`; did you mean `create_lead`?");
    let error = verify(&options("http://127.0.0.1:9/v3", &["zz*"]), stop.subscribe()).await.expect_err("no match");
    assert_eq!(error, "--only: no operation matches `zz*`");
}
