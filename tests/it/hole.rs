//! Operations that the reference server permits beyond the caller's rights: rejected by default, and restored by
//! `--faithful-holes`.

use http::Method;
use serde_json::{Value, json};

use crate::{
    auth::custom,
    support::{
        Actor, App, PROJECT,
        seed::{ADMIN_MEMBER, AGENT_MEMBER, BOT, BOT_USER, OTHER_PROJECT, OWNER, OWNER_MEMBER},
        token::{Algorithm, signed},
    },
};

/// A conversation of a visitor who does not appear in these tests.
const CONVERSATION: &str = "support-group-1234";

fn holed() -> App {
    App::with(|config| config.faithful_holes = true)
}

fn member(id: &str) -> String {
    format!("{PROJECT}/project_users/{id}")
}

fn conversation(rest: &str) -> String {
    format!("{PROJECT}/requests/{CONVERSATION}{rest}")
}

async fn sign_in_with(app: &App, token: String) -> crate::support::Answer {
    app.authorized(token).send(Method::POST, "/auth/signinWithCustomToken", &[], "").await
}

/// A visitor with a conversation, and the path of its messages.
async fn visitor_with_conversation(app: &App) -> (Actor<'_>, String) {
    let guest = app.guest().await;
    let path = format!("{PROJECT}/requests/support-group-own/messages");
    guest.post(&path, json!({"text": "Hello"})).await.json_of(200);
    (guest, path)
}

