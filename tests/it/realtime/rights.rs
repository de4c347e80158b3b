//! Connections whose rights end, and frames that clients are not to publish.

use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{ADMIN, AGENT, OWNER, SERVED, UNSERVED, patch, path, topic};
use crate::support::{
    Actor, App,
    socket::{Socket, token},
};

/// The memberships of the administrator and of the agent.
const ADMIN_MEMBER: &str = "5bb4d4d39214830015742b00";
const AGENT_MEMBER: &str = "5bb4d4d39214830015742b01";

/// What ends a right to read the requests of the project.
async fn end(app: &App, how: &str) {
    let member = path(&format!("/project_users/{ADMIN_MEMBER}"));
    let project = "/v3/projects/5b55e806c93dde00143163dd";
    match how {
        "disabled" => app.owner().put(&member, json!({"status": "disabled"})).await,
        "removed" => app.owner().delete(&member).await,
        "removed softly" => app.owner().delete(&format!("{member}?soft=true")).await,
        "removed for good" => app.owner().delete(&format!("{member}?hard=true")).await,
        "banned" => app.owner().post(&format!("{project}/ban"), json!({"id": "5ab0f3fa57066e0014bfd71e"})).await,
        "project deleted" => app.owner().delete(project).await,
        "reset" => {
            let mut state = app.state().await;
            let members = state["project_users"].as_array_mut().expect("members");
            members.retain(|member| member["_id"] != ADMIN_MEMBER);
            app.nobody().put("/_control/state", state).await
        }
        other => panic!("unknown: {other}"),
    }
    .expect(200);
}

async fn close_notice(socket: &mut Socket) -> Option<CloseCode> {
    while let Some(Ok(message)) = socket.0.next().await {
        if let Message::Close(close) = message {
            return close.map(|close| close.code);
        }
    }
    None
}

#[tokio::test]
async fn a_topic_ends_with_the_right_to_read_it() {
    for how in ["disabled", "removed", "removed softly", "removed for good", "banned", "project deleted", "reset"] {
        let app = App::new();
        let (mut socket, name) = (Socket::of(&app, ADMIN).await, topic("/requests"));
        socket.first(&name).await;
        socket.subscribe(&topic("/*")).await;
        socket.first(&topic(&format!("/requests/{SERVED}/messages"))).await;
        end(&app, how).await;
        if how != "project deleted" {
            let message = json!({"text": "secret"});
            app.owner().post(&path(&format!("/requests/{SERVED}/messages")), message).await.expect(200);
            app.owner().patch(&path(&format!("/requests/{SERVED}")), json!({"subject": "s"})).await.expect(200);
        }
        socket.silent(&app).await;
        // Nor can it be subscribed to again.
        socket.subscribe(&name).await;
        socket.silent(&app).await;
    }
}

#[tokio::test]
async fn a_demoted_member_sees_what_the_new_role_sees() {
    let app = App::new();
    let mut socket = Socket::of(&app, ADMIN).await;
    let foreign = super::open(&app, "hidden").await;
    let id = foreign["request_id"].as_str().expect("an id").to_owned();
    // The agent is an administrator for a while.
    let member = path(&format!("/project_users/{AGENT_MEMBER}"));
    app.owner().put(&member, json!({"role": "admin"})).await.expect(200);
    let mut demoted = Socket::of(&app, AGENT).await;
    demoted.subscribe(&topic("/requests/*")).await;
    demoted.first(&topic(&format!("/requests/{id}/messages"))).await;
    socket.first(&topic(&format!("/requests/{id}/messages"))).await;
    app.owner().put(&member, json!({"role": "agent"})).await.expect(200);
    app.owner().post(&path(&format!("/requests/{id}/messages")), json!({"text": "x"})).await.expect(200);
    demoted.silent(&app).await;
    socket.told(&topic(&format!("/requests/{id}/messages")), "CREATE").await;
    patch(&app, UNSERVED, "still heard").await;
    demoted.told(&topic(&format!("/requests/{UNSERVED}")), "UPDATE").await;
}

