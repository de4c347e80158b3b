//! The states of a request: all permitted and all forbidden transitions.

use http::Method;
use serde_json::{Value, json};

use super::{open, pooled, requests};
use crate::support::{
    Actor, App, PROJECT,
    seed::{ADMIN, ADMIN_MEMBER, AGENT, AGENT_MEMBER, BOT_USER, OWNER, OWNER_MEMBER, PROJECT_ID, SALES},
};

const STATES: [u16; 5] = [50, 100, 150, 200, 1000];

/// Creates a request in a state: 200 and 1000 are served by the agent, the others by no one.
async fn in_state(app: &App, state: u16) -> String {
    let (owner, id) = (app.owner(), format!("support-group-{state}"));
    match state {
        50 => {
            let body = json!({"text": "…", "preflight": true, "request_status": 50, "departmentid": SALES});
            app.visitor().await.post(&requests(&format!("/{id}/messages")), body).await.json_of(200);
        }
        100 => drop(open(&owner, &id, &[]).await),
        150 => {
            open(&owner, &id, &[]).await;
            owner.patch(&requests(&format!("/{id}")), json!({"status": 150})).await.json_of(200);
        }
        _ => {
            open(&owner, &id, &[AGENT]).await;
            if state == 1000 {
                owner.put(&requests(&format!("/{id}/close")), Value::Null).await.json_of(200);
            }
        }
    }
    assert_eq!(owner.get(&requests(&format!("/{id}"))).await.json_of(200)["status"], state);
    id
}

/// One row: an operation, and the state after it for each initial state.
struct Transition {
    name: &'static str,
    method: Method,
    path: &'static str,
    body: Value,
    after: [u16; 5],
}

fn transition(name: &'static str, method: Method, path: &'static str, body: Value, after: [u16; 5]) -> Transition {
    Transition { name, method, path, body, after }
}

#[tokio::test]
async fn every_transition_leads_to_the_expected_state() {
    use Method as M;
    let same = STATES;
    let table = [
        transition("close", M::PUT, "/close", Value::Null, [1000; 5]),
        transition("close with force", M::PUT, "/close", json!({"force": true}), [1000; 5]),
        transition("close as a guest", M::PUT, "/closeg", json!({}), [1000; 5]),
        transition("reopen", M::PUT, "/reopen", Value::Null, [100, 100, 100, 200, 100]),
        transition("route to agents", M::PUT, "/departments", json!({"departmentid": SALES}), [200; 5]),
        transition("route to no one", M::PUT, "/departments", json!({"departmentid": "POOL"}), [100; 5]),
        transition("hand over", M::PUT, "/agent", json!({}), [200, 100, 150, 200, 200]),
        transition("assign", M::PUT, "/assign", json!({"departmentid": SALES}), [200, 200, 200, 200, 1000]),
        transition("add an agent", M::POST, "/participants", json!({"member": ADMIN}), [200; 5]),
        transition("add a bot", M::POST, "/participants", json!({"member": BOT_USER}), [200; 5]),
        transition(
            "add the current agent",
            M::POST,
            "/participants",
            json!({"member": AGENT}),
            [200, 200, 200, 200, 1000],
        ),
        transition("set participants", M::PUT, "/participants", json!([ADMIN, BOT_USER]), [200; 5]),
        transition("set no participants", M::PUT, "/participants", json!([]), [50, 100, 150, 100, 100]),
        transition("set the same participants", M::PUT, "/participants", json!([AGENT]), [200, 200, 200, 200, 1000]),
        transition(
            "remove the last participant",
            M::DELETE,
            "/participants/5aaa99024c3b110014b478f0",
            Value::Null,
            [50, 100, 150, 100, 1000],
        ),
        transition("remove a non-participant", M::DELETE, "/participants/5ab0f3fa57066e0014bfd71e", Value::Null, same),
        transition("patch 50", M::PATCH, "", json!({"status": 50}), [50; 5]),
        transition("patch 100", M::PATCH, "", json!({"status": 100}), [100; 5]),
        transition("patch 150", M::PATCH, "", json!({"status": 150}), [150; 5]),
        transition("patch 200", M::PATCH, "", json!({"status": 200}), [200; 5]),
        transition("patch 1000", M::PATCH, "", json!({"status": 1000}), [1000; 5]),
        transition("patch another field", M::PATCH, "", json!({"language": "it"}), same),
        transition("attributes", M::PATCH, "/attributes", json!({"plan": "free"}), same),
        transition("note", M::POST, "/notes", json!({"text": "Called back"}), same),
        transition("follow", M::POST, "/followers", json!({"member": AGENT_MEMBER}), same),
        transition("tag", M::PUT, "/tag", json!([{"tag": "vip", "color": "#fff"}]), same),
        transition("write as an agent", M::POST, "/messages", json!({"text": "Yes?"}), same),
    ];
    for Transition { name, method, path, body, after } in table {
        for (before, after) in STATES.into_iter().zip(after) {
            let app = App::new();
            let (owner, id) = (app.owner(), in_state(&app, before).await);
            let body = if body["departmentid"] == "POOL" {
                json!({"departmentid": pooled(&owner).await})
            } else {
                body.clone()
            };
            let body = (!body.is_null()).then_some(body);
            owner.call(method.clone(), &requests(&format!("/{id}{path}")), body).await.json_of(200);
            let request = owner.get(&requests(&format!("/{id}"))).await.json_of(200);
            assert_eq!(request["status"], after, "{name}, from {before}");
        }
    }
}

