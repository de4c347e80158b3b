//! Events beyond the documented exchanges: who may post and read them, and when they expire.

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{AGENT, PROJECT_ID, SALES},
};

/// The project with events in the default world, and a visitor who posted some of them.
const SHOP: &str = "/v3/5ad5bd52c975820014ba900a";
const SARA: &str = "2a8c4d73-8f2b-4fbd-b12c-4b6c3f9ebd03";

fn events(suffix: &str) -> String {
    format!("{PROJECT}/events{suffix}")
}

fn names(page: &Value) -> Vec<&str> {
    let events = page["events"].as_array().expect("a list").iter();
    events.map(|event| event["name"].as_str().expect("a string")).collect()
}

#[tokio::test]
async fn an_event_of_a_visitor_is_read_by_the_team() {
    let app = App::new();
    let (guest, agent) = (app.guest().await, app.agent());
    let sent = json!({"name": "cart.filled", "attributes": {"items": [1, 2]}, "status": "mine", "createdBy": "me"});
    let posted = guest.post(&events(""), sent).await.json_of(200);
    assert_eq!((&posted["name"], &posted["attributes"]), (&json!("cart.filled"), &json!({"items": [1, 2]})));
    assert_eq!(posted["status"], "stardard", "the default status, misspelled as in the API");
    assert_eq!((&posted["id_project"], &posted["createdAt"]), (&json!(PROJECT_ID), &json!("2026-01-01T12:00:00.000Z")));
    let members = agent.get(&format!("{PROJECT}/project_users?role=guest")).await.json_of(200);
    let member = members.as_array().and_then(|all| all.last()).expect("a guest").clone();
    assert_eq!((&posted["project_user"], &posted["createdBy"]), (&member["_id"], &member["uuid_user"]));
    assert!(posted.get("user").is_none() && posted.get("id").is_none(), "present in webhooks, not in responses");

    let path = events(&format!("/{}", posted["_id"].as_str().expect("an id")));
    assert_eq!(agent.get(&path).await.json_of(200), posted);
    assert_eq!(agent.get(&events("")).await.json_of(200), json!({"perPage": 40, "count": 1, "events": [posted]}));
    assert_eq!(guest.get(&events("")).await.status, 403);
    let bare = agent.post(&events(""), json!({"name": "bare", "attributes": null})).await.json_of(200);
    assert!(bare.get("attributes").is_none());
    assert_eq!(bare["createdBy"], AGENT);
}

#[tokio::test]
async fn lists_are_sorted_paged_and_filtered_by_member() {
    let app = App::new();
    let (guest, agent) = (app.guest().await, app.agent());
    for number in 0..41 {
        guest.post(&events(""), json!({"name": format!("e{number:02}")})).await.json_of(200);
    }
    let posted = agent.post(&events(""), json!({"name": "a"})).await.json_of(200);
    let list = async |query: &str| agent.get(&events(query)).await.json_of(200);
    let first = list("").await;
    assert_eq!((&first["count"], names(&first).len()), (&json!(42), 40));
    assert_eq!(names(&first)[..2], ["a", "e40"], "newest first");
    assert_eq!(names(&list("?page=1").await), ["e01", "e00"]);
    assert_eq!(names(&list("?page=2").await).len(), 0);
    assert_eq!(names(&list("?limit=1").await).len(), 40, "the page size is fixed");
    assert_eq!(names(&list("?direction=1&page=1").await), ["e40", "a"]);
    for query in ["?sortField=name", "?sort=name", "?sort=createdBy&sortField=name"] {
        assert_eq!(names(&list(&format!("{query}&direction=1")).await)[..2], ["a", "e00"], "{query}");
    }
    let own = posted["project_user"].as_str().expect("an id");
    assert_eq!(names(&list(&format!("?project_user={own}")).await), ["a"]);
    assert_eq!(names(&list("?project_user=nobody").await).len(), 0);
    assert_eq!(agent.get(&events("?page=-1")).await.status, 422);
    assert_eq!(agent.get(&events("?direction=up")).await.status, 422);
}

