//! Permanent deletion cascades to dependent documents, and the remaining state can be exported and imported.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT, seed::PROJECT_ID};

async fn export_and_import(app: &App) -> Value {
    let exported = app.nobody().get("/_control/state").await;
    let imported = app.nobody().send(Method::PUT, "/_control/state?sandbox=copy", &[], exported.body.clone()).await;
    assert_eq!(imported.status, 200, "{}", imported.text());
    exported.json()
}

#[tokio::test]
async fn physical_deletion_of_a_project_deletes_all_its_documents() {
    let app = App::new();
    let before = app.nobody().get("/_control/state").await.json();
    let owned = |state: &Value| {
        let collections = state.as_object().expect("collections").values();
        let documents = collections.flat_map(|documents| documents.as_array().expect("documents").iter());
        documents.filter(|document| document["id_project"] == PROJECT_ID).count()
    };
    assert!(owned(&before) > 40, "the project has many documents");
    let path = format!("/v3/projects/{PROJECT_ID}/physical");
    app.owner().delete(&path).await.json_of(200);
    let after = export_and_import(&app).await;
    assert_eq!(owned(&after), 0, "{after:#}");
    assert_eq!(after["users"], before["users"], "accounts are kept");
    assert_eq!(app.owner().get(&format!("{PROJECT}/leads")).await.status, 400, "the project is gone");
}

#[tokio::test]
async fn a_new_project_can_be_deleted_physically() {
    let app = App::new();
    let project = app.owner().post("/v3/projects", json!({"name": "Short-lived"})).await.json_of(200);
    let path = format!("/v3/projects/{}/physical", project["_id"].as_str().expect("an id"));
    app.owner().delete(&path).await.json_of(200);
    export_and_import(&app).await;
}

#[tokio::test]
async fn deleting_an_account_deletes_its_memberships_and_tokens() {
    let app = App::new();
    let user = app.agent().get("/v3/users").await.json_of(200)["_id"].clone();
    let of = |state: &Value| {
        let members = state["project_users"].as_array().expect("members").iter();
        members.filter(|member| member["id_user"] == user).count()
    };
    assert!(of(&app.state().await) > 0);
    app.agent().delete("/v3/users/physical").await.json_of(200);
    assert_eq!(of(&export_and_import(&app).await), 0);
}

#[tokio::test]
async fn deleting_a_bot_deletes_its_intents() {
    let app = App::new();
    let bot = app
        .owner()
        .post(&format!("{PROJECT}/faq_kb"), json!({"name": "Short-lived", "template": "example"}))
        .await
        .json_of(200);
    let bot = bot["_id"].as_str().expect("an id").to_owned();
    let of = |state: &Value| {
        let faqs = state["faqs"].as_array().expect("faqs").iter();
        faqs.filter(|faq| faq["id_faq_kb"] == *bot).count()
    };
    assert!(of(&app.state().await) > 0);
    app.owner().delete(&format!("{PROJECT}/faq_kb/{bot}")).await.json_of(200);
    assert_eq!(of(&export_and_import(&app).await), 0);
}
