//! Departments beyond the documented exchanges: visibility and routing.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, BOT, DEFAULT, GROUP, OTHER_PROJECT, OWNER, PROJECT_ID, SALES},
};

fn departments(suffix: &str) -> String {
    format!("{PROJECT}/departments{suffix}")
}

fn one(id: &str) -> String {
    departments(&format!("/{id}"))
}

/// The names of the departments in a list.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|item| item["name"].as_str().expect("a string")).collect()
}

async fn operators(app: &App, department: &str) -> Value {
    app.agent().get(&format!("{}/operators", one(department))).await.json_of(200)
}

/// The user IDs of a list of teammates.
fn users(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|member| member["id_user"].as_str().expect("a string")).collect()
}

/// Opens a conversation and returns its participants.
async fn served(app: &App, department: &str) -> Value {
    let body = json!({"first_text": "hello", "departmentid": department});
    app.guest().await.post(&format!("{PROJECT}/requests"), body).await.json_of(200)["participants"].clone()
}

#[tokio::test]
async fn departments_are_created_read_updated_listed_and_deleted() {
    let app = App::new();
    let admin = app.admin();
    let sent = json!({"name": "Help", "routing": "assigned", "id_group": GROUP, "id_bot": BOT, "description": "d",
        "bot_only": true, "groups": [{"id_group": GROUP, "percentage": 70}, {"group_id": GROUP, "percentage": 30}]});
    let created = admin.post(&departments(""), sent.clone()).await.json_of(200);
    for (key, value) in sent.as_object().expect("an object") {
        assert_eq!(created[key], *value, "{key}");
    }
    assert_eq!((&created["status"], &created["default"], &created["hasBot"]), (&json!(1), &json!(false), &json!(true)));
    assert_eq!((&created["createdBy"], &created["id_project"]), (&json!(ADMIN), &json!(PROJECT_ID)));
    let path = one(created["_id"].as_str().expect("the id is a string"));
    assert_eq!(app.nobody().get(&path).await.json_of(200), created);

    let patched = admin.patch(&path, json!({"name": "Aid", "id_bot": null, "default": true})).await.json_of(200);
    assert_eq!((&patched["name"], &patched["id_bot"]), (&json!("Aid"), &json!(BOT)), "PATCH keeps all other fields");
    assert_eq!((&patched["id_group"], &patched["default"]), (&json!(GROUP), &json!(false)));
    let texts = json!({"online_msg": "hello", "offline_msg": "later", "id_bot": BOT});
    let updated = admin.put(&path, texts).await.json_of(200);
    assert_eq!(
        (&updated["id_bot"], updated.get("id_group")),
        (&json!(BOT), Some(&json!(null))),
        "PUT clears omitted fields"
    );
    assert_eq!((&updated["name"], &updated["online_msg"]), (&json!("Aid"), &json!("hello")));
    assert_eq!((&updated["groups"], &updated["routing"]), (&sent["groups"], &json!("assigned")));
    let cleared = admin.put(&path, json!({"name": null, "routing": null})).await.json_of(200);
    assert_eq!((cleared.get("id_bot"), &cleared["hasBot"]), (Some(&json!(null)), &json!(false)));
    assert_eq!((&cleared["name"], &cleared["routing"]), (&json!("Aid"), &json!("assigned")));

    assert_eq!(admin.delete(&path).await.json_of(200), cleared);
    app.nobody().get(&path).await.json_of(404);
    assert_eq!(names(&app.nobody().get(&departments("")).await.json_of(200)), ["Default Department", "Sales"]);
}

#[tokio::test]
async fn a_new_department_is_pooled_by_default() {
    let app = App::new();
    for (body, routing) in [
        (json!({"name": "x"}), json!("pooled")),
        (json!({"name": "x", "routing": "assigned"}), json!("assigned")),
        (json!({"name": "x", "routing": null}), Value::Null),
    ] {
        let created = app.admin().post(&departments(""), body).await.json_of(200);
        assert_eq!(created.get("routing"), Some(&routing));
        let id = created["_id"].as_str().expect("the id is a string");
        let operators = operators(&app, id).await["operators"].clone();
        assert_eq!(operators.as_array().map(Vec::len), Some(usize::from(routing == "assigned")), "{routing}");
    }
}

