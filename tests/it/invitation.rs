//! Invitations: which roles they give, and which are pending.

use http::Method;
use serde_json::json;

use crate::support::{App, PROJECT};

fn path(suffix: &str) -> String {
    format!("{PROJECT}/{suffix}")
}

#[tokio::test]
async fn an_invitation_gives_every_role_up_to_the_callers_own() {
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
        let answer = app.admin().post(&path("project_users/invite"), new.clone()).await.expect(status);
        if status == 200 {
            assert_eq!(answer["pendingInvitation"]["role"], role);
        } else {
            assert_eq!(answer, json!({"success": false, "msg": "you dont have the required role."}));
            app.owner().post(&path("project_users/invite"), new).await.expect(200);
        }
    }
    let known = json!({"email": "outsider@example.com", "role": "owner"});
    app.admin().post(&path("project_users/invite"), known.clone()).await.expect(403);
    assert_eq!(app.owner().post(&path("project_users/invite"), known).await.expect(200)["role"], "owner");
}

#[tokio::test]
async fn an_update_gives_no_role_above_the_callers_own() {
    let app = App::new();
    let agent = path("project_users/5bb4d4d39214830015742b01");
    let before = app.owner().get(&agent).await.expect(200);
    app.admin().put(&agent, json!({"role": "owner"})).await.expect(403);
    assert_eq!(app.owner().get(&agent).await.expect(200), before);
    app.owner().put(&agent, json!({"role": "owner"})).await.expect(200);
    app.owner().put(&agent, json!({"role": "supervisor"})).await.expect(200);
    let unchanged = app.admin().put(&agent, json!({"role": "supervisor", "user_available": false})).await.expect(200);
    assert_eq!(unchanged["user_available"], false);
}

#[tokio::test]
async fn strict_mode_takes_the_documented_roles_only() {
    let app = App::new();
    for (role, status) in [("agent", 200), ("admin", 200), ("supervisor", 400), ("owner", 400)] {
        let body = json!({"email": format!("{role}@new.example.com"), "role": role}).to_string();
        let headers = [("content-type", "application/json"), ("prefer", "handling=strict")];
        let answer = app.owner().send(Method::POST, &path("project_users/invite"), &headers, body).await;
        assert_eq!(answer.status, status, "{role}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_invitation_without_anything_lacks_a_role_first() {
    let app = App::new();
    let answer = app.owner().post(&path("project_users/invite"), json!({})).await.expect(200);
    assert_eq!(answer, json!({"success": false, "msg": "Role is required.", "code": 405}));
}

#[tokio::test]
async fn pending_invitations_are_listed_until_their_addressees_sign_up() {
    let app = App::new();
    let new = json!({"email": "new@example.com", "role": "agent"});
    let pending = app.owner().post(&path("project_users/invite"), new).await.expect(200)["pendingInvitation"].clone();
    assert_eq!(app.agent().get(&path("pendinginvitations")).await.expect(200), json!([pending]));
    app.agent().get("/v3/5df2240cecd41b00173a06bb/pendinginvitations").await.expect(200);
    assert_eq!(app.outsider().get(&path("pendinginvitations")).await.status, 403);
    let account = json!({"email": "new@example.com", "password": "123456", "firstname": "N", "lastname": "N"});
    app.nobody().post("/v3/auth/signup", account).await.expect(200);
    assert_eq!(app.owner().get(&path("pendinginvitations")).await.expect(200), json!([]));
}
