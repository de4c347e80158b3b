//! Groups beyond the documented exchanges: their lifecycle, and their effect on departments.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{ADMIN, ADMIN_MEMBER, AGENT, GROUP, OTHER_PROJECT, OUTSIDER, OWNER, PROJECT_ID, SALES},
};

const SECOND: &str = "68c9156171b6b900145f117b";

fn groups(suffix: &str) -> String {
    format!("{PROJECT}/groups{suffix}")
}

fn one(id: &str) -> String {
    groups(&format!("/{id}"))
}

/// The names of the listed groups.
async fn listed(app: &App, query: &str) -> Vec<String> {
    let list = app.agent().get(&groups(query)).await.json_of(200);
    list.as_array().expect("a list").iter().map(|group| group["name"].as_str().expect("a string").to_owned()).collect()
}

async fn route_to(app: &App, group: &str) {
    app.admin().patch(&format!("{PROJECT}/departments/{SALES}"), json!({"id_group": group})).await.json_of(200);
}

/// The users who serve the department.
async fn agents(app: &App) -> Vec<String> {
    let answer = app.agent().get(&format!("{PROJECT}/departments/{SALES}/operators")).await.json_of(200);
    let agents = answer["agents"].as_array().expect("a list").iter();
    agents.map(|agent| agent["id_user"].as_str().expect("the id is a string").to_owned()).collect()
}

#[tokio::test]
async fn groups_are_created_read_updated_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let created =
        agent.post(&groups(""), json!({"name": "Third", "members": [AGENT, ADMIN, OWNER]})).await.json_of(200);
    assert_eq!(created["members"], json!([AGENT, ADMIN, OWNER]), "in this order");
    assert_eq!((&created["trashed"], &created["enabled"]), (&json!(false), &json!(true)));
    assert_eq!((&created["createdBy"], &created["id_project"]), (&json!(AGENT), &json!(PROJECT_ID)));
    let path = one(created["_id"].as_str().expect("the id is a string"));
    assert_eq!(agent.get(&path).await.json_of(200), created);
    assert_eq!(listed(&app, "").await, ["gruppo1", "gruppo2", "First line", "Second line", "Third"]);

    let sent = json!({"name": "Last", "members": [ADMIN], "attributes": {"a": 1, "b": 2}, "enabled": false});
    let updated = agent.put(&path, sent).await.json_of(200);
    assert_eq!((&updated["name"], &updated["members"]), (&json!("Last"), &json!([ADMIN])));
    assert_eq!(updated["enabled"], true, "`enabled` has its own operations");
    let absent = json!({"name": null, "members": null, "attributes": null, "trashed": null});
    assert_eq!(agent.put(&path, absent).await.json_of(200), updated, "null changes nothing");
    let replaced = agent.put(&path, json!({"attributes": {"c": 1}, "members": []})).await.json_of(200);
    assert_eq!((&replaced["attributes"], &replaced["members"]), (&json!({"c": 1}), &json!([])));

    let deleted = agent.delete(&path).await.json_of(200);
    assert_eq!((&deleted["trashed"], &deleted["enabled"]), (&json!(true), &json!(false)));
    assert_eq!(agent.get(&path).await.json_of(200), deleted, "a deleted group can still be read");
    assert_eq!(listed(&app, "").await, ["gruppo1", "gruppo2", "First line", "Second line"]);
    agent.put(&path, json!({"trashed": false})).await.json_of(200);
    assert_eq!(listed(&app, "").await.len(), 5);
    agent.put(&path, json!({"trashed": true})).await.json_of(200);
    assert_eq!(listed(&app, "").await.len(), 4);
    let removed = agent.delete(&format!("{path}?force=true")).await.json_of(200);
    assert_eq!(removed["_id"], created["_id"]);
    agent.get(&path).await.json_of(404);
}

