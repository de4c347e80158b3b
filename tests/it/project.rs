//! Projects beyond the documented exchanges: their beginning and end, opening hours, and who is available.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT, root};

const ID: &str = "5b55e806c93dde00143163dd";
const ANDREA: &str = "5ab11c6b83dc240014d46095";
const ADMIN: &str = "5ab0f3fa57066e0014bfd71e";
const AGENT: &str = "5aaa99024c3b110014b478f0";

fn project(suffix: &str) -> String {
    format!("/v3/projects/{ID}{suffix}")
}

/// A fake whose clock stands still at a moment.
fn at(moment: &str) -> App {
    App::with(|config| config.clock = moment.parse().expect("a moment"))
}

/// The names or ids that a list shows in one of its fields.
fn column(list: &Value, pointer: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| item.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned()).collect()
}

async fn available(app: &App, query: &str) -> Vec<String> {
    column(&app.nobody().get(&project(&format!("/users/availables{query}"))).await.expect(200), "/id")
}

#[tokio::test]
async fn a_new_project_has_its_owner_its_department_and_a_place_in_the_list() {
    let app = App::new();
    let outsider = app.outsider();
    assert_eq!(outsider.get("/v3/projects").await.expect(200), json!([]));
    let created = outsider.post("/v3/projects", json!({"name": "Mine", "status": 0})).await.expect(200);
    assert_eq!((&created["name"], &created["status"]), (&json!("Mine"), &json!(100)));
    assert_eq!((&created["createdBy"], &created["id"]), (&json!("5aaa99024c3b110014b478f1"), &created["_id"]));
    assert_eq!((&created["activeOperatingHours"], &created["trialDaysLeft"]), (&json!(false), &json!(-14)));
    assert_eq!((&created["trialExpired"], &created["isActiveSubscription"]), (&json!(false), &json!(false)));

    let list = outsider.get("/v3/projects").await.expect(200);
    assert_eq!((&list[0]["id_project"], &list[0]["role"]), (&created, &json!("owner")));
    assert_eq!((&list[0]["id_user"], &list[0]["user_available"]), (&created["createdBy"], &json!(true)));
    let id = created["_id"].as_str().expect("an id is a text");
    assert_eq!(outsider.get(&format!("/v3/projects/{id}")).await.expect(200), created);
    let departments = app.nobody().get(&format!("/v3/{id}/departments")).await.expect(200);
    assert_eq!(column(&departments, "/name"), ["Default Department"]);
    assert_eq!((&departments[0]["default"], &departments[0]["routing"]), (&json!(true), &json!("assigned")));
    let team = outsider.get(&format!("/v3/{id}/project_users")).await.expect(200);
    assert_eq!(column(&team, "/id_user/email"), ["outsider@example.com"]);
    assert_eq!(app.owner().get(&format!("/v3/{id}/leads")).await.expect(403)["msg"], "you dont belong to the project.");
    app.advance("36h").await;
    assert_eq!(outsider.get(&format!("/v3/projects/{id}")).await.expect(200)["trialDaysLeft"], -13);
}

