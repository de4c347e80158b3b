//! Violations of the contract, and faults in real traffic.

use serde_json::json;
use tiledesk_mock::FailOn;

use super::{pair, proxy_to, raw::responding, violations};
use crate::support::{PROJECT, seed::LEAD};

const WRONG: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\nconnection: close\r\n\r\n{\"_id\":5}";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_violation_of_the_response_is_recorded_and_explained() {
    let upstream = responding(WRONG);
    let proxy = proxy_to(&upstream.url, |_, _| {});
    let answer = proxy.agent().get(&format!("{PROJECT}/leads/{LEAD}")).await;
    assert_eq!(answer.json_of(200), json!({"_id": 5}), "the response is forwarded");
    let explanation = proxy.nobody().get("/_control/explain/1").await.json_of(200);
    assert_eq!(explanation["cause"], "upstream");
    let found = explanation["violations"].as_array().expect("violations");
    assert!(found.iter().any(|one| one["side"] == "response" && one["pointer"] == "/_id"), "{explanation}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fail_on_violation_responds_with_502_and_the_violations() {
    let upstream = responding(WRONG);
    let proxy = proxy_to(&upstream.url, |upstream, _| upstream.fail_on = Some(FailOn::Violation));
    let answer = proxy.agent().get(&format!("{PROJECT}/leads/{LEAD}")).await;
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json_of(502);
    assert_eq!(problem["operation"], "get_lead");
    let errors = problem["errors"].as_array().expect("errors");
    assert!(
        errors
            .iter()
            .any(|one| one["pointer"] == "/_id"
                && one["detail"].as_str().is_some_and(|text| text.starts_with("response: "))),
        "{problem}"
    );
    assert!(answer.header("link").is_some());
    let (fake, _) = pair();
    let strict = proxy_to(&fake.fake.url(), |upstream, _| upstream.fail_on = Some(FailOn::Violation));
    strict.agent().get(&format!("{PROJECT}/leads/{LEAD}")).await.json_of(200);
}

#[tokio::test]
async fn an_invalid_request_is_a_violation_only_if_it_is_accepted() {
    let (_upstream, proxy) = pair();
    let path = format!("{PROJECT}/requests");
    proxy.owner().post(&path, json!({"sender": "x"})).await.json_of(422);
    assert!(violations(&proxy).await.is_empty());
    proxy.owner().get(&format!("{path}?colour=red")).await.json_of(200);
    let found = violations(&proxy).await;
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0][3][0]["side"], &found[0][3][0]["pointer"]), (&json!("request"), &json!("/query/colour")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_undocumented_operation_is_a_violation() {
    let upstream = responding("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let proxy = proxy_to(&upstream.url, |_, _| {});
    assert_eq!(proxy.agent().get("/v3/secret/operation").await.status.as_u16(), 200);
    assert_eq!(violations(&proxy).await.len(), 1);
}

#[tokio::test]
async fn faults_apply_to_real_traffic() {
    let (upstream, proxy) = pair();
    let path = format!("{PROJECT}/leads/{LEAD}");
    let add = async |fault| proxy.nobody().post("/_control/faults", fault).await.json_of(200);
    add(json!({"match": {"operation": "get_lead"}, "times": 1, "effect": {"status": 503}})).await;
    add(json!({"match": {"operation": "get_lead"}, "times": 1, "effect": {"malformed": true}})).await;
    assert_eq!(proxy.agent().get(&path).await.status.as_u16(), 503);
    assert_eq!(upstream.nobody().get("/_control/journal/count").await.json_of(200)["count"], 0, "it was not forwarded");
    let spoiled = proxy.agent().get(&path).await;
    assert!(spoiled.status.is_success() && serde_json::from_slice::<serde_json::Value>(&spoiled.body).is_err());
    proxy.agent().get(&path).await.json_of(200);
    let body = json!({"match": {"body": {"/fullname": "Ada"}}, "effect": {"status": 500}});
    add(body).await;
    let leads = format!("{PROJECT}/leads");
    assert_eq!(proxy.agent().post(&leads, json!({"fullname": "Ada"})).await.status.as_u16(), 500);
    proxy.agent().post(&leads, json!({"fullname": "Grace"})).await.json_of(200);
}
