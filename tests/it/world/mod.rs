//! Handwritten worlds.

mod dialogue;
mod mistake;
mod problem;
mod reload;
mod round_trip;

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;
use tiledesk_mock::{
    ClockSetting,
    fixtures::{FixtureError, Options},
};

use crate::support::{App, NOON, PROJECT, root};

/// A folder with the files of a world.
struct Files(TempDir);

impl Files {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        for (name, text) in files {
            fs::write(folder.path().join(name), text).expect("the file is writable");
        }
        Self(folder)
    }

    fn dump(&self) -> Result<Value, FixtureError> {
        let dumped = options().dump(Some(self.0.path()))?;
        Ok(serde_json::from_str(&dumped).expect("a dump is JSON"))
    }

    fn app(&self) -> App {
        App::with(|config| config.fixtures = Some(self.0.path().to_owned()))
    }
}

/// Worlds are read at noon.
fn options() -> Options {
    Options { clock: ClockSetting::Frozen(NOON), lenient: false }
}

/// The full form of a world in YAML.
#[track_caller]
fn full(yaml: &str) -> Value {
    Files::new(&[("world.yaml", yaml)]).dump().unwrap_or_else(|error| panic!("{error}"))
}

const SHOP: &str = "
users:
  ada: {name: Ada Lovelace, password: 123456}
projects:
  - {name: Shop}
";

#[test]
fn derivable_fields_are_optional() {
    let world = full(SHOP);
    let (user, project) = (&world["users"][0], &world["projects"][0]);
    assert_eq!(user["email"], "ada@example.com");
    assert_eq!(user["firstname"], "Ada");
    assert_eq!(user["lastname"], "Lovelace");
    assert_eq!(user["password"], "123456", "a number is accepted as text");
    assert_eq!(project["createdBy"], user["_id"]);
    let member = &world["project_users"][0];
    assert_eq!(
        (&member["role"], &member["id_user"], &member["id_project"]),
        (&json!("owner"), &user["_id"], &project["_id"])
    );
    let department = &world["departments"][0];
    assert_eq!((&department["default"], &department["routing"]), (&json!(true), &json!("assigned")));
    assert_eq!(project["updatedAt"], project["createdAt"]);
}

#[test]
fn derived_identifiers_do_not_depend_on_the_clock_or_other_documents() {
    let files = Files::new(&[("a.yaml", SHOP)]);
    let id = |options: Options| {
        let dumped = options.dump(Some(files.0.path())).expect("a valid world");
        serde_json::from_str::<Value>(&dumped).expect("JSON")["projects"][0]["_id"].clone()
    };
    let before = id(options());
    assert_eq!(id(Options::default()), before);
    fs::write(files.0.path().join("b.yaml"), "leads: [{name: Maria}]").expect("the file is writable");
    assert_eq!(id(options()), before);
}

#[test]
fn references_are_names_or_handles_also_across_files() {
    let files = Files::new(&[
        ("a.yaml", SHOP),
        (
            "b.json",
            r#"{
                "$schema": "world.schema.json",
                "leads": [{"handle": "maria", "name": "Maria Rossi", "email": "maria@example.org"}],
                "departments": [{"name": "Main", "default": true}, {"name": "Sales", "group": "Closers"}],
                "groups": [{"name": "Closers", "members": ["ada"]}]
            }"#,
        ),
        (
            "c.yml",
            "requests:\n- {lead: \"@maria\", department: Sales, participants: [Ada Lovelace], first_text: Hi, \
             messages: [{sender: maria, text: Hi}, {sender: ada, text: Hello}]}\n",
        ),
    ]);
    let world = files.dump().expect("a valid world");
    let request = &world["requests"][0];
    assert_eq!(request["lead"], world["leads"][0]["_id"]);
    let sales = world["departments"].as_array().expect("departments").iter().find(|one| one["name"] == "Sales");
    let sales = sales.expect("the department exists");
    assert_eq!(request["department"], sales["_id"]);
    assert_eq!(sales["id_group"], world["groups"][0]["_id"]);
    assert_eq!(world["groups"][0]["members"][0], world["users"][0]["_id"]);
    assert_eq!(request["participants"][0], world["users"][0]["_id"]);
    assert_eq!((&request["status"], &request["ticket_id"]), (&json!(200), &json!(1)));
    let messages = world["messages"].as_array().expect("messages");
    assert!(messages.iter().all(|message| message["recipient"] == request["request_id"]));
    assert_eq!(messages[0]["sender"], world["leads"][0]["lead_id"]);
    assert_eq!(messages[0]["senderFullname"], "Maria Rossi");
    assert_eq!(messages[1]["senderFullname"], "Ada Lovelace");
}

