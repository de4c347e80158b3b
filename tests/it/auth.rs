//! Sign-in and authentication beyond the documented exchanges.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::Method;
use serde_json::{Value, json};

use crate::support::{
    App, NOON, PROJECT,
    seed::{AGENT, OTHER_PROJECT, PROJECT_ID, UNKNOWN_PROJECT_ID},
    token::{Algorithm, signed},
};

/// The secret that signs custom tokens of the main project in the default world.
const SECRET: &str = "6f1e9c1c-3c8a-4b7e-9d1b-2a5d8f0c7e42";
const AUDIENCE: &str = "https://tiledesk.com/projects/5b55e806c93dde00143163dd";

pub(crate) fn custom(claims: &Value) -> String {
    let mut all = json!({"_id": "u1", "sub": "userexternal", "aud": AUDIENCE});
    all.as_object_mut().expect("an object").extend(claims.as_object().expect("an object").clone());
    signed(SECRET, Algorithm::Hs256, &all)
}

/// The claims of a token, without verification.
fn claims(token: &Value) -> Value {
    let token = token.as_str().expect("the token is a string").strip_prefix("JWT ").expect("a token with its scheme");
    let payload = token.split('.').nth(1).expect("a token has three parts");
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("claims serialize to JSON")
}

async fn sign_in(app: &App, email: &str, password: &str) -> Value {
    app.nobody().post("/auth/signin", json!({"email": email, "password": password})).await.json_of(200)
}

