//! Connections whose authorization ends, and frames that clients may not publish.

use futures_util::StreamExt;
use serde_json::json;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

use super::{ADMIN, AGENT, OWNER, SERVED, UNSERVED, patch, path, topic};
use crate::support::{
    Actor, App,
    seed::{self, ADMIN_MEMBER, AGENT_MEMBER},
    socket::{Socket, token},
};

/// Ends the admin's authorization to read the requests of the project.
async fn end(app: &App, how: &str) {
    let member = path(&format!("/project_users/{ADMIN_MEMBER}"));
    let project = "/v3/projects/5b55e806c93dde00143163dd";
    match how {
        "disabled" => app.owner().put(&member, json!({"status": "disabled"})).await,
        "removed" => app.owner().delete(&member).await,
        "removed softly" => app.owner().delete(&format!("{member}?soft=true")).await,
        "removed for good" => app.owner().delete(&format!("{member}?hard=true")).await,
        "banned" => app.owner().post(&format!("{project}/ban"), json!({"id": seed::ADMIN})).await,
        "project deleted" => app.owner().delete(project).await,
        "reset" => {
            let mut state = app.state().await;
            let members = state["project_users"].as_array_mut().expect("members");
            members.retain(|member| member["_id"] != ADMIN_MEMBER);
            app.nobody().put("/_control/state", state).await
        }
        other => panic!("unknown: {other}"),
    }
    .json_of(200);
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
async fn a_subscription_ends_with_its_authorization() {
    for how in ["disabled", "removed", "removed softly", "removed for good", "banned", "project deleted", "reset"] {
        let app = App::new();
        let (mut socket, name) = (Socket::of(&app, ADMIN).await, topic("/requests"));
        socket.first(&name).await;
        socket.subscribe(&topic("/*")).await;
        socket.first(&topic(&format!("/requests/{SERVED}/messages"))).await;
        end(&app, how).await;
        if how != "project deleted" {
            let message = json!({"text": "secret"});
            app.owner().post(&path(&format!("/requests/{SERVED}/messages")), message).await.json_of(200);
            app.owner().patch(&path(&format!("/requests/{SERVED}")), json!({"subject": "s"})).await.json_of(200);
        }
        socket.silent(&app).await;
        // Nor can it be subscribed to again.
        socket.subscribe(&name).await;
        socket.silent(&app).await;
    }
}

#[tokio::test]
async fn a_demoted_member_receives_what_the_new_role_may_read() {
    let app = App::new();
    let mut socket = Socket::of(&app, ADMIN).await;
    let foreign = super::open(&app, "hidden").await;
    let id = foreign["request_id"].as_str().expect("an id").to_owned();
    // The agent is temporarily an admin.
    let member = path(&format!("/project_users/{AGENT_MEMBER}"));
    app.owner().put(&member, json!({"role": "admin"})).await.json_of(200);
    let mut demoted = Socket::of(&app, AGENT).await;
    demoted.subscribe(&topic("/requests/*")).await;
    demoted.first(&topic(&format!("/requests/{id}/messages"))).await;
    socket.first(&topic(&format!("/requests/{id}/messages"))).await;
    app.owner().put(&member, json!({"role": "agent"})).await.json_of(200);
    app.owner().post(&path(&format!("/requests/{id}/messages")), json!({"text": "x"})).await.json_of(200);
    demoted.silent(&app).await;
    socket.frame(&topic(&format!("/requests/{id}/messages")), "CREATE").await;
    patch(&app, UNSERVED, "still heard").await;
    demoted.frame(&topic(&format!("/requests/{UNSERVED}")), "UPDATE").await;
}

#[tokio::test]
async fn strict_mode_reports_the_end_of_a_subscription() {
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
    let socket = Socket::open(app, &format!("/v3/ws/?token={token}")).await.expect("users can connect");
    (app.authorized(format!("JWT {token}")), socket)
}

#[tokio::test]
async fn a_connection_ends_with_its_token_or_account() {
    for path in ["token", "/v3/users", "/v3/users/physical"] {
        let app = App::new();
        let (user, mut socket) = connected(&app).await;
        socket.first(&topic("/requests")).await;
        if path == "token" {
            let issued = user.get("/v3/jwt/history").await.json_of(200);
            let jti = issued[0]["jti"].as_str().expect("a jti");
            user.delete(&format!("/v3/jwt/history/{jti}")).await.json_of(200);
        } else {
            user.delete(path).await.json_of(200);
        }
        assert_eq!(close_notice(&mut socket).await, Some(CloseCode::Policy), "{path}");
    }
}

#[tokio::test]
async fn a_revoked_token_cannot_subscribe() {
    let app = App::new();
    let (user, mut socket) = connected(&app).await;
    let issued = user.get("/v3/jwt/history").await.json_of(200);
    let jti = issued[0]["jti"].as_str().expect("a jti");
    user.delete(&format!("/v3/jwt/history/{jti}")).await.json_of(200);
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
    let journal = app.nobody().get("/_control/journal?method=WEBSOCKET&status=403").await.json_of(200);
    assert_eq!(journal["count"], 4);
    assert!(journal.to_string().contains("Only the server publishes frames"), "{journal}");
}

#[tokio::test]
async fn faithful_holes_keep_subscriptions_and_relay_frames() {
    let app = App::with(|config| config.faithful_holes = true);
    let (mut socket, name) = (Socket::of(&app, ADMIN).await, topic("/requests"));
    socket.first(&name).await;
    end(&app, "disabled").await;
    app.owner().patch(&path(&format!("/requests/{SERVED}")), json!({"subject": "s"})).await.json_of(200);
    assert_eq!(socket.frame(&name, "UPDATE").await["subject"], "s");
    let mut outsider = Socket::of(&app, "outsider@example.com").await;
    let payload = json!({"topic": name, "message": {"forged": true}});
    outsider.send(json!({"action": "publish", "payload": payload})).await;
    assert_eq!(socket.next().await.map(|frame| frame["payload"]["message"].clone()), Some(json!({"forged": true})));
}

#[tokio::test]
async fn members_outside_of_the_team_do_not_receive_the_requests_of_the_project() {
    let app = App::new();
    let invitation = json!({"email": "outsider@example.com", "role": "guest"});
    app.owner().post(&path("/project_users/invite"), invitation).await.json_of(200);
    let mut socket = Socket::of(&app, "outsider@example.com").await;
    for name in
        ["/requests", "/requests/*", &format!("/requests/{SERVED}"), &format!("/project_users/users/{}", seed::OWNER)]
    {
        socket.subscribe(&topic(name)).await;
    }
    let message = json!({"text": "secret"});
    app.owner().post(&path(&format!("/requests/{SERVED}/messages")), message).await.json_of(200);
    app.owner().patch(&path(&format!("/requests/{SERVED}")), json!({"subject": "s"})).await.json_of(200);
    socket.silent(&app).await;
}