#[tokio::test]
async fn an_admin_cannot_appoint_update_or_remove_owners() {
    let app = App::new();
    let before = app.state().await;
    let admin = app.admin();
    let refused = json!({"success": false, "msg": "you dont have the required role."});
    for (id, patch) in [
        (ADMIN_MEMBER, json!({"role": "owner"})),
        (AGENT_MEMBER, json!({"role": "owner"})),
        (OWNER_MEMBER, json!({"role": "agent"})),
        (OWNER_MEMBER, json!({"status": "disabled"})),
        (OWNER_MEMBER, json!({"user_available": false})),
    ] {
        assert_eq!(admin.put(&member(id), patch.clone()).await.json_of(403), refused, "{patch}");
    }
    for query in ["", "?soft=true", "?hard=true"] {
        assert_eq!(admin.delete(&format!("{}{query}", member(OWNER_MEMBER))).await.json_of(403), refused, "{query}");
    }
    for email in ["outsider@example.com", "new@example.com"] {
        let invitation = json!({"email": email, "role": "owner"});
        let invite = admin.post(&format!("{PROJECT}/project_users/invite"), invitation).await;
        assert_eq!(invite.json_of(403), refused, "{email}");
    }
    let project = PROJECT.replace("/v3/", "/v3/projects/");
    assert_eq!(admin.post(&format!("{project}/ban"), json!({"id": OWNER})).await.json_of(403), refused);
    assert_eq!(admin.put(&project, json!({"bannedUsers": [{"id": OWNER}]})).await.json_of(403), refused);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn an_admin_cannot_restore_or_invite_back_an_owner() {
    let app = App::new();
    app.owner().put(&member(ADMIN_MEMBER), json!({"role": "owner"})).await.json_of(200);
    app.owner().put(&member(AGENT_MEMBER), json!({"role": "admin"})).await.json_of(200);
    app.owner().delete(&format!("{}?soft=true", member(ADMIN_MEMBER))).await.json_of(200);
    app.agent().put(&format!("{}/restore", member(ADMIN_MEMBER)), Value::Null).await.json_of(403);
    let invitation = json!({"email": "admin@example.com", "role": "agent"});
    app.agent().post(&format!("{PROJECT}/project_users/invite"), invitation).await.json_of(403);
    app.owner().put(&format!("{}/restore", member(ADMIN_MEMBER)), Value::Null).await.json_of(200);
}

#[tokio::test]
async fn a_project_keeps_an_active_owner() {
    let app = App::new();
    let before = app.state().await;
    let refused = json!({"success": false, "msg": "A project must have at least one active owner."});
    let owner = app.owner();
    for patch in [json!({"role": "admin"}), json!({"status": "disabled"})] {
        assert_eq!(owner.put(&member(OWNER_MEMBER), patch.clone()).await.json_of(403), refused, "{patch}");
    }
    for query in ["", "?soft=true", "?hard=true"] {
        assert_eq!(owner.delete(&format!("{}{query}", member(OWNER_MEMBER))).await.json_of(403), refused, "{query}");
    }
    assert_eq!(app.state().await, before);
    owner.put(&member(OWNER_MEMBER), json!({"user_available": false})).await.json_of(200);
    owner.put(&member(ADMIN_MEMBER), json!({"role": "owner"})).await.json_of(200);
    owner.put(&member(OWNER_MEMBER), json!({"role": "admin"})).await.json_of(200);
    assert_eq!(
        app.admin().delete(&member(ADMIN_MEMBER)).await.json_of(403),
        refused,
        "the other one is now the last owner"
    );
}

#[tokio::test]
async fn faithful_holes_let_an_admin_take_over_a_project() {
    let app = holed();
    app.admin().put(&member(ADMIN_MEMBER), json!({"role": "owner"})).await.json_of(200);
    app.admin().delete(&member(OWNER_MEMBER)).await.json_of(200);
    app.admin().delete(&member(ADMIN_MEMBER)).await.json_of(200);
}

#[tokio::test]
async fn test_tokens_are_signed_for_members() {
    let (path, claims) = (format!("{PROJECT}/jwt/generatetestjwt"), json!({"_id": "u1"}));
    let app = App::new();
    assert_eq!(app.authorized("x y".into()).post(&path, claims.clone()).await.status, 401);
    app.outsider().post(&path, claims.clone()).await.json_of(403);
    app.agent().post(&path, claims.clone()).await.json_of(200);
    let open = holed();
    open.authorized("x y".into()).post(&path, claims).await.json_of(200);
}

#[tokio::test]
async fn test_tokens_cannot_exceed_the_rights_of_the_signer() {
    let path = format!("{PROJECT}/jwt/generatetestjwt");
    let app = App::new();
    let guest = app.guest().await;
    for (actor, claims, status) in [
        (&app.owner(), json!({"_id": OWNER, "sub": "user"}), 403),
        (&app.owner(), json!({"_id": OWNER, "sub": "userexternal"}), 403),
        (&app.owner(), json!({"_id": BOT, "sub": "bot"}), 403),
        (&app.owner(), json!({"_id": "system", "sub": "userexternal"}), 403),
        (&app.owner(), json!({"_id": "u1", "role": "owner", "email": "new@example.com"}), 403),
        (&app.owner(), json!({"_id": "u1", "role": "admin", "email": "new@example.com"}), 200),
        (&app.admin(), json!({"_id": "u1", "role": "admin", "email": "new@example.com"}), 200),
        (&app.agent(), json!({"_id": "u1", "role": "agent", "email": "new@example.com"}), 403),
        (&app.agent(), json!({"_id": "u1", "role": "user"}), 200),
        (&guest, json!({"_id": "u1"}), 403),
        (&guest, json!({"firstname": "Ada"}), 200),
    ] {
        let answer = actor.post(&path, claims.clone()).await;
        assert_eq!(answer.status, status, "{claims}: {}", answer.text());
    }
}

#[tokio::test]
async fn tokens_signed_by_a_project_represent_only_its_visitors() {
    let app = App::new();
    for claims in [
        json!({"_id": OWNER, "sub": "user"}),
        json!({"_id": OWNER, "sub": null}),
        json!({"_id": OWNER, "sub": "userexternal"}),
        json!({"_id": BOT_USER}),
        json!({"_id": "system"}),
    ] {
        let caller = app.authorized(custom(&claims));
        assert_eq!(caller.get(&format!("{PROJECT}/leads")).await.status, 401, "{claims}");
        assert_eq!(caller.get(&format!("{OTHER_PROJECT}/leads")).await.status, 401, "{claims}");
    }
    let open = holed();
    open.authorized(custom(&json!({"_id": OWNER, "sub": "user"}))).get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn tokens_signed_by_a_subscription_represent_no_user() {
    let app = App::new();
    let new = json!({"target": "http://127.0.0.1:9/x", "event": "message.create"});
    let subscription = app.admin().post(&format!("{PROJECT}/subscriptions"), new).await.json_of(200);
    let audience = format!("https://tiledesk.com/subscriptions/{}", subscription["_id"].as_str().expect("an id"));
    let claims = json!({"_id": OWNER, "sub": "user", "aud": audience});
    let token = signed(subscription["secret"].as_str().expect("a secret"), Algorithm::Hs256, &claims);
    assert_eq!(app.authorized(token).get(&format!("{PROJECT}/leads")).await.status, 401);
}

#[tokio::test]
async fn the_secret_of_a_project_is_for_admins_only() {
    let path = format!("{PROJECT}/keys/generate");
    let app = App::new();
    assert_eq!(app.agent().post(&path, json!({})).await.json_of(403)["msg"], "you dont have the required role.");
    app.admin().post(&path, json!({})).await.json_of(200);
    holed().agent().post(&path, json!({})).await.json_of(200);
}

#[tokio::test]
async fn a_custom_token_signs_in_only_accounts_that_belong_to_its_project_alone() {
    let app = App::new();
    let token = |role: &str, email: &str| custom(&json!({"role": role, "email": email}));
    let before = app.state().await;
    for (role, email) in [
        ("owner", "andrea.leo@f21.it"),
        ("owner", "new@example.com"),
        // Also a member of other projects.
        ("admin", "andrea.leo@f21.it"),
        ("agent", "outsider@example.com"),
        // The account has a higher role.
        ("agent", "admin@example.com"),
    ] {
        sign_in_with(&app, token(role, email)).await.json_of(403);
    }
    assert_eq!(app.state().await, before);
    for _ in 0..2 {
        let session = sign_in_with(&app, token("agent", "new@example.com")).await.json_of(200);
        assert_eq!(session["user"]["email"], "new@example.com");
    }
    sign_in_with(&app, token("admin", "admin@example.com")).await.json_of(200);
    app.owner().put(&member(ADMIN_MEMBER), json!({"status": "disabled"})).await.json_of(200);
    sign_in_with(&app, token("admin", "admin@example.com")).await.json_of(403);
    let session = sign_in_with(&holed(), token("owner", "andrea.leo@f21.it")).await.json_of(200);
    assert_eq!(session["user"]["_id"], OWNER);
}

#[tokio::test]
async fn visitors_access_only_their_own_conversations() {
    let app = App::new();
    let (guest, own) = visitor_with_conversation(&app).await;
    let visitor = app.visitor().await;
    let before = app.state().await;
    let message = json!({"text": "Hello"});
    let list = guest.get(&own).await.json_of(200);
    let message_id = list[0]["_id"].as_str().expect("an id").to_owned();
    for stranger in [&visitor, &app.guest().await] {
        let answers = [
            stranger.get(&own).await,
            stranger.get(&format!("{own}/{message_id}")).await,
            stranger.get(&format!("{own}/csv")).await,
            stranger.post(&own, message.clone()).await,
            stranger.post(&format!("{own}/multi"), json!([message])).await,
            stranger.put(&own.replace("/messages", "/closeg"), json!({})).await,
            stranger.get(&own.replace("/messages", "/chatbot/parameters")).await,
        ];
        for answer in answers {
            assert_eq!(answer.json_of(403)["msg"], "Unauthorized.");
        }
    }
    assert_eq!(app.state().await["messages"], before["messages"]);
    assert_eq!(app.state().await["requests"], before["requests"]);
    guest.get(&format!("{own}/{message_id}")).await.json_of(200);
    assert_eq!(guest.get(&format!("{own}/csv")).await.status, 200);
    guest.post(&format!("{own}/multi"), json!([message])).await.json_of(200);
    guest.get(&own.replace("/messages", "/chatbot/parameters")).await.json_of(200);
    guest.put(&own.replace("/messages", "/closeg"), json!({})).await.json_of(200);
    app.agent().get(&own).await.json_of(200);
}

#[tokio::test]
async fn visitors_cannot_send_as_other_users() {
    let app = App::new();
    let (guest, own) = visitor_with_conversation(&app).await;
    let before = guest.get(&own).await.json_of(200);
    let forged = json!({"text": "Hello", "sender": OWNER});
    let new = format!("{PROJECT}/requests/support-group-new");
    for (path, body) in [
        (own.clone(), forged.clone()),
        (format!("{own}/multi"), json!([{"text": "1"}, forged])),
        (format!("{new}/messages"), forged.clone()),
        (new, json!({"first_text": "Hello", "sender": OWNER})),
    ] {
        assert_eq!(guest.post(&path, body).await.json_of(403)["msg"], "Unauthorized.", "{path}");
    }
    assert_eq!(guest.get(&own).await.json_of(200), before);
    let sent = app.agent().post(&own, forged).await.json_of(200);
    assert_eq!(sent["sender"], OWNER, "agents may write on behalf of others");
    guest.post(&own, json!({"text": "Me", "sender": before[0]["sender"]})).await.json_of(200);
}

#[tokio::test]
async fn faithful_holes_let_visitors_access_all_conversations_and_impersonate_users() {
    let app = holed();
    let guest = app.guest().await;
    guest.get(&conversation("/messages")).await.json_of(200);
    let sent = guest.post(&conversation("/messages"), json!({"text": "Hello", "sender": OWNER})).await.json_of(200);
    assert_eq!(sent["createdBy"], OWNER);
    guest.put(&conversation("/closeg"), json!({})).await.json_of(200);
}

#[tokio::test]
async fn a_file_is_deleted_by_its_uploader_or_an_agent_of_its_project() {
    let app = App::new();
    let (guest, stranger) = (app.guest().await, app.guest().await);
    let upload = async |actor: &Actor<'_>, path: &str| {
        let body = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\n\
                    Hello\r\n--b--\r\n";
        let form = [("content-type", "multipart/form-data; boundary=b")];
        let stored = actor.send(Method::POST, path, &form, body).await.json_of(201);
        format!("/v3/files?path={}", stored["filename"].as_str().expect("a path"))
    };
    let (chat, assets) = (format!("{PROJECT}/files/chat"), format!("{PROJECT}/files/assets"));
    let refused = json!({"success": false, "msg": "Unauthorized."});
    let path = upload(&guest, &chat).await;
    for actor in [&stranger, &app.outsider()] {
        assert_eq!(actor.delete(&path).await.json_of(403), refused);
        assert_eq!(actor.delete(&path.replace("/v3", PROJECT)).await.json_of(403), refused);
    }
    guest.delete(&path).await.json_of(200);
    let path = upload(&guest, &chat).await;
    app.agent().delete(&path).await.json_of(200);
    let path = upload(&app.owner(), &assets).await;
    stranger.delete(&path).await.json_of(403);
    app.agent().delete(&path).await.json_of(200);
    let path = upload(&app.owner(), "/v3/files/users").await;
    app.agent().delete(&path).await.json_of(403);
    app.owner().delete(&path).await.json_of(200);
    let open = holed();
    let path = upload(&open.owner(), "/v3/files/users").await;
    open.guest().await.delete(&path).await.json_of(200);
}

#[tokio::test]
async fn passwords_may_contain_colons() {
    use base64::{Engine, prelude::BASE64_STANDARD};

    let basic = |pair: &str| format!("Basic {}", BASE64_STANDARD.encode(pair));
    let (known, leads) = ("agent@example.com:123456", format!("{PROJECT}/leads"));
    let (app, open) = (App::new(), holed());
    assert_eq!(app.authorized(basic(&format!("{known}:x"))).get(&leads).await.status, 401);
    open.authorized(basic(&format!("{known}:x"))).get(&leads).await.json_of(200);
    for app in [&app, &open] {
        app.authorized(basic(known)).get(&leads).await.json_of(200);
    }
    let new = json!({"email": "colon@example.com", "password": "a:b:c", "firstname": "A", "lastname": "B"});
    app.nobody().post("/auth/signup", new).await.json_of(200);
    app.authorized(basic("colon@example.com:a:b:c")).get("/projects").await.json_of(200);
    assert_eq!(app.authorized(basic("colon@example.com:a")).get("/projects").await.status, 401);
}
