//! What a widget is told before anybody is signed in.

use serde_json::json;

use crate::support::{App, PROJECT};

#[tokio::test]
async fn the_widget_sees_what_visitors_may_see() {
    let app = App::new();
    let id = &PROJECT[4..];
    let settings = json!({"settings": {"chat_limit_on": true}, "widget": {"color": "#43B1F2"}});
    app.owner().put(&format!("/v3/projects/{id}"), settings).await.expect(200);
    let told = app.nobody().get(&format!("{PROJECT}/widgets")).await.expect(200);
    assert_eq!((&told["project"]["_id"], &told["project"]["widget"]["color"]), (&json!(id), &json!("#43B1F2")));
    assert_eq!(told["project"].get("settings"), None);
    assert_eq!(told["departments"], app.nobody().get(&format!("{PROJECT}/departments")).await.expect(200));
    let available = app.nobody().get(&format!("/v3/projects/{id}/users/availables")).await.expect(200);
    let available = available.as_array().expect("agents").iter();
    let shown: Vec<_> = available.map(|agent| json!({"id": agent["id"], "firstname": agent["firstname"]})).collect();
    assert!(!shown.is_empty(), "an agent is available");
    assert_eq!(told["user_available"], json!(shown), "no more than a first name");
    assert_eq!((&told["ip"], &told["botsRules"]), (&json!("127.0.0.1"), &json!([])));
    for agent in [app.owner(), app.admin(), app.agent()] {
        agent.put(&format!("{PROJECT}/project_users"), json!({"user_available": false})).await.expect(200);
    }
    let told = app.nobody().get(&format!("{PROJECT}/widgets")).await.expect(200);
    assert_eq!(
        told["user_available"],
        app.nobody().get(&format!("/v3/projects/{id}/users/availables")).await.expect(200)
    );
}

#[tokio::test]
async fn the_widget_sees_the_rules_of_bots() {
    let app = App::new();
    let rules = json!([{"name": "after a minute"}]);
    let path = format!("{PROJECT}/bots/5be9b2ecc72a050015e14951/attributes");
    app.owner().patch(&path, json!({"rules": rules})).await.expect(200);
    assert_eq!(app.nobody().get(&format!("{PROJECT}/widgets")).await.expect(200)["botsRules"], rules);
}

#[tokio::test]
async fn the_widget_sees_the_deny_list_and_not_the_allow_list() {
    let app = App::new();
    let shown = app.nobody().get(&format!("{PROJECT}/widgets")).await.expect(200);
    assert_eq!(shown["project"]["ipFilterDenyEnabled"], false);
    assert_eq!(shown["project"]["ipFilterDeny"], json!([]));
    assert_eq!((shown["project"].get("ipFilterEnabled"), shown["project"].get("ipFilter")), (None, None));
}
