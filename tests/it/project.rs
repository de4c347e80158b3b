//! Projects beyond the documented exchanges: creation, deletion, operating hours, and availability.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Actor, App, PROJECT, root,
    seed::{ADMIN, ADMIN_MEMBER, AGENT, AGENT_MEMBER, GROUP, OUTSIDER, OWNER, PROJECT_ID, SALES},
};

fn project(suffix: &str) -> String {
    format!("/v3/projects/{PROJECT_ID}{suffix}")
}

/// A fake with its clock frozen at a moment.
fn at(moment: &str) -> App {
    App::with(|config| config.clock = moment.parse().expect("a moment"))
}

/// The values of one field in a list, such as names or IDs.
fn column(list: &Value, pointer: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    items.map(|item| item.pointer(pointer).and_then(Value::as_str).expect("a string").to_owned()).collect()
}

async fn available(app: &App, query: &str) -> Vec<String> {
    column(&app.nobody().get(&project(&format!("/users/availables{query}"))).await.json_of(200), "/id")
}

#[tokio::test]
async fn a_new_project_has_an_owner_and_a_default_department_and_is_listed() {
    let app = App::new();
    let outsider = app.outsider();
    assert_eq!(outsider.get("/v3/projects").await.json_of(200), json!([]));
    let created = outsider.post("/v3/projects", json!({"name": "Mine", "status": 0})).await.json_of(200);
    assert_eq!((&created["name"], &created["status"]), (&json!("Mine"), &json!(100)));
    assert_eq!((&created["createdBy"], &created["id"]), (&json!(OUTSIDER), &created["_id"]));
    assert_eq!((&created["activeOperatingHours"], &created["trialDaysLeft"]), (&json!(false), &json!(-14)));
    assert_eq!((&created["trialExpired"], &created["isActiveSubscription"]), (&json!(false), &json!(false)));

    let list = outsider.get("/v3/projects").await.json_of(200);
    assert_eq!((&list[0]["id_project"], &list[0]["role"]), (&created, &json!("owner")));
    assert_eq!((&list[0]["id_user"], &list[0]["user_available"]), (&created["createdBy"], &json!(true)));
    let id = created["_id"].as_str().expect("the id is a string");
    assert_eq!(outsider.get(&format!("/v3/projects/{id}")).await.json_of(200), created);
    let departments = app.nobody().get(&format!("/v3/{id}/departments")).await.json_of(200);
    assert_eq!(column(&departments, "/name"), ["Default Department"]);
    assert_eq!((&departments[0]["default"], &departments[0]["routing"]), (&json!(true), &json!("assigned")));
    let team = outsider.get(&format!("/v3/{id}/project_users")).await.json_of(200);
    assert_eq!(column(&team, "/id_user/email"), ["outsider@example.com"]);
    assert_eq!(
        app.owner().get(&format!("/v3/{id}/leads")).await.json_of(403)["msg"],
        "you dont belong to the project."
    );
    app.advance("36h").await;
    assert_eq!(outsider.get(&format!("/v3/projects/{id}")).await.json_of(200)["trialDaysLeft"], -13);
}

