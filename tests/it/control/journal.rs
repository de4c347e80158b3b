//! The journal: what it tells, counts, waits for and forgets; that it tells no secrets; and that runs can be compared.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

const LEAD: &str = "5c81593adf767b0017d1aa66";

fn leads() -> String {
    format!("{PROJECT}/leads")
}

#[tokio::test]
async fn calls_are_remembered_and_found_again() {
    let app = App::new();
    let nobody = app.nobody();
    app.agent().get(&format!("{}/{LEAD}?x=1", leads())).await.expect(200);
    app.agent().post(&leads(), json!({"lead_id": "1", "attributes": {"plan": "pro"}})).await.expect(200);
    app.agent()
        .send(Method::POST, &leads(), &[("content-type", "application/json"), ("user-agent", "suite/1")], "{")
        .await;
    app.nobody().get("/v3/nothing").await.expect(404);
    let list = nobody.get("/_control/journal").await.expect(200);
    assert_eq!((&list["count"], &list["dropped"]), (&json!(4), &json!(0)));
    let first = &list["calls"][0];
    assert_eq!((&first["id"], &first["operation"], &first["method"]), (&json!(1), &json!("get_lead"), &json!("GET")));
    assert_eq!(first["path"], format!("{}/{LEAD}?x=1", leads()));
    assert_eq!((&first["at"], &first["answer"]["status"]), (&json!("2026-01-01T12:00:00.000Z"), &json!(200)));
    assert_eq!(first["answer"]["body"]["_id"], LEAD);
    assert!(first["answer"]["latency"].is_u64());
    for (query, ids) in [
        ("operation=create_lead", vec![2, 3]),
        ("status=400", vec![3]),
        ("status=404", vec![4]),
        ("method=post&status=200", vec![2]),
        ("path=/v3/*/leads/*", vec![1]),
        ("path=/v3/**", vec![1, 2, 3, 4]),
        ("client=suite/1", vec![3]),
        ("pointer=/attributes/plan", vec![2]),
        ("pointer=/attributes/plan&value=pro", vec![2]),
        ("pointer=/attributes/plan&value=%22pro%22", vec![2]),
        ("pointer=/attributes/plan&value=free", vec![]),
        ("pointer=/attributes&value=%7B%22plan%22:%22pro%22%7D", vec![2]),
        ("after=2", vec![3, 4]),
    ] {
        let found = nobody.get(&format!("/_control/journal?{query}")).await.expect(200);
        let found: Vec<_> = found["calls"].as_array().expect("calls").iter().map(|call| call["id"].clone()).collect();
        assert_eq!(found, ids, "{query}");
        let count = nobody.get(&format!("/_control/journal/count?{query}")).await.expect(200);
        assert_eq!(count["count"], ids.len(), "{query}");
    }
    for query in ["path=/[", "value=1", "pointer=x", "status=abc", "after=-1", "limit=0", "limit=x"] {
        let answer = nobody.get(&format!("/_control/journal?{query}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("content-type")),
            (400, Some("application/problem+json")),
            "{query}"
        );
    }
    assert_eq!(nobody.delete("/_control/journal").await.expect(200)["count"], 0);
    app.agent().get(&leads()).await.expect(200);
    assert_eq!(nobody.get("/_control/journal").await.expect(200)["calls"][0]["id"], 1, "numbers start anew");
}

#[tokio::test]
async fn it_tells_no_secrets() {
    let app = App::new();
    let signed_in = app
        .nobody()
        .post("/v3/auth/signin", json!({"email": "agent@example.com", "password": "123456"}))
        .await
        .expect(200);
    let token = signed_in["token"].as_str().expect("a token").to_owned();
    let bare = token.trim_start_matches("JWT ").to_owned();
    app.authorized(token.clone()).get(&format!("{}?secret_token={bare}", leads())).await;
    app.nobody()
        .send(
            Method::POST,
            "/v3/auth/signin",
            &[("content-type", "application/x-www-form-urlencoded")],
            "email=agent@example.com&password=123456",
        )
        .await
        .expect(200);
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    let created = app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await;
    let secret = created.expect(200)["secret"].as_str().expect("a secret").to_owned();
    for path in ["/_control/journal", "/_control/journal/har"] {
        let told = app.nobody().get(path).await.text();
        for hidden in ["123456", &bare, &secret, "YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2"] {
            assert!(!told.contains(hidden), "{path} tells {hidden}");
        }
        assert!(told.contains("***") && told.contains("agent@example.com"));
    }
}

#[tokio::test]
async fn what_was_dropped_makes_counts_refuse() {
    let app = App::with(|config| config.journal = 5);
    for _ in 0..5 {
        app.agent().get(&leads()).await.expect(200);
    }
    assert_eq!(app.nobody().get("/_control/journal/count").await.expect(200)["count"], 5);
    app.agent().get(&leads()).await.expect(200);
    let list = app.nobody().get("/_control/journal").await.expect(200);
    assert_eq!((&list["count"], &list["dropped"], &list["calls"][0]["id"]), (&json!(5), &json!(1), &json!(2)));
    app.nobody().get("/_control/journal/count").await.expect(409);
    app.nobody().get("/_control/journal/digest").await.expect(409);
    let off = App::with(|config| config.journal = 0);
    let refused = off.agent().get(&format!("{}/0", leads())).await;
    assert_eq!((refused.status.as_u16(), refused.header("link")), (404, None), "nothing to be explained");
    assert_eq!(off.nobody().get("/_control/journal").await.expect(200)["count"], 0);
}

#[tokio::test]
async fn a_test_can_wait_for_calls_that_are_not_answered_yet() {
    let app = Arc::new(App::new());
    // The first call reads the document that answers are held against, which takes its time.
    app.agent().get(&format!("{PROJECT}/tags")).await.expect(200);
    app.nobody()
        .post("/_control/faults", json!({"match": {"operation": "list_leads"}, "effect": {"delay": 1_500}}))
        .await
        .expect(200);
    let late = app.clone();
    let calling = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::join!(async { late.agent().get(&leads()).await.expect(200) }, async {
            late.agent().get(&leads()).await.expect(200)
        })
    });
    let start = std::time::Instant::now();
    let found = app.nobody().get("/_control/journal/wait?operation=list_leads&count=2&timeout=1400").await.expect(200);
    assert_eq!(
        (&found["count"], &found["calls"][0]["answer"]),
        (&json!(2), &Value::Null),
        "they count when they arrive"
    );
    assert!(start.elapsed() < Duration::from_millis(1_400));
    let answered = app.nobody().get("/_control/journal/wait?operation=list_leads&count=2&status=200").await.expect(200);
    assert_eq!(answered["calls"][1]["answer"]["status"], 200);
    calling.await.expect("they are answered");
    app.nobody().get("/_control/journal/wait?operation=get_lead&timeout=50").await.expect(408);
}

