//! Content types of bodies, and JSON parsing compatible with JavaScript.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, App, PROJECT};

const JSON: (&str, &str) = ("content-type", "application/json");

fn leads() -> String {
    format!("{PROJECT}/leads")
}

async fn create(app: &App, content_type: &[(&str, &str)], body: &str) -> Answer {
    app.agent().send(Method::POST, &leads(), content_type, body.to_owned()).await
}

async fn count(app: &App) -> Value {
    app.agent().get(&leads()).await.json_of(200)["count"].clone()
}

/// "You must supply a Content-Type: application/json header on PUT and POST operations."
#[tokio::test]
async fn a_body_with_another_content_type_is_rejected() {
    for strict in [false, true] {
        let app = App::with(|config| config.strict = strict);
        let before = count(&app).await;
        for kind in [&[][..], &[("content-type", "text/plain")], &[("content-type", "application/xml; charset=utf-8")]]
        {
            let answer = create(&app, kind, r#"{"fullname":"Ada"}"#).await;
            assert_eq!(answer.status, 400, "{kind:?}");
            if strict {
                assert_eq!(answer.json()["errors"][0]["pointer"], "/header/content-type", "{kind:?}");
            } else {
                assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
                assert!(answer.text().contains("Content-Type"), "{}", answer.text());
            }
        }
        assert_eq!(count(&app).await, before, "nothing is stored");
    }
    let app = App::new();
    for method in [Method::PUT, Method::PATCH] {
        let path = format!("{PROJECT}/requests/support-group-L_OG76RYhR0XFiMf2PK/attributes");
        let answer = app.admin().send(method.clone(), &path, &[("content-type", "text/plain")], "{}").await;
        assert!(matches!(answer.status.as_u16(), 400 | 405), "{method}: {}", answer.text());
    }
}

#[tokio::test]
async fn json_media_types_are_accepted() {
    let app = App::new();
    for kind in [
        "application/json",
        "Application/JSON; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
        "application/vnd.api+json",
        "application/merge-patch+json",
        "text/json",
    ] {
        let created = create(&app, &[("content-type", kind)], r#"{"fullname":"Ada"}"#).await.json_of(200);
        assert_eq!(created["fullname"], "Ada", "{kind}");
    }
    let answer = create(&app, &[("content-type", "application/json; charset=iso-8859-1")], "{}").await;
    assert_eq!(answer.status, 415);
    assert!(answer.text().contains("iso-8859-1"), "{}", answer.text());
}

#[tokio::test]
async fn forms_and_json_labeled_as_a_form_are_accepted() {
    let app = App::new();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for body in ["fullname=Ada", r#"{"fullname":"Ada"}"#, "\u{feff} {\"fullname\":\"Ada\"}"] {
        assert_eq!(create(&app, &form, body).await.json_of(200)["fullname"], "Ada", "{body}");
    }
    for (body, name) in [("&&fullname=Ada&", json!("Ada")), ("&", json!(null))] {
        assert_eq!(create(&app, &form, body).await.json_of(200)["fullname"], name, "{body}");
    }
    let broken = create(&app, &form, r#"{"fullname":"Ada""#).await;
    assert_eq!(broken.status, 400, "not parsed as a form without fields");
    let strict = App::with(|config| config.strict = true);
    let problem = create(&strict, &form, "fullname=Ada").await.json_of(400);
    assert_eq!(problem["errors"][0]["pointer"], "/header/content-type");
}

#[tokio::test]
async fn an_empty_body_needs_no_content_type() {
    let app = App::new();
    assert_eq!(create(&app, &[], "").await.status, 200);
    assert_eq!(create(&app, &[("content-type", "text/plain")], "").await.status, 200);
}

#[tokio::test]
async fn json_is_parsed_as_in_javascript() {
    let app = App::new();
    for (body, name) in [
        ("\u{feff}{\"fullname\":\"Ada\"}", "Ada"),
        (r#"{"fullname":"cut \ud83d"}"#, "cut \u{fffd}"),
        (r#"{"fullname":"cut \ude00 here"}"#, "cut \u{fffd} here"),
        (r#"{"fullname":"\ud83d\ude00"}"#, "\u{1f600}"),
        (r#"{"fullname":"first","fullname":"last"}"#, "last"),
    ] {
        let created = create(&app, &[JSON], body).await.json_of(200);
        assert_eq!(created["fullname"], name, "{body}");
        let read = app.agent().get(&format!("{}/{}", leads(), created["_id"].as_str().expect("an id"))).await;
        assert_eq!(read.json_of(200)["fullname"], name, "{body}");
    }
    let body = r#"{"attributes":{"\ud83d":1}}"#;
    assert_eq!(create(&app, &[JSON], body).await.json_of(200)["attributes"], json!({"\u{fffd}": 1}));
    let journal = app.nobody().get("/_control/journal?operation=create_lead").await.json_of(200);
    assert_eq!(journal["calls"][0]["body"], json!({"fullname": "Ada"}), "the journal parses it, too");
}

#[tokio::test]
async fn a_number_out_of_range_is_rejected_with_its_position() {
    let app = App::new();
    let answer = create(&app, &[JSON], r#"{"attributes":{"price":1e400}}"#).await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (400, Some("text/plain; charset=utf-8")));
    assert!(
        answer.text().contains("/attributes/price") && answer.text().contains("line 1 column"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn too_deeply_nested_json_is_rejected() {
    let app = App::new();
    let deep = format!(r#"{{"attributes":{{"a":{}{}}}}}"#, "[".repeat(200), "]".repeat(200));
    assert_eq!(create(&app, &[JSON], &deep).await.status, 400);
}

#[tokio::test]
async fn the_control_api_and_uploads_parse_json_the_same_way() {
    let app = App::new();
    let nobody = app.nobody();
    let put = async |path: &str, body: String| nobody.send(Method::PUT, path, &[], body).await;
    put("/_control/clock", "\u{feff}{\"advance\":\"1s\"}".to_owned()).await.json_of(200);
    let state = nobody.get("/_control/state").await.text();
    put("/_control/state", format!("\u{feff}{state}")).await.json_of(200);
    put("/_control/state", state.replacen("Andrea Leo", r"Andrea \ud83d", 1)).await.json_of(200);
    let bot = json!({"name": "N", "type": "tilebot", "intents": []}).to_string().replacen('N', r"cut \ud83d", 1);
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"uploadFile\"; filename=\"a.json\"\r\n\r\n\u{feff}{bot}\r\n--b--\r\n"
    );
    let path = format!("{PROJECT}/bots/importjson/null?create=true");
    let headers = [("content-type", "multipart/form-data; boundary=b")];
    let answer = app.admin().send(Method::POST, &path, &headers, form).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("cut \u{fffd}"), "{}", answer.text());
}