#[tokio::test]
async fn strict_mode_says_that_a_topic_ended() {
    let app = App::with(|config| config.strict = true);
    let mut socket = Socket::of(&app, ADMIN).await;
    socket.first(&topic("/requests")).await;
    end(&app, "disabled").await;
    let error = socket.next().await.expect("the connection stays open");
    assert_eq!(error["action"], "error");
    assert_eq!(error["payload"]["message"], "The user is not a member of the topic's project.");
}

/// A user with a token, for HTTP and for a socket.
async fn connected(app: &App) -> (Actor<'_>, Socket) {
    let token = token(app, "", ADMIN).await;
    let socket = Socket::open(app, &format!("/v3/ws/?token={token}")).await.expect("users may connect");
    (app.authorized(format!("JWT {token}")), socket)
}

#[tokio::test]
async fn a_connection_ends_with_its_token_and_its_account() {
    for path in ["token", "/v3/users", "/v3/users/physical"] {
        let app = App::new();
        let (user, mut socket) = connected(&app).await;
        socket.first(&topic("/requests")).await;
        if path == "token" {
            let issued = user.get("/v3/jwt/history").await.expect(200);
            let jti = issued[0]["jti"].as_str().expect("a jti");
            user.delete(&format!("/v3/jwt/history/{jti}")).await.expect(200);
        } else {
            user.delete(path).await.expect(200);
        }
        assert_eq!(close_notice(&mut socket).await, Some(CloseCode::Policy), "{path}");
    }
}

#[tokio::test]
async fn a_revoked_token_subscribes_to_nothing() {
    let app = App::new();
    let (user, mut socket) = connected(&app).await;
    let issued = user.get("/v3/jwt/history").await.expect(200);
    let jti = issued[0]["jti"].as_str().expect("a jti");
    user.delete(&format!("/v3/jwt/history/{jti}")).await.expect(200);
    socket.subscribe(&topic("/requests")).await;
    assert_eq!(close_notice(&mut socket).await, Some(CloseCode::Policy));
}

#[tokio::test]
async fn only_the_server_publishes_frames() {
    let app = App::new();
    let (mut owner, mut outsider) = (Socket::of(&app, OWNER).await, Socket::of(&app, "outsider@example.com").await);
    let name = topic("/requests");
    owner.first(&name).await;
    for action in ["publish", "broadcast"] {
        let frame = json!({"action": action, "payload": {"topic": name, "message": {"forged": true}}});
        outsider.send(frame.clone()).await;
        outsider.silent(&app).await;
        owner.silent(&app).await;
        owner.send(frame).await;
        owner.silent(&app).await;
    }
    let journal = app.nobody().get("/_control/journal?method=WEBSOCKET&status=403").await.expect(200);
    assert_eq!(journal["count"], 4);
    assert!(journal.to_string().contains("Only the server publishes frames"), "{journal}");
}

#[tokio::test]
async fn holes_keep_subscriptions_and_relay_frames() {
    let app = App::with(|config| config.faithful_holes = true);
    let (mut socket, name) = (Socket::of(&app, ADMIN).await, topic("/requests"));
    socket.first(&name).await;
    end(&app, "disabled").await;
    app.owner().patch(&path(&format!("/requests/{SERVED}")), json!({"subject": "s"})).await.expect(200);
    assert_eq!(socket.told(&name, "UPDATE").await["subject"], "s");
    let mut outsider = Socket::of(&app, "outsider@example.com").await;
    let payload = json!({"topic": name, "message": {"forged": true}});
    outsider.send(json!({"action": "publish", "payload": payload})).await;
    assert_eq!(socket.next().await.map(|frame| frame["payload"]["message"].clone()), Some(json!({"forged": true})));
}
