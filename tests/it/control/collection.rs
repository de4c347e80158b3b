//! Single documents of any collection: pages, references, edits with and without the rules of the API, and emails.

use serde_json::json;

use crate::support::{
    App, PROJECT,
    seed::{LEAD, PROJECT_ID},
};

const ONE: &str = "/_control/collections/leads/5c81593adf767b0017d1aaff";

#[tokio::test]
async fn collections_are_listed_with_their_counts() {
    let app = App::new();
    let list = app.nobody().get("/_control/collections").await.json_of(200);
    let count = |name: &str| {
        let all = list["collections"].as_array().expect("collections");
        all.iter().find(|one| one["name"] == name).map(|one| one["count"].clone())
    };
    assert_eq!(count("leads"), Some(app.state().await["leads"].as_array().expect("leads").len().into()));
    assert_eq!(count("emails"), Some(json!(0)), "empty ones, too");
}

#[tokio::test]
async fn pages_cover_a_collection_newest_first() {
    let app = App::new();
    let mut expected = Vec::new();
    for number in 0..5 {
        app.advance("1s").await;
        let lead = json!({"lead_id": number.to_string(), "fullname": format!("Paged {number}")});
        let created = app.agent().post(&format!("{PROJECT}/leads"), lead).await.json_of(200);
        expected.insert(0, created["_id"].clone());
    }
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/_control/collections/leads?q=paged&limit=2{after}");
        let page = app.nobody().get(&path).await.json_of(200);
        assert_eq!(page["count"], 5);
        ids.extend(page["items"].as_array().expect("items").iter().map(|item| item["_id"].clone()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(ids, expected);
    let unknown = app.nobody().get("/_control/collections/lead").await.json_of(404);
    assert!(unknown["title"].as_str().is_some_and(|title| title.contains("did you mean `leads`?")), "{unknown}");
}

#[tokio::test]
async fn lists_mask_secrets_and_searches_ignore_them() {
    let app = App::new();
    let users = app.nobody().get("/_control/collections/users").await.json_of(200);
    assert!(!users.to_string().contains("123456"), "{users}");
    assert_eq!(app.nobody().get("/_control/collections/users?q=123456").await.json_of(200)["count"], 0);
}

#[tokio::test]
async fn references_to_a_document_are_listed() {
    let app = App::new();
    let project = app.nobody().get(&format!("/_control/collections/projects/{PROJECT_ID}")).await.json_of(200);
    assert_eq!((&project["document"]["_id"], &project["operation"]), (&json!(PROJECT_ID), &json!("update_project")));
    let references = project["references"].as_array().expect("references");
    let lead = references.iter().find(|one| one["id"] == LEAD).expect("the lead belongs to the project");
    assert_eq!((&lead["collection"], &lead["field"]), (&json!("leads"), &json!("/id_project")));
    app.nobody().get("/_control/collections/leads/000000000000000000000000").await.json_of(404);
}

#[tokio::test]
async fn a_document_is_updated_through_the_api() {
    let app = App::new();
    let path = format!("/_control/collections/leads/{LEAD}");
    let mut lead = app.nobody().get(&path).await.json_of(200)["document"].clone();
    assert_eq!(app.nobody().put(&path, lead.clone()).await.json_of(200)["document"], lead, "nothing differs");
    lead["company"] = json!("Ada & Co");
    app.advance("1s").await;
    let updated = app.nobody().put(&path, lead.clone()).await.json_of(200);
    assert_eq!(updated["document"]["company"], "Ada & Co");
    assert_eq!(updated["document"]["updatedAt"], "2026-01-01T12:00:01.000Z", "as the API does");
    let calls = app.nobody().get("/_control/journal?operation=update_lead&status=200").await.json_of(200);
    assert_eq!((&calls["count"], &calls["calls"][0]["body"]), (&json!(1), &json!({"company": "Ada & Co"})));
}

#[tokio::test]
async fn rules_of_the_api_reject_a_document() {
    let app = App::new();
    let path = format!("/_control/collections/leads/{LEAD}");
    let before = app.state().await;
    let mut lead = app.nobody().get(&path).await.json_of(200)["document"].clone();
    lead["createdAt"] = json!("2020-01-01T00:00:00.000Z");
    let problem = app.nobody().put(&path, lead).await.json_of(422);
    assert_eq!(problem["errors"][0]["pointer"], "/createdAt", "{problem}");
    let user = before["users"][0].clone();
    let path = format!("/_control/collections/users/{}", user["_id"].as_str().expect("an id"));
    let mut user = user;
    user["firstname"] = json!("Other");
    let problem = app.nobody().put(&path, user).await.json_of(422);
    assert!(problem["errors"][0]["detail"].as_str().is_some_and(|text| text.contains("raw=true")), "{problem}");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_raw_write_accepts_valid_fixtures() {
    let app = App::new();
    let path = format!("/_control/collections/leads/{LEAD}?raw=true");
    let mut lead = app.nobody().get(&path.replace("?raw=true", "")).await.json_of(200)["document"].clone();
    lead["createdAt"] = json!("2020-01-01T00:00:00.000Z");
    let written = app.nobody().put(&path, lead.clone()).await.json_of(200);
    assert_eq!(written["document"], lead, "`updatedAt` stays as it is");
    let mut new = lead.clone();
    new["_id"] = json!("5c81593adf767b0017d1aaff");
    assert_eq!(app.nobody().put(&format!("{ONE}?raw=true"), new.clone()).await.json_of(200)["document"], new);
    let before = app.state().await;
    for (field, value, pointer, detail) in [
        ("fullname", json!(5), "/fullname", "expected a string"),
        ("colour", json!("red"), "/colour", "expected one of"),
        ("_id", json!(LEAD), "/_id", "the id in the path"),
        ("id_project", json!("000000000000000000000000"), "/id_project", "existing project"),
    ] {
        let mut wrong = new.clone();
        wrong[field] = value;
        let problem = app.nobody().put(&format!("{ONE}?raw=true"), wrong).await.json_of(422)["errors"][0].clone();
        assert_eq!(problem["pointer"], pointer, "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains(detail)), "{problem}");
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn removing_a_project_also_removes_its_documents() {
    let app = App::new();
    let path = format!("/_control/collections/leads/{LEAD}");
    assert_eq!(app.nobody().delete(&path).await.json_of(200), json!({"collection": "leads", "id": LEAD}));
    app.nobody().delete(&path).await.json_of(404);
    app.nobody().delete(&format!("/_control/collections/projects/{PROJECT_ID}")).await.json_of(200);
    let left = app.state().await;
    assert!(!left.to_string().contains(&format!("\"id_project\":\"{PROJECT_ID}\"")), "no orphans");
    assert_eq!(app.nobody().put("/_control/state", left.clone()).await.json_of(200), left);
}

#[tokio::test]
async fn unsent_emails_are_listed() {
    let app = App::new();
    let empty = app.nobody().get("/_control/emails").await.json_of(200);
    assert_eq!(empty, json!({"count": 0, "items": []}));
    let mut state = app.state().await;
    let email = |id: &str, text: &str| {
        json!({"_id": id, "to": "ada@example.com", "subject": "Hello", "text": text, "id_project": PROJECT_ID,
               "createdBy": "system", "createdAt": "2026-01-01T12:00:00.000Z"})
    };
    let (first, second) = ("5c81593adf767b0017d1aa01", "5c81593adf767b0017d1aa02");
    state["emails"] = json!([email(first, "One"), email(second, "Two")]);
    app.nobody().put("/_control/state", state).await.json_of(200);
    let list = app.nobody().get("/_control/emails").await.json_of(200);
    assert_eq!(
        (&list["count"], &list["items"][0]["text"], &list["items"][0]["kind"]),
        (&json!(2), &json!("One"), &json!("project"))
    );
    let rest = app.nobody().get(&format!("/_control/emails?after={first}")).await.json_of(200);
    assert_eq!((&rest["count"], &rest["items"][0]["id"]), (&json!(1), &json!(second)));
}

#[tokio::test]
async fn presets_can_be_added_as_they_are_listed() {
    let app = App::new();
    let list = app.nobody().get("/_control/faults/presets").await.json_of(200);
    let names: Vec<_> = list["presets"].as_array().expect("presets").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["flaky", "slow", "down"]);
    for preset in list["presets"].as_array().expect("presets") {
        let added = app.nobody().post("/_control/faults", preset["fault"].clone()).await.json_of(200);
        assert_eq!(added["name"], preset["name"], "{preset}");
    }
    app.nobody().delete("/_control/faults").await.json_of(200);
    app.nobody().post("/_control/faults", list["presets"][2]["fault"].clone()).await.json_of(200);
    let down = app.agent().get(&format!("{PROJECT}/leads")).await;
    assert_eq!((down.status.as_u16(), down.header("retry-after")), (503, Some("30")));
}
