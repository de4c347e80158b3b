//! Deeply nested JSON: everything accepted can be read again, exported, imported, and delivered; deeper nesting is
//! rejected.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT, seed::PROJECT_ID, socket::Socket};

const REQUEST: &str = "support-group-L_OG76RYhR0XFiMf2PK";

/// An object with `levels` levels of nesting.
fn deep(levels: usize) -> Value {
    (1..levels).fold(json!({"a": 1}), |inner, _| json!({"a": inner}))
}

#[tokio::test]
async fn the_nesting_limit_is_the_same_for_every_operation() {
    let app = App::new();
    let leads = format!("{PROJECT}/leads");
    let lead = app.owner().post(&leads, json!({"lead_id": "deep", "attributes": deep(63)})).await.json_of(200);
    assert_eq!(lead["attributes"], deep(63));
    let operations = [
        (Method::POST, leads.clone()),
        (Method::PATCH, format!("{leads}/{}/attributes", lead["_id"].as_str().expect("an id"))),
        (Method::PATCH, format!("{PROJECT}/requests/{REQUEST}/attributes")),
        (Method::PUT, format!("{PROJECT}/project_users/")),
        (Method::POST, "/v3/auth/signinAnonymously".into()),
        (Method::POST, format!("{PROJECT}/events")),
        (Method::PUT, format!("/_control/requests/{REQUEST}/chatbot/parameters")),
    ];
    for (method, path) in operations {
        for levels in [65, 127, 128, 50_000] {
            let body = format!("{}1{}", r#"{"a":"#.repeat(levels), "}".repeat(levels));
            let answer = app.owner().send(method.clone(), &path, &[("content-type", "application/json")], body).await;
            assert_eq!(answer.status, 400, "{method} {path} with {levels} levels: {}", answer.text());
            let pointer = "/a".repeat(64);
            assert!(
                answer.text().contains(&format!("\"{pointer}\"")) || answer.text().contains(&pointer),
                "{}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn everything_accepted_is_listed_exported_imported_and_delivered() {
    let app = App::new();
    let owner = app.owner();
    let attributes = || json!({"attributes": deep(63)});
    for event in
        ["lead.create", "request.create", "request.update", "message.create", "project_user.update", "event.emit"]
    {
        let target = format!("{}/_control/webhooks/inbox/deep", app.fake.url());
        owner.post(&format!("{PROJECT}/subscriptions"), json!({"event": event, "target": target})).await.json_of(200);
    }
    let mut socket = Socket::of(&app, "andrea.leo@f21.it").await;
    let first = format!("{}/requests", &PROJECT[3..]);
    socket.subscribe(&first).await;

    owner.put(&format!("{PROJECT}/project_users/"), attributes()).await.json_of(200);
    let lead =
        owner.post(&format!("{PROJECT}/leads"), json!({"lead_id": "deep", "attributes": deep(63)})).await.json_of(200);
    let lead = lead["_id"].as_str().expect("an id");
    owner.patch(&format!("{PROJECT}/leads/{lead}/attributes"), deep(64)).await.json_of(200);
    owner.put(&format!("{PROJECT}/leads/{lead}"), json!({"fullname": "Still changeable"})).await.json_of(200);
    owner.patch(&format!("{PROJECT}/requests/{REQUEST}/attributes"), deep(64)).await.json_of(200);
    let message = json!({"text": "deep", "attributes": deep(63)});
    owner.post(&format!("{PROJECT}/requests/{REQUEST}/messages"), message.clone()).await.json_of(200);
    owner.post(&format!("{PROJECT}/requests/support-group-new/messages"), message.clone()).await.json_of(200);
    owner.post(&format!("{PROJECT}/requests/support-group-new/messages"), message.clone()).await.json_of(200);
    owner.post(&format!("{PROJECT}/events"), json!({"name": "deep", "attributes": deep(63)})).await.json_of(200);
    let guest = json!({"id_project": PROJECT_ID, "attributes": deep(63)});
    let guest = app.nobody().post("/v3/auth/signinAnonymously", guest).await.json_of(200);
    let guest = app.authorized(guest["token"].as_str().expect("a token").to_owned());
    guest.post(&format!("{PROJECT}/requests/support-group-guest/messages"), message).await.json_of(200);

    for path in [
        "leads?sortField=fullname",
        "leads/csv",
        "requests",
        "requests/csv",
        "activities",
        "activities/csv",
        "project_users",
        "requests/support-group-new",
        "requests/support-group-new/messages",
        "requests/support-group-new/messages/csv",
        "events",
    ] {
        let answer = owner.get(&format!("{PROJECT}/{path}")).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    }
    let deliveries = app.nobody().get("/_control/webhooks/inbox/deep?wait=8").await.json_of(200);
    assert!(deliveries["count"].as_u64().is_some_and(|count| count >= 8), "{deliveries}");
    let health = app.nobody().get("/healthz?deep").await.json_of(200);
    assert_eq!((&health["status"], &health["failures"]), (&json!("ok"), &json!([])));

    let exported = app.nobody().get("/_control/state").await;
    let imported = app.nobody().send(Method::PUT, "/_control/state?sandbox=copy", &[], exported.body.clone()).await;
    assert_eq!(imported.status, 200, "{}", imported.text());
    assert_eq!(app.nobody().get("/_control/state?sandbox=copy").await.body, exported.body, "byte for byte");
}

#[tokio::test]
async fn a_world_nested_too_deeply_is_rejected_with_its_document() {
    let app = App::new();
    let mut world = app.nobody().get("/_control/state").await.json();
    world["leads"][1]["attributes"] = deep(70);
    let refused = app.nobody().put("/_control/state", world).await.json_of(400);
    assert_eq!(refused["errors"][0]["pointer"], "/leads/1", "{refused}");
    let detail = refused["errors"][0]["detail"].as_str().expect("a string");
    assert!(detail.contains("expected at most 68 levels of nesting, found 71"), "{detail}");
}