#[tokio::test]
async fn visitors_have_no_projects_and_make_none() {
    let app = App::new();
    let visitors = [app.guest().await, app.visitor().await];
    let before = app.state().await;
    for visitor in visitors {
        assert_eq!(visitor.get("/v3/projects").await.expect(200), json!([]));
        visitor.post("/v3/projects", json!({"name": "x"})).await.expect(403);
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn the_list_holds_active_roles_of_the_team_and_shows_what_changed_last_first() {
    let app = App::new();
    let agent = app.agent();
    let listed = async |actor: &Actor<'_>| column(&actor.get("/v3/projects").await.expect(200), "/id_project/name");
    assert_eq!(listed(&agent).await, ["000000", "Tiledesk"]);
    app.owner().put(&project(""), json!({"name": "Help"})).await.expect(200);
    assert_eq!(listed(&agent).await, ["Help", "000000"]);
    let member = format!("{PROJECT}/project_users/5bb4d4d39214830015742b01");
    for change in [json!({"role": "user"}), json!({"role": "agent", "status": "disabled"})] {
        app.owner().put(&member, change.clone()).await.expect(200);
        assert_eq!(listed(&agent).await, ["000000"], "{change}");
    }
    app.owner().put(&member, json!({"status": "active"})).await.expect(200);
    assert_eq!(listed(&agent).await, ["Help", "000000"]);
}

#[tokio::test]
async fn a_deleted_project_is_closed_to_everybody() {
    let app = App::new();
    let owner = app.owner();
    let guest = app.guest().await;
    let deleted = owner.delete(&project("")).await.expect(200);
    assert_eq!((&deleted["_id"], &deleted["status"]), (&json!(ID), &json!(0)));
    let before = app.state().await;
    let refused = json!({"error": format!("Project not found with id: {ID}")});
    let missing = json!({"success": false, "msg": "Object not found."});
    let operations = fs::read_to_string(root().join("openapi/operations.txt")).expect("the list is generated");
    let mut seen = 0;
    for line in operations.lines() {
        let [.., method, path, _] = line.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (inside, about) = (path.starts_with("/{project_id}/"), path.starts_with("/projects/{project_id}"));
        if !inside && !about {
            continue;
        }
        seen += 1;
        let method: Method = method.parse().expect("operations have methods");
        let path = format!("/v3{}", path.replace("{project_id}", ID));
        let body = (method != Method::GET && method != Method::DELETE).then(|| json!({}));
        let answer = owner.call(method, &path, body).await;
        if inside {
            assert_eq!(answer.expect(400), refused, "{line}");
        } else {
            assert_eq!(answer.expect(404), missing, "{line}");
        }
    }
    assert!(seen > 60, "the list of operations was read");
    assert_eq!(guest.get(&format!("{PROJECT}/departments")).await.expect(400), refused);
    app.nobody().post("/v3/auth/signinAnonymously", json!({"id_project": ID})).await.expect(404);
    assert_eq!(app.state().await, before);
    // The API goes on to list the membership, and shows by the status what became of the project.
    let list = owner.get("/v3/projects").await.expect(200);
    assert_eq!((&list[0]["id_project"]["_id"], &list[0]["id_project"]["status"]), (&json!(ID), &json!(0)));
}

#[tokio::test]
async fn a_physically_deleted_project_is_gone() {
    let app = App::new();
    let removal = app.owner().delete(&project("/physical")).await.expect(200);
    assert_eq!((&removal["deletedCount"], &removal["ok"]), (&json!(1), &json!(1)));
    app.owner().get(&format!("{PROJECT}/leads")).await.expect(400);
    app.owner().get(&project("")).await.expect(403);
    assert!(!app.owner().get("/v3/projects").await.expect(200).to_string().contains(ID));
}

#[tokio::test]
async fn settings_change_one_by_one_and_objects_as_a_whole() {
    let app = App::new();
    let admin = app.admin();
    for method in [Method::PUT, Method::PATCH] {
        let change = async |body: Value| admin.call(method.clone(), &project(""), Some(body)).await.expect(200);
        change(json!({"settings": {"x": 1}, "widget": {"a": 1, "b": 2}})).await;
        let one = change(json!({"settings.chat_limit_on": true, "settings.max_agent_assigned_chat": 3})).await;
        assert_eq!(one["settings"], json!({"x": 1, "chat_limit_on": true, "max_agent_assigned_chat": 3}));
        let same = change(json!({"name": null, "widget": null, "settings": null, "unknown": 1})).await;
        assert_eq!(same, one, "null and unknown fields change nothing");
        let whole = change(json!({"settings": {}, "widget": {"b": 3}, "channels": [{"name": "email"}]})).await;
        assert_eq!((&whole["settings"], &whole["widget"]), (&json!({}), &json!({"b": 3})));
        assert_eq!(app.agent().get(&project("")).await.expect(200), whole);
    }
    admin.patch(&project("/attributes"), json!({"plan": {"a": 1}, "size": 5})).await.expect(200);
    let merged = admin.patch(&project("/attributes"), json!({"plan": {"b": 1}})).await.expect(200);
    assert_eq!(merged["attributes"], json!({"plan": {"b": 1}, "size": 5}));
    assert_eq!((&merged["name"], &merged["updatedAt"]), (&json!("Tiledesk"), &json!("2026-01-01T12:00:00.000Z")));
}

#[tokio::test]
async fn bad_bodies_are_refused_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    let zone = |zone: &str| json!({"operatingHours": json!({"1": [], "tzname": zone}).to_string()});
    let monday = |start: &str, end: &str| json!({"operatingHours": json!({"1": [{"start": start, "end": end}], "tzname": "UTC"}).to_string()});
    let slot = |slot: Value| json!({"timeSlots": {"fine": {"hours": ""}, "bad": slot}});
    for (body, field) in [
        (json!([]), ""),
        (json!({"name": {}}), "name"),
        (json!({"name": ""}), "name"),
        (json!({"widget": []}), "widget"),
        (json!({"settings": "x"}), "settings"),
        (json!({"settings.chat_limit_on": 2}), "settings.chat_limit_on"),
        (json!({"settings.max_agent_assigned_chat": -1}), "settings.max_agent_assigned_chat"),
        (json!({"channels": [{"name": {}}]}), "channels.0.name"),
        (json!({"versions": -1}), "versions"),
        (json!({"activeOperatingHours": "maybe"}), "activeOperatingHours"),
        (json!({"operatingHours": {"1": []}}), "operatingHours"),
        (json!({"operatingHours": "always"}), "operatingHours"),
        (json!({"operatingHours": "{\"1\":[]}"}), "operatingHours"),
        (json!({"operatingHours": "{\"1\":{},\"tzname\":\"UTC\"}"}), "operatingHours"),
        (zone("Mars/Olympus"), "operatingHours"),
        (monday("9", "10:00"), "operatingHours"),
        (monday("09:60", "10:00"), "operatingHours"),
        (monday("09:00", "24:01"), "operatingHours"),
        (monday("-1:00", "10:00"), "operatingHours"),
        (json!({"timeSlots": []}), "timeSlots"),
        (slot(json!(1)), "timeSlots.bad.hours"),
        (slot(json!({"hours": 5})), "timeSlots.bad.hours"),
        (slot(json!({"hours": "always"})), "timeSlots.bad.hours"),
    ] {
        for method in [Method::PUT, Method::PATCH] {
            let answer = owner.call(method, &project(""), Some(body.clone())).await.expect(422);
            assert_eq!(answer["errors"][0]["param"], field, "{body}: {answer}");
        }
    }
    for (method, path, body) in [
        (Method::POST, "/v3/projects".to_owned(), json!([])),
        (Method::POST, "/v3/projects".to_owned(), json!({"name": ""})),
        (Method::POST, "/v3/projects".to_owned(), json!({"name": null})),
        (Method::POST, "/v3/projects".to_owned(), json!({"name": ["x"]})),
        (Method::PATCH, project("/attributes"), json!([1])),
    ] {
        owner.call(method, &path, Some(body)).await.expect(422);
    }
    owner.put(&project(""), json!({"name": "x", "profile": {"name": "Pro"}})).await.expect(403);
    let long = json!({"name": "x".repeat(512_000)});
    let refused = json!({"err": "Request entity too large", "limit": 512_000});
    assert_eq!(owner.put(&project(""), long.clone()).await.expect(413), refused);
    assert_eq!(owner.post("/v3/projects", long).await.expect(413), refused);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn ids_that_name_no_project_are_projects_to_which_nobody_belongs() {
    let app = App::new();
    let before = app.state().await;
    for id in ["fake", "twelve-chars", "5b55e806c93dde0014316300"] {
        let one = format!("/v3/projects/{id}");
        for (method, path) in [(Method::GET, &one), (Method::PUT, &one), (Method::PATCH, &one), (Method::DELETE, &one)]
        {
            let body = (method != Method::GET && method != Method::DELETE).then(|| json!({"name": "x"}));
            let answer = app.owner().call(method, path, body).await.expect(403);
            assert_eq!(answer, json!({"success": false, "msg": "you dont belong to the project."}));
        }
        app.nobody().get(&format!("{one}/isopen")).await.expect(404);
        app.nobody().get(&format!("{one}/users/availables")).await.expect(404);
    }
    assert_eq!(app.state().await, before);
}

const ROME: &str = r#"{"0":[{"start":"02:15","end":"02:45"},{"start":"09:00","end":"13:00"}],
    "1":[{"start":"09:00","end":"13:00"},{"start":"14:00","end":"18:00"}],
    "2":[{"start":"00:00","end":"24:00"}],"3":[],"4":[{"start":"22:00","end":"06:00"}],"tzname":"Europe/Rome"}"#;

#[tokio::test]
async fn a_project_is_open_during_its_hours_in_its_own_time_zone() {
    for (moment, open) in [
        // A Monday in winter, an hour ahead of UTC. At its very start and end an interval is closed.
        ("2026-01-05T08:00:59.999Z", false),
        ("2026-01-05T08:01:00Z", true),
        ("2026-01-05T11:59:59.999Z", true),
        ("2026-01-05T12:00:00Z", false),
        ("2026-01-05T13:00:00Z", false),
        ("2026-01-05T13:01:00Z", true),
        ("2026-01-05T17:00:00Z", false),
        // In summer two hours ahead.
        ("2026-07-06T07:01:00Z", true),
        ("2026-07-06T16:00:00Z", false),
        // Days begin and end at midnight in Rome: Tuesday is open all day, Wednesday never, Friday has no hours.
        ("2026-01-05T22:59:59Z", false),
        ("2026-01-05T23:00:59Z", false),
        ("2026-01-05T23:01:00Z", true),
        ("2026-01-06T22:59:59Z", true),
        ("2026-01-06T23:00:00Z", false),
        ("2026-01-07T12:00:00Z", false),
        ("2026-01-09T10:00:00Z", false),
        // An interval does not reach over midnight.
        ("2026-01-08T22:00:00Z", false),
        ("2026-01-08T02:00:00Z", false),
        // The Sunday on which clocks jump from 2 to 3 does not have the first interval at all.
        ("2026-03-29T00:59:59Z", false),
        ("2026-03-29T01:30:00Z", false),
        ("2026-03-29T07:30:00Z", true),
        ("2026-03-29T11:00:00Z", false),
        // The Sunday on which they go back from 3 to 2 has it twice.
        ("2026-10-25T00:30:00Z", true),
        ("2026-10-25T01:00:00Z", false),
        ("2026-10-25T01:30:00Z", true),
        ("2026-10-25T08:30:00Z", true),
    ] {
        let app = at(moment);
        app.owner().put(&project(""), json!({"activeOperatingHours": true, "operatingHours": ROME})).await.expect(200);
        let asked = app.nobody().get(&project("/isopen")).await.expect(200);
        assert_eq!(asked, json!({"isopen": open}), "{moment}");
        assert_eq!(available(&app, "").await.is_empty(), !open, "{moment}");
        assert_eq!(available(&app, "?raw=true").await.len(), 3, "{moment}");
        app.owner().put(&project(""), json!({"activeOperatingHours": false})).await.expect(200);
        assert_eq!(app.nobody().get(&project("/isopen")).await.expect(200), json!({"isopen": true}), "{moment}");
    }
}

#[tokio::test]
async fn a_time_slot_counts_its_days_from_monday_and_includes_its_start() {
    let hours = json!({"7": [{"start": "09:00", "end": "10:00"}], "tzname": "America/New_York"}).to_string();
    let slots = json!({
        "sunday": {"name": "Sunday", "active": true, "hours": hours},
        "idle": {"name": "Idle", "active": false, "hours": hours},
    });
    for (moment, open) in [
        ("2026-01-04T13:59:59Z", false),
        ("2026-01-04T14:00:00Z", true),
        ("2026-01-04T14:59:59Z", true),
        ("2026-01-04T15:00:00Z", false),
        ("2026-01-05T14:00:00Z", false),
        ("2026-07-05T13:00:00Z", true),
    ] {
        let app = at(moment);
        let asked = async |slot: &str| app.nobody().get(&project(&format!("/isopen?timeSlot={slot}"))).await;
        assert_eq!(asked("nothing").await.expect(200)["isopen"], true, "the project has no slots");
        app.owner().put(&project(""), json!({"timeSlots": slots})).await.expect(200);
        assert_eq!(asked("sunday").await.expect(200)["isopen"], open, "{moment}");
        assert_eq!(asked("idle").await.expect(200)["isopen"], true, "{moment}");
        assert_eq!(asked("nothing").await.expect(404)["error"], "Slot not found with id nothing");
    }
}

#[tokio::test]
async fn available_is_who_takes_requests_and_was_not_removed() {
    let app = App::new();
    let owner = app.owner();
    assert_eq!(available(&app, "").await, [ANDREA, ADMIN, AGENT]);
    let member = |id: &str| format!("{PROJECT}/project_users/{id}");
    app.agent().put(&member(""), json!({"user_available": false})).await.expect(200);
    assert_eq!(available(&app, "?raw=true").await, [ANDREA, ADMIN]);
    app.agent().put(&member(""), json!({"user_available": true})).await.expect(200);
    let admin = member("5bb4d4d39214830015742b00");
    for removal in ["", "?soft=true", "?hard=true"] {
        owner.delete(&format!("{admin}{removal}")).await.expect(200);
        assert_eq!(available(&app, "").await, [ANDREA, AGENT], "{removal}");
        if removal == "?soft=true" {
            owner.put(&format!("{admin}/restore"), json!({})).await.expect(200);
            owner.put(&admin, json!({"user_available": true})).await.expect(200);
            assert_eq!(available(&app, "").await, [ANDREA, ADMIN, AGENT]);
        }
    }
    let agent = &app.nobody().get(&project("/users/availables")).await.expect(200)[1];
    let expected = json!({"id": AGENT, "firstname": "Andrea", "pu_id": "5bb4d4d39214830015742b01",
        "fullname": "Andrea Leo", "email": "agent@example.com", "assigned_request": 1});
    assert_eq!(*agent, expected);
}

#[tokio::test]
async fn a_limit_of_requests_makes_agents_unavailable_who_have_as_many() {
    let app = App::new();
    let own = format!("{PROJECT}/project_users");
    for (settings, limit, others) in [
        (json!({"max_agent_assigned_chat": 1}), json!({}), true),
        (json!({"max_agent_assigned_chat": 1, "chat_limit_on": false}), json!({}), true),
        (json!({"max_agent_assigned_chat": 0, "chat_limit_on": true}), json!({}), true),
        (json!({"max_agent_assigned_chat": 1, "chat_limit_on": true}), json!({}), false),
        (json!({"max_agent_assigned_chat": 2, "chat_limit_on": true}), json!({}), true),
        (json!({"max_agent_assigned_chat": 1, "chat_limit_on": true}), json!({"max_assigned_chat": 2}), true),
        (json!({"max_agent_assigned_chat": 2, "chat_limit_on": true}), json!({"max_assigned_chat": 1}), false),
        (json!({"max_agent_assigned_chat": 2, "chat_limit_on": true}), json!({"max_assigned_chat": -1}), true),
    ] {
        app.agent().put(&own, limit.clone()).await.expect(200);
        app.admin().put(&project(""), json!({"settings": settings})).await.expect(200);
        assert_eq!(available(&app, "").await.contains(&AGENT.to_owned()), others, "{settings} {limit}");
    }
}

#[tokio::test]
async fn a_department_narrows_who_is_available_to_its_group() {
    let app = App::new();
    let (owner, sales, group) = (app.owner(), "5c34ba232c62730016da250e", "6877b2eb1568590013b57fde");
    let asked = async |id: &str| app.nobody().get(&project(&format!("/users/availables?department={id}"))).await;
    assert_eq!(column(&asked(sales).await.expect(200), "/id"), [ANDREA, ADMIN, AGENT], "no group");
    let department = format!("{PROJECT}/departments/{sales}");
    owner.patch(&department, json!({"id_group": group})).await.expect(200);
    assert_eq!(column(&asked(sales).await.expect(200), "/id"), [AGENT]);
    assert_eq!(column(&asked("default").await.expect(200), "/id"), [ANDREA, ADMIN, AGENT]);
    for unknown in ["fake", "5c34ba232c62730016da2500", "5ad5c2c9c975820014ba901b"] {
        let refused = json!({"success": false, "error": format!("Department {unknown} not found")});
        assert_eq!(asked(unknown).await.expect(404), refused, "not of this project");
    }
    let disabled = "5c34b52a9f22a7001681e888";
    owner.put(&format!("{PROJECT}/groups/disable/{disabled}"), json!({})).await.expect(200);
    owner.patch(&department, json!({"id_group": disabled})).await.expect(200);
    let refused = json!({"success": false, "error": format!("Group {disabled} is currently disabled")});
    assert_eq!(asked(sales).await.expect(403), refused);
}

#[tokio::test]
async fn operating_hours_keep_keys_that_mean_nothing() {
    let app = App::new();
    let hours = r#"{"0":[],"tzname":"Europe/Rome","tz":"+01:00","note":{"a":1}}"#;
    let sent = json!({"activeOperatingHours": true, "operatingHours": hours});
    assert_eq!(app.owner().put(&project(""), sent).await.expect(200)["operatingHours"], hours);
    assert_eq!(app.nobody().get(&project("/isopen")).await.expect(200), json!({"isopen": false}));
}
