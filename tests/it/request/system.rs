//! System messages in conversations, and the wording of rejections.

use serde_json::{Value, json};

use super::{open, requests};
use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, BOT_USER, SALES},
};

async fn said(app: &App, id: &str, label: &str) -> Vec<Value> {
    let messages = app.owner().get(&requests(&format!("/{id}/messages"))).await.json_of(200);
    let messages = messages.as_array().expect("messages").iter();
    messages.filter(|message| message["attributes"]["messagelabel"]["key"] == label).cloned().collect()
}

#[tokio::test]
async fn agents_get_the_subject_in_the_language_of_the_request() {
    let app = App::new();
    let owner = app.owner();
    for (id, language, subject, text) in [
        (
            "it",
            Some("it"),
            Some("Spedizione in Irlanda, quanto costa?"),
            "Una nuova richiesta di supporto è stata assegnata a te: Spedizione in Irlanda, quanto ",
        ),
        ("fr", Some("fr"), None, "A new support request has been assigned to you: Hello"),
        ("none", None, Some(""), "A new support request has been assigned to you: Hello"),
    ] {
        let body = json!({"request_id": id, "first_text": "Hello", "language": language, "subject": subject, "participants": [AGENT]});
        owner.post(&requests(""), body).await.json_of(200);
        owner.post(&requests(&format!("/{id}/participants")), json!({"member": ADMIN})).await.json_of(200);
        let told = said(&app, id, "TOUCHING_OPERATOR").await;
        assert_eq!(told.len(), 1, "{id}");
        assert_eq!((&told[0]["text"], told[0]["metadata"].as_str()), (&json!(text), language), "{id}");
        let attributes = &told[0]["attributes"];
        assert_eq!(
            (&attributes["updateconversation"], &attributes["updateconversationfor"]),
            (&json!(true), &json!([ADMIN]))
        );
    }
}

#[tokio::test]
async fn routing_notifies_the_current_participants() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "routed", &[]).await;
    for routed in 1..=2 {
        let request = owner.put(&requests("/routed/departments"), json!({"departmentid": SALES})).await.json_of(200);
        let told = said(&app, "routed", "TOUCHING_OPERATOR").await;
        assert_eq!(told.len(), routed);
        assert_eq!(told[routed - 1]["attributes"]["updateconversationfor"], request["participants"]);
    }
}

#[tokio::test]
async fn closing_a_closed_request_sends_another_message() {
    let app = App::new();
    open(&app.owner(), "closed", &[AGENT]).await;
    for times in 1..=2 {
        app.owner().put(&requests("/closed/close"), Value::Null).await.json_of(200);
        assert_eq!(said(&app, "closed", "CHAT_CLOSED").await.len(), times);
    }
    let history = app.owner().get(&requests("/closed/history")).await.json_of(200);
    let closed = history.as_array().expect("entries").iter().filter(|entry| entry["verb"] == "REQUEST_CLOSE");
    assert_eq!(closed.count(), 2);
}

#[tokio::test]
async fn a_rejection_due_to_the_request_is_explained_by_its_rule() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    let ticket =
        json!({"request_id": "ticket", "first_text": "Hello", "participants": [ADMIN], "channel": {"name": "email"}});
    owner.post(&requests(""), ticket).await.json_of(200);
    open(&owner, "other", &[ADMIN]).await;
    for (answer, words) in [
        (owner.put(&requests("/ticket/participants"), json!([AGENT])).await, "channels email and form"),
        (agent.put(&requests("/other/close"), Value::Null).await, "close only requests in which they participate"),
        (agent.post(&requests("/other/notes"), json!({"text": "Mine"})).await, "change notes only in requests"),
        (agent.patch(&requests("/other/rating"), json!({"rating": 1})).await, "rated by the member who opened it"),
    ] {
        let link = answer.header("link").expect("the rejection has an explanation").to_owned();
        let path = link.trim_start_matches('<').split('>').next().expect("a link").to_owned();
        let explained = app.nobody().get(&path).await.json_of(200);
        assert!(explained["rule"].as_str().is_some_and(|rule| rule.contains(words)), "{explained}");
    }
}

#[tokio::test]
async fn only_the_owner_deletes_a_request_by_its_internal_id() {
    let app = App::new();
    let id = open(&app.owner(), "gone", &[BOT_USER]).await["_id"].as_str().expect("an id").to_owned();
    let path = requests(&format!("/id/{id}"));
    let refused = json!({"success": false, "msg": "Unauthorized."});
    assert_eq!(app.agent().delete(&path).await.json_of(403), refused);
    app.owner().delete(&path).await.json_of(200);
}

#[tokio::test]
async fn a_direct_message_reports_all_missing_fields() {
    let app = App::new();
    let refused = app.owner().post(&format!("{PROJECT}/messages"), json!({})).await.json_of(422);
    let errors = refused["errors"].as_array().expect("errors");
    let told: Vec<_> = errors.iter().map(|error| (error["param"].as_str(), error["msg"].as_str())).collect();
    let text = "Text field is required for messages with type \"text\"";
    let invalid = Some("Invalid value");
    assert_eq!(told, [(Some("recipient"), invalid), (Some("recipientFullname"), invalid), (Some("text"), Some(text))]);
}
