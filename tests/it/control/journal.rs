//! The journal: contents, counts, waiting, eviction, redaction, and digests that compare runs.

use std::{sync::Arc, time::Duration};

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{LEAD, PROJECT_ID},
};

fn leads() -> String {
    format!("{PROJECT}/leads")
}

#[tokio::test]
async fn calls_are_recorded_and_can_be_searched() {
    let app = App::new();
    let nobody = app.nobody();
    app.agent().get(&format!("{}/{LEAD}?x=1", leads())).await.json_of(200);
    app.agent().post(&leads(), json!({"lead_id": "1", "attributes": {"plan": "pro"}})).await.json_of(200);
    app.agent()
        .send(Method::POST, &leads(), &[("content-type", "application/json"), ("user-agent", "suite/1")], "{")
        .await;
    app.nobody().get("/v3/nothing").await.json_of(404);
    let list = nobody.get("/_control/journal").await.json_of(200);
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
        let found = nobody.get(&format!("/_control/journal?{query}")).await.json_of(200);
        let found: Vec<_> = found["calls"].as_array().expect("calls").iter().map(|call| call["id"].clone()).collect();
        assert_eq!(found, ids, "{query}");
        let count = nobody.get(&format!("/_control/journal/count?{query}")).await.json_of(200);
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
    assert_eq!(nobody.delete("/_control/journal").await.json_of(200)["count"], 0);
    app.agent().get(&leads()).await.json_of(200);
    assert_eq!(nobody.get("/_control/journal").await.json_of(200)["calls"][0]["id"], 1, "numbering restarts");
}

#[tokio::test]
async fn secrets_are_redacted() {
    let app = App::new();
    let signed_in = app
        .nobody()
        .post("/v3/auth/signin", json!({"email": "agent@example.com", "password": "123456"}))
        .await
        .json_of(200);
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
        .json_of(200);
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    let created = app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await;
    let secret = created.json_of(200)["secret"].as_str().expect("a secret").to_owned();
    for path in ["/_control/journal", "/_control/journal/har"] {
        let told = app.nobody().get(path).await.text();
        for hidden in ["123456", &bare, &secret, "YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2"] {
            assert!(!told.contains(hidden), "{path} contains {hidden}");
        }
        assert!(told.contains("***") && told.contains("agent@example.com"));
    }
}

#[tokio::test]
async fn counts_are_rejected_after_calls_were_evicted() {
    let app = App::with(|config| config.journal = 5);
    for _ in 0..5 {
        app.agent().get(&leads()).await.json_of(200);
    }
    assert_eq!(app.nobody().get("/_control/journal/count").await.json_of(200)["count"], 5);
    app.agent().get(&leads()).await.json_of(200);
    let list = app.nobody().get("/_control/journal").await.json_of(200);
    assert_eq!((&list["count"], &list["dropped"], &list["calls"][0]["id"]), (&json!(5), &json!(1), &json!(2)));
    app.nobody().get("/_control/journal/count").await.json_of(409);
    app.nobody().get("/_control/journal/digest").await.json_of(409);
    let off = App::with(|config| config.journal = 0);
    let refused = off.agent().get(&format!("{}/0", leads())).await;
    assert_eq!((refused.status.as_u16(), refused.header("link")), (404, None), "nothing to explain");
    assert_eq!(off.nobody().get("/_control/journal").await.json_of(200)["count"], 0);
}

#[tokio::test]
async fn a_test_can_wait_for_calls_still_in_progress() {
    let app = Arc::new(App::new());
    // The first call parses the document that responses are validated against, which is slow.
    app.agent().get(&format!("{PROJECT}/tags")).await.json_of(200);
    app.nobody()
        .post("/_control/faults", json!({"match": {"operation": "list_leads"}, "effect": {"delay": 1_500}}))
        .await
        .json_of(200);
    let late = app.clone();
    let calling = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        tokio::join!(async { late.agent().get(&leads()).await.json_of(200) }, async {
            late.agent().get(&leads()).await.json_of(200)
        })
    });
    let start = std::time::Instant::now();
    let found = app.nobody().get("/_control/journal/wait?operation=list_leads&count=2&timeout=1400").await.json_of(200);
    assert_eq!(
        (&found["count"], &found["calls"][0]["answer"]),
        (&json!(2), &Value::Null),
        "calls count when they arrive"
    );
    assert!(start.elapsed() < Duration::from_millis(1_400));
    let answered =
        app.nobody().get("/_control/journal/wait?operation=list_leads&count=2&status=200").await.json_of(200);
    assert_eq!(answered["calls"][1]["answer"]["status"], 200);
    calling.await.expect("the calls succeed");
    app.nobody().get("/_control/journal/wait?operation=get_lead&timeout=50").await.json_of(408);
}