#[tokio::test]
async fn visitors_see_visible_departments_and_the_team_also_hidden_ones() {
    let app = App::new();
    for (name, status) in [("Zero", 0), ("Minus", -1), ("About", 1)] {
        app.admin().post(&departments(""), json!({"name": name, "status": status})).await.json_of(200);
    }
    let (all, sorted) = (departments("/allstatus"), departments("?sort=no"));
    let unknown = app.authorized("Basic wrong".into());
    for actor in [app.nobody(), app.guest().await, app.agent(), unknown] {
        let visible = actor.get(&departments("")).await.json_of(200);
        assert_eq!(names(&visible), ["Default Department", "Sales", "About"]);
        assert_eq!(names(&actor.get(&sorted).await.json_of(200)), ["About", "Default Department", "Sales"]);
    }
    let list = app.agent().get(&all).await.json_of(200);
    assert_eq!(names(&list), ["Default Department", "Sales", "Zero", "About"]);
    let list = app.agent().get(&format!("{all}?sort=1")).await.json_of(200);
    assert_eq!(names(&list), ["About", "Default Department", "Sales", "Zero"]);
    assert_eq!(app.nobody().get(&all).await.status, 401);
    app.guest().await.get(&all).await.json_of(403);

    app.admin().patch(&one(SALES), json!({"status": 0})).await.json_of(200);
    assert_eq!(names(&app.nobody().get(&departments("")).await.json_of(200)), ["Default Department", "About"]);
    assert_eq!(
        app.nobody().get(&one(SALES)).await.json_of(200)["status"],
        0,
        "a hidden department can still be read by id"
    );
}

#[tokio::test]
async fn the_id_default_selects_the_default_department() {
    let app = App::new();
    app.admin().post(&departments(""), json!({"name": "Second", "default": true})).await.json_of(200);
    assert_eq!(
        app.nobody().get(&one("default")).await.json_of(200)["_id"],
        DEFAULT,
        "the first default department remains the default"
    );
    assert_eq!(operators(&app, "default").await["department"]["_id"], DEFAULT);
    app.admin().delete(&one(DEFAULT)).await.json_of(200);
    assert_eq!(app.nobody().get(&one("default")).await.json_of(200)["name"], "Second");
    let sales = "/v3/5ad4c101e774ac0014ae0d07/departments";
    app.owner().delete(&format!("{sales}/5ad5c2c9c975820014ba901b")).await.json_of(200);
    let missing = json!({"success": false, "msg": "Object not found."});
    assert_eq!(app.nobody().get(&format!("{sales}/default")).await.json_of(404), missing);
    assert_eq!(app.owner().get(&format!("{sales}/default/operators")).await.json_of(404), missing);
    assert_eq!(app.nobody().get(sales).await.json_of(200), json!([]));
}

#[tokio::test]
async fn a_bot_responds_first_unless_excluded() {
    let app = App::new();
    let bot = operators(&app, DEFAULT).await;
    assert_eq!(bot["operators"], json!([{"id_user": format!("bot_{BOT}")}]));
    assert_eq!((&bot["id_bot"], users(&bot["agents"])), (&json!(BOT), vec![OWNER, ADMIN, AGENT]));
    let nobot = app.agent().get(&format!("{}/operators?nobot=false", one(DEFAULT))).await.json_of(200);
    assert_eq!((nobot.get("id_bot"), &nobot["operators"]), (None, &json!([{"id_user": OWNER}])));
    assert_eq!(served(&app, DEFAULT).await, json!([format!("bot_{BOT}")]));

    app.admin().patch(&one(SALES), json!({"id_bot": BOT, "id_group": GROUP, "routing": "pooled"})).await.json_of(200);
    let bot = operators(&app, SALES).await;
    assert_eq!(
        (&bot["id_bot"], users(&bot["agents"])),
        (&json!(BOT), vec![OWNER, ADMIN, AGENT]),
        "regardless of the group"
    );
    assert_eq!(served(&app, SALES).await, json!([format!("bot_{BOT}")]));
    app.admin().put(&one(DEFAULT), json!({})).await.json_of(200);
    assert_eq!(served(&app, DEFAULT).await, json!([OWNER]), "the bot was removed");
}

