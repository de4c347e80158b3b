//! Conversations written as dialogues, which have the same effects as calls.

use serde_json::{Value, json};

use super::{Files, SHOP, full};
use crate::support::{App, NOON};

/// A conversation, with the names of the people instead of their identifiers.
const TALK: &str = "
users: {ada: {name: Ada Lovelace, password: 123456}, bob: {name: Bob Moore, password: 123456}}
projects: [{name: Shop, team: {ada: owner, bob: agent}}]
";

#[test]
fn a_dialogue_follows_the_rules_of_the_api() {
    let world = full(&format!(
        "{SHOP}
conversations:
  - visitor: Maria Rossi <maria@example.org>
    at: -2h
    subject: An order
    dialogue:
      - visitor: Where is my order?
      - ada +2m: On its way.
      - visitor +1m: Thanks!
      - tag: vip
      - note: Friendly
      - close +10s: ada
      - rate: {{rating: 4, message: Fast}}
"
    ));
    let request = &world["requests"][0];
    assert_eq!(request["first_text"], "Where is my order?");
    assert_eq!(request["subject"], "An order");
    assert_eq!(request["status"], 1000);
    assert_eq!(request["createdAt"], "2026-01-01T10:00:00.000Z");
    assert_eq!(request["waiting_time"], 120_000);
    assert_eq!(request["first_response_at"], "2026-01-01T10:02:00.000Z");
    assert_eq!(request["closed_at"], "2026-01-01T10:04:10.000Z");
    assert_eq!(request["closed_by"], world["users"][0]["_id"]);
    assert_eq!(request["rating"], 4);
    assert_eq!(request["rating_message"], "Fast");
    assert_eq!(request["tags"][0]["tag"], "vip");
    assert_eq!(request["notes"][0]["text"], "Friendly");
    assert_eq!(request["contact"]["email"], "maria@example.org");
    let transcript = request["transcript"].as_str().expect("a closed conversation has a transcript");
    assert!(transcript.contains("Maria Rossi: Where is my order?") && transcript.contains("Ada Lovelace: On its way."));
    let lead = &world["leads"][0];
    assert_eq!((&lead["fullname"], &lead["email"]), (&json!("Maria Rossi"), &json!("maria@example.org")));
    assert_eq!(request["lead"], lead["_id"]);
    let texts: Vec<_> =
        world["messages"].as_array().expect("messages").iter().map(|message| &message["text"]).collect();
    assert!(texts.contains(&&json!("Chat closed")), "{texts:?}");
    let verbs: Vec<_> = world["activities"].as_array().expect("activities").iter().map(|one| &one["verb"]).collect();
    assert!(verbs.contains(&&json!("REQUEST_CREATE")) && verbs.contains(&&json!("REQUEST_CLOSE")), "{verbs:?}");
}

#[tokio::test]
async fn a_dialogue_has_the_same_effects_as_calls() {
    let written = Files::new(&[(
        "world.yaml",
        &format!(
            "{TALK}
conversations:
  - visitor: Maria Rossi
    at: now
    dialogue: [{{visitor: Hello?}}]
"
        ),
    )]);
    let called = Files::new(&[("world.yaml", TALK)]);
    let (written, called) = (written.app(), called.app());
    let state = called.state().await;
    let project = state["projects"][0]["_id"].as_str().expect("an identifier").to_owned();
    let visitor = json!({"id_project": project, "firstname": "Maria", "lastname": "Rossi"});
    let session = called.nobody().post("/v3/auth/signinAnonymously", visitor).await.json_of(200);
    let visitor = called.authorized(session["token"].as_str().expect("a token").to_owned());
    let message = json!({"text": "Hello?", "senderFullname": "Maria Rossi"});
    visitor.post(&format!("/v3/{project}/requests/support-group-1/messages"), message).await.json_of(200);
    let (written, called) = (written.state().await, called.state().await);
    for collection in ["requests", "messages", "leads", "activities", "project_users"] {
        let shapes = [&written, &called].map(|state| {
            let documents = state[collection].as_array().cloned().unwrap_or_default();
            let mut documents: Vec<_> = documents.iter().map(|document| shape(document).to_string()).collect();
            documents.sort();
            documents
        });
        assert_eq!(shapes[0], shapes[1], "{collection}");
    }
}

/// A value with identifiers replaced, which differ between worlds.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let is_same = |name: &str| !matches!(name, "createdAt" | "updatedAt" | "last_login_at");
            fields.iter().filter(|(name, _)| is_same(name)).map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(all) => all.iter().map(shape).collect(),
        Value::String(text) if text.starts_with("support-group-") => json!("REQUEST"),
        Value::String(text) if text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => json!("ID"),
        Value::String(text) if text.len() == 36 && text.matches('-').count() == 4 => json!("UUID"),
        other => other.clone(),
    }
}

