//! Canned responses beyond the documented exchanges: visibility and write access.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Actor, App, PROJECT,
    seed::{ADMIN_MEMBER, AGENT, BOT, OTHER_PROJECT_ID, PROJECT_ID},
    token::{Algorithm, signed},
};

/// Canned responses of the default world: one shared by the admin, and one of the agent.
const SHARED: &str = "5e67c4079d86fa001755ed94";
const OWN: &str = "5e67c4439d86fa001755ed96";

fn canned(suffix: &str) -> String {
    format!("{PROJECT}/canned{suffix}")
}

fn one(id: &str) -> String {
    canned(&format!("/{id}"))
}

async fn titles(actor: &Actor<'_>, query: &str) -> Vec<String> {
    let list = actor.get(&canned(query)).await.json_of(200);
    let list = list.as_array().expect("a list").iter();
    list.map(|response| response["title"].as_str().expect("a string").to_owned()).collect()
}

async fn create(actor: &Actor<'_>, body: Value) -> Value {
    actor.post(&canned(""), body).await.json_of(200)
}

fn id(response: &Value) -> &str {
    response["_id"].as_str().expect("the id is a string")
}

/// Gives the admin the supervisor role.
async fn supervise(app: &App) {
    let member = format!("{PROJECT}/project_users/{ADMIN_MEMBER}");
    app.owner().put(&member, json!({"role": "supervisor"})).await.json_of(200);
}

#[tokio::test]
async fn canned_responses_are_created_read_updated_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let sent = json!({"title": "soon", "text": "Back soon", "attributes": {"a": 1}, "status": 1000});
    let created = create(&agent, sent.clone()).await;
    for key in ["title", "text", "attributes"] {
        assert_eq!(created[key], sent[key], "{key}");
    }
    assert_eq!((&created["status"], &created["shared"]), (&json!(100), &json!(false)));
    assert_eq!(created["createdBy"], AGENT);
    let path = one(id(&created));
    assert_eq!(agent.get(&path).await.json_of(200), created);
    assert_eq!(titles(&agent, "").await, ["soon", "bye", "hours"], "newest first");

    let updated = agent.put(&path, json!({"text": "Later", "title": null, "shared": true})).await.json_of(200);
    assert_eq!((&updated["text"], &updated["title"]), (&json!("Later"), &json!("soon")));
    assert_eq!(updated["shared"], false, "`shared` cannot be changed");
    let updated = agent.put(&path, json!({"attributes": {"b": 2}, "title": "later"})).await.json_of(200);
    assert_eq!((&updated["attributes"], &updated["title"]), (&json!({"b": 2}), &json!("later")));

    let deleted = agent.delete(&path).await.json_of(200);
    assert_eq!(deleted["status"], 1000);
    assert_eq!(titles(&agent, "").await, ["bye", "hours"]);
    assert_eq!(agent.get(&path).await.json_of(200), deleted, "a deleted response can still be read");
    agent.put(&path, json!({"text": "Still here"})).await.json_of(200);
    assert_eq!(agent.delete(&format!("{path}/physical")).await.json_of(200)["deletedCount"], 1);
    agent.get(&path).await.json_of(404);
    agent.delete(&format!("{path}/physical")).await.json_of(404);
}

#[tokio::test]
async fn shared_responses_are_visible_to_the_team_and_own_ones_to_their_author() {
    let app = App::new();
    let (owner, admin, agent) = (app.owner(), app.admin(), app.agent());
    assert_eq!(titles(&owner, "").await, ["hours"]);
    assert_eq!(titles(&admin, "").await, ["hours"]);
    assert_eq!(titles(&agent, "").await, ["bye", "hours"]);
    for (actor, title, shared, expected) in [
        (&owner, "a", json!(false), true),
        (&admin, "b", Value::Null, true),
        (&agent, "c", Value::Null, false),
        (&agent, "d", json!(false), false),
        (&agent, "e", json!(true), true),
    ] {
        let created = create(actor, json!({"title": title, "text": "x", "shared": shared})).await;
        assert_eq!(created["shared"], expected, "{title}");
    }
    let sorted = "?sortField=title&direction=1";
    assert_eq!(titles(&owner, sorted).await, ["a", "b", "e", "hours"]);
    assert_eq!(titles(&agent, sorted).await, ["a", "b", "bye", "c", "d", "e", "hours"]);
    // Old ones lack the `shared` field: the team sees them.
    let library = "/v3/5e5d40b2bd0a9b00179ff3cd/canned";
    let old = &app.owner().get(library).await.json_of(200)[0];
    assert_eq!((&old["title"], old.get("shared")), (&json!("howcanhelpyou"), None));
}

#[tokio::test]
async fn full_text_filters_only_visible_responses() {
    let app = App::new();
    let (agent, admin) = (app.agent(), app.admin());
    for (query, expected) in [
        ("?full_text=OPEN", vec!["hours"]),
        ("?full_text=bye%20hours", vec!["bye", "hours"]),
        ("?full_text=recipient", vec![]),
        ("?full_text=recipient_name", vec!["bye"]),
        ("?full_text=---", vec![]),
        ("?full_text=", vec!["bye", "hours"]),
        ("?page=1", vec![]),
        ("?direction=1", vec!["hours", "bye"]),
    ] {
        assert_eq!(titles(&agent, query).await, expected, "{query}");
    }
    assert_eq!(titles(&admin, "?full_text=bye%20hours").await, ["hours"]);
}

