//! Groups beyond the documented exchanges: their life, and what they mean to the departments that use them.

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

const ANDREA: &str = "5ab11c6b83dc240014d46095";
const ADMIN: &str = "5ab0f3fa57066e0014bfd71e";
const AGENT: &str = "5aaa99024c3b110014b478f0";
/// The group of the agent, that of the administrator, and the department without a bot.
const FIRST: &str = "6877b2eb1568590013b57fde";
const SECOND: &str = "68c9156171b6b900145f117b";
const SALES: &str = "5c34ba232c62730016da250e";

fn groups(suffix: &str) -> String {
    format!("{PROJECT}/groups{suffix}")
}

fn one(id: &str) -> String {
    groups(&format!("/{id}"))
}

/// The names of the groups that a list shows.
async fn listed(app: &App, query: &str) -> Vec<String> {
    let list = app.agent().get(&groups(query)).await.expect(200);
    list.as_array().expect("a list").iter().map(|group| group["name"].as_str().expect("a text").to_owned()).collect()
}

async fn route_to(app: &App, group: &str) {
    app.admin().patch(&format!("{PROJECT}/departments/{SALES}"), json!({"id_group": group})).await.expect(200);
}

/// The users who serve the department.
async fn agents(app: &App) -> Vec<String> {
    let answer = app.agent().get(&format!("{PROJECT}/departments/{SALES}/operators")).await.expect(200);
    let agents = answer["agents"].as_array().expect("a list").iter();
    agents.map(|agent| agent["id_user"].as_str().expect("an id is a text").to_owned()).collect()
}

#[tokio::test]
async fn what_was_created_is_read_changed_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let created =
        agent.post(&groups(""), json!({"name": "Third", "members": [AGENT, ADMIN, ANDREA]})).await.expect(200);
    assert_eq!(created["members"], json!([AGENT, ADMIN, ANDREA]), "in this order");
    assert_eq!((&created["trashed"], &created["enabled"]), (&json!(false), &json!(true)));
    assert_eq!((&created["createdBy"], &created["id_project"]), (&json!(AGENT), &json!(PROJECT[4..])));
    let path = one(created["_id"].as_str().expect("an id is a text"));
    assert_eq!(agent.get(&path).await.expect(200), created);
    assert_eq!(listed(&app, "").await, ["gruppo1", "gruppo2", "First line", "Second line", "Third"]);

    let sent = json!({"name": "Last", "members": [ADMIN], "attributes": {"a": 1, "b": 2}, "enabled": false});
    let updated = agent.put(&path, sent).await.expect(200);
    assert_eq!((&updated["name"], &updated["members"]), (&json!("Last"), &json!([ADMIN])));
    assert_eq!(updated["enabled"], true, "that has calls of its own");
    let absent = json!({"name": null, "members": null, "attributes": null, "trashed": null});
    assert_eq!(agent.put(&path, absent).await.expect(200), updated, "null changes nothing");
    let replaced = agent.put(&path, json!({"attributes": {"c": 1}, "members": []})).await.expect(200);
    assert_eq!((&replaced["attributes"], &replaced["members"]), (&json!({"c": 1}), &json!([])));

    let deleted = agent.delete(&path).await.expect(200);
    assert_eq!((&deleted["trashed"], &deleted["enabled"]), (&json!(true), &json!(false)));
    assert_eq!(agent.get(&path).await.expect(200), deleted, "a deleted group can still be read");
    assert_eq!(listed(&app, "").await, ["gruppo1", "gruppo2", "First line", "Second line"]);
    agent.put(&path, json!({"trashed": false})).await.expect(200);
    assert_eq!(listed(&app, "").await.len(), 5);
    agent.put(&path, json!({"trashed": true})).await.expect(200);
    assert_eq!(listed(&app, "").await.len(), 4);
    let removed = agent.delete(&format!("{path}?force=true")).await.expect(200);
    assert_eq!(removed["_id"], created["_id"]);
    agent.get(&path).await.expect(404);
}

#[tokio::test]
async fn only_the_exact_word_removes_for_good() {
    for (query, status) in [("", 200), ("?force=1", 200), ("?force=True", 200), ("?force=true", 404)] {
        let app = App::new();
        app.agent().delete(&format!("{}{query}", one(FIRST))).await.expect(200);
        assert_eq!(app.agent().get(&one(FIRST)).await.status, status, "{query}");
    }
}

