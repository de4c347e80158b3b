//! Dumps: loading either form gives the same documents.

use proptest::prelude::*;
use serde_json::{Value, json};

use tiledesk_mock::fixtures::{Plan, generate};

use super::{Files, options};
use crate::support::{App, PROJECT};

/// Asserts that the full and the short dump of a world give the same documents as the world itself.
#[track_caller]
fn assert_round_trips(files: &Files) -> String {
    let folder = Some(files.0.path());
    let full = options().dump(folder).unwrap_or_else(|error| panic!("{error}"));
    let short = options().dump_short(folder).expect("a valid world");
    for (name, dumped) in [("world.json", &full), ("world.json", &short), ("world.yaml", &short)] {
        let again = Files::new(&[(name, dumped)]);
        let again = options().dump(Some(again.0.path())).unwrap_or_else(|error| panic!("{error}\n{dumped}"));
        assert_eq!(again, full, "{dumped}");
    }
    short
}

#[test]
fn the_default_world_round_trips() {
    let world = options().dump(None).expect("a valid world");
    let short = assert_round_trips(&Files::new(&[("world.json", &world)]));
    assert!(short.len() < world.len(), "{} of {}", short.len(), world.len());
    assert_eq!(options().dump_short(None).expect("a valid world"), short);
}

#[test]
fn a_short_dump_uses_names_and_leaves_out_what_is_derived() {
    let files = Files::new(&[(
        "world.yaml",
        "
users: [{email: ada@example.com, name: Ada Lovelace}]
projects: [{name: Shop}]
departments: [{name: Main, default: true}, {name: Sales, group: Closers}]
groups: [{name: Closers, members: [ada@example.com]}]
leads: [{name: Maria Rossi}]
requests: [{lead: Maria Rossi, department: Sales, first_text: Hi, messages: [{sender: Maria Rossi, text: Hi}]}]
",
    )]);
    let short: Value = serde_json::from_str(&assert_round_trips(&files)).expect("JSON");
    let project = &short["projects"][0];
    assert_eq!(project["departments"][1]["id_group"], "Closers");
    assert_eq!(project["groups"][0]["members"], json!(["Ada Lovelace"]));
    assert_eq!(project["requests"][0]["lead"], "Maria Rossi");
    assert_eq!(project["requests"][0]["messages"][0]["text"], "Hi");
    assert!(project["leads"][0].get("_id").is_none() && project["leads"][0].get("updatedAt").is_none(), "{project}");
}

/// Two conversations with everything that a line can do, and two visitors.
const TALKS: &str = "
users: {ada: {name: Ada Lovelace, password: 123456}, bob: {name: Bob Moore}}
projects:
  - name: Shop
    team: {ada: owner, bob: agent}
    bots: [{name: Owl, faqs: [{question: When do you open, answer: At nine.}]}]
    departments: [{name: Main, default: true, routing: assigned}, {name: Night, bot: Owl}]
    leads: {maria: {name: Maria Rossi, email: maria@example.org}}
    conversations:
      - lead: maria
        at: -2h
        subject: An order
        priority: high
        dialogue:
          - visitor: Where is my order?
          - ada +2m: On its way.
          - visitor +1m: { text: Thanks!, language: en, metadata: { seen: true } }
          - tag: [vip, norway]
          - note: { by: ada, text: Friendly }
          - route: Night
          - join: bob
          - leave: bob
          - close +10s: ada
          - rate: { rating: 4, message: Fast }
          - reopen
      - {visitor: Nils, department: Night, at: -90m, dialogue: [{visitor: When do you open}, {visitor: 'no, really'}, {close: visitor}]}
      - {visitor: Nils, at: -1h, participants: [bob], dialogue: [{visitor: One more}, {bob: Yes?}, {rate: 5}, {close: bob}]}
      - {visitor: Zoe <zoe@example.org>, at: -2m, channel: email, dialogue: [{visitor: A ticket}]}
";

