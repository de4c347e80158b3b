//! Canned responses beyond the documented exchanges: who sees which of them, and who may change them.

use http::Method;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT};

/// Of the default world: shared by the administrator, and the agent's own.
const SHARED: &str = "5e67c4079d86fa001755ed94";
const OWN: &str = "5e67c4439d86fa001755ed96";

fn canned(suffix: &str) -> String {
    format!("{PROJECT}/canned{suffix}")
}

fn one(id: &str) -> String {
    canned(&format!("/{id}"))
}

async fn titles(actor: &Actor<'_>, query: &str) -> Vec<String> {
    let list = actor.get(&canned(query)).await.expect(200);
    let list = list.as_array().expect("a list").iter();
    list.map(|response| response["title"].as_str().expect("a text").to_owned()).collect()
}

async fn create(actor: &Actor<'_>, body: Value) -> Value {
    actor.post(&canned(""), body).await.expect(200)
}

fn id(response: &Value) -> &str {
    response["_id"].as_str().expect("an id is a text")
}

/// Makes a supervisor of the administrator.
async fn supervise(app: &App) {
    let member = format!("{PROJECT}/project_users/5bb4d4d39214830015742b00");
    app.owner().put(&member, json!({"role": "supervisor"})).await.expect(200);
}

#[tokio::test]
async fn what_was_created_is_read_changed_listed_and_deleted() {
    let app = App::new();
    let agent = app.agent();
    let sent = json!({"title": "soon", "text": "Back soon", "attributes": {"a": 1}, "status": 1000});
    let created = create(&agent, sent.clone()).await;
    for key in ["title", "text", "attributes"] {
        assert_eq!(created[key], sent[key], "{key}");
    }
    assert_eq!((&created["status"], &created["shared"]), (&json!(100), &json!(false)));
    assert_eq!(created["createdBy"], "5aaa99024c3b110014b478f0");
    let path = one(id(&created));
    assert_eq!(agent.get(&path).await.expect(200), created);
    assert_eq!(titles(&agent, "").await, ["soon", "bye", "hours"], "newest first");

    let updated = agent.put(&path, json!({"text": "Later", "title": null, "shared": true})).await.expect(200);
    assert_eq!((&updated["text"], &updated["title"]), (&json!("Later"), &json!("soon")));
    assert_eq!(updated["shared"], false, "that cannot be changed");
    let updated = agent.put(&path, json!({"attributes": {"b": 2}, "title": "later"})).await.expect(200);
    assert_eq!((&updated["attributes"], &updated["title"]), (&json!({"b": 2}), &json!("later")));

    let deleted = agent.delete(&path).await.expect(200);
    assert_eq!(deleted["status"], 1000);
    assert_eq!(titles(&agent, "").await, ["bye", "hours"]);
    assert_eq!(agent.get(&path).await.expect(200), deleted, "a deleted one can still be read");
    agent.put(&path, json!({"text": "Still here"})).await.expect(200);
    assert_eq!(agent.delete(&format!("{path}/physical")).await.expect(200)["deletedCount"], 1);
    agent.get(&path).await.expect(404);
    agent.delete(&format!("{path}/physical")).await.expect(404);
}

#[tokio::test]
async fn the_team_sees_what_is_shared_and_everybody_the_own() {
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
    // Old ones do not say whether they are shared: the team sees them.
    let library = "/v3/5e5d40b2bd0a9b00179ff3cd/canned";
    let old = &app.owner().get(library).await.expect(200)[0];
    assert_eq!((&old["title"], old.get("shared")), (&json!("howcanhelpyou"), None));
}

#[tokio::test]
async fn words_narrow_the_list_to_what_is_visible() {
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
async fn only_who_created_one_reads_it_by_its_id() {
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
async fn agents_change_their_own_administrators_the_shared_and_supervisors_both() {
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
            assert_eq!(call.expect(status), json!({"success": false, "error": words}), "{path}");
            assert_eq!(call.header("www-authenticate"), None);
        }
    }
    assert_eq!(app.state().await, before);
    for (actor, id) in [(app.owner(), SHARED), (app.admin(), SHARED), (app.admin(), id(&own)), (app.agent(), OWN)] {
        actor.put(&one(id), text.clone()).await.expect(200);
        actor.delete(&one(id)).await.expect(200);
    }
    app.owner().delete(&format!("{}/physical", one(SHARED))).await.expect(200);
}

#[tokio::test]
async fn programs_have_none() {
    let app = App::new();
    let claims = json!({"_id": "5be9b2ecc72a050015e14951", "sub": "bot",
        "aud": "https://tiledesk.com/bots/5be9b2ecc72a050015e14951"});
    let state = app.state().await;
    let bots = state["bots"].as_array().expect("bots");
    let bot = bots.iter().find(|bot| bot["_id"] == claims["_id"]).expect("it is there");
    let secret = bot["secret"].as_str().expect("a secret is a text");
    let key = EncodingKey::from_secret(secret.as_bytes());
    let bot = app.authorized(format!("JWT {}", encode(&Header::default(), &claims, &key).expect("claims are JSON")));
    bot.get(&format!("{PROJECT}/tags")).await.expect(200);
    assert_eq!(bot.get(&canned("")).await.expect(403)["msg"], "you dont belong to the project.");
    bot.post(&canned(""), json!({"text": "x"})).await.expect(403);
}

#[tokio::test]
async fn bad_bodies_and_ids_are_refused_and_change_nothing() {
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
            let answer = admin.call(method, &path, Some(body.clone())).await.expect(422);
            assert_eq!(answer["errors"][0]["param"], field, "{body}");
        }
    }
    let answer = admin.post(&canned(""), json!({"text": "x", "shared": "maybe"})).await.expect(422);
    assert_eq!(answer["errors"][0]["param"], "shared");
    assert_eq!(admin.post(&canned(""), json!({})).await.expect(422)["errors"][0]["param"], "text");
    let other = "5ab0f32757066e0014bfd718";
    for (project, id) in [(&PROJECT[4..], "fake"), (&PROJECT[4..], "5e67c4079d86fa001755ed00"), (other, SHARED)] {
        let path = format!("/v3/{project}/canned/{id}");
        let owner = app.owner();
        assert_eq!(owner.get(&path).await.expect(404)["msg"], "Object not found.");
        let words = json!(format!("Canned response not found with id {id} for project {project}"));
        assert_eq!(owner.put(&path, json!({"text": "x"})).await.expect(404)["error"], words);
        assert_eq!(owner.delete(&path).await.expect(404)["error"], words);
        assert_eq!(owner.delete(&format!("{path}/physical")).await.expect(404)["error"], words);
    }
    assert_eq!(app.state().await, before);
}
