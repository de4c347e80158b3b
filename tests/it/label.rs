//! Labels beyond the documented exchanges: fallbacks, the default language, and built-in labels.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{OTHER_PROJECT, OTHER_PROJECT_ID, OWNER, PROJECT_ID},
};

fn labels(project: &str, suffix: &str) -> String {
    format!("{project}/labels{suffix}")
}

/// The languages of a project, with a flag for the default.
async fn languages(app: &App, project: &str) -> Vec<(String, bool)> {
    let whole = app.nobody().get(&labels(project, "")).await.json_of(200);
    let text = |value: &Value| value.as_str().expect("a string").to_owned();
    let all = whole["data"].as_array().expect("languages").iter();
    all.map(|language| (text(&language["lang"]), language["default"] == true)).collect()
}

/// The language returned for a requested one.
async fn shown(app: &App, project: &str, lang: &str) -> String {
    let answer = app.nobody().get(&labels(project, &format!("/{lang}"))).await.json_of(200);
    answer["lang"].as_str().expect("a string").to_owned()
}

fn pairs(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|(lang, default)| ((*lang).to_owned(), *default)).collect()
}

#[tokio::test]
async fn the_first_language_creates_the_document_and_becomes_the_default() {
    let app = App::new();
    let owner = app.owner();
    assert_eq!(app.nobody().get(&labels(OTHER_PROJECT, "")).await.json_of(200), json!({}));
    assert_eq!(shown(&app, OTHER_PROJECT, "FR").await, "EN", "the built-in labels");
    let written =
        owner.post(&labels(OTHER_PROJECT, ""), json!({"lang": "FR", "data": {"BACK": "Retour"}})).await.json_of(200);
    assert_eq!((&written["lang"], &written["default"]), (&json!("FR"), &json!(true)));
    assert_eq!(written["data"], json!({"BACK": "Retour"}));
    assert_eq!(app.nobody().get(&labels(OTHER_PROJECT, "/FR")).await.json_of(200), written);
    let whole = app.nobody().get(&labels(OTHER_PROJECT, "")).await.json_of(200);
    assert_eq!((&whole["data"], &whole["__v"]), (&json!([written]), &json!(0)));
    assert_eq!((&whole["createdBy"], &whole["id_project"]), (&json!(OWNER), &json!(OTHER_PROJECT_ID)));

    owner.post(&labels(OTHER_PROJECT, ""), json!({"lang": "andrea", "data": {}})).await.json_of(200);
    assert_eq!(languages(&app, OTHER_PROJECT).await, pairs(&[("FR", true), ("andrea", false)]));
    let moved = json!({"lang": "DE", "data": {"BACK": "Zurück"}, "default": true});
    assert_eq!(owner.post(&labels(OTHER_PROJECT, ""), moved).await.json_of(200)["default"], true);
    assert_eq!(languages(&app, OTHER_PROJECT).await, pairs(&[("FR", false), ("andrea", false), ("DE", true)]));
    assert_eq!(app.nobody().get(&labels(OTHER_PROJECT, "")).await.json_of(200)["__v"], 2);
}

#[tokio::test]
async fn writing_a_language_again_replaces_it() {
    let app = App::new();
    let admin = app.admin();
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("IT", true), ("EN", false)]));
    for default in [Value::Null, json!(false)] {
        let sent = json!({"lang": "IT", "data": {"NO": "no"}, "default": default});
        let written = admin.post(&labels(PROJECT, ""), sent).await.json_of(200);
        assert_eq!((&written["data"], &written["default"]), (&json!({"NO": "no"}), &json!(false)));
    }
    assert_eq!(
        languages(&app, PROJECT).await,
        pairs(&[("IT", false), ("EN", false)]),
        "in its place, and no longer the default"
    );
    assert_eq!(shown(&app, PROJECT, "FR").await, "EN");
    admin.patch(&labels(PROJECT, "/IT/default"), json!({})).await.json_of(200);
    let cloned = admin.post(&labels(PROJECT, "/default/clone"), json!({"lang": "IT"})).await.json_of(200);
    assert_eq!(cloned["data"][0]["data"]["GUEST_LABEL"], "Ospite");
    assert_eq!(cloned["data"][0]["default"], false);
}

#[tokio::test]
async fn a_missing_language_falls_back_to_another() {
    let app = App::new();
    let owner = app.owner();
    assert_eq!(shown(&app, PROJECT, "EN").await, "EN");
    assert_eq!(shown(&app, PROJECT, "en").await, "IT", "codes are case-sensitive");
    assert_eq!(shown(&app, PROJECT, "FR").await, "IT");
    owner.patch(&labels(PROJECT, "/EN/default"), json!({})).await.json_of(200);
    assert_eq!(shown(&app, PROJECT, "FR").await, "EN");
    let built_in = app.nobody().get(&labels(OTHER_PROJECT, "/XX")).await.json_of(200);
    assert_eq!(built_in, app.nobody().get(&labels(OTHER_PROJECT, "/default/EN")).await.json_of(200));
    owner.post(&labels(OTHER_PROJECT, "/default/clone"), json!({"lang": "EN"})).await.json_of(200);
    assert_eq!(shown(&app, OTHER_PROJECT, "IT").await, "EN");
}