#[tokio::test]
async fn visitors_neither_list_nor_create_projects() {
    let app = App::new();
    let visitors = [app.guest().await, app.visitor().await];
    let before = app.state().await;
    for visitor in visitors {
        assert_eq!(visitor.get("/v3/projects").await.json_of(200), json!([]));
        visitor.post("/v3/projects", json!({"name": "x"})).await.json_of(403);
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn the_list_contains_active_team_memberships_by_last_change() {
    let app = App::new();
    let agent = app.agent();
    let listed = async |actor: &Actor<'_>| column(&actor.get("/v3/projects").await.json_of(200), "/id_project/name");
    assert_eq!(listed(&agent).await, ["000000", "Tiledesk"]);
    app.owner().put(&project(""), json!({"name": "Help"})).await.json_of(200);
    assert_eq!(listed(&agent).await, ["Help", "000000"]);
    let member = format!("{PROJECT}/project_users/{AGENT_MEMBER}");
    for change in [json!({"role": "user"}), json!({"role": "agent", "status": "disabled"})] {
        app.owner().put(&member, change.clone()).await.json_of(200);
        assert_eq!(listed(&agent).await, ["000000"], "{change}");
    }
    app.owner().put(&member, json!({"status": "active"})).await.json_of(200);
    assert_eq!(listed(&agent).await, ["Help", "000000"]);
}

#[tokio::test]
async fn a_deleted_project_is_closed_to_everyone() {
    let app = App::new();
    let owner = app.owner();
    let guest = app.guest().await;
    let deleted = owner.delete(&project("")).await.json_of(200);
    assert_eq!((&deleted["_id"], &deleted["status"]), (&json!(PROJECT_ID), &json!(0)));
    let before = app.state().await;
    let refused = json!({"error": format!("Project not found with id: {PROJECT_ID}")});
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
        let method: Method = method.parse().expect("a valid method");
        let path = format!("/v3{}", path.replace("{project_id}", PROJECT_ID));
        let body = (method != Method::GET && method != Method::DELETE).then(|| json!({}));
        let answer = owner.call(method, &path, body).await;
        if inside {
            assert_eq!(answer.json_of(400), refused, "{line}");
        } else {
            assert_eq!(answer.json_of(404), missing, "{line}");
        }
    }
    assert!(seen > 60, "the list of operations is empty");
    assert_eq!(guest.get(&format!("{PROJECT}/departments")).await.json_of(400), refused);
    app.nobody().post("/v3/auth/signinAnonymously", json!({"id_project": PROJECT_ID})).await.json_of(404);
    assert_eq!(app.state().await, before);
    // Like the API, the list still contains the membership, with the status of the deleted project.
    let list = owner.get("/v3/projects").await.json_of(200);
    assert_eq!((&list[0]["id_project"]["_id"], &list[0]["id_project"]["status"]), (&json!(PROJECT_ID), &json!(0)));
}

#[tokio::test]
async fn a_physically_deleted_project_is_gone() {
    let app = App::new();
    let removal = app.owner().delete(&project("/physical")).await.json_of(200);
    assert_eq!((&removal["deletedCount"], &removal["ok"]), (&json!(1), &json!(1)));
    app.owner().get(&format!("{PROJECT}/leads")).await.json_of(400);
    app.owner().get(&project("")).await.json_of(403);
    assert!(!app.owner().get("/v3/projects").await.json_of(200).to_string().contains(PROJECT_ID));
}

#[tokio::test]
async fn settings_change_individually_and_objects_are_replaced() {
    let app = App::new();
    let admin = app.admin();
    for method in [Method::PUT, Method::PATCH] {
        let change = async |body: Value| admin.call(method.clone(), &project(""), Some(body)).await.json_of(200);
        change(json!({"settings": {"x": 1}, "widget": {"a": 1, "b": 2}})).await;
        let one = change(json!({"settings.chat_limit_on": true, "settings.max_agent_assigned_chat": 3})).await;
        assert_eq!(one["settings"], json!({"x": 1, "chat_limit_on": true, "max_agent_assigned_chat": 3}));
        let same = change(json!({"name": null, "widget": null, "settings": null, "unknown": 1})).await;
        assert_eq!(same, one, "null and unknown fields change nothing");
        let whole = change(json!({"settings": {}, "widget": {"b": 3}, "channels": [{"name": "email"}]})).await;
        assert_eq!((&whole["settings"], &whole["widget"]), (&json!({}), &json!({"b": 3})));
        assert_eq!(app.agent().get(&project("")).await.json_of(200), whole);
    }
    admin.patch(&project("/attributes"), json!({"plan": {"a": 1}, "size": 5})).await.json_of(200);
    let merged = admin.patch(&project("/attributes"), json!({"plan": {"b": 1}})).await.json_of(200);
    assert_eq!(merged["attributes"], json!({"plan": {"b": 1}, "size": 5}));
    assert_eq!((&merged["name"], &merged["updatedAt"]), (&json!("Tiledesk"), &json!("2026-01-01T12:00:00.000Z")));
}

#[tokio::test]
async fn invalid_bodies_are_rejected_and_change_nothing() {
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
            let answer = owner.call(method, &project(""), Some(body.clone())).await.json_of(422);
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
        owner.call(method, &path, Some(body)).await.json_of(422);
    }
    owner.put(&project(""), json!({"name": "x", "profile": {"name": "Pro"}})).await.json_of(403);
    let long = json!({"name": "x".repeat(512_000)});
    let refused = json!({"err": "Request entity too large", "limit": 512_000});
    assert_eq!(owner.put(&project(""), long.clone()).await.json_of(413), refused);
    assert_eq!(owner.post("/v3/projects", long).await.json_of(413), refused);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn an_unknown_project_id_is_rejected_like_a_missing_membership() {
    let app = App::new();
    let before = app.state().await;
    for id in ["fake", "twelve-chars", "5b55e806c93dde0014316300"] {
        let one = format!("/v3/projects/{id}");
        for (method, path) in [(Method::GET, &one), (Method::PUT, &one), (Method::PATCH, &one), (Method::DELETE, &one)]
        {
            let body = (method != Method::GET && method != Method::DELETE).then(|| json!({"name": "x"}));
            let answer = app.owner().call(method, path, body).await.json_of(403);
            assert_eq!(answer, json!({"success": false, "msg": "you dont belong to the project."}));
        }
        app.nobody().get(&format!("{one}/isopen")).await.json_of(404);
        app.nobody().get(&format!("{one}/users/availables")).await.json_of(404);
    }
    assert_eq!(app.state().await, before);
}

const ROME: &str = r#"{"0":[{"start":"02:15","end":"02:45"},{"start":"09:00","end":"13:00"}],
    "1":[{"start":"09:00","end":"13:00"},{"start":"14:00","end":"18:00"}],
    "2":[{"start":"00:00","end":"24:00"}],"3":[],"4":[{"start":"22:00","end":"06:00"}],"tzname":"Europe/Rome"}"#;