#[tokio::test]
async fn only_force_true_deletes_a_group_permanently() {
    for (query, status) in [("", 200), ("?force=1", 200), ("?force=True", 200), ("?force=true", 404)] {
        let app = App::new();
        app.agent().delete(&format!("{}{query}", one(GROUP))).await.json_of(200);
        assert_eq!(app.agent().get(&one(GROUP)).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn the_list_is_filtered_by_member_and_includes_disabled_groups() {
    let app = App::new();
    app.agent().put(&groups(&format!("/disable/{GROUP}")), json!({})).await.json_of(200);
    for (query, expected) in [
        (format!("?member={AGENT}"), vec!["First line"]),
        (format!("?member={ADMIN}"), vec!["gruppo2", "Second line"]),
        (format!("?member={ADMIN}&member={AGENT}"), vec!["gruppo2", "First line", "Second line"]),
        (format!("?member={OWNER}"), vec![]),
        ("?member=nobody".into(), vec![]),
        ("?member=".into(), vec!["gruppo1", "gruppo2", "First line", "Second line"]),
    ] {
        assert_eq!(listed(&app, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_department_is_served_by_the_members_of_its_group() {
    let app = App::new();
    assert_eq!(agents(&app).await, [OWNER, ADMIN, AGENT]);
    route_to(&app, GROUP).await;
    assert_eq!(agents(&app).await, [AGENT]);
    app.agent().put(&one(GROUP), json!({"members": [OWNER, ADMIN, OUTSIDER]})).await.json_of(200);
    assert_eq!(agents(&app).await, [OWNER, ADMIN], "group members who are not teammates do not serve");
    app.owner().delete(&format!("{PROJECT}/project_users/{ADMIN_MEMBER}")).await.json_of(200);
    assert_eq!(agents(&app).await, [OWNER], "disabled teammates do not serve");
    app.agent().put(&one(GROUP), json!({"members": []})).await.json_of(200);
    assert_eq!(agents(&app).await, [""; 0]);
}

#[tokio::test]
async fn disabled_trashed_and_deleted_groups_restrict_nothing() {
    let app = App::new();
    let everybody = [OWNER, ADMIN, AGENT];
    app.agent().put(&groups(&format!("/disable/{GROUP}")), json!({})).await.json_of(200);
    route_to(&app, GROUP).await;
    assert_eq!(agents(&app).await, everybody);
    let enabled = app.agent().put(&groups(&format!("/enable/{GROUP}")), json!({})).await.json_of(200);
    assert_eq!(enabled["enabled"], true);
    assert_eq!(agents(&app).await, [AGENT]);
    app.agent().put(&one(GROUP), json!({"trashed": true})).await.json_of(200);
    assert_eq!(agents(&app).await, everybody);
    app.agent().put(&one(GROUP), json!({"trashed": false})).await.json_of(200);
    assert_eq!(agents(&app).await, [AGENT]);
}

#[tokio::test]
async fn a_group_used_by_a_department_can_be_neither_deleted_nor_disabled() {
    let app = App::new();
    route_to(&app, SECOND).await;
    let before = app.state().await;
    let refused = |words: &str| json!({"success": false, "error": format!("Unable to {words} a group associated with a department")});
    for query in ["", "?force=true"] {
        let answer = app.owner().delete(&format!("{}{query}", one(SECOND))).await.json_of(403);
        assert_eq!(answer, refused("delete"));
    }
    let disable = groups(&format!("/disable/{SECOND}"));
    assert_eq!(app.owner().put(&disable, json!({})).await.json_of(403), refused("disabled"));
    assert_eq!(app.state().await, before);
    app.admin().put(&format!("{PROJECT}/departments/{SALES}"), json!({})).await.json_of(200);
    app.owner().put(&disable, json!({})).await.json_of(200);
    app.owner().delete(&one(SECOND)).await.json_of(200);

    route_to(&app, GROUP).await;
    app.owner().delete(&one(GROUP)).await.json_of(403);
    app.admin().delete(&format!("{PROJECT}/departments/{SALES}")).await.json_of(200);
    app.owner().delete(&format!("{}?force=true", one(GROUP))).await.json_of(200);
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    for (body, field) in [
        (json!([]), ""),
        (json!({"name": {}}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"name": "fine", "members": [AGENT, {}]}), "members.1"),
        (json!({"name": "fine", "members": {}}), "members"),
    ] {
        for (method, path) in [(Method::POST, groups("")), (Method::PUT, one(GROUP))] {
            let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
            assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
        }
    }
    for (method, path, body, field) in [
        (Method::POST, groups(""), json!({}), "name"),
        (Method::POST, groups(""), json!({"name": null}), "name"),
        (Method::PUT, one(GROUP), json!({"trashed": "maybe"}), "trashed"),
        (Method::PUT, one(GROUP), json!({"attributes": []}), "attributes"),
    ] {
        let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
    }
    owner.post(&groups(""), json!({"name": "x".repeat(512_000)})).await.json_of(413);
    let missing = json!({"success": false, "msg": "Object not found."});
    for (project, id) in
        [(PROJECT, "fake"), (PROJECT, "twelve-chars"), (PROJECT, "6877b2eb1568590013b57f00"), (OTHER_PROJECT, GROUP)]
    {
        let path = format!("{project}/groups");
        for (method, path) in [
            (Method::GET, format!("{path}/{id}")),
            (Method::PUT, format!("{path}/{id}")),
            (Method::PUT, format!("{path}/enable/{id}")),
            (Method::PUT, format!("{path}/disable/{id}")),
            (Method::DELETE, format!("{path}/{id}")),
            (Method::DELETE, format!("{path}/{id}?force=true")),
        ] {
            let body = (method == Method::PUT).then(|| json!({"name": "x"}));
            assert_eq!(owner.call(method, &path, body).await.json_of(404), missing, "{path}");
        }
    }
    assert_eq!(owner.get(&format!("{OTHER_PROJECT}/groups")).await.json_of(200), Value::Array(vec![]));
    assert_eq!(app.state().await, before);
}