#[test]
fn conversations_are_dialogues_again() {
    let short: Value = serde_json::from_str(&assert_round_trips(&Files::new(&[("world.yaml", TALKS)]))).expect("JSON");
    let project = &short["projects"][0];
    for collection in ["requests", "messages", "activities", "events"] {
        assert_eq!(project[collection], Value::Null, "{collection} follow from the dialogues");
    }
    assert_eq!(project["leads"].as_array().map(Vec::len), Some(1), "Nils and Zoe follow from theirs: {project}");
    let first = &project["conversations"][0];
    assert_eq!((&first["lead"], &first["at"]), (&json!("Maria Rossi"), &json!("2026-01-01T10:00:00.000Z")));
    assert_eq!((&first["ids"], &first["request_id"], &first["ticket_id"]), (&Value::Null, &Value::Null, &Value::Null));
    assert_eq!(
        first["dialogue"],
        json!([
            {"visitor": "Where is my order?"},
            {"Ada Lovelace +2m": "On its way."},
            {"visitor +1m": {"text": "Thanks!", "metadata": {"seen": true}, "language": "en"}},
            {"tag": ["vip", "norway"]},
            {"note": {"by": "Ada Lovelace", "text": "Friendly"}},
            {"route": "Night"},
            {"join": "Bob Moore"},
            {"leave": "Bob Moore"},
            {"close +10s": "Ada Lovelace"},
            {"rate": {"rating": 4, "message": "Fast"}},
            "reopen",
        ])
    );
    assert_eq!(project["conversations"][1]["visitor"], "Nils");
    assert_eq!(project["conversations"][3]["visitor"], "Zoe <zoe@example.org>");
}

#[test]
fn a_conversation_that_does_not_follow_from_a_dialogue_is_dumped_as_documents() {
    // No one serves the changed conversation, so that the others do not depend on it.
    let world = TALKS.replace("routing: assigned", "routing: pooled");
    let mut world = Files::new(&[("world.yaml", &world)]).dump().expect("a valid world");
    let mut changed = world["requests"].as_array_mut().expect("requests").iter_mut();
    let changed = changed.find(|request| request["first_text"] == "A ticket").expect("the conversation of Zoe");
    changed["rating"] = json!(1);
    changed["workingStatus"] = json!("pending");
    let short = assert_round_trips(&Files::new(&[("world.json", &world.to_string())]));
    let short: Value = serde_json::from_str(&short).expect("JSON");
    let project = &short["projects"][0];
    assert_eq!(project["requests"].as_array().map(Vec::len), Some(1), "{project}");
    assert_eq!(project["conversations"].as_array().map(Vec::len), Some(3), "{project}");
}

#[tokio::test]
async fn conversations_made_by_calls_are_dialogues() {
    let app = App::with(|config| config.clock = "2026-01-01T11:00:00Z".parse().expect("a clock setting"));
    let guest = app.guest().await;
    let id = "support-group-5b55e806c93dde00143163dd-called";
    let path = format!("{PROJECT}/requests/{id}");
    guest.post(&format!("{path}/messages"), json!({"text": "Hello?", "language": "en"})).await.json_of(200);
    app.advance("90s").await;
    let owner = app.owner();
    owner.post(&format!("{path}/participants"), json!({"member": "5ab11c6b83dc240014d46095"})).await.json_of(200);
    app.advance("1s").await;
    owner.post(&format!("{path}/messages"), json!({"text": "Hi!"})).await.json_of(200);
    app.advance("2m").await;
    owner.put(&format!("{path}/close"), json!({})).await.json_of(200);
    let state = app.state().await.to_string();
    let short = assert_round_trips(&Files::new(&[("world.json", &state)]));
    let short: Value = serde_json::from_str(&short).expect("JSON");
    let projects = short["projects"].as_array().expect("projects").iter();
    let mut written = projects.filter_map(|project| project["conversations"].as_array()).flatten();
    let written = written.find(|one| one["request_id"] == id).unwrap_or_else(|| panic!("{short:#}"));
    assert_eq!(written["dialogue"][0]["visitor"], "Hello?");
    assert!(written["ids"].is_string(), "the identifiers are those that the calls generated: {written}");
}

