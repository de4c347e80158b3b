//! Accounts beyond the documented exchanges: visibility of changes, passwords, and deletion.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT, seed::AGENT};

/// A caller with these credentials, such as a changed password or address.
fn with<'a>(app: &'a App, email: &str, password: &str) -> Actor<'a> {
    app.authorized(format!("Basic {}", BASE64_STANDARD.encode(format!("{email}:{password}"))))
}

/// The agent with a token.
async fn session(app: &App) -> Actor<'_> {
    let body = json!({"email": "agent@example.com", "password": "123456"});
    let session = app.nobody().post("/v3/auth/signin", body).await.json_of(200);
    app.authorized(session["token"].as_str().expect("the token is a string").to_owned())
}

async fn sign_in(app: &App, email: &str, password: &str) -> u16 {
    let body = json!({"email": email, "password": password});
    app.nobody().post("/v3/auth/signin", body).await.status.as_u16()
}

/// The agent's user as embedded in the team list.
async fn in_team(app: &App) -> Value {
    let path = format!("{PROJECT}/project_users/users/{AGENT}");
    app.owner().get(&path).await.json_of(200)[0]["id_user"].clone()
}

#[tokio::test]
async fn a_changed_account_is_visible_everywhere_immediately() {
    let app = App::new();
    let agent = app.agent();
    let sent = json!({"firstname": "Ada", "lastname": "Byron", "description": "Counts", "phone": "+39055123",
        "public_email": "ada@example.org", "public_website": "https://example.org", "attributes": {"a": 1, "b": 2}});
    let answer = agent.put("/v3/users", sent.clone()).await.json_of(200);
    assert_eq!(answer["success"], true);
    let updated = &answer["updatedUser"];
    for (key, value) in sent.as_object().expect("an object") {
        assert_eq!(updated[key], *value, "{key}");
    }
    assert_eq!((&updated["updatedAt"], updated.get("password")), (&json!("2026-01-01T12:00:00.000Z"), None));
    assert_eq!(in_team(&app).await, *updated);
    let profile = agent.get("/v3/users").await.json_of(200);
    let expected = json!({"_id": AGENT, "email": "agent@example.com", "firstname": "Ada", "lastname": "Byron",
        "emailverified": true});
    assert_eq!(profile, expected, "exactly these five fields");
    let card = app.nobody().get(&format!("/v3/users_util/{AGENT}")).await.json_of(200);
    let expected = json!({"_id": AGENT, "firstname": "Ada", "lastname": "Byron", "description": "Counts",
        "public_email": "ada@example.org", "public_website": "https://example.org"});
    assert_eq!(card, expected, "neither address nor phone");
    let team = app.owner().get(&format!("{PROJECT}/project_users")).await.json_of(200);
    assert_eq!(team[2]["id_user"]["firstname"], "Ada");
    let available = app.nobody().get(&format!("/v3/projects{}/users/availables", &PROJECT[3..])).await.json_of(200);
    assert_eq!(available[2]["fullname"], "Ada Byron");

    let replaced = agent.put("/v3/users", json!({"attributes": {"c": 3}, "firstname": null})).await.json_of(200);
    assert_eq!(replaced["updatedUser"]["attributes"], json!({"c": 3}), "attributes are replaced as a whole");
    assert_eq!(replaced["updatedUser"]["firstname"], "Ada", "null changes nothing");
}

#[tokio::test]
async fn read_only_fields_are_not_changed() {
    let app = App::new();
    let before = app.state().await;
    let body = json!({"email": "x@example.com", "password": "x", "status": 0, "emailverified": false, "_id": "x"});
    let answer = app.agent().put("/v3/users", body).await.json_of(200);
    assert_eq!(
        (&answer["updatedUser"]["email"], &answer["updatedUser"]["status"]),
        (&json!("agent@example.com"), &json!(100))
    );
    let mut after = app.state().await;
    for (after, before) in
        after["users"].as_array_mut().into_iter().flatten().zip(before["users"].as_array().into_iter().flatten())
    {
        after["updatedAt"] = before["updatedAt"].clone();
    }
    assert_eq!(after, before);
}

