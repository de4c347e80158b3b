//! Strict mode, explanations, and the self-check of responses.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

fn leads() -> String {
    format!("{PROJECT}/leads")
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().expect("errors").iter().filter_map(|error| error["pointer"].as_str()).collect()
}

#[tokio::test]
async fn strict_mode_reports_everything_undocumented_at_once() {
    let app = App::with(|config| config.strict = true);
    let before = app.state().await;
    let body = json!({"fullanem": "Ada", "email": 5, "attributes": {"free": 1}});
    let answer = app.agent().post(&format!("{}?colour=red", leads()), body).await;
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json_of(400);
    let mut told = pointers(&problem);
    told.sort_unstable();
    assert_eq!(told, ["/email", "/fullanem", "/query/colour"], "{problem}");
    assert_eq!(problem["operation"], "create_lead");
    assert!(problem["contract"]["requestBody"].is_object() && problem["contract"]["summary"].is_string());
    for (method, path, headers, body, pointer) in [
        (Method::POST, leads(), vec![], "{}", "/header/content-type"),
        (Method::POST, leads(), vec![("content-type", "text/plain")], "{}", "/header/content-type"),
        (Method::POST, leads(), vec![("content-type", "application/json")], "{", ""),
        (Method::GET, format!("{}?limit=many", leads()), vec![], "", "/query/limit"),
        (Method::GET, leads(), vec![("content-type", "application/json")], r#"{"a":1}"#, ""),
        (Method::POST, format!("{PROJECT}/groups"), vec![("content-type", "application/json")], "{}", "/name"),
    ] {
        let problem = app.admin().send(method, &path, &headers, body).await.json_of(400);
        assert_eq!(pointers(&problem), [pointer], "{path} {body}: {problem}");
    }
    assert_eq!(app.state().await, before);
    app.agent().get(&format!("{}?email=a@b.c&page=0&limit=5", leads())).await.json_of(200);
    app.agent().post(&leads(), json!({"fullname": "Ada", "attributes": {"free": 1}})).await.json_of(200);
}

#[tokio::test]
async fn an_unsupported_content_type_is_a_problem_in_strict_mode_and_plain_text_otherwise() {
    let app = App::new();
    let headers = [("content-type", "text/plain"), ("prefer", "handling=strict")];
    for (headers, expected) in [(&headers[..1], "text/plain"), (&headers[..], "application/problem+json")] {
        let refused = app.agent().send(Method::POST, &leads(), headers, "{}").await;
        let kind = refused.header("content-type").unwrap_or_default();
        assert!(refused.status == 400 && kind.starts_with(expected), "{kind}: {}", refused.text());
    }
}

#[tokio::test]
async fn a_single_call_can_be_strict() {
    let app = App::new();
    let headers = [("content-type", "application/json"), ("prefer", "handling=strict")];
    let body = r#"{"fullanem":"Ada"}"#;
    app.agent().send(Method::POST, &leads(), &headers[..1], body).await.json_of(200);
    let problem = app.agent().send(Method::POST, &leads(), &headers, body).await.json_of(400);
    assert_eq!(pointers(&problem), ["/fullanem"]);
}

#[tokio::test]
async fn strict_mode_validates_the_parts_of_multipart_forms() {
    let app = App::with(|config| config.strict = true);
    let owner = app.owner();
    let kb = "/v3/63ad512e70d5ed0012ad6286/kb/multi?namespace=66a897133eaa7f0013632c5b";
    let file = ("uploadFile", Some("urls.txt"), "https://mysite.com/a");
    for (path, parts, expected) in [
        ("/v3/files/users", vec![("file", Some("a.txt"), "a")], vec![]),
        ("/v3/files/users", vec![("file", Some("a.txt"), "a"), ("colour", None, "red")], vec!["/colour"]),
        ("/v3/files/users", vec![("colour", None, "red")], vec!["/colour", "/file"]),
        (kb, vec![file, ("scrape_type", None, "3"), ("tags", None, r#"["site"]"#)], vec![]),
        (kb, vec![file, ("scrape_type", None, "many"), ("tags", None, "null")], vec!["/scrape_type", "/tags"]),
        (kb, vec![file, ("tags", None, "[]"), ("tags", None, "[]")], vec![""]),
    ] {
        let parts = parts.iter().map(|(name, file, text)| {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
        });
        let parts = parts.collect::<Vec<_>>().concat();
        let headers = [("content-type", "multipart/form-data; boundary=x")];
        let answer = owner.send(Method::POST, path, &headers, parts + "--x--\r\n").await;
        if expected.is_empty() {
            assert!(answer.status.is_success(), "{path}: {}", answer.text());
            continue;
        }
        let problem = answer.json_of(400);
        let mut told = pointers(&problem);
        told.sort_unstable();
        assert_eq!(told, expected, "{path}: {problem}");
    }
}

/// Fetches the explanation that a rejected call links to.
async fn explained(app: &App, answer: crate::support::Answer) -> Value {
    let link = answer.header("link").unwrap_or_else(|| panic!("{} without a link", answer.status)).to_owned();
    let path = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"help\"")).expect("a link to help");
    app.nobody().get(path).await.json_of(200)
}

#[tokio::test]
async fn every_rejection_is_explained() {
    let app = App::new();
    let told = explained(&app, app.agent().post(&leads(), json!({"fullname": {}})).await).await;
    assert_eq!(
        (&told["status"], &told["operation"], &told["cause"]),
        (&json!(422), &json!("create_lead"), &json!("caller"))
    );
    assert_eq!(told["errors"][0]["pointer"], "/fullname");
    let again = app.agent().post(&leads(), json!({"fullname": {}})).await;
    assert_eq!(
        again.header("link"),
        Some("</_control/explain/2>; rel=\"help\""),
        "the default sandbox is not in the link"
    );
    assert!(told["contract"]["requestBody"].is_object() && told["example"].is_object(), "{told}");
    let curl = told["curl"].as_str().expect("a curl");
    assert!(
        curl.starts_with("curl -X POST -u andrea.leo@f21.it:123456 -H 'Content-Type: application/json' -d '{"),
        "{curl}"
    );
    let told = explained(&app, app.agent().get(&format!("{}/0", leads())).await).await;
    assert_eq!((&told["status"], &told["cause"]), (&json!(404), &json!("caller")));
    let told = explained(&app, app.nobody().get(&format!("{PROJECT}/lead")).await).await;
    assert!(told["contract"]["similar"].to_string().contains("/{project_id}/"), "{told}");
    let told = explained(&app, app.nobody().send(Method::GET, &leads(), &[("prefer", "code=503")], "").await).await;
    assert_eq!(told["cause"], "fault");
    let told = explained(&app, app.agent().call(Method::PATCH, &leads(), None).await).await;
    assert_eq!((&told["status"], &told["cause"]), (&json!(405), &json!("caller")));
    let in_sandbox = format!("/_sandbox/x{}/0", leads());
    let told = explained(&app, app.agent().get(&in_sandbox).await).await;
    assert_eq!((&told["id"], &told["path"]), (&json!(1), &json!(in_sandbox)));
    let well = app.agent().get(&leads()).await;
    assert_eq!((well.status.as_u16(), well.header("link")), (200, None));
    app.nobody().get("/_control/explain/999").await.json_of(404);
}

#[tokio::test]
async fn quirks_of_the_api_are_labeled() {
    let app = App::new();
    let nobody = app.nobody();
    for (headers, path, body, status) in [
        (vec![("authorization", "Bearer x")], leads(), "", 401),
        (vec![("authorization", "x")], leads(), "", 400),
        (vec![("authorization", "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2 x")], leads(), "", 403),
        (vec![], "/v3/5b55e806c93dde00143163d0/leads".to_owned(), "", 400),
    ] {
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let answer = nobody.send(method, &path, &headers, body).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?} {path}: {}", answer.text());
        let told = explained(&app, answer).await;
        assert_eq!(told["cause"], "quirk", "{headers:?} {path}: {told}");
        assert!(told["quirk"].is_string());
    }
}