#[test]
fn dates_are_absolute_or_relative_to_the_clock() {
    let world = full(&format!(
        "{SHOP}
leads:
  - {{name: A, createdAt: -3d 2h}}
  - {{name: B, createdAt: 2025-11-29}}
  - {{name: C, createdAt: 2025-11-29T10:00:00+01:00}}
"
    ));
    let date = |name: &str| {
        let leads = world["leads"].as_array().expect("leads").iter();
        leads.clone().find(|lead| lead["fullname"] == name).expect("the lead")["createdAt"].clone()
    };
    assert_eq!(date("A"), "2025-12-29T10:00:00.000Z");
    assert_eq!(date("B"), "2025-11-29T00:00:00.000Z");
    assert_eq!(date("C"), "2025-11-29T09:00:00.000Z");
}

#[test]
fn operating_hours_are_an_object() {
    let world = full(
        "
users: {ada: {name: Ada}}
projects:
  - name: Shop
    operatingHours: {mon-tue: 9:00-18:00, timezone: Europe/Rome}
    timeSlots: {late: {name: Late, active: true, hours: {sun: '20:00-22:00'}}}
",
    );
    let project = &world["projects"][0];
    let hours: Value = serde_json::from_str(project["operatingHours"].as_str().expect("a text")).expect("JSON");
    let day = json!([{"start": "09:00", "end": "18:00"}]);
    assert_eq!(hours, json!({"1": day, "2": day, "tzname": "Europe/Rome"}));
    assert_eq!(project["activeOperatingHours"], true);
    let late: Value =
        serde_json::from_str(project["timeSlots"]["late"]["hours"].as_str().expect("a text")).expect("JSON");
    assert_eq!(late, json!({"7": [{"start": "20:00", "end": "22:00"}], "tzname": "UTC"}));
}

#[tokio::test]
async fn the_default_world_can_be_extended_and_changed() {
    let files = Files::new(&[(
        "world.yaml",
        "
extends: default
leads: [{project: 5b55e806c93dde00143163dd, name: Nora Nilsen}]
projects: [{_id: 5b55e806c93dde00143163dd, name: My Support}]
",
    )]);
    let app = files.app();
    let leads = app.agent().get(&format!("{PROJECT}/leads?full_text=Nora")).await.json_of(200);
    assert_eq!(leads["leads"][0]["fullname"], "Nora Nilsen");
    let project = app.owner().get("/v3/projects/5b55e806c93dde00143163dd").await.json_of(200);
    assert_eq!(project["name"], "My Support");
    let default = options().dump(None).expect("the default world is valid");
    let default: Value = serde_json::from_str(&default).expect("JSON");
    let changed = files.dump().expect("a valid world");
    assert_eq!(changed["projects"].as_array().map(Vec::len), default["projects"].as_array().map(Vec::len));
}

