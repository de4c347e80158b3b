//! Invitations: the roles they grant, and pending ones.

use http::Method;
use serde_json::json;

use crate::support::{App, PROJECT, seed::AGENT_MEMBER};

fn path(suffix: &str) -> String {
    format!("{PROJECT}/{suffix}")
}

#[tokio::test]
async fn an_invitation_grants_every_role_up_to_the_callers_own() {
    let app = App::new();
    for (role, status) in [
        ("guest", 200),
        ("user", 200),
        ("teammate", 200),
        ("agent", 200),
        ("supervisor", 200),
        ("admin", 200),
        ("owner", 403),
    ] {
        let new = json!({"email": format!("{role}@new.example.com"), "role": role});
        let answer = app.admin().post(&path("project_users/invite"), new.clone()).await.json_of(status);
        if status == 200 {
            assert_eq!(answer["pendingInvitation"]["role"], role);
        } else {
            assert_eq!(answer, json!({"success": false, "msg": "you dont have the required role."}));
            app.owner().post(&path("project_users/invite"), new).await.json_of(200);
        }
    }
    let known = json!({"email": "outsider@example.com", "role": "owner"});
    app.admin().post(&path("project_users/invite"), known.clone()).await.json_of(403);
    assert_eq!(app.owner().post(&path("project_users/invite"), known).await.json_of(200)["role"], "owner");
}

#[tokio::test]
async fn an_update_grants_no_role_above_the_callers_own() {
    let app = App::new();
    let agent = path(&format!("project_users/{AGENT_MEMBER}"));
    let before = app.owner().get(&agent).await.json_of(200);
    app.admin().put(&agent, json!({"role": "owner"})).await.json_of(403);
    assert_eq!(app.owner().get(&agent).await.json_of(200), before);
    app.owner().put(&agent, json!({"role": "owner"})).await.json_of(200);
    app.owner().put(&agent, json!({"role": "supervisor"})).await.json_of(200);
    let unchanged = app.admin().put(&agent, json!({"role": "supervisor", "user_available": false})).await.json_of(200);
    assert_eq!(unchanged["user_available"], false);
}

#[tokio::test]
async fn strict_mode_accepts_only_documented_roles() {
    let app = App::new();
    for (role, status) in [("agent", 200), ("admin", 200), ("supervisor", 400), ("owner", 400)] {
        let body = json!({"email": format!("{role}@new.example.com"), "role": role}).to_string();
        let headers = [("content-type", "application/json"), ("prefer", "handling=strict")];
        let answer = app.owner().send(Method::POST, &path("project_users/invite"), &headers, body).await;
        assert_eq!(answer.status, status, "{role}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_empty_invitation_reports_the_missing_role_first() {
    let app = App::new();
    let answer = app.owner().post(&path("project_users/invite"), json!({})).await.json_of(200);
    assert_eq!(answer, json!({"success": false, "msg": "Role is required.", "code": 405}));
}

#[tokio::test]
async fn pending_invitations_are_listed_until_the_invitees_sign_up() {
    let app = App::new();
    let new = json!({"email": "new@example.com", "role": "agent"});
    let pending = app.owner().post(&path("project_users/invite"), new).await.json_of(200)["pendingInvitation"].clone();
    assert_eq!(app.agent().get(&path("pendinginvitations")).await.json_of(200), json!([pending]));
    app.agent().get("/v3/5df2240cecd41b00173a06bb/pendinginvitations").await.json_of(200);
    assert_eq!(app.outsider().get(&path("pendinginvitations")).await.status, 403);
    let account = json!({"email": "new@example.com", "password": "123456", "firstname": "N", "lastname": "N"});
    app.nobody().post("/v3/auth/signup", account).await.json_of(200);
    assert_eq!(app.owner().get(&path("pendinginvitations")).await.json_of(200), json!([]));
}
