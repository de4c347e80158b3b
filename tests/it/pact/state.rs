//! Several provider states at once.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{LEAD, written};
use crate::support::{App, PROJECT};

/// Writes three states based on the default world: without tags, with a renamed lead, and with a tag.
fn write_states(folder: &Path) {
    let world: Value =
        serde_json::from_str(&tiledesk_mock::fixtures::dump(None).expect("a valid world")).expect("JSON");
    let mut lead = world["leads"]
        .as_array()
        .and_then(|leads| leads.iter().find(|lead| LEAD.ends_with(lead["_id"].as_str().unwrap_or("-"))))
        .expect("the lead")
        .clone();
    lead["fullname"] = json!("Ada");
    let people = json!({
        "users": world["users"], "projects": world["projects"], "project_users": world["project_users"],
        "departments": world["departments"], "groups": world["groups"], "bots": world["bots"], "leads": world["leads"],
    });
    written(folder, "people.json", &people);
    let mut renamed = people;
    renamed["leads"] = json!([lead]);
    written(folder, "a-lead-is-called-ada.json", &renamed);
    let tag = json!({
        "_id": "5c81593adf767b0017d1aaaa", "tag": "vip", "id_project": PROJECT.trim_start_matches("/v3/"),
        "createdBy": "5ab11c6b83dc240014d46095", "createdAt": "2020-01-01T00:00:00.000Z",
        "updatedAt": "2020-01-01T00:00:00.000Z",
    });
    renamed["tags"] = json!([tag]);
    renamed["leads"] = json!([]);
    written(folder, "a-tag-exists.json", &renamed);
}

fn app() -> (TempDir, App) {
    let folder = TempDir::new().expect("a folder");
    write_states(folder.path());
    let app = App::with(|config| config.pact_states = Some(folder.path().to_owned()));
    (folder, app)
}

async fn set(app: &App, body: Value) -> Value {
    app.nobody().post("/_control/pact/states", body).await.json_of(200)
}

/// The name of the lead, and the number of tags, from two calls.
async fn shown(app: &App) -> (Value, usize) {
    let lead = app.owner().get(LEAD).await;
    let name = if lead.status == 200 { lead.json()["fullname"].clone() } else { Value::Null };
    let tags = app.owner().get(&format!("{PROJECT}/tags")).await.json_of(200);
    (name, tags.as_array().map_or(0, Vec::len))
}

#[tokio::test]
async fn states_in_a_list_are_combined() {
    let (_folder, app) = app();
    let answer = set(&app, json!({"states": ["a lead is called Ada", "a tag exists"]})).await;
    let names = ["a lead is called Ada", "a tag exists"];
    assert_eq!(answer, json!({"sandbox": "default", "state": names[1], "states": names}));
    assert_eq!(shown(&app).await, (json!("Ada"), 1));
}

#[tokio::test]
async fn states_set_in_succession_are_combined() {
    let (_folder, app) = app();
    set(&app, json!({"state": "people", "action": "setup"})).await;
    assert_eq!(set(&app, json!({"state": "people"})).await, json!({"sandbox": "default", "state": "people"}));
    set(&app, json!({"state": "a lead is called Ada"})).await;
    set(&app, json!({"state": "a tag exists"})).await;
    assert_eq!(shown(&app).await, (json!("Ada"), 1), "the later version of the lead wins");
}

#[tokio::test]
async fn a_call_ends_the_states_set_before_it() {
    let (_folder, app) = app();
    set(&app, json!({"state": "a tag exists"})).await;
    assert_eq!(shown(&app).await, (Value::Null, 1));
    set(&app, json!({"state": "a lead is called Ada"})).await;
    assert_eq!(shown(&app).await, (json!("Ada"), 0));
}

#[tokio::test]
async fn a_teardown_ends_all_states() {
    let (_folder, app) = app();
    set(&app, json!({"states": ["a lead is called Ada", "a tag exists"]})).await;
    let names = json!({"states": ["a lead is called Ada", "a tag exists"], "action": "teardown"});
    assert_eq!(set(&app, names).await, json!({"sandbox": "default"}));
    set(&app, json!({"state": "people"})).await;
    assert_eq!(shown(&app).await, (json!("Guest"), 0));
}

#[tokio::test]
async fn snapshots_and_worlds_are_combined() {
    let (_folder, app) = app();
    app.owner().post(&format!("{PROJECT}/tags"), json!({"tag": "new"})).await.json_of(200);
    app.nobody().post("/_control/snapshots/tagged", Value::Null).await.json_of(200);
    set(&app, json!({"states": ["tagged", "a lead is called Ada"]})).await;
    assert_eq!(shown(&app).await, (json!("Ada"), 1));
}

#[tokio::test]
async fn an_unknown_state_changes_nothing() {
    let (_folder, app) = app();
    set(&app, json!({"state": "a tag exists"})).await;
    let unknown = json!({"states": ["people", "a cat exists"]});
    app.nobody().post("/_control/pact/states", unknown).await.json_of(404);
    assert_eq!(shown(&app).await, (Value::Null, 1));
}
