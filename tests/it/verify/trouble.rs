//! Servers that hang or send unusable responses, and interrupted runs.

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use http::Method;
use tiledesk_mock::{
    Fake,
    verify::{Account, Kind, Options, verify},
};
use tokio::sync::watch;

use super::{
    leftovers,
    middleman::{Effect, Middleman},
    options, verified,
};

async fn refused(options: &Options) -> String {
    let stop = watch::Sender::new(false);
    verify(options, stop.subscribe()).await.expect_err("the run cannot start")
}

/// A server that handles each connection with this function.
fn server(handle: impl Fn(std::net::TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/v3", listener.local_addr().expect("an address"));
    thread::spawn(move || listener.incoming().flatten().for_each(handle));
    url
}

#[tokio::test]
async fn a_server_that_hangs_cannot_be_verified() {
    let url = server(std::mem::forget);
    let options = Options { timeout: Duration::from_millis(200), ..options(&url, &[]) };
    assert_eq!(refused(&options).await, "cannot sign in: no response within 0.2 s");
}

#[tokio::test]
async fn a_server_that_resets_connections_cannot_be_verified() {
    let url = server(drop);
    let error = refused(&options(&url, &[])).await;
    assert!(error.starts_with("cannot sign in: no response"), "{error}");
}

#[tokio::test]
async fn a_server_that_returns_html_cannot_be_verified() {
    let url = server(|mut stream| {
        let _ = stream.read(&mut [0; 4096]);
        let page = "<html></html>";
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", page.len());
        let _ = stream.write_all(format!("{head}{page}").as_bytes());
    });
    assert_eq!(refused(&options(&url, &[])).await, "cannot sign in: expected JSON, got text/html");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_are_refused_without_repeating_them() {
    let fake = Fake::builder().start().expect("a free port");
    let account = Account { email: "andrea.leo@f21.it".to_owned(), password: "a-wrong-password".to_owned() };
    let error = refused(&Options { account: Some(account), ..options(&format!("{}/v3", fake.url()), &[]) }).await;
    assert_eq!(error, "cannot sign in: the server does not accept the credentials of --as (401)");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_that_hangs_is_drift_and_the_run_goes_on() {
    let fake = Fake::builder().start().expect("a free port");
    let hang = |method: &Method, path: &str, _: &http::HeaderMap, _: &mut http::Response<bytes::Bytes>| {
        if method == Method::GET && path.contains("/tags/") { Effect::Hang } else { Effect::Respond }
    };
    let middleman = Middleman::start(&fake, Arc::new(hang));
    let options =
        Options { timeout: Duration::from_millis(500), ..options(&middleman.url(), &["get_tag", "list_tags"]) };
    let report = verified(&options).await;
    let found: BTreeSet<_> = report.drift().into_iter().collect();
    assert_eq!(found, BTreeSet::from([("get_tag", Kind::NoResponse)]), "{}", report.text());
    assert_eq!(report.stopped, None);
    assert_eq!(leftovers(&fake), <[String; 0]>::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_run_cleans_up() {
    let fake = Fake::builder().start().expect("a free port");
    let stop = Arc::new(watch::Sender::new(false));
    let (calls, stopping) = (AtomicUsize::new(0), stop.clone());
    let interrupt = move |_: &Method, _: &str, _: &http::HeaderMap, _: &mut http::Response<bytes::Bytes>| {
        if calls.fetch_add(1, Ordering::Relaxed) == 40 {
            stopping.send_replace(true);
        }
        Effect::Respond
    };
    let middleman = Middleman::start(&fake, Arc::new(interrupt));
    let report = verify(&options(&middleman.url(), &[]), stop.subscribe()).await.expect("it started");
    assert!(report.stopped.as_deref().is_some_and(|why| why.starts_with("interrupted")), "{:?}", report.stopped);
    assert!(!report.matches());
    assert_eq!(report.left, <[String; 0]>::default());
    assert_eq!(leftovers(&fake), <[String; 0]>::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_and_huge_bodies_are_drift_and_the_run_goes_on() {
    for (pause, timeout, expected) in [
        (Duration::ZERO, Duration::from_secs(30), "the response is larger than 16 MiB"),
        (Duration::from_millis(100), Duration::from_secs(1), "no response within 1 s"),
    ] {
        let fake = Fake::builder().start().expect("a free port");
        let spoil = move |method: &Method, path: &str, _: &http::HeaderMap, _: &mut http::Response<bytes::Bytes>| {
            if method == Method::GET && path.contains("/tags/") { Effect::Endless(pause) } else { Effect::Respond }
        };
        let middleman = Middleman::start(&fake, Arc::new(spoil));
        let options = Options { timeout, ..options(&middleman.url(), &["get_tag", "list_tags"]) };
        let report = verified(&options).await;
        let found: BTreeSet<_> = report.drift().into_iter().collect();
        assert_eq!(found, BTreeSet::from([("get_tag", Kind::NoResponse)]), "{}", report.text());
        assert!(report.text().contains(expected), "{}", report.text());
        assert_eq!(leftovers(&fake), <[String; 0]>::default());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_ends_if_the_server_stops_responding() {
    let fake = Fake::builder().start().expect("a free port");
    let calls = AtomicUsize::new(0);
    let hang = move |_: &Method, _: &str, _: &http::HeaderMap, _: &mut http::Response<bytes::Bytes>| {
        if calls.fetch_add(1, Ordering::Relaxed) >= 40 { Effect::Hang } else { Effect::Respond }
    };
    let middleman = Middleman::start(&fake, Arc::new(hang));
    let report = verified(&Options { timeout: Duration::from_millis(300), ..options(&middleman.url(), &[]) }).await;
    assert!(report.stopped.as_deref().is_some_and(|why| why.starts_with("the server stopped responding; ")));
    assert!(!report.matches() && !report.left.is_empty(), "{}", report.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interruption_reports_how_many_cases_are_left() {
    let fake = Fake::builder().start().expect("a free port");
    let stop = Arc::new(watch::Sender::new(false));
    let stopping = stop.clone();
    let interrupt = move |method: &Method, path: &str, _: &http::HeaderMap, _: &mut http::Response<bytes::Bytes>| {
        if method == Method::POST && path == "/v3/projects" {
            stopping.send_replace(true);
        }
        Effect::Respond
    };
    let middleman = Middleman::start(&fake, Arc::new(interrupt));
    let options = Options { skip: vec!["get_tag.unknown".to_owned()], ..options(&middleman.url(), &["get_tag"]) };
    let report = verify(&options, stop.subscribe()).await.expect("it started");
    assert_eq!(report.stopped.as_deref(), Some("interrupted; 1 case is left"));
    assert_eq!(leftovers(&fake), <[String; 0]>::default());
}
