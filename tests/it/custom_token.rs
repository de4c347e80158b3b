//! Tokens for visitors, signed by customers, their subscriptions, or their bots.

use http::Method;
use serde_json::{Value, json};

use crate::{
    auth::custom,
    support::{
        App, PROJECT,
        seed::{BOT, OTHER_PROJECT, OTHER_PROJECT_ID, PROJECT_ID},
        token::{Algorithm, signed},
    },
};

/// A subscription of the main project, as returned by its creation.
async fn subscription(app: &App) -> Value {
    let new = json!({"target": "http://127.0.0.1:9/x", "event": "message.create"});
    app.owner().post(&format!("{PROJECT}/subscriptions"), new).await.json_of(200)
}

/// A token for an external user, signed with the secret of a subscription.
fn certified(subscription: &Value, claims: &Value) -> String {
    let text = |field: &str| subscription[field].as_str().expect("a string").to_owned();
    let audience = format!("https://tiledesk.com/subscriptions/{}", text("_id"));
    let mut all = json!({"_id": "telegram-1", "sub": "userexternal", "aud": audience});
    all.as_object_mut().expect("an object").extend(claims.as_object().expect("an object").clone());
    signed(&text("secret"), Algorithm::Hs256, &all)
}

/// The members of the main project with this `uuid_user`.
async fn members(app: &App, uuid_user: &str) -> Vec<Value> {
    let state = app.state().await;
    let members = state["project_users"].as_array().expect("members").clone();
    members.into_iter().filter(|member| member["uuid_user"] == uuid_user).collect()
}

#[tokio::test]
async fn a_token_signed_by_a_subscription_creates_a_member_of_its_project() {
    // "A JWT whose `aud` is `…/subscriptions/ID`, signed with that subscription's secret, authenticates into the subscription's
    // project (creating a project_user with role `user`)."
    let app = App::new();
    let token = certified(&subscription(&app).await, &json!({"firstname": "Tele"}));
    let visitor = app.authorized(token.clone());
    let before = visitor.get(&format!("{PROJECT}/requests/me")).await.json_of(403);
    assert_eq!(before["msg"], "you dont belong to the project.");
    for _ in 0..2 {
        let session = visitor.send(Method::POST, "/auth/signinWithCustomToken", &[], "").await.json_of(200);
        assert_eq!((&session["token"], &session["user"]["firstname"]), (&json!(token), &json!("Tele")));
    }
    let members = members(&app, "telegram-1").await;
    assert_eq!(members.len(), 1, "the second sign-in reuses the member");
    assert_eq!((&members[0]["role"], &members[0]["id_project"]), (&json!("user"), &json!(PROJECT_ID)));
}

#[tokio::test]
async fn a_visitor_certified_by_a_subscription_opens_and_finds_conversations() {
    let app = App::new();
    let visitor = app.authorized(certified(&subscription(&app).await, &json!({"firstname": "Tele", "lastname": "G"})));
    visitor.post("/auth/signinWithCustomToken", json!({})).await.json_of(200);
    let mine = format!("{PROJECT}/requests/me?channel=telegram");
    assert_eq!(visitor.get(&mine).await.json_of(200)["count"], 0);
    let message = json!({"text": "Hello", "channel": {"name": "telegram"}});
    let sent = visitor.post(&format!("{PROJECT}/requests/from-telegram/messages"), message).await.json_of(200);
    assert_eq!((&sent["sender"], &sent["senderFullname"]), (&json!("telegram-1"), &json!("Tele G")));
    let found = visitor.get(&mine).await.json_of(200);
    assert_eq!(found["requests"][0]["request_id"], "from-telegram");
    visitor.get(&format!("{PROJECT}/leads")).await.json_of(403);
}

#[tokio::test]
async fn a_token_of_a_subscription_with_a_wrong_secret_is_unauthorized() {
    let app = App::new();
    let mut subscription = subscription(&app).await;
    subscription["secret"] = json!("another secret");
    let visitor = app.authorized(certified(&subscription, &json!({})));
    assert_eq!(visitor.post("/auth/signinWithCustomToken", json!({})).await.status, 401);
    assert_eq!(visitor.get(&format!("{PROJECT}/requests/me")).await.status, 401);
}

