//! Tags beyond the documented exchanges: unique names, pages, and validation.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{AGENT, LEAD, OTHER_PROJECT, PROJECT_ID},
};

fn tags(suffix: &str) -> String {
    format!("{PROJECT}/tags{suffix}")
}

/// The names of the listed tags.
async fn listed(app: &App, query: &str) -> Vec<String> {
    let list = app.agent().get(&tags(query)).await.json_of(200);
    list.as_array().expect("a list").iter().map(|tag| tag["tag"].as_str().expect("a string").to_owned()).collect()
}

#[tokio::test]
async fn tags_are_created_read_updated_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let sent = json!({"tag": "vip", "color": "#FFF", "attributes": {"a": 1}, "id_project": "x"});
    let created = agent.post(&tags(""), sent.clone()).await.json_of(200);
    for key in ["tag", "color", "attributes"] {
        assert_eq!(created[key], sent[key], "{key}");
    }
    assert_eq!((&created["createdBy"], &created["id_project"]), (&json!(AGENT), &json!(PROJECT_ID)));
    let one = tags(&format!("/{}", created["_id"].as_str().expect("the id is a string")));
    assert_eq!(agent.get(&one).await.json_of(200), created);
    assert_eq!(listed(&app, "").await, ["vip"]);

    let updated = agent.put(&one, json!({"tag": "very vip", "color": null})).await.json_of(200);
    assert_eq!((&updated["tag"], &updated["color"]), (&json!("very vip"), &json!("#FFF")), "null changes nothing");
    let updated = agent.put(&one, json!({"color": "red", "attributes": {"b": 1}})).await.json_of(200);
    assert_eq!((&updated["tag"], &updated["color"]), (&json!("very vip"), &json!("red")));
    assert_eq!(updated["attributes"], json!({"b": 1}));
    assert_eq!(
        agent.put(&one, json!({"tag": "very vip"})).await.json_of(200),
        updated,
        "its current name is not a conflict"
    );

    let removed = agent.delete(&one).await.json_of(200);
    assert_eq!(removed, json!({"n": 1, "ok": 1, "deletedCount": 1}));
    agent.get(&one).await.json_of(404);
    agent.delete(&one).await.json_of(404);
    assert_eq!(listed(&app, "").await, [""; 0]);
}

#[tokio::test]
async fn names_are_unique_within_a_project() {
    let app = App::new();
    let created = app.agent().post(&tags(""), json!({"tag": "vip", "color": "#FFF"})).await.json_of(200);
    let before = app.state().await;
    let again = app.admin().post(&tags(""), json!({"tag": "vip", "color": "#000"})).await.json_of(200);
    assert_eq!(again, created, "color and author are kept");
    assert_eq!(app.state().await, before);
    app.agent().post(&tags(""), json!({"tag": "VIP"})).await.json_of(200);
    let other = app.owner().post(&format!("{OTHER_PROJECT}/tags"), json!({"tag": "vip"})).await.json_of(200);
    assert_ne!(other["_id"], created["_id"], "names are unique per project");
    let before = app.state().await;
    let one = tags(&format!("/{}", created["_id"].as_str().expect("the id is a string")));
    app.agent().put(&one, json!({"tag": "VIP", "color": "#000"})).await.json_of(409);
    assert_eq!(app.state().await, before, "a rejected update changes nothing");
}

#[tokio::test]
async fn pages_have_forty_tags_and_are_sorted() {
    let app = App::new();
    for number in 10..52 {
        app.agent().post(&tags(""), json!({"tag": number.to_string()})).await.json_of(200);
    }
    let first = listed(&app, "?limit=3").await;
    assert_eq!((first.len(), &*first[0], &*first[39]), (40, "51", "12"), "newest first, regardless of the limit");
    assert_eq!(listed(&app, "?page=1").await, ["11", "10"]);
    assert_eq!(listed(&app, "?page=2").await, [""; 0]);
    assert_eq!(listed(&app, "?direction=1").await[..2], ["10", "11"]);
    assert_eq!(listed(&app, "?sortField=tag&direction=asc&sort=color").await[..2], ["10", "11"]);
    for (query, field) in [("page=-1", "page"), ("direction=up", "direction")] {
        let answer = app.agent().get(&tags(&format!("?{query}"))).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field);
    }
}

#[tokio::test]
async fn leads_and_requests_keep_their_tags() {
    let app = App::new();
    let agent = app.agent();
    let created = agent.post(&tags(""), json!({"tag": "vip"})).await.json_of(200);
    let lead = format!("{PROJECT}/leads/{LEAD}");
    agent.put(&format!("{lead}/tag"), json!(["vip"])).await.json_of(200);
    agent.delete(&tags(&format!("/{}", created["_id"].as_str().expect("the id is a string")))).await.json_of(200);
    assert_eq!(agent.get(&lead).await.json_of(200)["tags"], json!(["vip"]));
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let created = owner.post(&tags(""), json!({"tag": "vip"})).await.json_of(200);
    let id = created["_id"].as_str().expect("the id is a string");
    let before = app.state().await;
    for (body, field) in [
        (json!([]), ""),
        (json!({"tag": {}}), "tag"),
        (json!({"tag": ""}), "tag"),
        (json!({"tag": "x", "color": {}}), "color"),
        (json!({"tag": "x", "attributes": []}), "attributes"),
    ] {
        for (method, path) in [(Method::POST, tags("")), (Method::PUT, tags(&format!("/{id}")))] {
            let answer = owner.call(method, &path, Some(body.clone())).await.json_of(422);
            assert_eq!(answer["errors"][0]["param"], field, "{body}");
        }
    }
    for body in [json!({}), json!({"tag": null})] {
        assert_eq!(owner.post(&tags(""), body).await.json_of(422)["errors"][0]["param"], "tag");
    }
    let missing = json!({"success": false, "msg": "Object not found."});
    let other = &format!("{OTHER_PROJECT}/tags");
    for path in [tags("/fake"), tags("/5e67b737fb930c0017aa4e40"), format!("{other}/{id}")] {
        for (method, body) in
            [(Method::GET, Value::Null), (Method::PUT, json!({"tag": "x"})), (Method::DELETE, Value::Null)]
        {
            assert_eq!(owner.call(method, &path, Some(body)).await.json_of(404), missing, "{path}");
        }
    }
    assert_eq!(owner.get(other).await.json_of(200), json!([]));
    assert_eq!(app.state().await, before);
}