#[tokio::test]
async fn conversations_are_assigned_round_robin() {
    let app = App::new();
    let first = operators(&app, SALES).await;
    assert_eq!((&first["operators"], &first["lastOperatorId"]), (&json!([{"id_user": OWNER}]), &json!(AGENT)));
    assert_eq!((&first["lastOperatorIndex"], &first["id_project"]), (&json!(2), &json!(PROJECT_ID)));
    assert_eq!(first["lastRequest"]["request_id"], "support-group-5b55e806c93dde00143163dd");
    assert_eq!(users(&first["available_agents"]), [OWNER, ADMIN, AGENT]);
    assert_eq!(operators(&app, SALES).await, first, "reading the operators changes nothing");
    for agent in [OWNER, ADMIN, AGENT, OWNER] {
        assert_eq!(operators(&app, SALES).await["operators"], json!([{"id_user": agent}]));
        assert_eq!(served(&app, SALES).await, json!([agent]));
    }
    let own = format!("{PROJECT}/project_users");
    app.admin().put(&own, json!({"user_available": false})).await.json_of(200);
    let skipped = operators(&app, SALES).await;
    assert_eq!((users(&skipped["agents"]).len(), users(&skipped["available_agents"])), (3, vec![OWNER, AGENT]));
    assert_eq!(served(&app, SALES).await, json!([AGENT]));
    app.agent().put(&own, json!({"user_available": false})).await.json_of(200);
    let gone = operators(&app, SALES).await;
    assert_eq!((&gone["operators"], &gone["lastOperatorIndex"]), (&json!([{"id_user": OWNER}]), &json!(-1)));
    app.owner().put(&own, json!({"user_available": false})).await.json_of(200);
    assert_eq!(operators(&app, SALES).await["operators"], json!([]));
    assert_eq!(served(&app, SALES).await, json!([]), "the conversation waits");
}

#[tokio::test]
async fn pooled_conversations_wait_until_an_agent_joins() {
    let app = App::new();
    app.admin().patch(&one(SALES), json!({"routing": "pooled"})).await.json_of(200);
    let pooled = operators(&app, SALES).await;
    assert_eq!((&pooled["operators"], pooled.get("lastOperatorId")), (&json!([]), None));
    assert_eq!(users(&pooled["available_agents"]), [OWNER, ADMIN, AGENT]);
    assert_eq!(served(&app, SALES).await, json!([]));
}

#[tokio::test]
async fn a_group_restricts_the_operators() {
    let app = App::new();
    app.admin().patch(&one(SALES), json!({"id_group": GROUP})).await.json_of(200);
    let narrowed = operators(&app, SALES).await;
    assert_eq!((users(&narrowed["agents"]), users(&narrowed["available_agents"])), (vec![AGENT], vec![AGENT]));
    assert_eq!((&narrowed["group"][0]["_id"], &narrowed["department"]["id_group"]), (&json!(GROUP), &json!(GROUP)));
    assert_eq!((&narrowed["operators"], &narrowed["lastOperatorIndex"]), (&json!([{"id_user": AGENT}]), &json!(0)));
    assert_eq!(served(&app, SALES).await, json!([AGENT]));
    app.agent().put(&format!("{PROJECT}/project_users"), json!({"user_available": false})).await.json_of(200);
    assert_eq!(served(&app, SALES).await, json!([]), "no group member is available");
    app.admin().put(&one(SALES), json!({})).await.json_of(200);
    let wide = operators(&app, SALES).await;
    assert_eq!((users(&wide["agents"]).len(), wide.get("group")), (3, None));
}