#[tokio::test]
async fn forbidden_operations_change_nothing() {
    let table = [
        ("close without participating", "agent", Method::PUT, "/close", json!({}), 403),
        ("close as a visitor", "visitor", Method::PUT, "/close", json!({}), 403),
        ("reopen as a visitor", "visitor", Method::PUT, "/reopen", json!({}), 403),
        ("route as a visitor", "visitor", Method::PUT, "/departments", json!({"departmentid": SALES}), 403),
        ("add a participant as a visitor", "visitor", Method::POST, "/participants", json!({"member": ADMIN}), 403),
        ("patch as a visitor", "visitor", Method::PATCH, "", json!({"status": 1000}), 403),
        ("delete as an admin", "admin", Method::DELETE, "", Value::Null, 403),
        ("add a note without participating", "agent", Method::POST, "/notes", json!({"text": "Mine"}), 403),
        ("rate the request of another visitor", "visitor", Method::PATCH, "/rating", json!({"rating": 5}), 404),
        ("unknown status", "owner", Method::PATCH, "", json!({"status": 300}), 422),
        ("status as text", "owner", Method::PATCH, "", json!({"status": "closed"}), 422),
        ("unknown department", "owner", Method::PUT, "/departments", json!({"departmentid": ADMIN}), 422),
        ("department by name", "owner", Method::PUT, "/departments", json!({"departmentid": "sales"}), 422),
        ("unknown agent", "owner", Method::POST, "/participants", json!({"member": SALES}), 422),
        ("unknown bot", "owner", Method::POST, "/participants", json!({"member": "bot_1"}), 422),
        ("visitor as a participant", "owner", Method::POST, "/participants", json!({"member": "user-1"}), 422),
        ("empty member", "owner", Method::POST, "/participants", json!({"member": ""}), 422),
        ("object instead of an array", "owner", Method::PUT, "/participants", json!({"member": ADMIN}), 422),
        ("one unknown participant", "owner", Method::PUT, "/participants", json!([ADMIN, "bot_1"]), 422),
        ("number as a participant", "owner", Method::PUT, "/participants", json!([ADMIN, 5]), 422),
        ("one unknown follower", "owner", Method::PUT, "/followers", json!([AGENT_MEMBER, SALES]), 422),
        ("tag without a name", "owner", Method::PUT, "/tag", json!([{"color": "#fff"}]), 422),
        ("no tags", "owner", Method::PUT, "/tag", json!([]), 400),
        ("empty note", "owner", Method::POST, "/notes", json!({"text": ""}), 400),
        ("attributes as an array", "owner", Method::PATCH, "/attributes", json!(["plan"]), 422),
        ("number as the text of a message", "owner", Method::POST, "/messages", json!({"text": 5}), 422),
        ("object instead of an array of messages", "owner", Method::POST, "/messages/multi", json!({"text": "1"}), 422),
        ("one invalid message", "owner", Method::POST, "/messages/multi", json!([{"text": "1"}, {"text": 2}]), 422),
    ];
    for state in STATES {
        let app = App::new();
        let id = in_state(&app, state).await;
        // Served requests are served by another user.
        if matches!(state, 200) {
            app.owner().put(&requests(&format!("/{id}/participants")), json!([ADMIN])).await.json_of(200);
        }
        let (owner, admin, agent, visitor) = (app.owner(), app.admin(), app.agent(), app.guest().await);
        let before = app.state().await;
        for (name, who, method, path, body, status) in &table {
            if state == 1000 && *who == "agent" {
                continue;
            }
            let actor: &Actor<'_> = match *who {
                "owner" => &owner,
                "admin" => &admin,
                "agent" => &agent,
                _ => &visitor,
            };
            let body = (!body.is_null()).then(|| body.clone());
            let answer = actor.call(method.clone(), &requests(&format!("/{id}{path}")), body).await;
            assert_eq!(answer.status.as_u16(), *status, "{name}, in {state}: {}", answer.text());
            assert_eq!(app.state().await, before, "{name}, in {state}");
        }
    }
}