#[test]
fn conversations_in_a_changed_project_belong_to_it() {
    let conversation = "visitor: Q, at: -1d, dialogue: [{visitor: Hi}]";
    let id = "5b55e806c93dde00143163dd";
    let inside =
        full(&format!("extends: default\nprojects:\n  - {{_id: {id}, conversations: [{{{conversation}}}]}}\n"));
    let outside = full(&format!("extends: default\nconversations:\n  - {{project: {id}, {conversation}}}\n"));
    assert_eq!(inside, outside);
    let other = full(&format!(
        "extends: default\nprojects:\n  - {{_id: {id}}}\n  - {{name: Own, owner: andrea.leo@f21.it, conversations: [{{{conversation}}}]}}\n"
    ));
    let own = other["projects"].as_array().and_then(|all| all.iter().find(|one| one["name"] == "Own"));
    let own = &own.expect("the new project")["_id"];
    let requests = other["requests"].as_array().expect("an array").iter();
    assert_eq!(requests.filter(|request| request["id_project"] == *own).count(), 1);
}

#[test]
fn documents_nested_in_a_project_belong_to_it() {
    let world = full(
        "
users: {ada: {name: Ada}, bob: {name: Bob}}
projects:
  - {name: One, team: {ada: owner}, leads: [{name: Maria}], tags: [{tag: vip}]}
  - {name: Two, team: {bob: owner, ada: agent}, bots: [{name: Owl, faqs: [{question: Hi, answer: Hello}]}]}
",
    );
    let project = |name: &str| {
        let projects = world["projects"].as_array().expect("projects").iter();
        projects.clone().find(|project| project["name"] == name).expect("the project")["_id"].clone()
    };
    assert_eq!(world["leads"][0]["id_project"], project("One"));
    assert_eq!(world["tags"][0]["id_project"], project("One"));
    assert_eq!(world["faqs"][0]["id_project"], project("Two"));
    assert_eq!(world["faqs"][0]["id_faq_kb"], world["bots"][0]["_id"]);
    assert_eq!(world["project_users"].as_array().map(Vec::len), Some(3));
}

#[test]
fn the_example_of_the_documentation_is_a_world_of_20_conversations() {
    let page = fs::read_to_string(root().join("docs/worlds.md")).expect("the page exists");
    let blocks: Vec<_> = page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let example = blocks.first().expect("the page has an example");
    assert!(example.lines().count() <= 120, "{} lines", example.lines().count());
    let files = Files::new(&[("world.yaml", example)]);
    let (content, warnings) = options().check(files.0.path()).unwrap_or_else(|error| panic!("{error}"));
    assert!(content.starts_with("3 users, 2 projects, ") && content.contains("20 conversations"), "{content}");
    assert_eq!(warnings, Vec::<String>::new());
    for block in &blocks[1..] {
        Files::new(&[("world.yaml", block)]).dump().unwrap_or_else(|error| panic!("{block}\n{error}"));
    }
}

#[test]
fn the_starter_world_is_valid() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let directory = folder.path().join("new");
    let written = tiledesk_mock::fixtures::init(&directory, None).expect("the directory is writable");
    assert_eq!(written, [directory.join("world.yaml")]);
    let (content, _) = options().check(&directory).unwrap_or_else(|error| panic!("{error}"));
    assert!(content.contains("2 conversations"), "{content}");
    let again = tiledesk_mock::fixtures::init(&directory, None).expect_err("it exists");
    assert!(again.to_string().ends_with("world.yaml exists already"), "{again}");
}

#[test]
fn the_schema_accepts_both_forms() {
    let schema: Value = serde_json::from_str(&tiledesk_mock::fixtures::schema()).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let full: Value = serde_json::from_str(&options().dump(None).expect("a valid world")).expect("JSON");
    let page = fs::read_to_string(root().join("docs/worlds.md")).expect("the page exists");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let written: Value = from_yaml(example);
    for world in [full, written] {
        let errors: Vec<_> =
            validator.iter_errors(&world).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    assert!(!validator.is_valid(&json!({"lead": []})));
    assert!(!validator.is_valid(&json!({"leads": [{"fullnam": "x"}]})));
}

/// YAML as JSON.
fn from_yaml(text: &str) -> Value {
    serde_yaml::from_str(text).expect("it is YAML")
}
