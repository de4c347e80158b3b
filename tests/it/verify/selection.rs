//! What a run verifies, and how fast.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use http::Method;
use tiledesk_mock::{Fake, verify::Options};

use tiledesk_mock::verify::verify;
use tokio::sync::watch;

use super::{
    middleman::{Effect, Middleman},
    options, verified,
};

/// The operations that a run reports.
async fn reported(only: &[&str], skip: &[&str]) -> BTreeSet<String> {
    let fake = Fake::builder().start().expect("a free port");
    let skip = skip.iter().map(|&name| name.to_owned()).collect();
    let report = verified(&Options { skip, ..options(&format!("{}/v3", fake.url()), only) }).await;
    assert!(report.matches(), "{}", report.text());
    report.outcomes.into_iter().map(|outcome| outcome.operation).collect()
}

fn names(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_and_skip_select_operations_by_id_and_glob() {
    assert_eq!(reported(&["get_tag", "list_tags"], &[]).await, names(&["get_tag", "list_tags"]));
    let others = names(&["get_tag", "remove_lead_tag", "remove_request_tag", "update_tag"]);
    assert_eq!(reported(&["*_tag"], &["create_*", "delete_tag"]).await, others);
}

#[tokio::test]
async fn a_selection_without_operations_is_rejected() {
    for (only, skip) in [(&[][..], "*"), (&["get_lead"][..], "get_lead"), (&["conversation"][..], "conv*")] {
        let options = Options { skip: vec![skip.to_owned()], ..options("http://127.0.0.1:9/v3", only) };
        let stop = watch::Sender::new(false);
        let error = verify(&options, stop.subscribe()).await.expect_err("nothing is left");
        assert_eq!(error, "--skip: nothing is left to verify; skip fewer operations");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_stay_below_the_rate() {
    let fake = Fake::builder().start().expect("a free port");
    let start = Instant::now();
    let report = verified(&Options { rate: 1_200, ..options(&format!("{}/v3", fake.url()), &["get_tag"]) }).await;
    let time = start.elapsed();
    assert!(report.matches(), "{}", report.text());
    let calls = u32::try_from(fake.default_sandbox().calls().len()).expect("a few calls");
    assert!(calls >= 5, "{calls} calls");
    assert!(time >= Duration::from_millis(50) * (calls - 1), "{calls} calls in {time:?}");
}

/// The number of projects that a run of the same cases creates.
async fn projects(concurrency: u8) -> usize {
    let fake = Fake::builder().start().expect("a free port");
    let created = Arc::new(AtomicUsize::new(0));
    let counter = created.clone();
    let middleman = Middleman::start(
        &fake,
        Arc::new(move |method, path, _, _| {
            if method == Method::POST && path == "/v3/projects" {
                counter.fetch_add(1, Ordering::Relaxed);
            }
            Effect::Respond
        }),
    );
    let only =
        ["get_tag", "list_tags", "create_tag", "update_tag", "get_lead", "list_leads", "get_group", "list_groups"];
    let report = verified(&Options { concurrency, ..options(&middleman.url(), &only) }).await;
    assert!(report.matches(), "{}", report.text());
    created.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_calls_use_separate_projects() {
    let (one, several) = (projects(1).await, projects(3).await);
    assert!(one < several && several <= one + 2, "{one} and {several} projects");
}
