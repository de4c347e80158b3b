//! Messages: the first one opens a conversation, later ones continue it, and imports add earlier ones.

use serde_json::{Value, json};

use super::{open, requests};
use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, BOT_USER, OWNER, SALES},
};

#[tokio::test]
async fn the_first_message_creates_the_conversation_and_its_lead() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let body = json!({
        "text": "Do you ship to Ireland?", "senderFullname": "Ada Lovelace", "email": "ada@example.com",
        "departmentid": SALES, "sourcePage": "https://shop.example", "language": "en", "userAgent": "curl",
        "attributes": {"plan": "free"}, "channel": {"name": "telegram"}, "subject": "Shipping", "priority": "high",
    });
    let sent = visitor.post(&requests("/new/messages"), body).await.json_of(200);
    assert_eq!((&sent["senderFullname"], &sent["recipient"]), (&json!("Ada Lovelace"), &json!("new")));
    assert_eq!(sent["createdBy"], sent["sender"]);
    let request = owner.get(&requests("/new")).await.json_of(200);
    assert_eq!(sent["request"], request, "the request is embedded");
    for (field, value) in [
        ("first_text", "Do you ship to Ireland?"),
        ("sourcePage", "https://shop.example"),
        ("language", "en"),
        ("userAgent", "curl"),
        ("subject", "Shipping"),
        ("priority", "high"),
    ] {
        assert_eq!(request[field], value, "{field}");
    }
    assert_eq!(request["channel"], json!({"name": "telegram"}));
    assert_eq!(
        (&request["lead"]["email"], &request["lead"]["fullname"]),
        (&json!("ada@example.com"), &json!("Ada Lovelace"))
    );
    assert_eq!(request["lead"]["lead_id"], sent["sender"], "the visitor is the lead");
    assert_eq!(request["requester"]["uuid_user"], sent["sender"]);
    assert_eq!(request["attributes"]["plan"], "free");

    visitor.post(&requests("/again/messages"), json!({"text": "One more thing"})).await.json_of(200);
    let again = owner.get(&requests("/again")).await.json_of(200);
    assert_eq!(again["lead"]["_id"], request["lead"]["_id"], "the same visitor has the same lead");
    assert_eq!(again["ticket_id"], request["ticket_id"].as_u64().map(|id| id + 1).expect("a number"));
}

#[tokio::test]
async fn a_new_address_updates_the_lead_and_adds_a_system_message() {
    let app = App::new();
    let visitor = app.guest().await;
    let first = Some("ada@example.com");
    for (id, email, told) in
        [("one", first, 0), ("two", None, 0), ("three", first, 0), ("four", Some("lovelace@example.com"), 1)]
    {
        let body = json!({"text": "Hello", "email": email, "attributes": {"from": id}});
        visitor.post(&requests(&format!("/{id}/messages")), body).await.json_of(200);
        let lead = app.owner().get(&requests(&format!("/{id}"))).await.json_of(200)["lead"].clone();
        assert_eq!((&lead["email"], &lead["attributes"]["from"]), (&json!(email.or(first)), &json!("one")), "{id}");
        let state = app.state().await;
        let messages = state["messages"].as_array().expect("messages").iter();
        let updates = messages.filter(|message| message["attributes"]["messagelabel"]["key"] == "LEAD_UPDATED");
        assert_eq!(updates.count(), told, "{id}");
    }
    app.agent().put("/v3/users", json!({"phone": "+39055"})).await.json_of(200);
    app.agent().post(&requests("/five/messages"), json!({"text": "Hello"})).await.json_of(200);
    assert_eq!(app.owner().get(&requests("/five")).await.json_of(200)["lead"]["phone"], "+39055");
}

#[tokio::test]
async fn channel_and_source_page_determine_assignment_and_draft() {
    let app = App::new();
    for (id, channel, page, smart, draft) in [
        ("chat", "chat21", "https://a.example", true, None),
        ("form", "form", "https://a.example?td_draft=true", false, Some(true)),
        ("mail", "email", "https://a.example?draft=true", false, None),
    ] {
        let body = json!({"text": "Hello", "channel": {"name": channel}, "attributes": {"sourcePage": page}});
        app.guest().await.post(&requests(&format!("/{id}/messages")), body).await.json_of(200);
        let request = app.owner().get(&requests(&format!("/{id}"))).await.json_of(200);
        assert_eq!((&request["smartAssignment"], request["draft"].as_bool()), (&json!(smart), draft), "{id}");
    }
}

#[tokio::test]
async fn a_visitor_message_ends_the_pending_status() {
    let app = App::new();
    let (agent, visitor, path) = (app.agent(), app.guest().await, requests("/wait"));
    let say = json!({"text": "Hello"});
    visitor.post(&format!("{path}/messages"), say.clone()).await.json_of(200);
    for (status, after_agent, after_visitor) in [("pending", "pending", "open"), ("custom", "custom", "custom")] {
        agent.patch(&path, json!({"workingStatus": status})).await.json_of(200);
        for (who, after) in [(&agent, after_agent), (&visitor, after_visitor)] {
            who.post(&format!("{path}/messages"), say.clone()).await.json_of(200);
            assert_eq!(agent.get(&path).await.json_of(200)["workingStatus"], after, "{status}");
        }
    }
}

