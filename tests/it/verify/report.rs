//! Reports of verifications.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, Method, Request, Response, header};
use serde_json::{Value, json};
use tiledesk_mock::{
    Fake,
    verify::{Account, Format, Options},
};

use super::{
    middleman::{Effect, Middleman, edit},
    options, verified,
};

const EMAIL: &str = "verifier@example.com";
const PASSWORD: &str = "a-long-and-secret-password";

/// A report on a server that repeats the caller's credentials in a response.
async fn telling_report() -> tiledesk_mock::verify::Report {
    let fake = Fake::builder().start().expect("a free port");
    let account = json!({"email": EMAIL, "password": PASSWORD, "firstname": "Vera", "lastname": "Rossi"});
    let sign_up = Request::post("/v3/auth/signup").header(header::CONTENT_TYPE, "application/json");
    let signed_up = fake.client().send(sign_up.body(account.to_string().into()).expect("a request")).await;
    assert_eq!(signed_up.status(), 200);
    let tell = |method: &Method, path: &str, headers: &HeaderMap, response: &mut Response<bytes::Bytes>| {
        if method == Method::GET && path.contains("/tags/") && response.status() == 200 {
            let sent = headers[header::AUTHORIZATION].to_str().expect("text").to_owned();
            edit(response, |tag| {
                tag["debug"] = json!(format!("{sent} {EMAIL}:{PASSWORD}"));
                tag["note"] = json!("<b>&\u{1}|");
            });
        }
        Effect::Respond
    };
    let middleman = Middleman::start(&fake, Arc::new(tell));
    let account = Account { email: EMAIL.to_owned(), password: PASSWORD.to_owned() };
    verified(&Options { account: Some(account), ..options(&middleman.url(), &["get_tag", "list_tags"]) }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_contain_the_drift_and_no_credentials() {
    let report = telling_report().await;
    let basic = BASE64_STANDARD.encode(format!("{EMAIL}:{PASSWORD}"));
    for format in [Format::Text, Format::Json, Format::Junit, Format::Markdown, Format::Html] {
        let text = format.write(&report);
        assert!(text.contains("/debug") && text.contains("get_tag"), "{format:?}: {text}");
        for secret in [PASSWORD, EMAIL, &basic] {
            assert!(!text.contains(secret), "{format:?} contains {secret}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_are_well_formed_in_every_format() {
    let report = telling_report().await;
    let json: Value = serde_json::from_str(&Format::Json.write(&report)).expect("JSON");
    assert_eq!((&json["matches"], &json["counts"]["drift"]), (&json!(false), &json!(1)));
    let junit = Format::Junit.write(&report);
    assert!(
        junit.contains("<testcase classname=\"get_tag\" name=\"get_tag\"><failure message=\"/debug: unexpected"),
        "{junit}"
    );
    assert!(junit.contains("failures=\"1\"") && !junit.contains('\u{1}'), "{junit}");
    let markdown = Format::Markdown.write(&report);
    assert!(
        markdown.contains("## Drift") && markdown.contains("| get_tag | `GET /v3/<projects>/tags/<tags>` |"),
        "{markdown}"
    );
    let html = Format::Html.write(&report);
    assert!(html.contains("<tr class=\"drift\"><td>get_tag</td>") && !html.contains("<b>"), "{html}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_format_separates_known_deviations_from_new_drift() {
    let fake = Fake::builder().start().expect("a free port");
    let change = |method: &Method, path: &str, _: &HeaderMap, response: &mut Response<bytes::Bytes>| {
        if method == Method::GET && path.contains("/tags/") && response.status() == 200 {
            edit(response, |tag| {
                tag["nickname"] = json!("one");
                tag.as_object_mut().expect("a tag").remove("color");
            });
        }
        Effect::Respond
    };
    let middleman = Middleman::start(&fake, Arc::new(change));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("known.json");
    let rule = json!({"at": "^/nickname$", "kinds": ["extra"]});
    let known = json!({"deviations": [{"id": "nicknames", "what": "tags have nicknames", "differences": [rule]}]});
    std::fs::write(&file, known.to_string()).expect("a file");
    let report = verified(&Options { expect: Some(file), ..options(&middleman.url(), &["get_tag"]) }).await;
    assert_eq!((report.count("drift"), report.matches()), (1, false), "{}", report.text());
    let text = Format::Text.write(&report);
    assert!(text.contains("/color: missing") && !text.contains("/nickname"), "{text}");
    let json: Value = serde_json::from_str(&Format::Json.write(&report)).expect("JSON");
    let outcome = &json["outcomes"][0];
    assert_eq!((&outcome["differences"][0]["at"], &outcome["differences"][1]), (&json!("/color"), &Value::Null));
    assert_eq!(outcome["known"][0]["deviation"], "nicknames");
    for format in [Format::Junit, Format::Markdown, Format::Html] {
        let text = format.write(&report);
        assert!(
            text.contains("/color: missing") && text.contains("known (nicknames): /nickname"),
            "{format:?}: {text}"
        );
    }
}
