//! Labels beyond the documented exchanges: fallbacks, the default language, and what is built in.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

/// A project without labels.
const EMPTY: &str = "/v3/5ab0f32757066e0014bfd718";

fn labels(project: &str, suffix: &str) -> String {
    format!("{project}/labels{suffix}")
}

/// The languages of a project, and which of them is the default one.
async fn languages(app: &App, project: &str) -> Vec<(String, bool)> {
    let whole = app.nobody().get(&labels(project, "")).await.expect(200);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let all = whole["data"].as_array().expect("languages").iter();
    all.map(|language| (text(&language["lang"]), language["default"] == true)).collect()
}

/// What a language is answered with.
async fn shown(app: &App, project: &str, lang: &str) -> String {
    let answer = app.nobody().get(&labels(project, &format!("/{lang}"))).await.expect(200);
    answer["lang"].as_str().expect("a text").to_owned()
}

fn pairs(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|(lang, default)| ((*lang).to_owned(), *default)).collect()
}

#[tokio::test]
async fn the_first_language_makes_the_document_and_is_the_default() {
    let app = App::new();
    let owner = app.owner();
    assert_eq!(app.nobody().get(&labels(EMPTY, "")).await.expect(200), json!({}));
    assert_eq!(shown(&app, EMPTY, "FR").await, "EN", "as it is built in");
    let written = owner.post(&labels(EMPTY, ""), json!({"lang": "FR", "data": {"BACK": "Retour"}})).await.expect(200);
    assert_eq!((&written["lang"], &written["default"]), (&json!("FR"), &json!(true)));
    assert_eq!(written["data"], json!({"BACK": "Retour"}));
    assert_eq!(app.nobody().get(&labels(EMPTY, "/FR")).await.expect(200), written);
    let whole = app.nobody().get(&labels(EMPTY, "")).await.expect(200);
    assert_eq!((&whole["data"], &whole["__v"]), (&json!([written]), &json!(0)));
    assert_eq!((&whole["createdBy"], &whole["id_project"]), (&json!("5ab11c6b83dc240014d46095"), &json!(EMPTY[4..])));

    owner.post(&labels(EMPTY, ""), json!({"lang": "andrea", "data": {}})).await.expect(200);
    assert_eq!(languages(&app, EMPTY).await, pairs(&[("FR", true), ("andrea", false)]));
    let moved = json!({"lang": "DE", "data": {"BACK": "Zurück"}, "default": true});
    assert_eq!(owner.post(&labels(EMPTY, ""), moved).await.expect(200)["default"], true);
    assert_eq!(languages(&app, EMPTY).await, pairs(&[("FR", false), ("andrea", false), ("DE", true)]));
    assert_eq!(app.nobody().get(&labels(EMPTY, "")).await.expect(200)["__v"], 2);
}

#[tokio::test]
async fn writing_a_language_again_replaces_it() {
    let app = App::new();
    let admin = app.admin();
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("IT", true), ("EN", false)]));
    for default in [Value::Null, json!(false)] {
        let sent = json!({"lang": "IT", "data": {"NO": "no"}, "default": default});
        let written = admin.post(&labels(PROJECT, ""), sent).await.expect(200);
        assert_eq!((&written["data"], &written["default"]), (&json!({"NO": "no"}), &json!(false)));
    }
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("IT", false), ("EN", false)]), "in its place, and no default");
    assert_eq!(shown(&app, PROJECT, "FR").await, "EN");
    admin.patch(&labels(PROJECT, "/IT/default"), json!({})).await.expect(200);
    let cloned = admin.post(&labels(PROJECT, "/default/clone"), json!({"lang": "IT"})).await.expect(200);
    assert_eq!(cloned["data"][0]["data"]["GUEST_LABEL"], "Ospite");
    assert_eq!(cloned["data"][0]["default"], false);
}

#[tokio::test]
async fn a_language_that_is_not_there_is_answered_with_another() {
    let app = App::new();
    let owner = app.owner();
    assert_eq!(shown(&app, PROJECT, "EN").await, "EN");
    assert_eq!(shown(&app, PROJECT, "en").await, "IT", "codes are compared as they are written");
    assert_eq!(shown(&app, PROJECT, "FR").await, "IT");
    owner.patch(&labels(PROJECT, "/EN/default"), json!({})).await.expect(200);
    assert_eq!(shown(&app, PROJECT, "FR").await, "EN");
    let built_in = app.nobody().get(&labels(EMPTY, "/XX")).await.expect(200);
    assert_eq!(built_in, app.nobody().get(&labels(EMPTY, "/default/EN")).await.expect(200));
    owner.post(&labels(EMPTY, "/default/clone"), json!({"lang": "EN"})).await.expect(200);
    assert_eq!(shown(&app, EMPTY, "IT").await, "EN");
}