#[tokio::test]
async fn a_message_is_sent_on_behalf_of_its_sender_field() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    open(&owner, "spoken", &[ADMIN]).await;
    let send = async |body: Value| agent.post(&requests("/spoken/messages"), body).await.json_of(200);
    let own = send(json!({"text": "Hello"})).await;
    assert_eq!((&own["sender"], &own["senderFullname"]), (&json!(AGENT), &json!("Andrea Leo")));
    let other = send(json!({"text": "Hello", "sender": ADMIN, "senderFullname": "Ada"})).await;
    assert_eq!((&other["sender"], &other["senderFullname"]), (&json!(ADMIN), &json!("Ada")));
    assert_eq!(other["request"]["waiting_time"], 0, "the admin serves the request and has responded");
    let bot = send(json!({"text": "Beep", "sender": BOT_USER})).await;
    assert_eq!(bot["sender"], BOT_USER);
    let first = agent.post(&requests("/behalf/messages"), json!({"text": "Hello", "sender": ADMIN})).await.json_of(200);
    assert_eq!((&first["sender"], &first["createdBy"]), (&json!(ADMIN), &json!(AGENT)));
    assert_eq!(owner.get(&requests("/behalf")).await.json_of(200)["lead"]["lead_id"], ADMIN, "it belongs to the admin");
}

#[tokio::test]
async fn messages_keep_their_fields() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let kinds = [
        json!({"text": "plain"}),
        json!({"text": "A logo", "type": "image", "metadata": {"src": "https://a.example/a.png", "width": 20, "height": 10}}),
        json!({"text": "A page", "type": "frame", "metadata": {"src": "https://a.example"}, "attributes": {"a": [1, {"b": null}]}}),
        json!({"text": "seen", "status": 200, "language": "it"}),
    ];
    for body in &kinds {
        let sent = visitor.post(&requests("/kinds/messages"), body.clone()).await.json_of(200);
        let id = sent["_id"].as_str().expect("an id").to_owned();
        let read = visitor.get(&requests(&format!("/kinds/messages/{id}"))).await.json_of(200);
        for (key, value) in body.as_object().expect("an object") {
            assert_eq!(read[key], *value, "{key}");
        }
    }
    for (kind, text, said) in [("image", "Image", json!("")), ("frame", "Frame", Value::Null)] {
        let wordless =
            json!({"type": kind, "text": said, "metadata": {"src": "https://a.example", "width": 20, "height": 10}});
        let sent = visitor.post(&requests(&format!("/{kind}/messages")), wordless).await.json_of(200);
        assert_eq!(sent["request"]["first_text"], text);
    }
    let all = owner.get(&requests("/kinds/messages")).await.json_of(200);
    let all = all.as_array().expect("messages").iter();
    let own = all.filter(|message| message["senderFullname"] != "bot1");
    let texts: Vec<_> = own.map(|message| &message["text"]).collect();
    assert_eq!(texts, ["plain", "A logo", "A page", "seen"], "oldest first");
    // The ID of a message in another conversation.
    owner.get(&requests("/kinds/messages/5c81593adf767b0017d1aa68")).await.json_of(404);
    owner.get(&requests("/kinds/messages/none")).await.json_of(404);
    assert_eq!(owner.get(&requests("/nowhere/messages")).await.json_of(200), json!([]));
}

#[tokio::test]
async fn an_import_is_atomic() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "imported", &[OWNER]).await;
    let before = app.state().await;
    let path = requests("/imported/messages/multi");
    let broken = json!([{"text": "1"}, {"text": "2", "metadata": "none"}, {"text": "3"}]);
    let refused = owner.post(&path, broken).await.json_of(422);
    assert_eq!(refused["errors"][0]["param"], "1.metadata", "{refused}");
    assert_eq!(app.state().await, before);

    let whole = json!([{"text": "1", "sender": "somebody"}, {"text": "2", "sender": "somebody else", "status": 200}]);
    let inserted = owner.post(&path, whole).await.json_of(200);
    let senders: Vec<_> = inserted.as_array().expect("messages").iter().map(|message| &message["sender"]).collect();
    assert_eq!(senders, ["somebody", "somebody else"]);
    assert_eq!(owner.get(&requests("/imported/messages")).await.json_of(200), inserted);
    assert_eq!(owner.post(&path, json!([])).await.json_of(200), json!([]));
    let many: Vec<_> = (0..500).map(|number| json!({"text": number.to_string()})).collect();
    assert_eq!(owner.post(&path, json!(many)).await.json_of(200).as_array().map(Vec::len), Some(500));
}