#[tokio::test]
async fn a_project_is_open_during_its_operating_hours_in_its_time_zone() {
    for (moment, open) in [
        // A Monday in winter, UTC+1. An interval excludes its exact start and end.
        ("2026-01-05T08:00:59.999Z", false),
        ("2026-01-05T08:01:00Z", true),
        ("2026-01-05T11:59:59.999Z", true),
        ("2026-01-05T12:00:00Z", false),
        ("2026-01-05T13:00:00Z", false),
        ("2026-01-05T13:01:00Z", true),
        ("2026-01-05T17:00:00Z", false),
        // In summer, UTC+2.
        ("2026-07-06T07:01:00Z", true),
        ("2026-07-06T16:00:00Z", false),
        // Days start and end at midnight in Rome: Tuesday is open all day, Wednesday is closed, Friday has no hours.
        ("2026-01-05T22:59:59Z", false),
        ("2026-01-05T23:00:59Z", false),
        ("2026-01-05T23:01:00Z", true),
        ("2026-01-06T22:59:59Z", true),
        ("2026-01-06T23:00:00Z", false),
        ("2026-01-07T12:00:00Z", false),
        ("2026-01-09T10:00:00Z", false),
        // An interval does not extend past midnight.
        ("2026-01-08T22:00:00Z", false),
        ("2026-01-08T02:00:00Z", false),
        // The Sunday on which clocks skip from 2:00 to 3:00 lacks the first interval.
        ("2026-03-29T00:59:59Z", false),
        ("2026-03-29T01:30:00Z", false),
        ("2026-03-29T07:30:00Z", true),
        ("2026-03-29T11:00:00Z", false),
        // The Sunday on which clocks go back from 3:00 to 2:00 has it twice.
        ("2026-10-25T00:30:00Z", true),
        ("2026-10-25T01:00:00Z", false),
        ("2026-10-25T01:30:00Z", true),
        ("2026-10-25T08:30:00Z", true),
    ] {
        let app = at(moment);
        app.owner().put(&project(""), json!({"activeOperatingHours": true, "operatingHours": ROME})).await.json_of(200);
        let asked = app.nobody().get(&project("/isopen")).await.json_of(200);
        assert_eq!(asked, json!({"isopen": open}), "{moment}");
        assert_eq!(available(&app, "").await.is_empty(), !open, "{moment}");
        assert_eq!(available(&app, "?raw=true").await.len(), 3, "{moment}");
        app.owner().put(&project(""), json!({"activeOperatingHours": false})).await.json_of(200);
        assert_eq!(app.nobody().get(&project("/isopen")).await.json_of(200), json!({"isopen": true}), "{moment}");
    }
}

