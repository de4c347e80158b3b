//! Dumps: loading either form gives the same documents.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Files, options};

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
        let main = json!({"name": "Main", "default": true});
        json!({
            "team": {"ada": "owner", "bob": "agent"},
            "leads": leads,
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
        assert_round_trips(&Files::new(&[("world.json", &world.to_string())]));
    }
}