#[tokio::test]
async fn it_is_exported_as_an_http_archive() {
    let app = App::new();
    app.agent().post(&format!("{}?a=b", leads()), json!({"lead_id": "1"})).await.expect(200);
    let har = app.nobody().get("/_control/journal/har").await.expect(200);
    let entry = &har["log"]["entries"][0];
    assert_eq!(har["log"]["version"], "1.2");
    assert_eq!(entry["request"]["url"], format!("http://127.0.0.1:4010{}?a=b", leads()));
    assert_eq!(entry["request"]["queryString"], json!([{"name": "a", "value": "b"}]));
    assert_eq!(entry["request"]["postData"], json!({"mimeType": "application/json", "text": "{\"lead_id\":\"1\"}"}));
    assert_eq!((&entry["response"]["status"], &entry["comment"]), (&json!(200), &json!("create_lead")));
    assert_eq!(entry["startedDateTime"], "2026-01-01T12:00:00.000Z");
}

/// Does things in a sandbox that answer with ids and times, and tell a webhook.
async fn run(app: &App, sandbox: &str, text: &str) -> Value {
    let at = |path: &str| format!("/_sandbox/{sandbox}{PROJECT}/{path}");
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    app.admin().post(&at("subscriptions"), subscription).await.expect(200);
    app.agent().post(&at("leads"), json!({"fullname": text})).await.expect(200);
    app.owner().post(&at("requests/r-1/messages"), json!({"text": text})).await.expect(200);
    app.owner().put(&at("requests/r-1/close"), Value::Null).await.expect(200);
    app.agent().get(&at("requests?status=all")).await.expect(200);
    // Signed with the secret of the sandbox, and its path says which.
    let sign_in = format!("/_sandbox/{sandbox}/v3/auth/signinAnonymously");
    app.nobody().post(&sign_in, json!({"id_project": &PROJECT[4..]})).await.expect(200);
    app.nobody().get(&format!("/_sandbox/{sandbox}/_control/journal/digest")).await.expect(200)
}

