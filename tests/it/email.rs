//! Emails, which are stored instead of being sent.

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{PROJECT_ID, UNKNOWN_PROJECT_ID},
};

/// The last stored email.
async fn last(app: &App) -> Value {
    let state = app.state().await;
    state["emails"].as_array().and_then(|mails| mails.last()).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_sent_email_is_part_of_the_exported_state() {
    let app = App::new();
    let send = format!("{PROJECT}/emails/internal/send");
    let mail = json!({
        "to": "ada@example.com", "subject": "Hello", "text": "How are you?", "replyto": "us@example.com",
        "request_id": "support-group-1234",
    });
    assert_eq!(app.agent().post(&send, mail).await.json_of(200), json!({"queued": true}));
    let kept = last(&app).await;
    for (field, value) in [
        ("to", "ada@example.com"),
        ("subject", "Hello"),
        ("text", "How are you?"),
        ("replyTo", "us@example.com"),
        ("request_id", "support-group-1234"),
    ] {
        assert_eq!(kept[field], value, "{field}");
    }
    let before = app.state().await;
    for (body, field) in [(json!({"subject": "x"}), "to"), (json!({"to": ""}), "to"), (json!({"to": {}}), "to")] {
        assert_eq!(app.agent().post(&send, body).await.json_of(422)["errors"][0]["param"], field);
    }
    assert_eq!(app.state().await, before);
    // The exported state can be imported again.
    app.nobody().put("/_control/state", before.clone()).await.json_of(200);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn an_email_to_a_lead_uses_the_address_of_the_lead() {
    let app = App::new();
    let to = |request: &str| format!("{PROJECT}/requests/{request}/email/send");
    let text = json!({"subject": "A call", "text": "We will call you.", "replyto": "us@example.com"});
    app.agent().post(&to("support-group-1234"), text.clone()).await.json_of(200);
    let kept = last(&app).await;
    assert_eq!((&kept["to"], &kept["request_id"]), (&json!("giulia@example.com"), &json!("support-group-1234")));
    let sent = (&text["subject"], &text["text"], &text["replyto"]);
    assert_eq!((&kept["subject"], &kept["text"], &kept["replyTo"]), sent);
    let before = app.state().await;
    let nowhere = app.agent().post(&to("support-group-L_OG76RYhR0XFiMf2PK"), text.clone()).await;
    assert_eq!(nowhere.json_of(400)["error"], "The lead has no email address");
    assert_eq!(app.agent().post(&to("nothing"), text).await.json_of(404)["msg"], "Object not found.");
    assert_eq!(app.agent().post(&to("support-group-1234"), json!({})).await.json_of(422)["errors"][0]["param"], "text");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_login_email_links_to_a_chatbot_or_a_knowledge_base() {
    let app = App::new();
    let path = "/v3/users/loginemail";
    let project = PROJECT_ID;
    app.agent().post(path, json!({"id_project": project, "namespace_id": "n"})).await.json_of(200);
    let kept = last(&app).await;
    assert_eq!((&kept["to"], &kept["namespace_id"]), (&json!("agent@example.com"), &json!("n")));
    app.agent().post(path, json!({"id_project": project, "bot_id": "b"})).await.json_of(200);
    assert_eq!(last(&app).await["bot_id"], "b");
    let before = app.state().await;
    for id in [UNKNOWN_PROJECT_ID, "project"] {
        app.agent().post(path, json!({"id_project": id, "bot_id": "b"})).await.json_of(404);
    }
    let guest = app.guest().await;
    guest.post(path, json!({"id_project": project, "bot_id": "b"})).await.json_of(404);
    assert_eq!(app.state().await["emails"], before["emails"]);
}