#[tokio::test]
async fn only_the_author_reads_a_response_by_id() {
    let app = App::new();
    for (actor, path, status) in [
        (app.admin(), one(SHARED), 200),
        (app.owner(), one(SHARED), 403),
        (app.agent(), one(SHARED), 403),
        (app.agent(), one(OWN), 200),
        (app.owner(), one(OWN), 403),
    ] {
        assert_eq!(actor.get(&path).await.status, status, "{path}");
    }
}

#[tokio::test]
async fn agents_edit_their_own_admins_the_shared_and_supervisors_both() {
    let app = App::new();
    let text = json!({"text": "x"});
    let private = create(&app.agent(), json!({"text": "agent's"})).await;
    supervise(&app).await;
    let own = create(&app.admin(), json!({"text": "supervisor's"})).await;
    assert_eq!(own["shared"], false);
    let before = app.state().await;
    let verbs = |words: &str| ["modify", "delete", "delete"].map(|verb| words.replace("VERB", verb));
    let agent = verbs("You are not allowed to VERB a canned response that is not yours.");
    let owner = verbs("Not allowed to VERB a non administration canned response");
    let supervisor = verbs("Unauthorized");
    for (actor, id, status, words) in [
        (app.agent(), SHARED, 403, &agent),
        (app.agent(), id(&own), 403, &agent),
        (app.owner(), OWN, 403, &owner),
        (app.admin(), OWN, 401, &supervisor),
        (app.admin(), id(&private), 401, &supervisor),
    ] {
        let path = one(id);
        for (call, words) in [
            actor.put(&path, text.clone()).await,
            actor.delete(&path).await,
            actor.delete(&format!("{path}/physical")).await,
        ]
        .into_iter()
        .zip(words)
        {
            assert_eq!(call.json_of(status), json!({"success": false, "error": words}), "{path}");
            assert_eq!(call.header("www-authenticate"), None);
        }
    }
    assert_eq!(app.state().await, before);
    for (actor, id) in [(app.owner(), SHARED), (app.admin(), SHARED), (app.admin(), id(&own)), (app.agent(), OWN)] {
        actor.put(&one(id), text.clone()).await.json_of(200);
        actor.delete(&one(id)).await.json_of(200);
    }
    app.owner().delete(&format!("{}/physical", one(SHARED))).await.json_of(200);
}

#[tokio::test]
async fn bots_have_no_canned_responses() {
    let app = App::new();
    let claims = json!({"_id": BOT, "sub": "bot",
        "aud": "https://tiledesk.com/bots/5be9b2ecc72a050015e14951"});
    let state = app.state().await;
    let bots = state["bots"].as_array().expect("bots");
    let bot = bots.iter().find(|bot| bot["_id"] == claims["_id"]).expect("it exists");
    let secret = bot["secret"].as_str().expect("the secret is a string");
    let bot = app.authorized(signed(secret, Algorithm::Hs256, &claims));
    bot.get(&format!("{PROJECT}/tags")).await.json_of(200);
    assert_eq!(bot.get(&canned("")).await.json_of(403)["msg"], "you dont belong to the project.");
    bot.post(&canned(""), json!({"text": "x"})).await.json_of(403);
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let admin = app.admin();
    let before = app.state().await;
    for (body, field) in [
        (json!([]), ""),
        (json!({"text": {}}), "text"),
        (json!({"text": ""}), "text"),
        (json!({"text": "x", "title": {}}), "title"),
        (json!({"text": "x", "attributes": "x"}), "attributes"),
    ] {
        for (method, path) in [(Method::POST, canned("")), (Method::PUT, one(SHARED))] {
            let answer = admin.call(method, &path, Some(body.clone())).await.json_of(422);
            assert_eq!(answer["errors"][0]["param"], field, "{body}");
        }
    }
    let answer = admin.post(&canned(""), json!({"text": "x", "shared": "maybe"})).await.json_of(422);
    assert_eq!(answer["errors"][0]["param"], "shared");
    assert_eq!(admin.post(&canned(""), json!({})).await.json_of(422)["errors"][0]["param"], "text");
    let other = OTHER_PROJECT_ID;
    for (project, id) in [(PROJECT_ID, "fake"), (PROJECT_ID, "5e67c4079d86fa001755ed00"), (other, SHARED)] {
        let path = format!("/v3/{project}/canned/{id}");
        let owner = app.owner();
        assert_eq!(owner.get(&path).await.json_of(404)["msg"], "Object not found.");
        let words = json!(format!("Canned response not found with id {id} for project {project}"));
        assert_eq!(owner.put(&path, json!({"text": "x"})).await.json_of(404)["error"], words);
        assert_eq!(owner.delete(&path).await.json_of(404)["error"], words);
        assert_eq!(owner.delete(&format!("{path}/physical")).await.json_of(404)["error"], words);
    }
    assert_eq!(app.state().await, before);
}
