//! Recordings of the proxy as parity cases.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;
use tiledesk_mock::{
    Exchange, Upstream,
    verify::{Kind, Options, Report},
};

use crate::{
    proxy::{
        proxy_to,
        recording::{exchanges, record},
    },
    support::App,
    verify::{options, verified},
};

/// Compares a recording with the fake.
async fn compared(directory: &Path) -> Report {
    let recorded = Some(directory.to_owned());
    verified(&Options { target: None, account: None, recorded, ..options("http://unused.example", &[]) }).await
}

/// Records an account from its sign-up on, so that the recording creates every document it refers to.
async fn record_from_sign_up(directory: &Path) {
    let upstream = App::new();
    let proxy =
        proxy_to(&upstream.fake.url(), |upstream: &mut Upstream, _| upstream.record = Some(directory.to_owned()));
    let account =
        json!({"email": "ada@analytical.example", "password": "hunter22", "firstname": "Ada", "lastname": "King"});
    proxy.nobody().post("/v3/auth/signup", account.clone()).await.json_of(200);
    let token = proxy.nobody().post("/v3/auth/signin", account).await.json_of(200)["token"].clone();
    let ada = proxy.authorized(token.as_str().expect("a token").to_owned());
    let project = ada.post("/v3/projects", json!({"name": "Engines"})).await.json_of(200)["_id"].clone();
    let project = project.as_str().expect("an id");
    let visitor = json!({"id_project": project, "firstname": "Maria"});
    let visitor = proxy.nobody().post("/v3/auth/signinAnonymously", visitor).await.json_of(200)["token"].clone();
    let visitor = proxy.authorized(visitor.as_str().expect("a token").to_owned());
    let conversation = format!("/v3/{project}/requests/support-group-{project}-82c16d3b10dc4abba2326a5d7611b022");
    let first = visitor.post(&format!("{conversation}/messages"), json!({"text": "Good morning"})).await.json_of(200);
    assert!(first["_id"].is_string());
    let lead =
        ada.post(&format!("/v3/{project}/leads"), json!({"fullname": "Grace", "tags": ["navy"]})).await.json_of(200);
    let lead = format!("/v3/{project}/leads/{}", lead["_id"].as_str().expect("an id"));
    ada.put(&lead, json!({"fullname": "Grace Hopper"})).await.json_of(200);
    for path in [&conversation, &format!("{conversation}/messages"), &lead, &format!("/v3/{project}/leads/0")] {
        ada.get(path).await;
    }
    ada.delete(&lead).await.json_of(200);
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
}

/// Changes the only recorded exchange of an operation.
fn change(directory: &Path, operation: &str, change: impl FnOnce(&mut Exchange)) {
    let (file, mut exchange) = exchanges(directory)
        .into_iter()
        .find(|(file, _)| file.trim_end_matches(".json").ends_with(&format!("-{operation}")))
        .expect("a recorded call of the operation");
    change(&mut exchange);
    let text = serde_json::to_string(&exchange).expect("an exchange is JSON");
    fs::write(directory.join(file), text).expect("the file is writable");
}

fn body(exchange: &mut Exchange) -> &mut serde_json::Map<String, Value> {
    exchange.body.as_mut().and_then(Value::as_object_mut).expect("an object")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_of_the_fake_is_a_parity_case_without_differences() {
    let folder = TempDir::new().expect("a folder");
    record(folder.path()).await;
    let report = compared(folder.path()).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.count("matches"), exchanges(folder.path()).len(), "{}", report.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ids_of_created_documents_may_differ_in_the_fake() {
    let folder = TempDir::new().expect("a folder");
    record_from_sign_up(folder.path()).await;
    let report = compared(folder.path()).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.count("matches"), 12, "{}", report.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_difference_of_a_recorded_server_is_found_and_nothing_else() {
    let folder = TempDir::new().expect("a folder");
    record(folder.path()).await;
    change(folder.path(), "create_canned_response", |exchange| exchange.status = 201);
    change(folder.path(), "create_lead", |exchange| drop(body(exchange).remove("lead_id")));
    change(folder.path(), "get_lead", |exchange| {
        body(exchange).insert("status".to_owned(), "100".into());
        body(exchange).insert("nickname".to_owned(), "A".into());
    });
    change(folder.path(), "list_canned_responses", |exchange| exchange.body = Some(json!([])));
    let report = compared(folder.path()).await;
    let found: BTreeSet<_> = report.drift().into_iter().collect();
    let planted = [
        ("create_canned_response", Kind::Status),
        ("create_lead", Kind::Missing),
        ("get_lead", Kind::Extra),
        ("get_lead", Kind::Type),
        ("list_canned_responses", Kind::Length),
    ];
    assert_eq!(found, BTreeSet::from(planted), "{}", report.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_with_an_unknown_token_is_skipped() {
    let folder = TempDir::new().expect("a folder");
    let exchange = json!({
        "source": "recorded from http://a, 2026-01-01T12:00:00.000Z", "status": 200, "body": [],
        "request": {"method": "GET", "path": "/v3/5b55e8060000000000000001/tags", "headers": {"authorization": "JWT token1"}},
    });
    fs::write(folder.path().join("000001-list_tags.json"), exchange.to_string()).expect("the file is writable");
    let report = compared(folder.path()).await;
    assert!(report.matches() && report.count("skipped") == 1, "{}", report.text());
}