#[tokio::test]
async fn a_time_slot_counts_days_from_monday_and_includes_its_start() {
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
        assert_eq!(asked("nothing").await.json_of(200)["isopen"], true, "the project has no slots");
        app.owner().put(&project(""), json!({"timeSlots": slots})).await.json_of(200);
        assert_eq!(asked("sunday").await.json_of(200)["isopen"], open, "{moment}");
        assert_eq!(asked("idle").await.json_of(200)["isopen"], true, "{moment}");
        assert_eq!(asked("nothing").await.json_of(404)["error"], "Slot not found with id nothing");
    }
}

#[tokio::test]
async fn available_members_accept_requests_and_are_not_removed() {
    let app = App::new();
    let owner = app.owner();
    assert_eq!(available(&app, "").await, [OWNER, ADMIN, AGENT]);
    let member = |id: &str| format!("{PROJECT}/project_users/{id}");
    app.agent().put(&member(""), json!({"user_available": false})).await.json_of(200);
    assert_eq!(available(&app, "?raw=true").await, [OWNER, ADMIN]);
    app.agent().put(&member(""), json!({"user_available": true})).await.json_of(200);
    let admin = member(ADMIN_MEMBER);
    for removal in ["", "?soft=true", "?hard=true"] {
        owner.delete(&format!("{admin}{removal}")).await.json_of(200);
        assert_eq!(available(&app, "").await, [OWNER, AGENT], "{removal}");
        if removal == "?soft=true" {
            owner.put(&format!("{admin}/restore"), json!({})).await.json_of(200);
            owner.put(&admin, json!({"user_available": true})).await.json_of(200);
            assert_eq!(available(&app, "").await, [OWNER, ADMIN, AGENT]);
        }
    }
    let agent = &app.nobody().get(&project("/users/availables")).await.json_of(200)[1];
    let expected = json!({"id": AGENT, "firstname": "Andrea", "pu_id": AGENT_MEMBER,
        "fullname": "Andrea Leo", "email": "agent@example.com", "assigned_request": 1});
    assert_eq!(*agent, expected);
}

#[tokio::test]
async fn agents_at_the_request_limit_are_unavailable() {
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
        app.agent().put(&own, limit.clone()).await.json_of(200);
        app.admin().put(&project(""), json!({"settings": settings})).await.json_of(200);
        assert_eq!(available(&app, "").await.contains(&AGENT.to_owned()), others, "{settings} {limit}");
    }
}

#[tokio::test]
async fn a_department_restricts_availability_to_its_group() {
    let app = App::new();
    let (owner, sales, group) = (app.owner(), SALES, GROUP);
    let asked = async |id: &str| app.nobody().get(&project(&format!("/users/availables?department={id}"))).await;
    assert_eq!(column(&asked(sales).await.json_of(200), "/id"), [OWNER, ADMIN, AGENT], "no group");
    let department = format!("{PROJECT}/departments/{sales}");
    owner.patch(&department, json!({"id_group": group})).await.json_of(200);
    assert_eq!(column(&asked(sales).await.json_of(200), "/id"), [AGENT]);
    assert_eq!(column(&asked("default").await.json_of(200), "/id"), [OWNER, ADMIN, AGENT]);
    for unknown in ["fake", "5c34ba232c62730016da2500", "5ad5c2c9c975820014ba901b"] {
        let refused = json!({"success": false, "error": format!("Department {unknown} not found")});
        assert_eq!(asked(unknown).await.json_of(404), refused, "not in this project");
    }
    let disabled = "5c34b52a9f22a7001681e888";
    owner.put(&format!("{PROJECT}/groups/disable/{disabled}"), json!({})).await.json_of(200);
    owner.patch(&department, json!({"id_group": disabled})).await.json_of(200);
    let refused = json!({"success": false, "error": format!("Group {disabled} is currently disabled")});
    assert_eq!(asked(sales).await.json_of(403), refused);
}

#[tokio::test]
async fn operating_hours_keep_unknown_keys() {
    let app = App::new();
    let hours = r#"{"0":[],"tzname":"Europe/Rome","tz":"+01:00","note":{"a":1}}"#;
    let sent = json!({"activeOperatingHours": true, "operatingHours": hours});
    assert_eq!(app.owner().put(&project(""), sent).await.json_of(200)["operatingHours"], hours);
    assert_eq!(app.nobody().get(&project("/isopen")).await.json_of(200), json!({"isopen": false}));
}