#[test]
fn tickets_are_numbered_chronologically() {
    let world = full(&format!(
        "{SHOP}
conversations:
  - {{visitor: Late, at: -1h, dialogue: [{{visitor: Second}}]}}
  - {{visitor: Early, at: -2h, dialogue: [{{visitor: First}}]}}
"
    ));
    let requests = world["requests"].as_array().expect("requests").iter();
    let mut tickets: Vec<_> = requests.map(|one| (one["ticket_id"].as_u64(), one["first_text"].as_str())).collect();
    tickets.sort_unstable();
    assert_eq!(tickets, [(Some(1), Some("First")), (Some(2), Some("Second"))]);
}

#[test]
fn agents_join_the_conversations_in_which_they_write() {
    let world = full(&format!(
        "{TALK}
departments: [{{name: Main, default: true, routing: pooled}}]
conversations: [{{visitor: Maria, at: -1h, dialogue: [{{visitor: Hello}}, {{bob: Hi}}]}}]
"
    ));
    let bob = world["users"].as_array().expect("users").iter().find(|user| user["firstname"] == "Bob").expect("Bob");
    let request = &world["requests"][0];
    assert_eq!((&request["status"], &request["participants"]), (&json!(200), &json!([bob["_id"]])));
    let members = world["project_users"].as_array().expect("members");
    let member = members.iter().find(|member| member["id_user"] == bob["_id"]).expect("Bob is a member");
    assert_eq!(member["number_assigned_requests"], 1);
}

#[test]
fn built_in_bots_reply() {
    let world = full(&format!(
        "{SHOP}
bots: [{{name: Owl, faqs: [{{question: When do you open, answer: At nine.}}]}}]
departments: [{{name: Main, default: true, bot: Owl}}]
conversations: [{{visitor: Maria, at: -1h, dialogue: [{{visitor: When do you open}}]}}]
"
    ));
    let bot = format!("bot_{}", world["bots"][0]["_id"].as_str().expect("an identifier"));
    let replies: Vec<_> =
        world["messages"].as_array().expect("messages").iter().filter(|one| one["sender"] == bot).collect();
    assert_eq!(replies.iter().map(|one| &one["text"]).collect::<Vec<_>>(), [&json!("At nine.")]);
    assert_eq!(world["requests"][0]["hasBot"], true);
}

#[test]
fn a_returning_visitor_is_the_same_lead() {
    let world = full(&format!(
        "{SHOP}
leads: {{maria: {{name: Maria Rossi}}}}
conversations:
  - {{lead: maria, at: -3h, dialogue: [{{visitor: One}}]}}
  - {{lead: '@maria', at: -2h, dialogue: [{{maria: Two}}]}}
  - {{visitor: Nils, at: -2h, dialogue: [{{visitor: Three}}]}}
  - {{visitor: Nils, dialogue: [{{Nils: Four}}]}}
"
    ));
    assert_eq!(world["leads"].as_array().map(Vec::len), Some(2));
    let guests = world["project_users"].as_array().expect("members").iter().filter(|one| one["role"] == "guest");
    assert_eq!(guests.count(), 2);
}

#[test]
fn dialogues_trigger_no_webhooks() {
    let files = Files::new(&[(
        "world.yaml",
        &format!(
            "{SHOP}
subscriptions: [{{event: request.create, target: 'http://127.0.0.1:9/'}}]
conversations: [{{visitor: Maria, dialogue: [{{visitor: Hello}}]}}]
"
        ),
    )]);
    let app: App = App::with(|config| {
        config.fixtures = Some(files.0.path().to_owned());
        config.clock = tiledesk_mock::ClockSetting::Frozen(NOON);
    });
    assert_eq!(app.fake.default_sandbox().deliveries().len(), 0);
}

#[test]
fn conversations_without_identifiers_stay_apart_from_those_with_one() {
    let lines = "dialogue: [{visitor: Hi}]";
    let world = full(&format!(
        "{SHOP}conversations:\n  - {{visitor: Q, {lines}}}\n  - {{visitor: R, {lines}}}\n  - {{handle: '#0', visitor: S, {lines}}}\n  - {{handle: '#1', visitor: T, {lines}}}\n"
    ));
    let requests = world["requests"].as_array().expect("an array");
    let mut subjects: Vec<_> = requests.iter().map(|request| request["lead"].to_string()).collect();
    subjects.sort();
    subjects.dedup();
    assert_eq!((requests.len(), subjects.len()), (4, 4));
}

#[test]
fn a_name_stands_for_the_only_member_who_has_it() {
    let world = full(
        "users: {a: {name: Ann Lee}, b: {name: Ann Lee}}\nprojects: [{name: Shop, team: {b: owner}}]\nconversations: [{visitor: Q, at: -1d, dialogue: [{visitor: Hi}, {Ann Lee +1m: yo}]}]\n",
    );
    let mut users = world["users"].as_array().expect("an array").iter();
    let member = users.find(|user| user["email"] == "b@example.com").expect("the member");
    let mut messages = world["messages"].as_array().expect("an array").iter();
    let message = messages.find(|message| message["text"] == "yo").expect("the message");
    assert_eq!(message["sender"], member["_id"]);
}