#[tokio::test]
async fn a_token_of_a_deleted_subscription_is_unauthorized() {
    let app = App::new();
    let subscription = subscription(&app).await;
    let visitor = app.authorized(certified(&subscription, &json!({})));
    visitor.post("/auth/signinWithCustomToken", json!({})).await.json_of(200);
    let id = subscription["_id"].as_str().expect("an id");
    app.owner().delete(&format!("{PROJECT}/subscriptions/{id}")).await.json_of(200);
    assert_eq!(visitor.get(&format!("{PROJECT}/requests/me")).await.status, 401);
}

#[tokio::test]
async fn a_subscription_certifies_visitors_of_its_own_project_only() {
    let app = App::new();
    let (guest, subscription) = (app.guest().await, subscription(&app).await);
    let token = certified(&subscription, &json!({}));
    app.authorized(token.clone()).post("/auth/signinWithCustomToken", json!({})).await.json_of(200);
    let refused = app.authorized(token).get(&format!("{OTHER_PROJECT}/requests/me")).await.json_of(403);
    assert_eq!(refused["msg"], "you dont belong to the project.");
    // Nor does it certify a guest of another project with the same ID.
    let stranger =
        app.nobody().post("/auth/signinAnonymously", json!({"id_project": OTHER_PROJECT_ID})).await.json_of(200);
    let stranger = json!({"_id": stranger["user"]["_id"]});
    for token in [certified(&subscription, &stranger), custom(&stranger)] {
        let refused = app.authorized(token).get(&format!("{OTHER_PROJECT}/requests/me")).await.json_of(403);
        assert_eq!(refused["msg"], "you dont belong to the project.");
    }
    guest.get(&format!("{PROJECT}/requests/me")).await.json_of(200);
}

#[tokio::test]
async fn a_subscription_certifies_no_teammates() {
    let app = App::new();
    let subscription = subscription(&app).await;
    let claims = json!({"role": "owner", "email": "andrea.leo@f21.it"});
    let visitor = app.authorized(certified(&subscription, &claims));
    let session = visitor.post("/auth/signinWithCustomToken", json!({})).await.json_of(200);
    assert_eq!(session["user"]["_id"], "telegram-1", "not the account with that email address");
    assert_eq!(members(&app, "telegram-1").await[0]["role"], "user");
}

#[tokio::test]
async fn a_token_signed_by_a_bot_names_its_project_in_the_body() {
    let app = App::new();
    let mut state = app.state().await;
    let bots = state["bots"].as_array_mut().expect("bots").iter_mut();
    let bot = bots.into_iter().find(|bot| bot["id_project"] == PROJECT_ID).expect("a bot");
    bot["secret"] = json!("a secret of the bot");
    let audience = format!("https://tiledesk.com/bots/{}", bot["_id"].as_str().expect("an id"));
    app.nobody().put("/_control/state", state).await.json_of(200);
    let claims = json!({"_id": "u2", "sub": "userexternal", "aud": audience});
    let visitor = app.authorized(signed("a secret of the bot", Algorithm::Hs256, &claims));
    visitor.post("/auth/signinWithCustomToken", json!({})).await.json_of(200);
    assert_eq!(members(&app, "u2").await, Vec::<Value>::new());
    let elsewhere = json!({"id_project": OTHER_PROJECT_ID});
    visitor.post("/auth/signinWithCustomToken", elsewhere).await.json_of(403);
    visitor.post("/auth/signinWithCustomToken", json!({"id_project": PROJECT_ID})).await.json_of(200);
    visitor.get(&format!("{PROJECT}/requests/me")).await.json_of(200);
}

#[tokio::test]
async fn bots_are_rejected_where_only_members_may_call() {
    let app = App::new();
    let bot = format!("{PROJECT}/bots/{BOT}/jwt");
    let token = app.owner().get(&bot).await.json_of(200)["jwt"].as_str().expect("a token").to_owned();
    let bot = app.authorized(format!("JWT {token}"));
    bot.get(&format!("{PROJECT}/leads")).await.json_of(200);
    let keys = bot.post(&format!("{PROJECT}/keys/generate"), json!({})).await.json_of(403);
    assert_eq!(keys["msg"], "you dont belong to the project.");
    for path in ["subscriptions", "activities", "canned"] {
        let refused = bot.get(&format!("{PROJECT}/{path}")).await.json_of(403);
        assert_eq!(refused["msg"], "you dont belong to the project.", "{path}");
    }
}
