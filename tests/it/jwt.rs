//! The token history, revocation, and tokens of a project.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, NOON, PROJECT,
    seed::{AGENT, OTHER_PROJECT, PROJECT_ID},
    token::{Algorithm, signed},
};

/// The secret that signs custom tokens of the main project in the default world.
const SECRET: &str = "6f1e9c1c-3c8a-4b7e-9d1b-2a5d8f0c7e42";
const HISTORY: &str = "/v3/jwt/history";

async fn sign_in(app: &App, email: &str) -> String {
    let session =
        app.nobody().post("/v3/auth/signin", json!({"email": email, "password": "123456"})).await.json_of(200);
    session["token"].as_str().expect("the token is a string").to_owned()
}

/// The claims of a token, without verification.
fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a token has three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("claims serialize to JSON")
}

fn jti(token: &str) -> String {
    claims(token)["jti"].as_str().expect("tokens of the sandbox have a jti").to_owned()
}

#[tokio::test]
async fn every_sign_in_is_recorded_in_the_users_history() {
    let app = App::new();
    let (first, second) = (sign_in(&app, "agent@example.com").await, sign_in(&app, "agent@example.com").await);
    sign_in(&app, "admin@example.com").await;
    let history = app.agent().get(HISTORY).await.json_of(200);
    let entries: Vec<_> = history.as_array().expect("a list").iter().map(|entry| &entry["jti"]).collect();
    assert_eq!(entries, [&json!(jti(&second)), &json!(jti(&first))], "newest first");
    assert_eq!((&history[0]["sub"], &history[0]["revoked"]), (&json!("user"), &json!(false)));
    assert_eq!(history[0]["id_user"], AGENT);
    assert!(!history.to_string().contains(&first[4..]), "the token itself is not stored");
    let sorted = app.agent().get(&format!("{HISTORY}?direction=1")).await.json_of(200);
    assert_eq!(sorted[0]["jti"], jti(&first));
    assert_eq!(app.agent().get(&format!("{HISTORY}?page=1")).await.json_of(200), json!([]));

    let guest = app.guest().await;
    let own = guest.get(HISTORY).await.json_of(200);
    assert_eq!((own.as_array().map(Vec::len), &own[0]["sub"]), (Some(1), &json!("guest")));
    let visitor = app.visitor().await;
    assert_eq!(visitor.get(HISTORY).await.json_of(200), json!([]), "tokens of the customer's system are not recorded");
    assert_eq!(app.nobody().get(HISTORY).await.status, 401);
}