#[tokio::test]
async fn the_journal_is_exported_as_an_http_archive() {
    let app = App::new();
    app.agent().post(&format!("{}?a=b", leads()), json!({"lead_id": "1"})).await.json_of(200);
    let har = app.nobody().get("/_control/journal/har").await.json_of(200);
    let entry = &har["log"]["entries"][0];
    assert_eq!(har["log"]["version"], "1.2");
    assert_eq!(entry["request"]["url"], format!("http://127.0.0.1:4010{}?a=b", leads()));
    assert_eq!(entry["request"]["queryString"], json!([{"name": "a", "value": "b"}]));
    assert_eq!(entry["request"]["postData"], json!({"mimeType": "application/json", "text": "{\"lead_id\":\"1\"}"}));
    assert_eq!((&entry["response"]["status"], &entry["comment"]), (&json!(200), &json!("create_lead")));
    assert_eq!(entry["startedDateTime"], "2026-01-01T12:00:00.000Z");
}

/// Makes calls in a sandbox whose responses contain IDs and timestamps, and which trigger a webhook.
async fn run(app: &App, sandbox: &str, text: &str) -> Value {
    let at = |path: &str| format!("/_sandbox/{sandbox}{PROJECT}/{path}");
    let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
    app.admin().post(&at("subscriptions"), subscription).await.json_of(200);
    app.agent().post(&at("leads"), json!({"fullname": text})).await.json_of(200);
    app.owner().post(&at("requests/r-1/messages"), json!({"text": text})).await.json_of(200);
    app.owner().put(&at("requests/r-1/close"), Value::Null).await.json_of(200);
    app.agent().get(&at("requests?status=all")).await.json_of(200);
    // Signed with the secret of the sandbox, which the path selects.
    let sign_in = format!("/_sandbox/{sandbox}/v3/auth/signinAnonymously");
    app.nobody().post(&sign_in, json!({"id_project": PROJECT_ID})).await.json_of(200);
    app.nobody().get(&format!("/_sandbox/{sandbox}/_control/journal/digest")).await.json_of(200)
}

#[tokio::test]
async fn a_limit_selects_the_latest_calls_or_the_first_after_a_number() {
    let app = App::new();
    for number in 1..=5 {
        app.agent().get(&format!("{}?page={number}", leads())).await.json_of(200);
    }
    for (query, ids) in [("limit=2", [4, 5]), ("limit=2&after=1", [2, 3]), ("limit=2&operation=list_leads", [4, 5])] {
        let list = app.nobody().get(&format!("/_control/journal?{query}")).await.json_of(200);
        let found: Vec<_> = list["calls"].as_array().expect("calls").iter().map(|call| call["id"].clone()).collect();
        assert_eq!(found, ids, "{query}");
        assert_eq!(list["count"], if query.contains("after") { 4 } else { 5 }, "all matching calls: {query}");
        let har = app.nobody().get(&format!("/_control/journal/har?{query}")).await.json_of(200);
        assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(2), "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn equal_runs_have_equal_digests_in_every_sandbox_even_concurrently() {
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
    assert!(first.iter().all(|digest| *digest == first[0]), "the sandbox name is not part of the digest: {first:?}");
    let app = App::with(|config| config.seed = 3);
    assert_ne!(run(&app, "a", "Hallo").await["digest"], first[0]["digest"], "bodies are part of the digest");
    let app = App::with(|config| config.seed = 4);
    assert_ne!(run(&app, "a", "Hello").await["digest"], first[0]["digest"], "the seed is part of the digest");
}

#[tokio::test]
async fn the_digest_covers_the_run_across_resets() {
    let digest = async |app: &App| app.nobody().get("/_control/journal/digest").await.json_of(200);
    let call = async |app: &App, text: &str| {
        let subscription = json!({"event": "lead.create", "target": "http://127.0.0.1:1/"});
        app.admin().post(&format!("{PROJECT}/subscriptions"), subscription).await.json_of(200);
        app.agent().post(&leads(), json!({"fullname": text})).await.json_of(200);
        app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
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
    assert_ne!(digest(&other).await["digest"], told["digest"], "calls before a reset count");
    first.nobody().delete("/_control/journal").await.json_of(200);
    assert_eq!(digest(&first).await, told, "clearing the journal does not change the digest");
    first.nobody().put("/_control/sandboxes/default", json!({})).await.json_of(200);
    assert_eq!(digest(&first).await["calls"], 0, "resetting everything starts a new digest");
}

#[tokio::test]
async fn a_body_that_is_null_is_a_string() {
    let app = App::new();
    let json = [("content-type", "application/json")];
    app.agent().send(Method::POST, &leads(), &json, "null").await;
    app.agent().send(Method::POST, &leads(), &json, "").await;
    let list = app.nobody().get("/_control/journal").await.json_of(200);
    for (call, body) in [(1, json!("null")), (2, Value::Null)] {
        let detail = app.nobody().get(&format!("/_control/journal/{call}")).await.json_of(200);
        assert_eq!((&detail["request"]["body"], &list["calls"][call - 1]["body"]), (&body, &body));
    }
}
