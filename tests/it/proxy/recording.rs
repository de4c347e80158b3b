//! Recordings: their contents and uses.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::json;
use tiledesk_mock::{Exchange, Upstream, fixtures};

use super::proxy_to;
use crate::support::{App, PROJECT};

/// Records a conversation in a directory: writes first, then reads of the final state.
pub(crate) async fn record(directory: &Path) {
    let upstream = App::new();
    let proxy =
        proxy_to(&upstream.fake.url(), |upstream: &mut Upstream, _| upstream.record = Some(directory.to_owned()));
    let sign_in = json!({"email": "andrea.leo@f21.it", "password": "123456"});
    let token = proxy.nobody().post("/v3/auth/signin", sign_in).await.json_of(200)["token"].clone();
    let owner = proxy.authorized(token.as_str().expect("a token").to_owned());
    let lead = json!({
        "fullname": "Ada Lovelace", "email": "ada@analytical.example", "phone": "+39 080 1234567",
        "attributes": {"password": "hunter2", "note": "Ada Lovelace called"},
    });
    let lead = owner.post(&format!("{PROJECT}/leads"), lead).await.json_of(200);
    upstream.advance("1s").await;
    let request = json!({"first_text": "Hello from Ada"});
    let request = owner.post(&format!("{PROJECT}/requests"), request).await.json_of(200);
    let conversation = format!("{PROJECT}/requests/{}", request["request_id"].as_str().expect("an id"));
    for text in ["Write to ada@analytical.example", "Or call +39 080 1234567"] {
        upstream.advance("1s").await;
        owner.post(&format!("{conversation}/messages"), json!({"text": text})).await.json_of(200);
    }
    upstream.advance("1s").await;
    owner.patch(&conversation, json!({"subject": "A question"})).await.json_of(200);
    upstream.advance("1s").await;
    let canned = json!({"title": "hello", "text": "Hello!"});
    owner.post(&format!("{PROJECT}/canned"), canned).await.json_of(200);
    for path in [
        "/v3/projects/5b55e806c93dde00143163dd".to_owned(),
        format!("{PROJECT}/project_users"),
        format!("{PROJECT}/departments/allstatus"),
        format!("{PROJECT}/leads?limit=100"),
        format!("{PROJECT}/leads/{}", lead["_id"].as_str().expect("an id")),
        format!("{PROJECT}/canned"),
        conversation.clone(),
        format!("{conversation}/messages"),
    ] {
        proxy.owner().get(&path).await.json_of(200);
    }
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
}