#[tokio::test]
async fn a_revoked_token_is_rejected_everywhere() {
    let app = App::new();
    for by_id in [false, true] {
        let (token, other) = (sign_in(&app, "agent@example.com").await, sign_in(&app, "agent@example.com").await);
        let (agent, other) = (app.authorized(token.clone()), app.authorized(other));
        agent.get(&format!("{PROJECT}/leads")).await.json_of(200);
        let entry = agent.get(&format!("{HISTORY}?sortField=jti")).await.json_of(200);
        let entry =
            entry.as_array().expect("a list").iter().find(|entry| entry["jti"] == jti(&token)).expect("it exists");
        let path = if by_id {
            format!("{HISTORY}/id/{}", entry["_id"].as_str().expect("the id is a string"))
        } else {
            format!("{HISTORY}/{}", jti(&token))
        };
        // Authenticated with the token itself, too.
        let revoked = agent.delete(&path).await.json_of(200);
        assert_eq!((&revoked["_id"], &revoked["revoked"]), (&entry["_id"], &json!(true)));
        for path in ["/leads", "/tags"] {
            let answer = agent.get(&format!("{PROJECT}{path}")).await;
            assert_eq!((answer.status.as_u16(), answer.text()), (401, "Unauthorized".into()), "{path}");
        }
        for path in ["/v3/users", "/v3/projects", HISTORY] {
            assert_eq!(agent.get(path).await.status, 401, "{path}");
        }
        assert_eq!(agent.send(Method::POST, "/v3/auth/signinWithCustomToken", &[], "").await.status, 401);
        let query = format!("{PROJECT}/leads?secret_token={}", &token[4..]);
        assert_eq!(app.nobody().get(&query).await.status, 401);
        other.get(&format!("{PROJECT}/leads")).await.json_of(200);
        assert_eq!(other.delete(&path).await.json_of(200)["revoked"], true, "revoking twice is fine");
        let listed = other.get(HISTORY).await.json_of(200).to_string();
        assert!(listed.contains(&jti(&token)), "the history includes revoked tokens");
    }
    app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn a_guest_can_revoke_its_own_token() {
    let app = App::new();
    let guest = app.guest().await;
    let history = guest.get(HISTORY).await.json_of(200);
    guest.get(&format!("{PROJECT}/requests/support-group-new/messages")).await.json_of(200);
    guest.delete(&format!("{HISTORY}/{}", history[0]["jti"].as_str().expect("a string"))).await.json_of(200);
    assert_eq!(guest.get(&format!("{PROJECT}/requests/support-group-new/messages")).await.status, 401);
}

#[tokio::test]
async fn tokens_of_other_users_cannot_be_revoked() {
    let app = App::new();
    let token = sign_in(&app, "agent@example.com").await;
    let entry = app.agent().get(HISTORY).await.json_of(200)[0].clone();
    let before = app.state().await;
    let missing = json!({"success": false, "msg": "Object not found."});
    for path in [
        format!("{HISTORY}/{}", jti(&token)),
        format!("{HISTORY}/id/{}", entry["_id"].as_str().expect("the id is a string")),
        format!("{HISTORY}/nonsense"),
        format!("{HISTORY}/id/nonsense"),
        format!("{HISTORY}/id/5e2c36a2f0dbc10017bb3a00"),
    ] {
        assert_eq!(app.owner().delete(&path).await.json_of(404), missing, "{path}");
    }
    assert_eq!(app.state().await, before);
    app.authorized(token).get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn a_revocation_survives_an_export_and_ends_with_a_reset() {
    let app = App::new();
    let token = sign_in(&app, "agent@example.com").await;
    let agent = app.authorized(token.clone());
    agent.delete(&format!("{HISTORY}/{}", jti(&token))).await.json_of(200);
    let exported = app.nobody().get("/_control/state").await.json_of(200);
    app.nobody().put("/_control/state", exported).await.json_of(200);
    assert_eq!(agent.get(&format!("{PROJECT}/leads")).await.status, 401);
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    agent.get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn a_test_token_is_signed_like_a_token_of_the_customer() {
    let app = App::new();
    let body =
        json!({"_id": "u1", "sub": "userexternal", "aud": format!("https://tiledesk.com/projects/{PROJECT_ID}")});
    let signed = app.agent().post(&format!("{PROJECT}/jwt/generatetestjwt"), body).await.json_of(200);
    let token = signed["token"].as_str().expect("the token is a string").to_owned();
    assert_eq!((&claims(&token)["iat"], &claims(&token)["exp"]), (&json!(NOON / 1000), &json!(NOON / 1000 + 300)));
    let visitor = app.authorized(token);
    visitor.send(Method::POST, "/v3/auth/signinWithCustomToken", &[], "").await.json_of(200);
    let decoded = visitor.post(&format!("{PROJECT}/jwt/decode"), json!({})).await.json_of(200);
    assert_eq!(decoded["decoded"]["_id"], "u1");
    let own = json!({"iat": 5, "exp": 10});
    let signed = app.agent().post(&format!("{PROJECT}/jwt/generatetestjwt"), own).await;
    let token = signed.json_of(200)["token"].as_str().expect("the token is a string").to_owned();
    assert_eq!((&claims(&token)["iat"], &claims(&token)["exp"]), (&json!(5), &json!(10)), "the body may set them");
    app.agent().post(&format!("{PROJECT}/jwt/generatetestjwt"), json!([])).await.json_of(422);
}

#[tokio::test]
async fn only_short_lived_tokens_of_the_project_are_decoded() {
    let app = App::new();
    let now = NOON / 1000;
    let decode = format!("{PROJECT}/jwt/decode");
    let long =
        "Authentication failed. The value of exp is permitted to be up to a maximum of 10 minutes from the iat value";
    for (claims, secret, status, words) in [
        (json!({"iat": now, "exp": now + 600}), SECRET, 200, ""),
        (json!({"iat": now, "exp": now + 601}), SECRET, 401, long),
        (json!({"iat": now - 601, "exp": now + 1}), SECRET, 401, long),
        (json!({"exp": now + 1}), SECRET, 401, "Authentication failed. Token iat is required"),
        (json!({"iat": now}), SECRET, 401, "Authentication failed. Token exp is required"),
        (json!({"iat": now - 5, "exp": now}), SECRET, 401, "jwt expired"),
        (json!({"iat": now, "exp": now + 5, "nbf": now + 1}), SECRET, 401, "jwt not active"),
        (json!({"iat": now, "exp": now + 5}), "another", 401, "invalid signature"),
    ] {
        let answer =
            app.authorized(signed(secret, Algorithm::Hs256, &claims)).send(Method::POST, &decode, &[], "").await;
        assert_eq!(answer.status, status, "{claims}");
        let told = answer.json();
        match told["err"]["message"].as_str() {
            Some(message) => assert_eq!((message, &told["msg"]), (words, &json!("Authentication failed"))),
            None if status == 200 => assert_eq!(told, json!({"decoded": claims})),
            None => assert_eq!(told["msg"], words),
        }
        assert_eq!(answer.header("www-authenticate"), None);
    }
    let answer = app.authorized("JWT nonsense".into()).send(Method::POST, &decode, &[], "").await;
    assert_eq!(answer.json_of(401)["err"], json!({"name": "JsonWebTokenError", "message": "jwt malformed"}));
}

#[tokio::test]
async fn decode_rejects_a_revoked_jti() {
    let app = App::new();
    let token = sign_in(&app, "agent@example.com").await;
    let now = NOON / 1000;
    let custom =
        app.authorized(signed(SECRET, Algorithm::Hs256, &json!({"jti": jti(&token), "iat": now, "exp": now + 5})));
    custom.send(Method::POST, &format!("{PROJECT}/jwt/decode"), &[], "").await.json_of(200);
    app.agent().delete(&format!("{HISTORY}/{}", jti(&token))).await.json_of(200);
    let refused = custom.send(Method::POST, &format!("{PROJECT}/jwt/decode"), &[], "").await.json_of(401);
    assert_eq!(refused["err"]["message"], "jwt revoked");
}

#[tokio::test]
async fn decode_checks_the_project_and_the_header_first() {
    let app = App::new();
    let path = format!("{PROJECT}/jwt/decode");
    let refused = json!({"success": false, "msg": "Unauthorized."});
    assert_eq!(app.nobody().post(&path, json!({})).await.json_of(403), refused);
    for header in ["JWT", "JWT a b", ""] {
        assert_eq!(app.authorized(header.into()).post(&path, json!({})).await.json_of(403), refused, "{header:?}");
    }
    for operation in ["generatetestjwt", "decode"] {
        let bare = format!("{OTHER_PROJECT}/jwt/{operation}");
        let refused = json!({"success": false, "msg": "Project hasnt  a jwtSecret"});
        assert_eq!(app.owner().post(&bare, json!({})).await.json_of(404), refused);
        app.nobody().post(&format!("/v3/fake/jwt/{operation}"), json!({})).await.json_of(400);
    }
}
