//! Mails: that they are kept instead of being sent.

use serde_json::{Value, json};

use crate::support::{App, PROJECT};

/// The last mail that would have been sent.
async fn last(app: &App) -> Value {
    let state = app.state().await;
    state["emails"].as_array().and_then(|mails| mails.last()).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_mail_stands_in_the_exported_state() {
    let app = App::new();
    let send = format!("{PROJECT}/emails/internal/send");
    let mail = json!({
        "to": "ada@example.com", "subject": "Hello", "text": "How are you?", "replyto": "us@example.com",
        "request_id": "support-group-1234",
    });
    assert_eq!(app.agent().post(&send, mail).await.expect(200), json!({"queued": true}));
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
        assert_eq!(app.agent().post(&send, body).await.expect(422)["errors"][0]["param"], field);
    }
    assert_eq!(app.state().await, before);
    // It is imported again.
    app.nobody().put("/_control/state", before.clone()).await.expect(200);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_mail_to_the_lead_goes_to_the_address_of_the_lead() {
    let app = App::new();
    let to = |request: &str| format!("{PROJECT}/requests/{request}/email/send");
    let text = json!({"subject": "A call", "text": "We will call you.", "replyto": "us@example.com"});
    app.agent().post(&to("support-group-1234"), text.clone()).await.expect(200);
    let kept = last(&app).await;
    assert_eq!((&kept["to"], &kept["request_id"]), (&json!("giulia@example.com"), &json!("support-group-1234")));
    let sent = (&text["subject"], &text["text"], &text["replyto"]);
    assert_eq!((&kept["subject"], &kept["text"], &kept["replyTo"]), sent);
    let before = app.state().await;
    let nowhere = app.agent().post(&to("support-group-L_OG76RYhR0XFiMf2PK"), text.clone()).await;
    assert_eq!(nowhere.expect(400)["error"], "The lead has no email address");
    assert_eq!(app.agent().post(&to("nothing"), text).await.expect(404)["msg"], "Object not found.");
    assert_eq!(app.agent().post(&to("support-group-1234"), json!({})).await.expect(422)["errors"][0]["param"], "text");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_login_mail_leads_to_a_chatbot_or_a_knowledge_base() {
    let app = App::new();
    let path = "/v3/users/loginemail";
    let project = &PROJECT[4..];
    app.agent().post(path, json!({"id_project": project, "namespace_id": "n"})).await.expect(200);
    let kept = last(&app).await;
    assert_eq!((&kept["to"], &kept["namespace_id"]), (&json!("agent@example.com"), &json!("n")));
    app.agent().post(path, json!({"id_project": project, "bot_id": "b"})).await.expect(200);
    assert_eq!(last(&app).await["bot_id"], "b");
    let before = app.state().await;
    for id in ["5b55e806c93dde00143163d0", "project"] {
        app.agent().post(path, json!({"id_project": id, "bot_id": "b"})).await.expect(404);
    }
    let guest = app.guest().await;
    guest.post(path, json!({"id_project": project, "bot_id": "b"})).await.expect(404);
    assert_eq!(app.state().await["emails"], before["emails"]);
}
