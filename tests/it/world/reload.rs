//! Reloading a world whose files have changed.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{Files, SHOP};
use crate::support::App;

/// The names of the leads in the default sandbox.
async fn leads(app: &App) -> Vec<String> {
    let state = app.state().await;
    let leads = state["leads"].as_array().cloned().unwrap_or_default();
    leads.iter().map(|lead| lead["fullname"].as_str().unwrap_or_default().to_owned()).collect()
}

fn write(files: &Files, text: &str) {
    fs::write(files.0.path().join("leads.yaml"), text).expect("the file is writable");
}

#[tokio::test]
async fn a_reset_can_read_the_files_again() {
    let files = Files::new(&[("shop.yaml", SHOP), ("leads.yaml", "leads: [{name: Maria}]")]);
    let app = files.app();
    write(&files, "leads: [{name: Nils}]");
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(leads(&app).await, ["Maria"], "a reset alone returns to the world at startup");
    app.nobody().post("/_control/reset?reload", Value::Null).await.json_of(200);
    assert_eq!(leads(&app).await, ["Nils"]);
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    assert_eq!(leads(&app).await, ["Nils"], "later resets return to the new world");
    let state = app.nobody().get("/_control/state?sandbox=other").await.json_of(200);
    assert_eq!(state["leads"][0]["fullname"], "Nils", "new sandboxes start from it");
}

#[tokio::test]
async fn a_world_with_problems_is_not_reloaded() {
    let files = Files::new(&[("shop.yaml", SHOP), ("leads.yaml", "leads: [{name: Maria}]")]);
    let app = files.app();
    write(&files, "leads: [{nam: Nils}, {statu: 100}]");
    let refused = app.nobody().post("/_control/reset?reload=true", Value::Null).await.json_of(400);
    assert_eq!(refused["errors"].as_array().map(Vec::len), Some(2), "{refused}");
    assert_eq!(leads(&app).await, ["Maria"]);
    let refused = app.nobody().post("/_control/reset?reload=maybe", Value::Null).await.json_of(400);
    assert_eq!(refused["errors"][0]["pointer"], "/query/reload");
    let refused = App::new().nobody().post("/_control/reset?reload", Value::Null).await.json_of(409);
    assert_eq!(refused["title"], json!("No files to reload: start the server with `--fixtures`."));
}

#[tokio::test]
async fn a_watched_world_is_reloaded_when_it_changes() {
    let files = Files::new(&[("shop.yaml", SHOP), ("leads.yaml", "leads: [{name: Maria}]")]);
    let app = App::with(|config| {
        config.fixtures = Some(files.0.path().to_owned());
        config.watch = true;
    });
    write(&files, "leads: [{name: Nils}, {name: Zoe}]");
    let patience = Instant::now() + Duration::from_secs(10);
    while leads(&app).await.len() != 2 {
        assert!(Instant::now() < patience, "the world is reloaded in time");
        thread::sleep(Duration::from_millis(20));
    }
}