#[tokio::test]
async fn a_direct_message_belongs_to_no_request() {
    let app = App::new();
    let owner = app.owner();
    let path = format!("{PROJECT}/messages");
    let body = json!({"recipient": AGENT, "recipientFullname": "Andrea Leo", "text": "Lunch?"});
    let sent = owner.post(&path, body).await.json_of(200);
    assert_eq!((&sent["channel_type"], &sent["recipient"]), (&json!("direct"), &json!(AGENT)));
    let body = json!({
        "recipient": AGENT, "recipientFullname": "Andrea Leo", "text": "Dinner?", "sender": ADMIN,
    });
    let sent = owner.post(&path, body).await.json_of(200);
    assert_eq!((&sent["sender"], &sent["createdBy"]), (&json!(ADMIN), &json!(OWNER)));
    assert_eq!(sent["recipientFullname"], "Andrea Leo");
    for (body, field) in [
        (json!({"recipientFullname": "Andrea Leo", "text": "Lunch?"}), "recipient"),
        (json!({"recipient": AGENT, "text": "Lunch?"}), "recipientFullname"),
        (json!({"recipient": AGENT, "recipientFullname": "Andrea Leo"}), "text"),
    ] {
        let refused = owner.post(&path, body).await.json_of(422);
        assert_eq!(refused["errors"][0]["param"], field, "{refused}");
    }
}

#[tokio::test]
async fn tickets_are_answered_only_by_their_assignee() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    let body =
        json!({"first_text": "A form", "request_id": "form", "channel": {"name": "form"}, "participants": [OWNER]});
    owner.post(&requests(""), body).await.json_of(200);
    let refused = agent.post(&requests("/form/messages"), json!({"text": "Hello"})).await.json_of(403);
    assert_eq!(refused["err"], "You don't belong the conversation");
    owner.post(&requests("/form/messages"), json!({"text": "Hello"})).await.json_of(200);
}

#[tokio::test]
async fn the_messages_of_a_project_are_listed_newest_first() {
    let app = App::new();
    let owner = app.owner();
    let path = format!("{PROJECT}/messages");
    let direct = json!({"recipient": AGENT, "recipientFullname": "An agent", "text": "Only you"});
    owner.post(&path, direct).await.json_of(200);
    let all = owner.get(&format!("{path}?limit=50")).await.json_of(200);
    let all = all.as_array().expect("an array");
    assert_eq!(all[0]["text"], "Only you");
    assert!(all.windows(2).all(|pair| pair[0]["createdAt"].as_str() >= pair[1]["createdAt"].as_str()), "{all:?}");
    assert!(all.len() > 10, "the default world needs more messages");
    let unlimited = owner.get(&format!("{path}?limit=0&page=1")).await.json_of(200);
    assert_eq!(unlimited.as_array().map(Vec::len), Some(all.len()), "0 lists everything");
    for query in ["", "?limit=51"] {
        assert_eq!(
            owner.get(&format!("{path}{query}")).await.json_of(200).as_array().map(Vec::len),
            Some(10),
            "{query}"
        );
    }
    assert_eq!(owner.get(&format!("{path}?limit=3&page=1")).await.json_of(200), json!(all[3..6]));
    let populated = owner.get(&format!("{path}?limit=2&populate_request=1")).await.json_of(200);
    assert_eq!(populated[0].get("request"), None);
    assert_eq!(populated[1]["request"]["request_id"], populated[1]["recipient"]);
    let csv = owner.get(&format!("{path}/csv")).await;
    assert_eq!(csv.header("content-type"), Some("text/csv"));
    let csv = csv.text();
    assert_eq!(csv.lines().count(), all.len() + 1, "{csv}");
    assert!(csv.starts_with("senderFullname,type,channel_type,status,") && csv.contains(",Only you,"), "{csv}");
    let of_other = owner.get("/v3/5ebd890292befe0019054973/messages").await.json_of(200);
    assert_eq!(of_other, json!([]));
}

#[tokio::test]
async fn a_conversation_is_public_to_everyone_who_knows_its_id() {
    let app = App::new();
    let guest = app.guest().await;
    let path = requests("/support-group-public/messages");
    guest.post(&path, json!({"text": "Hello", "participants": [OWNER]})).await.json_of(200);
    app.owner().put(&requests("/support-group-public/close"), Value::Null).await.json_of(200);
    let whole = app.owner().get(&path).await.json_of(200);
    let nobody = app.nobody();
    assert_eq!(nobody.get("/v3/public/requests/support-group-public/messages").await.json_of(200), whole);
    let words = nobody.get("/public/requests/support-group-public/messages-user").await.json_of(200);
    let words = words.as_array().expect("an array");
    assert!(words.len() < whole.as_array().map_or(0, Vec::len), "there are system messages, too: {whole}");
    assert!(words.iter().all(|message| message["sender"] != "system") && words[0]["text"] == "Hello", "{words:?}");
    let csv = guest.get(&format!("{path}/csv")).await.text();
    assert_eq!(csv.lines().count(), whole.as_array().map_or(0, Vec::len) + 1);
    for path in ["/public/requests/nothing/messages", "/public/requests/nothing/messages-user"] {
        assert_eq!(nobody.get(path).await.json_of(200), json!([]));
    }
}
