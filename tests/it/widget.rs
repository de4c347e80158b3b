//! The data a widget gets before sign-in.

use serde_json::json;

use crate::support::{
    App, PROJECT,
    seed::{BOT, PROJECT_ID},
};

#[tokio::test]
async fn the_widget_sees_only_what_visitors_may_see() {
    let app = App::new();
    let id = PROJECT_ID;
    let settings = json!({"settings": {"chat_limit_on": true}, "widget": {"color": "#43B1F2"}});
    app.owner().put(&format!("/v3/projects/{id}"), settings).await.json_of(200);
    let told = app.nobody().get(&format!("{PROJECT}/widgets")).await.json_of(200);
    assert_eq!((&told["project"]["_id"], &told["project"]["widget"]["color"]), (&json!(id), &json!("#43B1F2")));
    assert_eq!(told["project"].get("settings"), None);
    assert_eq!(told["departments"], app.nobody().get(&format!("{PROJECT}/departments")).await.json_of(200));
    let available = app.nobody().get(&format!("/v3/projects/{id}/users/availables")).await.json_of(200);
    let available = available.as_array().expect("agents").iter();
    let shown: Vec<_> = available.map(|agent| json!({"id": agent["id"], "firstname": agent["firstname"]})).collect();
    assert!(!shown.is_empty(), "no agent is available");
    assert_eq!(told["user_available"], json!(shown), "only the first name is shown");
    assert_eq!((&told["ip"], &told["botsRules"]), (&json!("127.0.0.1"), &json!([])));
    for agent in [app.owner(), app.admin(), app.agent()] {
        agent.put(&format!("{PROJECT}/project_users"), json!({"user_available": false})).await.json_of(200);
    }
    let told = app.nobody().get(&format!("{PROJECT}/widgets")).await.json_of(200);
    assert_eq!(
        told["user_available"],
        app.nobody().get(&format!("/v3/projects/{id}/users/availables")).await.json_of(200)
    );
}

#[tokio::test]
async fn the_widget_sees_the_rules_of_bots() {
    let app = App::new();
    let rules = json!([{"name": "after a minute"}]);
    let path = format!("{PROJECT}/bots/{BOT}/attributes");
    app.owner().patch(&path, json!({"rules": rules})).await.json_of(200);
    assert_eq!(app.nobody().get(&format!("{PROJECT}/widgets")).await.json_of(200)["botsRules"], rules);
}

#[tokio::test]
async fn the_widget_sees_the_deny_list_but_not_the_allow_list() {
    let app = App::new();
    let shown = app.nobody().get(&format!("{PROJECT}/widgets")).await.json_of(200);
    assert_eq!(shown["project"]["ipFilterDenyEnabled"], false);
    assert_eq!(shown["project"]["ipFilterDeny"], json!([]));
    assert_eq!((shown["project"].get("ipFilterEnabled"), shown["project"].get("ipFilter")), (None, None));
}
