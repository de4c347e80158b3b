//! Fixtures: the format, its schema, and worlds of several files.

use std::fs;

use serde_json::{Value, json};

use crate::support::{App, PROJECT, assert_file, root};

#[test]
fn the_schema_is_committed() {
    assert_file("fixtures/schema.json", &tiledesk_mock::fixtures::schema());
}

#[test]
fn the_default_world_is_valid_and_equals_its_dump() {
    tiledesk_mock::fixtures::check(&root().join("fixtures/seed.json")).expect("the default world is valid");
    let dumped = tiledesk_mock::fixtures::dump(None).expect("the default world is valid");
    let (dumped, file): (Value, Value) = (
        serde_json::from_str(&dumped).expect("the dump is JSON"),
        serde_json::from_str(&fs::read_to_string(root().join("fixtures/seed.json")).expect("the file is readable"))
            .expect("JSON"),
    );
    let collections = |world: &Value| world.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(collections(&dumped), collections(&file));
    for (name, documents) in file.as_object().expect("an object") {
        let documents = documents.as_array().expect("an array");
        for document in documents {
            // The API does not return the `_id` of knowledge bases.
            let id = |document: &Value| document.get("_id").unwrap_or(&document["id"]).clone();
            let (all, id_of_it) = (dumped[name].as_array().expect("an array"), id(document));
            let same = all.iter().find(|other| id(other) == id_of_it);
            let same = same.unwrap_or_else(|| panic!("{name} {id_of_it} is missing"));
            assert_holds(same, document, &format!("{name} {id_of_it}"));
        }
    }
}

/// Asserts that `more` contains everything in `less`. Defaults may be added.
fn assert_holds(more: &Value, less: &Value, at: &str) {
    match less {
        Value::Object(less) => {
            for (key, value) in less {
                assert_holds(&more[key], value, &format!("{at} {key}"));
            }
        }
        less => assert_eq!(more, less, "{at}"),
    }
}

#[tokio::test]
async fn the_files_of_a_folder_form_one_world() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let world: Value =
        serde_json::from_str(&tiledesk_mock::fixtures::dump(None).expect("a valid world")).expect("JSON");
    let mut lead = world["leads"][0].clone();
    lead["_id"] = json!("5c81565edf767b0017d1aa99");
    fs::write(folder.path().join("a.json"), json!({"leads": [lead]}).to_string()).expect("the file is writable");
    fs::write(folder.path().join("b.json"), world.to_string()).expect("the file is writable");
    fs::write(folder.path().join("notes.txt"), [0xff]).expect("the file is writable");
    let app = App::with(|config| config.fixtures = Some(folder.path().to_owned()));
    assert_eq!(app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200)["count"], 5);
}

#[test]
fn fixtures_are_parsed_as_javascript_parses_json() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    let world = tiledesk_mock::fixtures::dump(None).expect("the default world is valid");
    let name = world.find("Andrea").map(|at| &world[at..at + 6]).expect("the owner's name");
    let check = |text: String| {
        let file = folder.path().join("world.json");
        fs::write(&file, text).expect("the file is writable");
        let dumped = tiledesk_mock::fixtures::dump(Some(&file));
        dumped.map_err(|error| error.to_string())
    };
    let same = check(format!("\u{feff}{world}")).expect("a byte order mark is skipped");
    assert_eq!(same, world);
    let cut = check(world.replacen(name, r"cut \ud83d", 1)).expect("an unpaired surrogate is accepted");
    assert!(cut.contains("cut \u{fffd}"));
    let lead = world.find("\"leads\":[").map(|leads| leads + world[leads..].find('{').expect("a lead") + 1);
    let (before, after) = world.split_at(lead.expect("the world has leads"));
    let twice = format!("{before}\"status\":50,\"status\":50,{after}");
    let told = check(twice).expect_err("a field is written twice");
    assert!(told.contains("/leads/0/status: duplicate key `status` (line "), "{told}");
    let large = r#"{"leads":[{"attributes":{"price":1e400}}]}"#;
    let told = check(large.to_owned()).expect_err("it is out of range");
    assert!(told.contains("/leads/0/attributes/price: expected a number in the range of a double"), "{told}");
}