#[tokio::test]
async fn events_expire_after_an_hour() {
    let app = App::new();
    let owner = app.owner();
    let state = app.state().await;
    let all = state["events"].as_array().expect("events");
    assert_eq!(all.len(), 5);
    let path = |event: &Value| format!("{SHOP}/events/{}", event["_id"].as_str().expect("an id"));
    assert_eq!(owner.get(&path(&all[0])).await.json_of(404)["msg"], "Object not found.");
    owner.get(&path(&all[1])).await.json_of(200);
    let page = owner.get(&format!("{SHOP}/events")).await.json_of(200);
    assert_eq!(names(&page), ["order.paid", "typing.start", "page.view", "page.view"]);
    let mut edge = state.clone();
    edge["events"][1]["createdAt"] = json!("2026-01-01T11:00:00.000Z");
    edge["events"][2]["createdAt"] = json!("2026-01-01T11:00:00.001Z");
    app.nobody().put("/_control/state", edge).await.json_of(200);
    owner.get(&path(&all[1])).await.json_of(404);
    owner.get(&path(&all[2])).await.json_of(200);
    owner.post(&format!("{SHOP}/events"), json!({"name": "new"})).await.json_of(200);
    let left = app.state().await;
    let left: Vec<_> = left["events"].as_array().expect("events").iter().map(|event| event["name"].clone()).collect();
    assert_eq!(
        left,
        ["page.view", "typing.start", "order.paid", "new"],
        "expired events are removed when a new one is posted"
    );
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let guest = app.guest().await;
    let before = app.state().await;
    for (body, field) in [
        (json!({}), "name"),
        (json!([]), ""),
        (json!({"name": ""}), "name"),
        (json!({"name": null}), "name"),
        (json!({"name": {}}), "name"),
        (json!({"name": "a", "attributes": "b"}), "attributes"),
        (json!({"name": "a", "attributes": [1]}), "attributes"),
    ] {
        let answer = guest.post(&events(""), body.clone()).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{body}");
    }
    guest.post(&events(""), json!({"name": "x".repeat(512_000)})).await.json_of(413);
    guest.post(&format!("{SHOP}/events"), json!({"name": "elsewhere"})).await.json_of(403);
    let foreign = before["events"][4]["_id"].as_str().expect("an id");
    for id in ["0", "twelve-chars", "5ed77c22c9ad019b18984900", foreign] {
        assert_eq!(app.owner().get(&events(&format!("/{id}"))).await.json_of(404)["msg"], "Object not found.", "{id}");
    }
    assert_eq!(app.owner().get(&events("")).await.json_of(200)["count"], 0, "the events belong to another project");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_member_of_another_project_matches_no_events() {
    let app = App::new();
    let state = app.state().await;
    let members = state["project_users"].as_array().expect("members");
    let sara = members.iter().find(|member| member["uuid_user"] == SARA).expect("the visitor is a member");
    let query = format!("?project_user={}", sara["_id"].as_str().expect("an id"));
    assert_eq!(app.owner().get(&format!("{SHOP}/events{query}")).await.json_of(200)["count"], 3);
    assert_eq!(app.owner().get(&events(&query)).await.json_of(200)["count"], 0);
}

#[tokio::test]
async fn a_fully_abandoned_request_emits_a_system_event() {
    let app = App::new();
    let owner = app.owner();
    owner
        .put(
            &format!("/v3/projects/{PROJECT_ID}"),
            json!({"settings": {"max_agent_assigned_chat": 5, "chat_limit_on": true}}),
        )
        .await
        .json_of(200);
    let path = format!("{PROJECT}/requests/left");
    let sales = SALES;
    let body = json!({"first_text": "Hello", "request_id": "left", "departmentid": sales});
    owner.post(&format!("{PROJECT}/requests"), body).await.json_of(200);
    for _ in 0..4 {
        let request = owner.get(&path).await.json_of(200);
        if let Some(user) = request["participants"][0].as_str() {
            owner.delete(&format!("{path}/participants/{user}")).await.json_of(200);
        }
        owner.put(&format!("{path}/departments"), json!({"departmentid": sales})).await.json_of(200);
    }
    assert_eq!(owner.get(&path).await.json_of(200)["status"], 150);
    let page = owner.get(&events("")).await.json_of(200);
    assert_eq!(names(&page), ["request.fully_abandoned"], "once");
    let event = &page["events"][0];
    assert_eq!((&event["createdBy"], event.get("project_user")), (&json!("system"), None));
    assert_eq!(event["attributes"], json!({"request_id": "left"}));
}
