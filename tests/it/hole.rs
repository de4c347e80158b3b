//! What callers may do beyond their rights in the reference server: refused by default, and restored by `--faithful-holes`.

use serde_json::{Value, json};

use crate::support::{App, PROJECT};

const OWNER: &str = "5b55e8060000000000000002";
const ADMIN: &str = "5bb4d4d39214830015742b00";
const AGENT: &str = "5bb4d4d39214830015742b01";

/// The account of the owner.
const ANDREA: &str = "5ab11c6b83dc240014d46095";

fn holed() -> App {
    App::with(|config| config.faithful_holes = true)
}

fn member(id: &str) -> String {
    format!("{PROJECT}/project_users/{id}")
}

#[tokio::test]
async fn an_admin_neither_makes_nor_changes_nor_removes_owners() {
    let app = App::new();
    let before = app.state().await;
    let admin = app.admin();
    let refused = json!({"success": false, "msg": "you dont have the required role."});
    for (id, patch) in [
        (ADMIN, json!({"role": "owner"})),
        (AGENT, json!({"role": "owner"})),
        (OWNER, json!({"role": "agent"})),
        (OWNER, json!({"status": "disabled"})),
        (OWNER, json!({"user_available": false})),
    ] {
        assert_eq!(admin.put(&member(id), patch.clone()).await.expect(403), refused, "{patch}");
    }
    for query in ["", "?soft=true", "?hard=true"] {
        assert_eq!(admin.delete(&format!("{}{query}", member(OWNER))).await.expect(403), refused, "{query}");
    }
    for email in ["outsider@example.com", "new@example.com"] {
        let invitation = json!({"email": email, "role": "owner"});
        let invite = admin.post(&format!("{PROJECT}/project_users/invite"), invitation).await;
        assert_eq!(invite.expect(403), refused, "{email}");
    }
    let project = PROJECT.replace("/v3/", "/v3/projects/");
    assert_eq!(admin.post(&format!("{project}/ban"), json!({"id": ANDREA})).await.expect(403), refused);
    assert_eq!(admin.put(&project, json!({"bannedUsers": [{"id": ANDREA}]})).await.expect(403), refused);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn an_admin_neither_restores_nor_invites_back_an_owner() {
    let app = App::new();
    app.owner().put(&member(ADMIN), json!({"role": "owner"})).await.expect(200);
    app.owner().put(&member(AGENT), json!({"role": "admin"})).await.expect(200);
    app.owner().delete(&format!("{}?soft=true", member(ADMIN))).await.expect(200);
    app.agent().put(&format!("{}/restore", member(ADMIN)), Value::Null).await.expect(403);
    let invitation = json!({"email": "admin@example.com", "role": "agent"});
    app.agent().post(&format!("{PROJECT}/project_users/invite"), invitation).await.expect(403);
    app.owner().put(&format!("{}/restore", member(ADMIN)), Value::Null).await.expect(200);
}

#[tokio::test]
async fn a_project_keeps_an_active_owner() {
    let app = App::new();
    let before = app.state().await;
    let refused = json!({"success": false, "msg": "A project must have at least one active owner."});
    let owner = app.owner();
    for patch in [json!({"role": "admin"}), json!({"status": "disabled"})] {
        assert_eq!(owner.put(&member(OWNER), patch.clone()).await.expect(403), refused, "{patch}");
    }
    for query in ["", "?soft=true", "?hard=true"] {
        assert_eq!(owner.delete(&format!("{}{query}", member(OWNER))).await.expect(403), refused, "{query}");
    }
    assert_eq!(app.state().await, before);
    owner.put(&member(OWNER), json!({"user_available": false})).await.expect(200);
    owner.put(&member(ADMIN), json!({"role": "owner"})).await.expect(200);
    owner.put(&member(OWNER), json!({"role": "admin"})).await.expect(200);
    assert_eq!(app.admin().delete(&member(ADMIN)).await.expect(403), refused, "the other one is the last now");
}

#[tokio::test]
async fn holes_let_an_admin_take_over_a_project() {
    let app = holed();
    app.admin().put(&member(ADMIN), json!({"role": "owner"})).await.expect(200);
    app.admin().delete(&member(OWNER)).await.expect(200);
    app.admin().delete(&member(ADMIN)).await.expect(200);
}
