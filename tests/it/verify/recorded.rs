//! Verification of recordings.

use std::{
    path::Path,
    time::{Duration, UNIX_EPOCH},
};

use serde_json::json;
use tiledesk_mock::{
    ClockSetting, Fake,
    verify::{Options, Report},
};

use super::{options, verified};
use crate::{
    proxy::proxy_to,
    support::{App, PROJECT},
};

/// Records the conversation of a verification of a fake.
async fn record(fake: &Fake, directory: &Path) {
    let proxy = proxy_to(&fake.url(), |upstream, config| {
        upstream.record = Some(directory.to_owned());
        config.clock = ClockSetting::Real;
    });
    let report = verified(&options(&format!("{}/v3", proxy.fake.url()), &["conversation"])).await;
    assert!(report.matches(), "{}", report.text());
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
}

async fn of_recording(directory: &Path) -> Report {
    let target = Options { target: None, account: None, ..options("http://127.0.0.1:9", &[]) };
    verified(&Options { recorded: Some(directory.to_owned()), ..target }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recorded_conversation_with_the_fake_does_not_drift() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let fake = Fake::builder().start().expect("a free port");
    record(&fake, folder.path()).await;
    let report = of_recording(folder.path()).await;
    assert!(report.matches(), "{}", report.text());
    assert!(report.count("matches") >= 20, "{}", report.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clock_of_the_recorded_server_does_not_matter() {
    for seconds in [1_767_225_600, 4_000_000_000] {
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        let folder = tempfile::tempdir().expect("a folder for the test");
        let fake = Fake::builder().frozen_at(time).start().expect("a free port");
        record(&fake, folder.path()).await;
        let report = of_recording(folder.path()).await;
        assert!(report.matches(), "{time:?}: {}", report.text());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_that_a_recording_only_changes_existed_before_it() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let upstream = App::new();
    let lead = json!({"fullname": "Ada Lovelace", "email": "ada@analytical.example"});
    // Shortly before the recording.
    let lead = upstream.owner().post(&format!("{PROJECT}/leads"), lead).await.json_of(200);
    let path = format!("{PROJECT}/leads/{}", lead["_id"].as_str().expect("an id"));
    let proxy = proxy_to(&upstream.fake.url(), |to, _| to.record = Some(folder.path().to_owned()));
    proxy.owner().put(&path, json!({"fullname": "Ada King"})).await.json_of(200);
    proxy.owner().get(&path).await.json_of(200);
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
    let report = of_recording(folder.path()).await;
    assert!(report.matches(), "{}", report.text());
    assert_eq!(report.count("matches"), 2, "{}", report.text());
}