#[tokio::test]
async fn a_session_token_authorizes_its_user() {
    let app = App::new();
    let session = sign_in(&app, "Agent@Example.com", "123456").await;
    let token = session["token"].as_str().expect("the token is a string").to_owned();
    let agent = app.authorized(token.clone());
    agent.get(&format!("{PROJECT}/leads")).await.json_of(200);
    assert_eq!(
        agent.post(&format!("{PROJECT}/leads"), json!({})).await.json_of(200)["createdBy"],
        session["user"]["_id"]
    );
    app.authorized(token.replace("JWT", "jwt")).get(&format!("{PROJECT}/leads")).await.json_of(200);
    let claims = claims(&session["token"]);
    assert_eq!(claims["sub"], "user");
    assert_eq!((&claims["aud"], &claims["iss"]), (&json!("https://tiledesk.com"), &json!("https://tiledesk.com")));
    assert_eq!(claims["iat"], NOON / 1000);
    assert_eq!(claims["exp"], Value::Null, "sessions do not expire");
    let again = sign_in(&app, "agent@example.com", "123456").await;
    assert_ne!(again["token"], session["token"], "each sign-in issues a new token");
    agent.get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn invalid_authorization_headers_are_rejected_as_by_the_api() {
    let app = App::new();
    let session = sign_in(&app, "agent@example.com", "123456").await;
    let token = session["token"].as_str().expect("the token is a string")[4..].to_owned();
    let basic = |text: &str| format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(text));
    let none = format!(
        "{}.{}.",
        BASE64_URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#),
        token.split('.').nth(1).expect("claims")
    );
    let user = json!({"_id": AGENT, "sub": "user", "aud": "https://tiledesk.com"});
    let cases = [
        (basic("nobody@example.com:123456"), 401),
        (basic("agent@example.com:1234567"), 401),
        (basic("agent@example.com:"), 401),
        (basic(":123456"), 401),
        (basic("agent@example.com:123456:more"), 401),
        (basic("agent@example.com"), 400),
        ("Basic !!!".into(), 400),
        ("Basic".into(), 400),
        ("JWT".into(), 400),
        ("abc".into(), 400),
        (token.clone(), 400),
        (String::new(), 401),
        (format!("Bearer {token}"), 401),
        (format!("JWT {token}x"), 401),
        ("JWT not.a.token".into(), 401),
        (format!("JWT {none}"), 401),
        (signed("nodeauthsecret", Algorithm::Hs256, &user), 401),
        (signed(SECRET, Algorithm::Hs384, &json!({"_id": "u1", "sub": "userexternal", "aud": AUDIENCE})), 401),
        (custom(&json!({"aud": "https://tiledesk.com/projects/5ab0f32757066e0014bfd718"})), 401),
        (custom(&json!({"aud": "https://tiledesk.com/bots/5ab0f32757066e0014bfd718"})), 401),
        (custom(&json!({"aud": "no url"})), 401),
        (format!("JWT  {token}"), 403),
        (format!("JWT {token} more"), 403),
    ];
    for (header, status) in cases {
        let answer = app.authorized(header.clone()).get(&format!("{PROJECT}/leads")).await;
        assert_eq!(answer.status.as_u16(), status, "{header}");
        let (text, challenge) = match status {
            400 => ("Bad Request", None),
            401 => ("Unauthorized", Some("Basic realm=\"Users\"")),
            _ => (r#"{"success":false,"msg":"Unauthorized."}"#, None),
        };
        assert_eq!((answer.text().as_str(), answer.header("www-authenticate")), (text, challenge), "{header}");
    }
    let query = format!("{PROJECT}/leads?secret_token={token}");
    assert_eq!(app.nobody().get(&query).await.json_of(403)["msg"], "Unauthorized.");
    assert_eq!(app.nobody().get(&format!("{PROJECT}/leads?secret_token=x")).await.status, 401);
}

#[tokio::test]
async fn token_expiry_follows_the_sandbox_clock() {
    let app = App::new();
    let now = NOON / 1000;
    for (claims, status) in [
        (json!({"exp": now + 1}), 200),
        (json!({"exp": now}), 401),
        (json!({"nbf": now + 1}), 401),
        (json!({"nbf": now}), 200),
    ] {
        let answer = app.authorized(custom(&claims)).send(Method::POST, "/auth/signinWithCustomToken", &[], "").await;
        assert_eq!(answer.status, status, "{claims}");
        assert_eq!(answer.header("www-authenticate"), None, "no Basic challenge here");
    }
}

#[tokio::test]
async fn custom_tokens_create_a_membership_once() {
    let app = App::new();
    let token = custom(&json!({"firstname": "Ugo", "extra": 1}));
    let visitor = app.authorized(token.clone());
    assert_eq!(visitor.get(&format!("{PROJECT}/leads")).await.json_of(403)["msg"], "you dont belong to the project.");
    for _ in 0..2 {
        let session = visitor.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(200);
        assert_eq!(session["token"], token);
        assert_eq!((&session["user"]["extra"], &session["user"]["aud"]), (&json!(1), &json!(AUDIENCE)));
    }
    assert_eq!(visitor.get(&format!("{PROJECT}/leads")).await.json_of(403)["msg"], "you dont have the required role.");
    let state = app.nobody().get("/_control/state").await.json_of(200);
    let members = state["project_users"].as_array().expect("members").iter();
    let members: Vec<_> = members.filter(|member| member["uuid_user"] == "u1").collect();
    assert_eq!((members.len(), &members[0]["role"]), (1, &json!("user")));
    let member = format!("{PROJECT}/project_users/{}", members[0]["_id"].as_str().expect("an id"));
    app.owner().put(&member, json!({"status": "disabled"})).await.json_of(200);
    let refused = visitor.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(401);
    assert_eq!(refused["msg"], "Authentication failed. Project_user not active.");
    // A numeric ID is converted to a string.
    let numbered = app.authorized(custom(&json!({"_id": 42})));
    numbered.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(200);
    let state = app.state().await;
    let mut members = state["project_users"].as_array().expect("members").iter();
    assert!(members.any(|member| member["uuid_user"] == "42"));
}

#[tokio::test]
async fn a_custom_token_with_a_team_role_creates_a_user() {
    let app = App::new();
    let sign_in = async |claims: Value| {
        app.authorized(custom(&claims)).send(Method::POST, "/auth/signinWithCustomToken", &[], "").await
    };
    let session = sign_in(json!({"role": "agent", "email": "New@Example.com", "firstname": "Nino"})).await.json_of(200);
    assert_eq!((&session["user"]["email"], &session["user"]["firstname"]), (&json!("new@example.com"), &json!("Nino")));
    let token = session["token"].as_str().expect("the token is a string").to_owned();
    assert_eq!(claims(&session["token"])["sub"], "user", "the server issued the token");
    app.authorized(token).get(&format!("{PROJECT}/leads")).await.json_of(200);
    assert_eq!(sign_in(json!({"role": "agent"})).await.json_of(401)["msg"], "User not found.");
}

#[tokio::test]
async fn a_token_signed_with_a_replaced_secret_is_rejected() {
    let app = App::new();
    let visitor = app.authorized(custom(&json!({})));
    visitor.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(200);
    let keys = app.admin().post(&format!("{PROJECT}/keys/generate"), Value::Null).await.json_of(200);
    assert_eq!(visitor.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.status, 401);
    let secret = keys["jwtSecret"].as_str().expect("the secret is a string");
    let renewed = signed(secret, Algorithm::Hs256, &json!({"_id": "u1", "sub": "userexternal", "aud": AUDIENCE}));
    app.authorized(renewed).send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(200);
}

#[tokio::test]
async fn a_token_signed_by_the_sandbox_needs_an_audience_and_may_name_a_project() {
    let app = App::new();
    let session = sign_in(&app, "agent@example.com", "123456").await;
    let agent = app.authorized(session["token"].as_str().expect("the token is a string").to_owned());
    let plain = agent.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(200);
    assert_eq!(plain["user"]["_id"], session["user"]["_id"]);
    let unknown = json!({"id_project": UNKNOWN_PROJECT_ID});
    agent.post("/auth/signinWithCustomToken", unknown).await.json_of(400);
    agent.post("/auth/signinWithCustomToken", json!({"id_project": PROJECT_ID})).await.json_of(200);
}

#[tokio::test]
async fn guests_are_members_without_access_to_leads() {
    let app = App::new();
    let guest = app.guest().await;
    assert_eq!(guest.get(&format!("{PROJECT}/leads")).await.json_of(403)["msg"], "you dont have the required role.");
    let other = &format!("{OTHER_PROJECT}/leads");
    assert_eq!(guest.get(other).await.json_of(403)["msg"], "you dont belong to the project.");
    let made_up = app.nobody().post("/auth/signinAnonymously", json!({"id_project": PROJECT_ID})).await.json_of(200);
    let id = made_up["user"]["_id"].as_str().expect("the id is a string");
    assert_eq!(made_up["user"]["firstname"], format!("guest#{}", &id[..4]));
    assert_eq!(claims(&made_up["token"])["sub"], "guest");
}

#[tokio::test]
async fn an_account_is_created_verified_and_recovered_without_email() {
    let app = App::new();
    let new = json!({"email": "Nina@Example.com", "password": "first", "firstname": "Nina", "lastname": "N"});
    let created = app.nobody().post("/auth/signup", new.clone()).await.json_of(200);
    assert_eq!(
        (&created["user"]["email"], &created["user"]["emailverified"]),
        (&json!("nina@example.com"), &json!(false))
    );
    assert!(!created.to_string().contains("first\""), "no response contains a password");
    app.nobody().post("/auth/signup", new).await.json_of(403);
    sign_in(&app, "nina@example.com", "first").await;

    let nina = async || {
        let state = app.nobody().get("/_control/state").await.json_of(200);
        let users = state["users"].as_array().expect("users").clone();
        users.into_iter().find(|user| user["email"] == "nina@example.com").expect("the new user")
    };
    let (id, code) = (nina().await["_id"].clone(), nina().await["verification"]["code"].clone());
    let path = format!("/auth/verifyemail/{}/{}", id.as_str().expect("a string"), code.as_str().expect("a string"));
    let null = app.nobody().send(Method::PUT, &path, &[("content-type", "application/json")], "null").await;
    assert_eq!(null.status, 400, "null is not a JSON body");
    assert_eq!(app.nobody().put(&path, json!({})).await.json_of(200)["emailverified"], true);
    assert_eq!(
        app.nobody().put(&path, json!({})).await.json_of(401)["error_code"],
        10_005,
        "a code can be used only once"
    );

    app.nobody().put("/auth/requestresetpsw", json!({"email": "NINA@example.com"})).await.json_of(200);
    let key = nina().await["resetKey"].as_str().expect("the key that the email would contain").to_owned();
    app.nobody().get(&format!("/auth/checkpswresetkey/{key}")).await.json_of(200);
    app.nobody().put(&format!("/auth/resetpsw/{key}"), json!({})).await.json_of(422);
    app.nobody().put(&format!("/auth/resetpsw/{key}"), json!({"password": "second"})).await.json_of(200);
    app.nobody().put(&format!("/auth/resetpsw/{key}"), json!({"password": "third"})).await.json_of(404);
    sign_in(&app, "nina@example.com", "second").await;
    app.nobody().post("/auth/signin", json!({"email": "nina@example.com", "password": "first"})).await.json_of(401);
}

#[tokio::test]
async fn addresses_without_a_domain_are_rejected() {
    let app = App::new();
    for email in ["test@email", "", "a b@c.de", "a@b@c.de", "@c.de"] {
        let answer = app.nobody().post("/auth/signin", json!({"email": email, "password": "x"})).await.json_of(422);
        let expected = json!([{"value": email, "msg": "Invalid value", "param": "email", "location": "body"}]);
        assert_eq!(answer["errors"], expected, "{email}");
    }
}

#[tokio::test]
async fn sign_in_accepts_the_address_of_the_sign_up() {
    let app = App::new();
    // The last one starts with the Kelvin sign, whose lowercase form is the letter k.
    for email in ["Émile@example.com", "ÖMER@example.com", "Plain@Example.com", "\u{212a}elvin@example.com"] {
        let user = json!({"email": email, "password": "123456", "firstname": "A", "lastname": "B"});
        app.nobody().post("/auth/signup", user).await.json_of(200);
        assert_eq!(sign_in(&app, email, "123456").await["success"], true, "{email}");
        app.user(email).get("/projects").await.json_of(200);
    }
}
