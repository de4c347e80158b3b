//! Coercion of values with undocumented types, as in the reference server.

use serde_json::{Value, json};

use crate::support::{App, PROJECT};

#[tokio::test]
async fn scalars_are_coerced_as_in_the_reference_server() {
    let app = App::new();
    let owner = app.owner();
    for (path, body, pointer, expected) in [
        ("leads", json!({"fullname": 5}), "/fullname", json!("5")),
        ("leads", json!({"fullname": true}), "/fullname", json!("true")),
        (
            "leads",
            json!({"attributes": {"free": 5, "truth": "yes"}}),
            "/attributes",
            json!({"free": 5, "truth": "yes"}),
        ),
        ("canned", json!({"text": 5}), "/text", json!("5")),
        ("groups", json!({"name": 5, "members": "x"}), "/members", json!(["x"])),
        ("tags", json!({"tag": 7}), "/tag", json!("7")),
        ("departments", json!({"name": 1, "routing": "assigned"}), "/name", json!("1")),
        (
            "segments",
            json!({"name": "S", "match": "all", "filters": {"field": "email", "operator": "=", "value": "x"}}),
            "/filters/0/field",
            json!("email"),
        ),
    ] {
        let created = owner.post(&format!("{PROJECT}/{path}"), body.clone()).await.json_of(200);
        assert_eq!(created.pointer(pointer), Some(&expected), "{path} {body}: {created}");
    }
    let availability = async |sent: Value| {
        let updated = app.agent().put(&format!("{PROJECT}/project_users"), json!({"user_available": sent})).await;
        updated.json_of(200)["user_available"].clone()
    };
    for (sent, expected) in [
        (json!("false"), false),
        (json!("yes"), true),
        (json!(0), false),
        (json!(1), true),
        (json!("no"), false),
        (json!("1"), true),
    ] {
        assert_eq!(availability(sent.clone()).await, expected, "{sent}");
    }
    let path = format!("{PROJECT}/requests/support-group-L_OG76RYhR0XFiMf2PK/rating");
    let rated = owner.patch(&path, json!({"rating": "3"})).await;
    assert!(matches!(rated.status.as_u16(), 200 | 404), "{}", rated.text());
}

#[tokio::test]
async fn numbers_become_the_texts_of_javascript() {
    let app = App::new();
    let json = [("content-type", "application/json")];
    for (sent, expected) in [
        ("1e20", "100000000000000000000"),
        ("123456789012345680000", "123456789012345680000"),
        ("1e21", "1e+21"),
        ("0.000001", "0.000001"),
        ("1e-7", "1e-7"),
        ("9007199254740993", "9007199254740992"),
        ("-0", "0"),
        ("-5.50", "-5.5"),
        ("7.0", "7"),
    ] {
        let body = format!(r#"{{"fullname":{sent},"attributes":{{"number":9007199254740993}}}}"#);
        let path = format!("{PROJECT}/leads");
        let created = app.owner().send(http::Method::POST, &path, &json, body).await.json_of(200);
        assert_eq!(created["fullname"], expected, "{sent}");
        assert_eq!(created["attributes"]["number"], 9_007_199_254_740_993_u64, "numbers are kept as sent");
    }
}

#[tokio::test]
async fn values_that_cannot_be_coerced_are_rejected_by_field_name() {
    let app = App::new();
    let owner = app.owner();
    for (path, body, field) in [
        ("leads", json!({"fullname": {"a": 1}}), "fullname"),
        ("leads", json!({"fullname": ["a"]}), "fullname"),
        ("leads", json!({"email": 5, "attributes": "x"}), "attributes"),
        ("departments", json!({"name": "Bad", "routing": 5}), "routing"),
        ("requests/support-group-L_OG76RYhR0XFiMf2PK/messages", json!({"text": 5}), "text"),
    ] {
        let refused = owner.post(&format!("{PROJECT}/{path}"), body.clone()).await.json_of(422);
        assert_eq!(refused["errors"][0]["param"], field, "{body}: {refused}");
        let others = refused["errors"].as_array().expect("errors").iter().filter(|error| error["param"] != field);
        assert_eq!(others.count(), 0, "{refused}");
    }
    let maybe = app.agent().put(&format!("{PROJECT}/project_users"), json!({"user_available": "maybe"})).await;
    assert_eq!(maybe.json_of(422)["errors"][0]["param"], "user_available");
}

#[tokio::test]
async fn strict_mode_coerces_nothing() {
    let app = App::with(|config| config.strict = true);
    for body in [json!({"fullname": 5}), json!({"fullname": {"a": 1}}), json!({"tags": "vip"})] {
        let problem = app.agent().post(&format!("{PROJECT}/leads"), body.clone()).await.json_of(400);
        assert_eq!(problem["errors"].as_array().map(Vec::len), Some(1), "{body}: {problem}");
    }
}

#[tokio::test]
async fn the_journal_records_values_before_coercion() {
    let app = App::new();
    app.agent().post(&format!("{PROJECT}/leads"), json!({"fullname": 5})).await.json_of(200);
    let calls = app.nobody().get("/_control/journal").await.json_of(200)["calls"].clone();
    assert_eq!(calls[0]["body"], json!({"fullname": 5}));
    assert_eq!(calls[0]["answer"]["body"]["fullname"], "5");
    assert_eq!(app.nobody().get("/_control/explain/1").await.json_of(200)["errors"], json!([]));
}