#[test]
fn generated_worlds_round_trip() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let plan = Plan { conversations: 12, seed: 3, ..Plan::default() };
    let mut text = Vec::new();
    generate(&plan, options().clock, &mut text).expect("a vector can be written to");
    std::fs::write(folder.path().join("world.json"), text).expect("the file is writable");
    assert_round_trips(&Files(folder));
}

/// Names from a small set, so that some occur twice.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Maria Rossi",
        "Maria",
        "Nils",
        "system",
        "5b55e806c93dde0014310001",
        "@ada",
        "Ünal Öz",
        "bot",
        "",
    ])
    .prop_map(str::to_owned)
}

fn line() -> impl Strategy<Value = Value> {
    let pause = 0..500_u32;
    prop_oneof![
        (pause.clone(), "[a-z ?]{1,12}").prop_map(|(pause, text)| json!({format!("visitor +{pause}s"): text})),
        (pause.clone(), "[a-z ?]{1,12}").prop_map(|(pause, text)| json!({format!("ada +{pause}s"): text})),
        pause.clone().prop_map(|pause| json!({format!("close +{pause}s"): "ada"})),
        pause.clone().prop_map(|pause| json!({format!("reopen +{pause}s"): "ada"})),
        (pause, 0..=5_u8).prop_map(|(pause, rating)| json!({format!("rate +{pause}s"): rating})),
        Just(json!({"tag": ["a", "b"]})),
        Just(json!({"join": "bob"})),
        Just(json!({"leave": "bob"})),
        Just(json!({"note": {"by": "ada", "text": "?"}})),
        Just(json!({"route": "Main"})),
        Just(json!({"bob +0s": "Hello"})),
        Just(json!({"Owl +3s": "Hello"})),
    ]
}

fn world() -> impl Strategy<Value = Value> {
    let lead = (name(), prop::option::of("[a-z]{1,8}@example.org"), prop::collection::vec("[a-z]{1,4}", 0..3));
    let lead = lead.prop_map(|(name, email, tags)| json!({"fullname": name, "email": email, "tags": tags}));
    let talk = (name(), 1..90_u32, prop::collection::vec(line(), 0..5)).prop_map(|(name, days, mut lines)| {
        lines.insert(0, json!({"visitor": "Hello"}));
        json!({"visitor": {"name": name}, "at": format!("-{days}d"), "dialogue": lines})
    });
    let project = (
        prop::collection::vec(lead, 0..4),
        prop::collection::vec(talk, 0..4),
        prop::collection::vec(name().prop_filter("a department has a name", |name| !name.is_empty()), 0..3),
    );
    let project = project.prop_map(|(leads, talks, departments)| {
        let departments = departments.into_iter().map(|name| json!({"name": name, "routing": "pooled"}));
        let main = json!({"name": "Main", "default": true, "bot": "Owl"});
        json!({
            "team": {"ada": "owner", "bob": "agent"},
            "leads": leads,
            "bots": [{"name": "Owl", "faqs": [{"question": "hi", "answer": "Hello"}]}],
            "conversations": talks,
            "departments": departments.chain([main]).collect::<Vec<_>>(),
        })
    });
    prop::collection::vec(project, 1..3).prop_map(|mut projects| {
        for (at, project) in projects.iter_mut().enumerate() {
            project["name"] = json!(format!("Project {at}"));
        }
        json!({"users": {"ada": {"name": "Ada Lovelace"}, "bob": {"name": "Bob"}}, "projects": projects})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn worlds_round_trip(world in world()) {
        let files = Files::new(&[("world.json", &world.to_string())]);
        // The API may refuse a line, such as a reply of a bot that does not serve the conversation.
        prop_assume!(files.dump().is_ok());
        assert_round_trips(&files);
    }
}