#[tokio::test]
async fn no_one_is_available_outside_operating_hours_or_at_capacity() {
    let app = App::new();
    let project = format!("/v3/projects{}", &PROJECT[3..]);
    // Noon in UTC, a Thursday.
    for (end, available) in [("11:00", 0), ("13:00", 3)] {
        let hours = json!({"4": [{"start": "09:00", "end": end}], "tzname": "UTC"}).to_string();
        app.admin().put(&project, json!({"activeOperatingHours": true, "operatingHours": hours})).await.json_of(200);
        let asked = operators(&app, SALES).await;
        assert_eq!((users(&asked["agents"]).len(), users(&asked["available_agents"]).len()), (3, available));
        assert_eq!(asked["operators"].as_array().map(Vec::len), Some(available.min(1)));
    }
    let limit = json!({"settings": {"chat_limit_on": true, "max_agent_assigned_chat": 1}});
    app.admin().put(&project, limit).await.json_of(200);
    assert_eq!(users(&operators(&app, SALES).await["available_agents"]), [OWNER, ADMIN], "the agent is at capacity");
    for agent in [json!([OWNER]), json!([ADMIN]), json!([])] {
        assert_eq!(served(&app, SALES).await, agent);
    }
    assert_eq!(operators(&app, SALES).await["available_agents"], json!([]));
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    for (body, field) in [
        (json!([]), ""),
        (json!({"name": ""}), "name"),
        (json!({"name": {}}), "name"),
        (json!({"name": "x", "routing": "random"}), "routing"),
        (json!({"name": "x", "status": 2}), "status"),
        (json!({"name": "x", "status": "one"}), "status"),
        (json!({"name": "x", "bot_only": "maybe"}), "bot_only"),
        (json!({"name": "x", "id_group": "fake"}), "id_group"),
        (json!({"name": "x", "id_group": "6877b2eb1568590013b57f00"}), "id_group"),
        (json!({"name": "x", "id_bot": [BOT]}), "id_bot"),
        (json!({"name": "x", "id_bot": "5be9b2ecc72a050015e14900"}), "id_bot"),
        (json!({"name": "x", "groups": 5}), "groups"),
        (json!({"name": "x", "groups": [{"id_group": GROUP}]}), "groups.0.percentage"),
    ] {
        for (method, path) in [(Method::POST, departments("")), (Method::PUT, one(SALES)), (Method::PATCH, one(SALES))]
        {
            let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
            assert_eq!(answer["errors"][0]["param"], field, "{method} {body}: {answer}");
        }
    }
    for body in [json!({}), json!({"name": null}), json!({"routing": "pooled"})] {
        assert_eq!(owner.post(&departments(""), body).await.json_of(422)["errors"][0]["param"], "name");
    }
    let elsewhere = &format!("{OTHER_PROJECT}/departments");
    for body in [json!({"name": "x", "id_group": GROUP}), json!({"name": "x", "id_bot": BOT})] {
        owner.post(elsewhere, body).await.json_of(422);
    }
    owner.post(&departments(""), json!({"name": "x".repeat(512_000)})).await.json_of(413);
    let missing = json!({"success": false, "msg": "Object not found."});
    for path in [one("fake"), one("5b55e806c93dde0014316300"), format!("{elsewhere}/{SALES}")] {
        for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
            let body = (method == Method::PUT || method == Method::PATCH).then(|| json!({"name": "x"}));
            assert_eq!(owner.call(method, &path, body).await.json_of(404), missing, "{path}");
        }
        assert_eq!(owner.get(&format!("{path}/operators")).await.json_of(404), missing, "{path}");
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn an_update_returns_null_for_a_removed_bot_and_group() {
    let app = App::new();
    let owner = app.owner();
    let created = owner.post(&departments(""), json!({"name": "New"})).await.json_of(200);
    assert_eq!(created["groups"], json!([]));
    assert_eq!((created.get("id_bot"), created.get("id_group")), (None, None));
    let path = one(created["_id"].as_str().expect("the id is a string"));
    let patched = owner.patch(&path, json!({"description": "x"})).await.json_of(200);
    assert_eq!(patched.get("id_bot"), None, "PATCH changes nothing else");
    let updated = owner.put(&path, json!({"name": "Renamed"})).await.json_of(200);
    assert_eq!((updated.get("id_bot"), updated.get("id_group")), (Some(&json!(null)), Some(&json!(null))));
    assert_eq!(owner.get(&path).await.json_of(200), updated);
    let created = owner.post(&departments(""), json!({"name": "Null", "id_bot": null})).await.json_of(200);
    assert_eq!((created.get("id_bot"), created.get("id_group")), (Some(&json!(null)), None));
}
