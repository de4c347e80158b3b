//! Authentication of connections, and frames that clients may send.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::{AGENT, OWNER, refused, topic};
use crate::support::{
    App, seed,
    socket::{Socket, token},
};

#[tokio::test]
async fn every_documented_address_accepts_connections() {
    let app = App::new();
    let token = token(&app, "", OWNER).await;
    for path in
        ["/ws", "/ws/", "/v1/ws", "/v2/ws/", "/v3/ws", "/v3/ws/", "/api/ws", "/api/v3/ws/", "/api", "/api/", "/"]
    {
        for given in [token.clone(), format!("JWT%20{token}"), format!("JWT+{token}")] {
            let mut socket = Socket::open(&app, &format!("{path}?token={given}")).await.expect(path);
            assert_eq!(socket.first(&topic("/requests")).await.as_array().map(Vec::len), Some(2), "{path}");
        }
    }
}

#[tokio::test]
async fn only_tokens_of_users_are_accepted() {
    let app = App::new();
    let guest =
        app.nobody().post("/v3/auth/signinAnonymously", json!({"id_project": seed::PROJECT_ID})).await.json_of(200);
    let guest = guest["token"].as_str().expect("a token").trim_start_matches("JWT ").to_owned();
    let custom = app.call(tiledesk_mock::exchanges()["sign_in_with_custom_token"].request.request()).await.json_of(200);
    let custom = custom["token"].as_str().expect("a token").trim_start_matches("JWT ").to_owned();
    let other = token(&app, "/_sandbox/other", OWNER).await;
    let own = token(&app, "", OWNER).await;
    let (head, _) = own.rsplit_once('.').expect("three parts");
    for query in [
        String::new(),
        "?token=".into(),
        "?token=nonsense".into(),
        "?token=JWT%20".into(),
        format!("?token={guest}"),
        format!("?token={custom}"),
        format!("?token={other}"),
        format!("?token={head}.AAAA"),
        format!("?secret_token={own}"),
    ] {
        let answer = refused(Socket::open(&app, &format!("/v3/ws/{query}")).await);
        assert_eq!(answer, (401, "Unauthorized".into()), "{query}");
    }
    Socket::open(&app, &format!("/_sandbox/other/v3/ws/?token={other}"))
        .await
        .expect("the token belongs to this sandbox");
    assert_eq!(refused(Socket::open(&app, &format!("/_sandbox/other/v3/ws/?token={own}")).await).0, 401);
}

#[tokio::test]
async fn a_call_without_websocket_upgrade_gets_426() {
    let app = App::new();
    for path in ["/ws", "/v3/ws/", "/api/ws", "/_sandbox/a/ws"] {
        let answer = app.owner().get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("upgrade")), (426, Some("websocket")), "{path}");
    }
}

#[tokio::test]
async fn invalid_frames_are_ignored() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    for text in ["", "hello", "{", "[]", "null", r#"{"action":"shout"}"#, r#"{"action":"subscribe","payload":7}"#] {
        socket.say(Message::text(text)).await;
    }
    socket.say(Message::binary(vec![0, 1, 2])).await;
    socket.say(Message::Ping(vec![1].into())).await;
    for name in ["", "/", "requests", "/x/requests", "/5b55e806c93dde00143163dd", "/*", "*"] {
        socket.subscribe(name).await;
    }
    socket.send(json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}})).await;
    socket.silent(&app).await;
}

#[tokio::test]
async fn each_connection_has_a_unique_name() {
    let app = App::new();
    let (mut one, mut other) = (Socket::of(&app, OWNER).await, Socket::of(&app, OWNER).await);
    let mut names = Vec::new();
    for socket in [&mut one, &mut other] {
        socket.send(json!({"action": "me"})).await;
        let me = socket.next().await.expect("a response");
        assert_eq!((&me["action"], &me["payload"]["userId"]), (&json!("me"), &Value::Null));
        names.push(me["payload"]["id"].as_str().expect("an id").to_owned());
    }
    assert!(names[0] != names[1] && names.iter().all(|name| name.len() == 36 && &name[14..15] == "4"), "{names:?}");
}

#[tokio::test]
async fn clients_can_publish_to_each_other_with_faithful_holes() {
    let app = App::with(|config| config.faithful_holes = true);
    let (mut one, mut other) = (Socket::of(&app, OWNER).await, Socket::of(&app, AGENT).await);
    let name = topic("/requests");
    one.first(&name).await;
    other.first(&name).await;
    let frame = |action, message: Value| json!({"action": action, "payload": {"topic": name, "message": message}});
    let relayed = |message| frame("publish", message);
    one.send(frame("publish", json!({"typing": true}))).await;
    assert_eq!(one.next().await, Some(relayed(json!({"typing": true}))));
    assert_eq!(other.next().await, Some(relayed(json!({"typing": true}))));
    one.send(frame("broadcast", json!(null))).await;
    assert_eq!(other.next().await, Some(relayed(json!(null))));
    one.silent(&app).await;
    one.send(json!({"action": "publish", "payload": {"topic": name}})).await;
    assert_eq!(other.next().await, Some(json!({"action": "publish", "payload": {"topic": name}})));
    one.send(json!({"action": "publish", "payload": {"topic": "/nobody/listens", "message": 1}})).await;
    other.silent(&app).await;
}
