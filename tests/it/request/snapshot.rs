//! The snapshot that is stored when a request is opened.

use serde_json::{Value, json};

use super::{open, requests};
use crate::support::{
    App, PROJECT,
    seed::{ADMIN, AGENT, AGENT_MEMBER, OWNER, SALES},
};

fn users(request: &Value) -> Vec<&str> {
    let agents = request["snapshot"]["agents"].as_array().expect("agents").iter();
    agents.filter_map(|agent| agent["id_user"].as_str()).collect()
}

// "Snapshot object containing context information (like department, lead, requester, agents, availableAgentsCount) when the
// request was created."
#[tokio::test]
async fn the_snapshot_keeps_the_agents_of_the_creation() {
    let app = App::new();
    let owner = app.owner();
    let visitor = app.guest().await;
    visitor.post(&requests("/new/messages"), json!({"text": "Hello", "departmentid": SALES})).await.json_of(200);
    let before = owner.get(&requests("/new")).await.json_of(200);
    assert_eq!(
        users(&before).len(),
        before["snapshot"]["availableAgentsCount"]
            .as_u64()
            .map_or(0, |count| usize::try_from(count).expect("a small number"))
    );
    assert!(users(&before).contains(&AGENT), "{before}");
    let member = format!("{PROJECT}/project_users/{AGENT_MEMBER}");
    owner.put(&member, json!({"user_available": false})).await.json_of(200);
    let after = owner.get(&requests("/new")).await.json_of(200);
    assert_eq!(after["snapshot"]["agents"], before["snapshot"]["agents"]);
}

#[tokio::test]
async fn a_request_with_participants_snapshots_the_whole_team_and_is_visible_to_it() {
    let app = App::new();
    let created = open(&app.owner(), "chosen", &[ADMIN]).await;
    let mut noted = users(&created);
    noted.sort_unstable();
    let mut team = vec![OWNER, ADMIN, AGENT];
    team.sort_unstable();
    assert_eq!((noted, &created["snapshot"]["availableAgentsCount"]), (team, &json!(3)));
    assert_eq!(created["participatingBots"], json!([]));
    let listed = app.agent().get(&requests("")).await.json_of(200);
    let ids: Vec<_> = listed["requests"].as_array().expect("requests").iter().map(|one| &one["request_id"]).collect();
    assert!(ids.contains(&&json!("chosen")), "the agent could have served it: {ids:?}");
}

#[tokio::test]
async fn every_response_has_the_agents_that_the_snapshot_states() {
    let app = App::new();
    open(&app.owner(), "opened", &[]).await;
    let state = app.state().await;
    for request in state["requests"].as_array().expect("requests") {
        let [project, id] = ["id_project", "request_id"].map(|field| request[field].as_str().expect("a string"));
        let shown = app.owner().get(&format!("/v3/{project}/requests/{id}")).await.json_of(200);
        assert_eq!(shown["snapshot"].get("agents"), request["snapshot"].get("agents"), "{id}");
        assert!(shown["snapshot"]["agents"].is_array(), "{id}: {shown}");
    }
}

#[tokio::test]
async fn the_contact_is_stored_when_a_message_opens_the_request() {
    let app = App::new();
    let visitor = app.guest().await;
    let body = json!({"text": "Hello", "email": "ada@example.com"});
    let sent = visitor.post(&requests("/new/messages"), body).await.json_of(200);
    assert_eq!(sent["request"]["contact"], json!({"email": "ada@example.com"}));
    assert_eq!(open(&app.owner(), "imported", &[]).await.get("contact"), None);
}

#[tokio::test]
async fn a_fixture_with_invalid_snapshot_agents_is_rejected() {
    let app = App::new();
    let mut state = app.nobody().get("/_control/state").await.json_of(200);
    state["requests"][0]["snapshot"]["agents"] = json!([{"role": "agent"}]);
    let refused = app.nobody().put("/_control/state", state).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("/requests/0"), "{}", refused.text());
}

#[tokio::test]
async fn imported_snapshot_agents_are_completed() {
    let app = App::new();
    let mut state = app.nobody().get("/_control/state").await.json_of(200);
    let complete = state["requests"][0]["snapshot"]["agents"].clone();
    for derived in ["id", "roleType", "isAuthenticated", "last_login_at", "permissions", "presence"] {
        let agent = state["requests"][0]["snapshot"]["agents"][0].as_object_mut().expect("an agent");
        assert!(agent.remove(derived).is_some(), "{derived} is stored");
    }
    app.nobody().put("/_control/state", state).await.json_of(200);
    let imported = app.nobody().get("/_control/state").await.json_of(200);
    assert_eq!(imported["requests"][0]["snapshot"]["agents"], complete);
}