#[tokio::test]
async fn a_limit_leaves_the_latest_calls_or_the_first_ones_after_a_number() {
    let app = App::new();
    for number in 1..=5 {
        app.agent().get(&format!("{}?page={number}", leads())).await.expect(200);
    }
    for (query, ids) in [("limit=2", [4, 5]), ("limit=2&after=1", [2, 3]), ("limit=2&operation=list_leads", [4, 5])] {
        let list = app.nobody().get(&format!("/_control/journal?{query}")).await.expect(200);
        let found: Vec<_> = list["calls"].as_array().expect("calls").iter().map(|call| call["id"].clone()).collect();
        assert_eq!(found, ids, "{query}");
        assert_eq!(list["count"], if query.contains("after") { 4 } else { 5 }, "all that fit: {query}");
        let har = app.nobody().get(&format!("/_control/journal/har?{query}")).await.expect(200);
        assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(2), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_run_has_the_same_digest_in_every_sandbox_even_beside_others() {
    let digests = async || {
        let app = App::with(|config| config.seed = 3);
        let runs = ["a", "b", "c", "d", "e", "f", "g", "h"].map(|sandbox| run(&app, sandbox, "Hello"));
        futures_util::future::join_all(runs).await
    };
    let (first, second) = (digests().await, digests().await);
    assert_eq!(first, second);
    assert_eq!(
        (&first[0]["calls"], &first[0]["webhooks"]),
        (&json!(6), &json!(2)),
        "the default world has a subscription, too"
    );
    assert!(first.iter().all(|digest| *digest == first[0]), "the name of the sandbox does not count: {first:?}");
    let app = App::with(|config| config.seed = 3);
    assert_ne!(run(&app, "a", "Hallo").await["digest"], first[0]["digest"], "what is said counts");
    let app = App::with(|config| config.seed = 4);
    assert_ne!(run(&app, "a", "Hello").await["digest"], first[0]["digest"], "the seed counts");
}

#[tokio::test]
async fn the_digest_covers_the_run_across_resets() {
    let digest = async |app: &App| app.nobody().get("/_control/journal/digest").await.expect(200);
    let call = async |app: &App, text: &str| {
        let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
        app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.expect(200);
        app.agent().post(&leads(), json!({"fullname": text})).await.expect(200);
        app.nobody().post("/_control/reset", Value::Null).await.expect(200);
    };
    let [first, second, other] = [App::new(), App::new(), App::new()];
    for (app, texts) in [(&first, ["Ada", "Ben"]), (&second, ["Ada", "Ben"]), (&other, ["Eve", "Ben"])] {
        for text in texts {
            call(app, text).await;
        }
    }
    let told = digest(&first).await;
    assert_eq!((&told["calls"], &told["webhooks"]), (&json!(4), &json!(2)));
    assert_eq!(digest(&second).await, told);
    assert_ne!(digest(&other).await["digest"], told["digest"], "a call before a reset counts");
    first.nobody().delete("/_control/journal").await.expect(200);
    assert_eq!(digest(&first).await, told, "a cleared journal changes nothing");
    first.nobody().put("/_control/sandboxes/default", json!({})).await.expect(200);
    assert_eq!(digest(&first).await["calls"], 0, "a sandbox that starts over has a new one");
}