#[tokio::test]
async fn the_list_can_be_narrowed_to_members_and_shows_disabled_groups() {
    let app = App::new();
    app.agent().put(&groups(&format!("/disable/{FIRST}")), json!({})).await.expect(200);
    for (query, expected) in [
        (format!("?member={AGENT}"), vec!["First line"]),
        (format!("?member={ADMIN}"), vec!["gruppo2", "Second line"]),
        (format!("?member={ADMIN}&member={AGENT}"), vec!["gruppo2", "First line", "Second line"]),
        (format!("?member={ANDREA}"), vec![]),
        ("?member=nobody".into(), vec![]),
        ("?member=".into(), vec!["gruppo1", "gruppo2", "First line", "Second line"]),
    ] {
        assert_eq!(listed(&app, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn a_department_is_served_by_the_members_of_its_group() {
    let app = App::new();
    assert_eq!(agents(&app).await, [ANDREA, ADMIN, AGENT]);
    route_to(&app, FIRST).await;
    assert_eq!(agents(&app).await, [AGENT]);
    app.agent().put(&one(FIRST), json!({"members": [ANDREA, ADMIN, "5aaa99024c3b110014b478f1"]})).await.expect(200);
    assert_eq!(agents(&app).await, [ANDREA, ADMIN], "members of the group who are none of the team do not serve");
    app.owner().delete(&format!("{PROJECT}/project_users/5bb4d4d39214830015742b00")).await.expect(200);
    assert_eq!(agents(&app).await, [ANDREA], "nor who is disabled");
    app.agent().put(&one(FIRST), json!({"members": []})).await.expect(200);
    assert_eq!(agents(&app).await, [""; 0]);
}

#[tokio::test]
async fn a_group_that_takes_no_part_in_the_routing_narrows_nothing() {
    let app = App::new();
    let everybody = [ANDREA, ADMIN, AGENT];
    app.agent().put(&groups(&format!("/disable/{FIRST}")), json!({})).await.expect(200);
    route_to(&app, FIRST).await;
    assert_eq!(agents(&app).await, everybody);
    let enabled = app.agent().put(&groups(&format!("/enable/{FIRST}")), json!({})).await.expect(200);
    assert_eq!(enabled["enabled"], true);
    assert_eq!(agents(&app).await, [AGENT]);
    app.agent().put(&one(FIRST), json!({"trashed": true})).await.expect(200);
    assert_eq!(agents(&app).await, everybody);
    app.agent().put(&one(FIRST), json!({"trashed": false})).await.expect(200);
    assert_eq!(agents(&app).await, [AGENT]);
}

#[tokio::test]
async fn a_group_that_a_department_uses_is_neither_deleted_nor_disabled() {
    let app = App::new();
    route_to(&app, SECOND).await;
    let before = app.state().await;
    let refused = |words: &str| json!({"success": false, "error": format!("Unable to {words} a group associated with a department")});
    for query in ["", "?force=true"] {
        let answer = app.owner().delete(&format!("{}{query}", one(SECOND))).await.expect(403);
        assert_eq!(answer, refused("delete"));
    }
    let disable = groups(&format!("/disable/{SECOND}"));
    assert_eq!(app.owner().put(&disable, json!({})).await.expect(403), refused("disabled"));
    assert_eq!(app.state().await, before);
    app.admin().put(&format!("{PROJECT}/departments/{SALES}"), json!({})).await.expect(200);
    app.owner().put(&disable, json!({})).await.expect(200);
    app.owner().delete(&one(SECOND)).await.expect(200);

    route_to(&app, FIRST).await;
    app.owner().delete(&one(FIRST)).await.expect(403);
    app.admin().delete(&format!("{PROJECT}/departments/{SALES}")).await.expect(200);
    app.owner().delete(&format!("{}?force=true", one(FIRST))).await.expect(200);
}

#[tokio::test]
async fn bad_bodies_and_ids_are_refused_and_change_nothing() {
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
        for (method, path) in [(Method::POST, groups("")), (Method::PUT, one(FIRST))] {
            let answer = owner.call(method.clone(), &path, Some(body.clone())).await.expect(422);
            assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
        }
    }
    for (method, path, body, field) in [
        (Method::POST, groups(""), json!({}), "name"),
        (Method::POST, groups(""), json!({"name": null}), "name"),
        (Method::PUT, one(FIRST), json!({"trashed": "maybe"}), "trashed"),
        (Method::PUT, one(FIRST), json!({"attributes": []}), "attributes"),
    ] {
        let answer = owner.call(method.clone(), &path, Some(body.clone())).await.expect(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
    }
    owner.post(&groups(""), json!({"name": "x".repeat(512_000)})).await.expect(413);
    let missing = json!({"success": false, "msg": "Object not found."});
    for (project, id) in [
        (PROJECT, "fake"),
        (PROJECT, "twelve-chars"),
        (PROJECT, "6877b2eb1568590013b57f00"),
        ("/v3/5ab0f32757066e0014bfd718", FIRST),
    ] {
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
            assert_eq!(owner.call(method, &path, body).await.expect(404), missing, "{path}");
        }
    }
    assert_eq!(owner.get("/v3/5ab0f32757066e0014bfd718/groups").await.expect(200), Value::Array(vec![]));
    assert_eq!(app.state().await, before);
}
