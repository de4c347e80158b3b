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
    assert_eq!(told["user_available"], available);
    assert!(available.as_array().is_some_and(|agents| !agents.is_empty()), "somebody is available");
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
async fn the_widget_sees_the_deny_list_and_not_the_allow_list() {
    let app = App::new();
    let shown = app.nobody().get(&format!("{PROJECT}/widgets")).await.expect(200);
    assert_eq!(shown["project"]["ipFilterDenyEnabled"], false);
    assert_eq!(shown["project"]["ipFilterDeny"], json!([]));
    assert_eq!((shown["project"].get("ipFilterEnabled"), shown["project"].get("ipFilter")), (None, None));
}