#[tokio::test]
async fn the_default_language_can_be_moved_but_not_deleted() {
    let app = App::new();
    let admin = app.admin();
    let version = async || {
        let state = app.state().await;
        let mut all = state["labels"].as_array().expect("labels").iter();
        all.find(|labels| labels["id_project"] == PROJECT_ID).expect("the project has labels")["__v"].as_u64()
    };
    let before = version().await;
    let set = admin.send(Method::PATCH, &labels(PROJECT, "/EN/default"), &[], "").await.json_of(200);
    assert_eq!((&set["lang"], &set["default"]), (&json!("EN"), &json!(true)));
    assert_eq!(version().await, before.map(|version| version + 1));
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("IT", false), ("EN", true)]));
    let before = app.state().await;
    let unknown = json!({"success": false, "msg": "Lang not found"});
    for path in [labels(PROJECT, "/FR/default"), labels(PROJECT, "/en/default")] {
        assert_eq!(admin.patch(&path, json!({})).await.json_of(404), unknown);
    }
    assert_eq!(app.owner().patch(&labels(OTHER_PROJECT, "/EN/default"), json!({})).await.json_of(404), unknown);
    let refused = admin.delete(&labels(PROJECT, "/EN")).await.json_of(400);
    assert_eq!(refused["msg"], "You can't delete the default language.");
    for path in [labels(PROJECT, "/FR"), labels(OTHER_PROJECT, "/EN")] {
        assert_eq!(app.owner().delete(&path).await.json_of(404)["msg"], "Object not found.");
    }
    assert_eq!(app.state().await, before);
    let before = version().await;
    assert_eq!(
        admin.delete(&labels(PROJECT, "/IT")).await.json_of(200)["lang"],
        "EN",
        "the language that now replaces it"
    );
    assert_eq!(version().await, before.map(|version| version + 1));
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("EN", true)]));
}

#[tokio::test]
async fn labels_can_be_deleted_and_recreated() {
    let app = App::new();
    let admin = app.admin();
    assert_eq!(admin.delete(&labels(PROJECT, "")).await.json_of(200)["deletedCount"], 1);
    assert_eq!(app.nobody().get(&labels(PROJECT, "")).await.json_of(200), json!({}));
    let nothing = json!({"n": 0, "ok": 1, "deletedCount": 0});
    assert_eq!(admin.delete(&labels(PROJECT, "/")).await.json_of(200), nothing);
    admin.post(&labels(PROJECT, "/default/clone"), json!({"lang": "AR"})).await.json_of(200);
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("AR", true)]));
}

#[tokio::test]
async fn built_in_labels_are_shared_and_can_be_cloned() {
    let app = App::new();
    let all = app.nobody().get(&labels(PROJECT, "/default")).await.json_of(200);
    assert_eq!(all.as_array().map(Vec::len), Some(15));
    assert_eq!(app.nobody().get(&labels(OTHER_PROJECT, "/default")).await.json_of(200), all);
    let german = app.nobody().get(&labels(PROJECT, "/default/DE")).await.json_of(200);
    assert!(all.as_array().expect("a list").contains(&german));
    assert_eq!((german.get("_id"), german.get("default")), (None, None));
    app.nobody().get(&labels(PROJECT, "/default/de")).await.json_of(404);
    let owner = app.owner();
    let cloned = owner.post(&labels(OTHER_PROJECT, "/default/clone"), json!({"lang": "DE"})).await.json_of(200);
    assert_eq!((&cloned["data"][0]["lang"], &cloned["data"][0]["data"]), (&json!("DE"), &german["data"]));
    let unknown = owner.post(&labels(OTHER_PROJECT, "/default/clone"), json!({"lang": "ARR"})).await.json_of(200);
    assert_eq!(unknown["data"][1]["lang"], "ARR");
    assert_eq!(unknown["data"][1]["data"]["GUEST_LABEL"], "Guest", "other languages get the English texts");
    assert_eq!(unknown["data"][1]["default"], false);
    assert_eq!(app.nobody().get(&labels(OTHER_PROJECT, "/default")).await.json_of(200), all, "clones are copies");
}

#[tokio::test]
async fn invalid_bodies_are_rejected_and_change_nothing() {
    let app = App::new();
    let admin = app.admin();
    let before = app.state().await;
    for (body, field) in [
        (json!([]), ""),
        (json!({"data": {}}), "lang"),
        (json!({"lang": "", "data": {}}), "lang"),
        (json!({"lang": {}, "data": {}}), "lang"),
        (json!({"lang": "EN"}), "data"),
        (json!({"lang": "EN", "data": null}), "data"),
        (json!({"lang": "EN", "data": ["x"]}), "data"),
        (json!({"lang": "EN", "data": {}, "default": "maybe"}), "default"),
    ] {
        let answer = admin.post(&labels(PROJECT, ""), body.clone()).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{body}");
    }
    for body in [json!({}), json!({"lang": ""}), json!({"lang": {}})] {
        let answer = admin.post(&labels(PROJECT, "/default/clone"), body).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], "lang");
    }
    assert_eq!(app.state().await, before);
}