#[tokio::test]
async fn invalid_bodies_are_rejected_and_change_nothing() {
    let app = App::new();
    let agent = app.agent();
    app.outsider().put("/v3/users", json!({"phone": "+39055123"})).await.json_of(200);
    let before = app.state().await;
    for (path, body, field) in [
        ("/v3/users", json!([]), ""),
        ("/v3/users", json!({"firstname": {}}), "firstname"),
        ("/v3/users", json!({"lastname": ["x"], "firstname": "fine"}), "lastname"),
        ("/v3/users", json!({"attributes": []}), "attributes"),
        ("/v3/users", json!({"attributes": "x"}), "attributes"),
        ("/v3/users", json!({"description": {}}), "description"),
        ("/v3/users", json!({"phone": {}}), "phone"),
        ("/v3/users", json!({"phone": "call me"}), "phone"),
        ("/v3/users", json!({"phone": ""}), "phone"),
        ("/v3/users/changepsw", json!([]), ""),
        ("/v3/users/changepsw", json!({"newpsw": "x"}), "oldpsw"),
        ("/v3/users/changepsw", json!({"oldpsw": "123456"}), "newpsw"),
        ("/v3/users/changepsw", json!({"oldpsw": "123456", "newpsw": ""}), "newpsw"),
        ("/v3/users/changepsw", json!({"oldpsw": {}, "newpsw": "x"}), "oldpsw"),
    ] {
        let answer = agent.put(path, body.clone()).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{path} {body}: {answer}");
    }
    let taken = agent.put("/v3/users", json!({"phone": "+39055123", "firstname": "x"})).await.json_of(409);
    assert_eq!(taken, json!({"success": false, "msg": "Another document already has this phone."}));
    agent.put("/v3/users", json!({"description": "x".repeat(512_000)})).await.json_of(413);
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_new_password_replaces_the_old_one_and_keeps_tokens_valid() {
    let app = App::new();
    let token = session(&app).await;
    let change = json!({"oldpsw": "123456", "newpsw": "été: 7"});
    app.agent().put("/v3/users/changepsw", change).await.json_of(200);
    assert_eq!(sign_in(&app, "agent@example.com", "123456").await, 401);
    assert_eq!(app.agent().get("/v3/users").await.status, 401);
    assert_eq!(sign_in(&app, "agent@example.com", "été: 7").await, 200);
    token.get("/v3/users").await.json_of(200);
    for (body, status, answer) in [
        (
            json!({"oldpsw": "123456", "newpsw": "x"}),
            401,
            json!({"success": false, "msg": "Current password is invalid."}),
        ),
        (json!({"oldpsw": "", "newpsw": "x"}), 401, json!({"success": false, "msg": "Current password is invalid."})),
        (
            json!({"oldpsw": "été: 7", "newpsw": "été: 7"}),
            403,
            json!({"success": false, "message": "The new password must be different from the previous one."}),
        ),
    ] {
        assert_eq!(token.put("/v3/users/changepsw", body).await.json_of(status), answer);
    }
    assert_eq!(sign_in(&app, "agent@example.com", "été: 7").await, 200);
    token.put("/v3/users/changepsw", json!({"oldpsw": "été: 7", "newpsw": "plain"})).await.json_of(200);
    with(&app, "agent@example.com", "plain").get(&format!("{PROJECT}/leads")).await.json_of(200);
    assert_eq!(sign_in(&app, "outsider@example.com", "123456").await, 200, "other passwords do not change");
}

#[tokio::test]
async fn a_closed_account_is_anonymized_and_cannot_sign_in() {
    let app = App::new();
    let token = session(&app).await;
    let closed = app.agent().delete("/v3/users").await.json_of(200)["updatedUser"].clone();
    assert_eq!((&closed["status"], &closed["firstname"]), (&json!(0), &json!("anonymized")));
    let email = closed["email"].as_str().expect("the address is a string");
    assert!(email.ends_with("@tiledesk.com") && email.len() == 36 + 13, "{email}");
    for actor in [app.agent(), token, with(&app, email, "123456")] {
        assert_eq!(actor.get("/v3/users").await.status, 401);
        assert_eq!(actor.get(&format!("{PROJECT}/leads")).await.status, 401);
    }
    assert_eq!(sign_in(&app, "agent@example.com", "123456").await, 401);
    assert_eq!(sign_in(&app, email, "123456").await, 401);
    assert_eq!(in_team(&app).await, closed, "the membership is kept");
    let card = app.nobody().get(&format!("/v3/users_util/{AGENT}")).await.json_of(200);
    assert_eq!(card["lastname"], "anonymized");
    let available = app.nobody().get(&format!("/v3/projects{}/users/availables", &PROJECT[3..])).await.json_of(200);
    let available = available.as_array().expect("agents");
    assert!(available.iter().all(|agent| agent["id"] != AGENT), "closed accounts are not available");

    let new = json!({"email": "agent@example.com", "password": "new", "firstname": "N", "lastname": "N"});
    let id = app.nobody().post("/v3/auth/signup", new).await.json_of(200)["user"]["_id"].clone();
    assert_ne!(id, AGENT, "the address is available for another account");
    let newcomer = with(&app, "agent@example.com", "new");
    assert_eq!(newcomer.get(&format!("{PROJECT}/leads")).await.json_of(403)["msg"], "you dont belong to the project.");
}

#[tokio::test]
async fn deleting_an_account_deletes_its_memberships() {
    let app = App::new();
    let token = session(&app).await;
    let removal = app.agent().delete("/v3/users/physical").await.json_of(200);
    assert_eq!((&removal["success"], &removal["user"]["deletedCount"]), (&json!(true), &json!(1)));
    for actor in [app.agent(), token] {
        assert_eq!(actor.get("/v3/users").await.status, 401);
    }
    assert_eq!(sign_in(&app, "agent@example.com", "123456").await, 401);
    let missing = json!({"success": false, "msg": "Object not found."});
    assert_eq!(app.nobody().get(&format!("/v3/users_util/{AGENT}")).await.json_of(404), missing);
    app.owner().get(&format!("{PROJECT}/project_users/users/{AGENT}")).await.json_of(404);
    let available = app.nobody().get(&format!("/v3/projects{}/users/availables", &PROJECT[3..])).await.json_of(200);
    assert_eq!(available.as_array().map(Vec::len), Some(2), "only the others");
}

#[tokio::test]
async fn visitors_have_no_account() {
    let app = App::new();
    let visitors = [app.guest().await, app.visitor().await];
    let before = app.state().await;
    let missing = json!({"success": false, "msg": "Object not found."});
    let password = json!({"oldpsw": "123456", "newpsw": "x"});
    for visitor in &visitors {
        for (method, path, body) in [
            (Method::GET, "/v3/users", None),
            (Method::PUT, "/v3/users", Some(json!({"firstname": "x"}))),
            (Method::DELETE, "/v3/users", None),
            (Method::DELETE, "/v3/users/physical", None),
            (Method::PUT, "/v3/users/changepsw", Some(password.clone())),
            (Method::GET, "/v3/users/resendverifyemail", None),
        ] {
            assert_eq!(visitor.call(method.clone(), path, body).await.json_of(404), missing, "{method} {path}");
        }
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn a_new_verification_code_replaces_the_previous_one() {
    let app = App::new();
    let user = app.user("unverified@example.com");
    let code = async || {
        let state = app.state().await;
        let found = state["users"].as_array().expect("users").iter().find(|user| user["emailverified"] == false);
        found.expect("an unverified user")["verification"].clone()
    };
    let first = code().await;
    user.get("/v3/users/resendverifyemail").await.json_of(200);
    let second = code().await;
    assert_ne!(second["code"], first["code"]);
    assert_eq!(second["expires"], "2026-01-01T12:15:00.000Z", "15 minutes");
    let verify = async |code: &Value| {
        let code = code["code"].as_str().expect("the code is a string");
        app.nobody().put(&format!("/v3/auth/verifyemail/5aaa99024c3b110014b478f2/{code}"), json!({})).await
    };
    assert_eq!(verify(&first).await.json_of(401)["error_code"], 10_005);
    verify(&second).await.json_of(200);
    assert_eq!(user.get("/v3/users").await.json_of(200)["emailverified"], true);
}

#[tokio::test]
async fn public_cards_are_shown_for_well_formed_ids() {
    let app = App::new();
    for (id, msg) in [
        ("5aaa99024c3b110014b47800", "Object not found."),
        ("twelve-chars", "User id not found"),
        ("5aaa99024c3b110014b478fg", "User id not found"),
    ] {
        let answer = app.nobody().get(&format!("/v3/users_util/{id}")).await.json_of(404);
        assert_eq!(answer, json!({"success": false, "msg": msg}), "{id}");
    }
    let card = app.guest().await.get(&format!("/v3/users_util/{}", AGENT.to_uppercase())).await.json_of(200);
    assert_eq!(card, json!({"_id": AGENT, "firstname": "Andrea", "lastname": "Leo"}));
}