/// The exchanges of a recording, by file.
pub(crate) fn exchanges(directory: &Path) -> BTreeMap<String, Exchange> {
    let files = fs::read_dir(directory).expect("the directory exists").flatten();
    let read = |file: fs::DirEntry| {
        let name = file.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(file.path()).expect("the file is readable");
        (name, serde_json::from_str(&text).expect("an exchange"))
    };
    files.map(read).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_holds_placeholders_and_refers_consistently() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    record(folder.path()).await;
    let exchanges = exchanges(folder.path());
    let names: Vec<_> = exchanges.keys().map(String::as_str).collect();
    assert_eq!(names[..3], ["000001-sign_in.json", "000002-create_lead.json", "000003-create_request.json"]);
    let lead = &exchanges["000002-create_lead.json"];
    let answer = lead.body.as_ref().expect("a body");
    let read = &exchanges["000012-get_lead.json"].request.path;
    assert!(read.ends_with(answer["_id"].as_str().expect("an id")), "{read}");
    assert_eq!(answer["fullname"], lead.request.body.as_ref().expect("a body")["fullname"]);
    let account = lead.request.basic.as_deref().expect("the token stands for the account");
    let signed_in = exchanges["000001-sign_in.json"].request.body.as_ref().expect("a body");
    assert_eq!(
        account.split_once(':'),
        Some((signed_in["email"].as_str().expect("an email"), signed_in["password"].as_str().expect("a password")))
    );
    for entry in fs::read_dir(folder.path()).expect("the directory exists").flatten() {
        let text = fs::read_to_string(entry.path()).expect("the file is readable");
        for secret in
            ["andrea.leo", "123456\"", "hunter2", "Lovelace", "ada@", "1234567", "eyJ", "5b55e806c93dde00143163dd"]
        {
            assert!(!text.contains(secret), "{secret} is in {}: {text}", entry.path().display());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_replaces_names_in_queries_and_tables() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let upstream = App::new();
    let lead = json!({"fullname": "José Núñez-Ortega", "email": "jose@example.org"});
    upstream.owner().post(&format!("{PROJECT}/leads"), lead).await.json_of(200);
    let proxy = proxy_to(&upstream.fake.url(), |upstream: &mut Upstream, _| {
        upstream.record = Some(folder.path().to_owned());
    });
    let found = proxy.owner().get(&format!("{PROJECT}/leads?full_text=Jos%C3%A9")).await.json_of(200);
    assert_eq!(found["leads"][0]["fullname"], "José Núñez-Ortega");
    let table = proxy.owner().get(&format!("{PROJECT}/leads/csv")).await;
    assert!(table.text().contains("José Núñez-Ortega"), "{}", table.text());
    proxy.fake.stop().expect("the proxy stops, and the recording is complete");
    let exchanges = exchanges(folder.path());
    let list = &exchanges["000001-list_leads.json"];
    let name = list.body.as_ref().expect("a body")["leads"][0]["fullname"].as_str().expect("a name").to_owned();
    let first = name.split(' ').next().expect("a word");
    assert!(list.request.path.ends_with(&format!("?full_text={first}")), "{}", list.request.path);
    let text = format!("{exchanges:?}");
    assert!(text.matches(&name).count() >= 2, "{name} is also in the table: {text}");
    for name in ["Jos", "Núñez", "Ortega", "jose@"] {
        assert!(!text.contains(name), "{name} is in {text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_is_a_world_that_answers_identically() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    record(folder.path()).await;
    let world = App::with(|config| config.fixtures = Some(folder.path().to_owned()));
    let mut compared = 0;
    for (name, exchange) in exchanges(folder.path()) {
        if exchange.request.method != "GET" {
            continue;
        }
        let answer = world.call(exchange.request.request()).await;
        assert_eq!(answer.status.as_u16(), exchange.status, "{name}: {}", answer.text());
        let expected = exchange.body.expect("a body");
        assert_eq!(answer.json(), expected, "{name}");
        compared += 1;
    }
    assert_eq!(compared, 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_can_be_checked_and_dumped_like_a_world() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let recording = folder.path().join("recording");
    record(&recording).await;
    let incomplete = json!({
        "source": "a test", "request": {"method": "GET", "path": "/v3/any/tags"}, "status": 200,
        "body": [{"_id": "5c81593adf767b0017d1aa66", "tag": 5, "id_project": "5b55e806c93dde00143163dd"}],
    });
    fs::write(recording.join("000099-list_tags.json"), incomplete.to_string()).expect("the file is writable");
    let options = fixtures::Options::default();
    let (content, warnings) = options.check(&recording).expect("a recording is a world");
    assert!(content.contains("1 conversation") && content.contains("messages"), "{content}");
    let [warning] = &warnings[..] else { panic!("one document is incomplete: {warnings:?}") };
    assert!(
        warning.contains("/tags/5c81593adf767b0017d1aa66: the document is incomplete, and left out: "),
        "{warning}"
    );
    let world = folder.path().join("world.json");
    fs::write(&world, options.dump(Some(&recording)).expect("a recording is a world")).expect("the file is writable");
    let dumped = App::with(|config| {
        config.fixtures = Some(world.clone());
        config.lenient = true;
    });
    for (name, exchange) in exchanges(&recording) {
        if exchange.request.method == "GET" && exchange.source != "a test" {
            let answer = dumped.call(exchange.request.request()).await;
            assert_eq!(answer.json_of(200), exchange.body.expect("a body"), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replay_answers_recorded_calls_and_the_fake_answers_the_rest() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    record(folder.path()).await;
    let replay = App::with(|config| config.replay = Some(folder.path().to_owned()));
    for (name, exchange) in exchanges(folder.path()) {
        let answer = replay.call(exchange.request.request()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.json()),
            (exchange.status, exchange.body.expect("a body")),
            "{name}"
        );
    }
    let leads = replay.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
    let usual = App::new().agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
    assert_eq!(leads["count"], usual["count"], "the default world is untouched");
    let journal = replay.nobody().get("/_control/journal?operation=create_lead").await.json_of(200);
    assert_eq!(journal["count"], 1, "replayed calls are recorded");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn repeated_calls_get_the_recorded_responses_in_turn() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    for (number, count) in [(1, 5), (2, 7)] {
        let exchange = json!({
            "source": "a test", "request": {"method": "GET", "path": "/v3/any?b=1&a=2"}, "status": 200,
            "body": {"count": count},
        });
        fs::write(folder.path().join(format!("{number}.json")), exchange.to_string()).expect("the file is writable");
    }
    let replay = App::with(|config| {
        config.replay = Some(folder.path().to_owned());
        config.self_check = false;
    });
    for count in [5, 7, 7] {
        assert_eq!(replay.nobody().get("/v3/any/?a=2&b=1").await.json_of(200)["count"], count);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_does_not_mix_with_other_files() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::write(folder.path().join("other.json"), "{}").expect("the file is writable");
    let mut upstream = Upstream::new("http://127.0.0.1:9".parse().expect("a URL"));
    upstream.record = Some(folder.path().to_owned());
    let config = tiledesk_mock::Config { upstream: Some(upstream), ..Default::default() };
    let error = tiledesk_mock::Fake::serve(&config).map(drop).expect_err("the directory is not empty").to_string();
    assert!(error.starts_with("--record ") && error.contains("expected an empty directory"), "{error}");
    let replay = tiledesk_mock::Config { replay: Some(folder.path().to_owned()), ..Default::default() };
    let error = tiledesk_mock::Fake::serve(&replay).map(drop).expect_err("not a recording").to_string();
    assert!(error.contains("other.json: expected a recorded exchange"), "{error}");
}
