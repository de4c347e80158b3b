//! The proxy, between in-process callers and an upstream on a socket.

mod drift;
mod failure;
mod hardening;
mod message;
mod raw;
pub(crate) mod recording;
mod validation;

use serde_json::{Value, json};
use tiledesk_mock::{Config, Upstream, exchanges};

use crate::support::{
    App, PROJECT,
    seed::LEAD,
    socket::{Socket, token},
};

/// A proxy in front of a URL.
pub(crate) fn proxy_to(url: &str, change: impl FnOnce(&mut Upstream, &mut Config)) -> App {
    let mut upstream = Upstream::new(url.parse().expect("a valid URL"));
    App::with(|config| {
        config.empty = true;
        config.self_check = false;
        change(&mut upstream, config);
        config.upstream = Some(upstream);
    })
}

/// A fake, and a proxy in front of it.
fn pair() -> (App, App) {
    let upstream = App::new();
    let proxy = proxy_to(&upstream.fake.url(), |_, _| {});
    (upstream, proxy)
}

/// The calls with violations, as found by the proxy.
async fn violations(proxy: &App) -> Vec<Value> {
    let page = proxy.nobody().get("/_control/journal?violations=true").await.json_of(200);
    let told = |call: &Value| json!([call["method"], call["path"], call["answer"]["status"], call["violations"]]);
    page["calls"].as_array().expect("calls").iter().map(told).collect()
}

/// Requests that are misprinted in the documentation, with the violation and its cause. The server still accepts them.
const MISPRINTED: [(&str, &str, &str); 6] = [
    (
        "create_content.unlabelled",
        "request /header/content-type: expected application/json, got application/x-www-form-urlencoded",
        "the page sends JSON with `curl -d` and no header, which labels it as a form",
    ),
    (
        "create_faq_kb.unlabelled",
        "request : version 1 does not document this operation; call it under /v3",
        "the page shows a path of version 1, whose pages do not have the operation",
    ),
    ("create_lead", "request /fullanem: unknown field; did you mean `fullname`?", "the page misspells the field"),
    (
        "expand_sitemap.unlabelled",
        "request /header/content-type: expected application/json, got application/x-www-form-urlencoded",
        "the page sends JSON with `curl -d` and no header, which labels it as a form",
    ),
    (
        "update_lead",
        "request /fullanem: unknown field; did you mean `fullname`?",
        "the page repeats the misspelled body of the creation",
    ),
    ("update_lead", "request /lead_id: unknown field", "the page repeats the body of the creation"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_documented_exchange_passes_unchanged_and_without_violations() {
    let (upstream, proxy) = pair();
    let direct = App::new();
    let (mut differences, mut found, mut count) = (Vec::new(), Vec::new(), 0);
    for (name, exchange) in exchanges() {
        for app in [&upstream, &direct] {
            app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
        }
        for call in &exchange.before {
            upstream.call(call.request()).await;
            direct.call(call.request()).await;
        }
        let (got, expected) =
            (proxy.call(exchange.request.request()).await, direct.call(exchange.request.request()).await);
        count += 1;
        // Every sandbox signs tokens with its own secret.
        let is_same = got.body == expected.body || expected.text().contains("eyJ") && got.text().contains("eyJ");
        if got.status != expected.status || got.header("content-type") != expected.header("content-type") || !is_same {
            differences.push(format!(
                "{name}: {} {} instead of {} {}",
                got.status,
                got.text(),
                expected.status,
                expected.text()
            ));
        }
        let explanation = proxy.nobody().get(&format!("/_control/explain/{count}")).await.json_of(200);
        for violation in explanation["violations"].as_array().expect("violations") {
            let [side, pointer, detail] =
                ["side", "pointer", "detail"].map(|key| violation[key].as_str().unwrap_or(""));
            found.push((name.clone(), format!("{side} {pointer}: {detail}")));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let found: Vec<_> = found.iter().map(|(name, violation)| (name.as_str(), violation.as_str())).collect();
    let known = MISPRINTED.map(|(name, violation, _)| (name, violation));
    assert_eq!(found, known, "all violations are known misprints of the documentation");
    let coverage = proxy.nobody().get("/_control/coverage").await.json_of(200);
    assert!(coverage.to_string().contains("create_lead"), "coverage is measured");
    let journal = proxy.nobody().get("/_control/journal/count").await.json_of(200);
    assert_eq!(journal["count"], count);
}

#[tokio::test]
async fn a_response_gains_only_a_link_to_its_explanation() {
    let (upstream, proxy) = pair();
    let path = format!("{PROJECT}/leads/{LEAD}");
    let (got, direct) = (proxy.agent().get(&path).await, upstream.agent().get(&path).await);
    assert_eq!(got.body, direct.body);
    let names = |answer: &crate::support::Answer| {
        let names = answer
            .headers
            .keys()
            .map(ToString::to_string)
            .filter(|name| !["date", "content-length"].contains(&&**name));
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let mut expected = names(&direct);
    expected.insert("link".to_owned());
    assert_eq!(names(&got), expected);
    assert_eq!(got.header("link"), Some("</_control/explain/1>; rel=\"help\""));
    let explanation = proxy.nobody().get("/_control/explain/1").await.json_of(200);
    assert_eq!((&explanation["operation"], &explanation["violations"]), (&json!("get_lead"), &json!([])));
}

#[tokio::test]
async fn the_journal_of_a_proxy_masks_secrets() {
    let (_upstream, proxy) = pair();
    let body = json!({"email": "andrea.leo@f21.it", "password": "123456"});
    proxy.owner().post("/v3/auth/signin", body).await.json_of(200);
    let journal = proxy.nobody().get("/_control/journal").await.json_of(200);
    let call = &journal["calls"][0];
    assert_eq!((&call["operation"], &call["body"]["password"]), (&json!("sign_in"), &json!("***")));
    assert_eq!(call["answer"]["body"]["token"], "***");
    let text = journal.to_string();
    assert!(!text.contains("123456") && !text.contains("eyJ"), "{text}");
}

#[tokio::test]
async fn sandboxes_of_the_proxy_have_their_own_journals() {
    let (_upstream, proxy) = pair();
    proxy.agent().get(&format!("/_sandbox/one{PROJECT}/leads")).await.json_of(200);
    let count = async |path: &str| proxy.nobody().get(path).await.json_of(200)["count"].clone();
    assert_eq!(count("/_control/journal/count").await, 0);
    assert_eq!(count("/_sandbox/one/_control/journal/count").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn websockets_pass_in_both_directions() {
    let (upstream, proxy) = pair();
    let token = token(&upstream, "", "andrea.leo@f21.it").await;
    let mut socket = Socket::open(&proxy, &format!("/v3/ws/?token={token}")).await.expect("the upstream accepts it");
    let topic = format!("{}/requests", PROJECT.trim_start_matches("/v3"));
    socket.subscribe(&topic).await;
    let first = socket.next().await.expect("a frame");
    assert_eq!(first["payload"]["topic"], *topic);
    let journal = proxy.nobody().get("/_control/journal").await.json_of(200);
    assert_eq!(journal["calls"][0]["answer"]["status"], 101);
    assert!(!journal.to_string().contains(&token), "the token is masked");
    let refused = Socket::open(&proxy, "/v3/ws/?token=wrong").await;
    assert!(refused.is_err(), "a rejection by the upstream is forwarded");
}