#[tokio::test]
async fn the_default_language_moves_and_stays() {
    let app = App::new();
    let admin = app.admin();
    let version = async || {
        let state = app.state().await;
        let mut all = state["labels"].as_array().expect("labels").iter();
        all.find(|labels| labels["id_project"] == PROJECT[4..]).expect("they are there")["__v"].as_u64()
    };
    let before = version().await;
    let set = admin.send(Method::PATCH, &labels(PROJECT, "/EN/default"), &[], "").await.expect(200);
    assert_eq!((&set["lang"], &set["default"]), (&json!("EN"), &json!(true)));
    assert_eq!(version().await, before.map(|version| version + 1));
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("IT", false), ("EN", true)]));
    let before = app.state().await;
    let unknown = json!({"success": false, "msg": "Lang not found"});
    for path in [labels(PROJECT, "/FR/default"), labels(PROJECT, "/en/default")] {
        assert_eq!(admin.patch(&path, json!({})).await.expect(404), unknown);
    }
    assert_eq!(app.owner().patch(&labels(EMPTY, "/EN/default"), json!({})).await.expect(404), unknown);
    let refused = admin.delete(&labels(PROJECT, "/EN")).await.expect(400);
    assert_eq!(refused["msg"], "You can't delete the default language.");
    for path in [labels(PROJECT, "/FR"), labels(EMPTY, "/EN")] {
        assert_eq!(app.owner().delete(&path).await.expect(404)["msg"], "Object not found.");
    }
    assert_eq!(app.state().await, before);
    let before = version().await;
    assert_eq!(admin.delete(&labels(PROJECT, "/IT")).await.expect(200)["lang"], "EN", "what is shown in its place");
    assert_eq!(version().await, before.map(|version| version + 1));
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("EN", true)]));
}

#[tokio::test]
async fn all_labels_can_be_removed_and_begun_anew() {
    let app = App::new();
    let admin = app.admin();
    assert_eq!(admin.delete(&labels(PROJECT, "")).await.expect(200)["deletedCount"], 1);
    assert_eq!(app.nobody().get(&labels(PROJECT, "")).await.expect(200), json!({}));
    let nothing = json!({"n": 0, "ok": 1, "deletedCount": 0});
    assert_eq!(admin.delete(&labels(PROJECT, "/")).await.expect(200), nothing);
    admin.post(&labels(PROJECT, "/default/clone"), json!({"lang": "AR"})).await.expect(200);
    assert_eq!(languages(&app, PROJECT).await, pairs(&[("AR", true)]));
}

#[tokio::test]
async fn what_is_built_in_is_cloned_and_is_the_same_everywhere() {
    let app = App::new();
    let all = app.nobody().get(&labels(PROJECT, "/default")).await.expect(200);
    assert_eq!(all.as_array().map(Vec::len), Some(15));
    assert_eq!(app.nobody().get(&labels(EMPTY, "/default")).await.expect(200), all);
    let german = app.nobody().get(&labels(PROJECT, "/default/DE")).await.expect(200);
    assert!(all.as_array().expect("a list").contains(&german));
    assert_eq!((german.get("_id"), german.get("default")), (None, None));
    app.nobody().get(&labels(PROJECT, "/default/de")).await.expect(404);
    let owner = app.owner();
    let cloned = owner.post(&labels(EMPTY, "/default/clone"), json!({"lang": "DE"})).await.expect(200);
    assert_eq!((&cloned["data"][0]["lang"], &cloned["data"][0]["data"]), (&json!("DE"), &german["data"]));
    let unknown = owner.post(&labels(EMPTY, "/default/clone"), json!({"lang": "ARR"})).await.expect(200);
    assert_eq!(unknown["data"][1]["lang"], "ARR");
    assert_eq!(unknown["data"][1]["data"]["GUEST_LABEL"], "Guest", "others get the English texts");
    assert_eq!(unknown["data"][1]["default"], false);
    assert_eq!(app.nobody().get(&labels(EMPTY, "/default")).await.expect(200), all, "clones are copies");
}

#[tokio::test]
async fn bad_bodies_are_refused_and_change_nothing() {
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
        let answer = admin.post(&labels(PROJECT, ""), body.clone()).await.expect(422);
        assert_eq!(answer["errors"][0]["param"], field, "{body}");
    }
    for body in [json!({}), json!({"lang": ""}), json!({"lang": {}})] {
        let answer = admin.post(&labels(PROJECT, "/default/clone"), body).await.expect(422);
        assert_eq!(answer["errors"][0]["param"], "lang");
    }
    assert_eq!(app.state().await, before);
}