#[tokio::test]
async fn a_new_request_is_assigned_if_someone_is_available() {
    let app = App::new();
    let owner = app.owner();
    let pool = pooled(&owner).await;
    let cases = [
        (json!({"departmentid": SALES}), 200, json!([OWNER])),
        (json!({"departmentid": pool}), 100, json!([])),
        (json!({}), 200, json!([BOT_USER])),
        (json!({"participants": [ADMIN, BOT_USER]}), 200, json!([ADMIN, BOT_USER])),
        (json!({"participants": []}), 200, json!([BOT_USER])),
    ];
    for (mut body, status, participants) in cases {
        body["first_text"] = json!("Hello");
        let request = owner.post(&requests(""), body.clone()).await.json_of(200);
        assert_eq!((&request["status"], &request["participants"]), (&json!(status), &participants), "{body}");
        assert_eq!(request["assigned_at"].is_string(), status == 200, "{body}");
    }
    // No one is available.
    for member in [OWNER_MEMBER, ADMIN_MEMBER, AGENT_MEMBER] {
        let path = format!("{PROJECT}/project_users/{member}");
        owner.put(&path, json!({"user_available": false})).await.json_of(200);
    }
    let request = owner.post(&requests(""), json!({"first_text": "Hello", "departmentid": SALES})).await.json_of(200);
    assert_eq!((&request["status"], &request["participants"]), (&json!(100), &json!([])));
    assert_eq!(request["snapshot"]["availableAgentsCount"], 0);
}

#[tokio::test]
async fn a_preflight_request_opens_with_the_first_message() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    let path = requests("/support-group-early");
    let early = json!({"text": "opened the page", "preflight": true, "request_status": 50, "departmentid": SALES});
    visitor.post(&format!("{path}/messages"), early).await.json_of(200);
    let request = owner.get(&path).await.json_of(200);
    assert_eq!((&request["status"], &request["preflight"]), (&json!(50), &json!(true)));
    assert_eq!(request["participants"], json!([]), "not assigned before the visitor writes");
    assert_eq!(owner.get(&requests("?status=50")).await.json_of(200)["count"], 0, "excluded from lists");

    visitor.post(&format!("{path}/messages"), json!({"text": "Hello?"})).await.json_of(200);
    let request = owner.get(&path).await.json_of(200);
    assert_eq!((&request["status"], &request["preflight"]), (&json!(200), &json!(false)));
    assert_eq!((&request["first_text"], &request["participants"]), (&json!("Hello?"), &json!([OWNER])));
    assert_eq!(
        owner.get(&requests("?status=200&lead=")).await.json_of(200)["requests"][0]["request_id"],
        "support-group-early"
    );
}

#[tokio::test]
async fn a_request_abandoned_by_all_agents_is_marked_once() {
    let app = App::new();
    let owner = app.owner();
    let limited = json!({"settings": {"chat_limit_on": true, "max_agent_assigned_chat": 3}});
    owner.put(&format!("/v3/projects/{PROJECT_ID}"), limited).await.json_of(200);
    let path = requests("/support-group-left");
    let opened = json!({"request_id": "support-group-left", "first_text": "Hello", "departmentid": SALES});
    let mut request = owner.post(&requests(""), opened).await.json_of(200);
    let route = async || owner.put(&format!("{path}/departments"), json!({"departmentid": SALES})).await.json_of(200);
    let told = async || {
        let state = app.state().await;
        let events = state["events"].as_array().into_iter().flatten();
        events.filter(|event| event["name"] == "request.fully_abandoned").count()
    };
    for left in 1..=3 {
        let who = request["participants"][0].as_str().expect("a participant").to_owned();
        owner.delete(&format!("{path}/participants/{who}")).await.json_of(200);
        request = route().await;
        assert_ne!(request["participants"], json!([who]), "not reassigned to the agent who left");
        let (status, events) = if left < 3 { (200, 0) } else { (150, 1) };
        assert_eq!((&request["status"], told().await), (&json!(status), events), "{left} left");
        assert_eq!(request["attributes"]["fully_abandoned"] == true, left == 3, "{left} left");
    }
    route().await;
    assert_eq!(told().await, 1, "once");
    assert_eq!((&request["participants"], &request["attributes"]["fully_abandoned"]), (&json!([]), &json!(true)));
}

#[tokio::test]
async fn deletion_is_permanent_in_every_state() {
    let app = App::new();
    let owner = app.owner();
    for state in STATES {
        let id = in_state(&app, state).await;
        owner.post(&requests(&format!("/{id}/messages")), json!({"text": "Hello"})).await.json_of(200);
        owner.delete(&requests(&format!("/{id}"))).await.json_of(200);
        owner.get(&requests(&format!("/{id}"))).await.json_of(404);
        owner.delete(&requests(&format!("/{id}"))).await.json_of(404);
        let messages = owner.get(&requests(&format!("/{id}/messages"))).await.json_of(200);
        assert_eq!(messages, json!([]), "its messages are deleted, too");
    }
    let members = owner.get(&format!("{PROJECT}/project_users")).await.json_of(200);
    let busy = members.as_array().expect("members").iter().map(|member| &member["number_assigned_requests"]);
    assert_eq!(busy.filter_map(Value::as_u64).sum::<u64>(), 1, "only the request of the default world remains");
}
