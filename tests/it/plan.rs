//! The plan of a project: trial and paid subscription.

use serde_json::json;

use crate::support::{App, PROJECT};

#[tokio::test]
async fn a_paid_subscription_is_active_until_three_days_after_its_end() {
    let app = App::new();
    let mut state = app.nobody().get("/_control/state").await.json_of(200);
    let projects = state["projects"].as_array_mut().expect("projects");
    let paying = projects.iter_mut().find(|project| PROJECT.ends_with(project["_id"].as_str().expect("an id")));
    let profile = &mut paying.expect("the project")["profile"];
    for (field, value) in [
        ("type", "payment"),
        ("subStart", "2025-01-01T12:00:00.000Z"),
        ("subEnd", "2025-12-31T12:00:00.000Z"),
        ("subscriptionId", "sub_1"),
    ] {
        profile[field] = json!(value);
    }
    app.nobody().put("/_control/state", state).await.json_of(200);
    let project = app.owner().get(PROJECT).await.json_of(200);
    assert_eq!(
        (&project["profile"]["subscriptionId"], &project["isActiveSubscription"]),
        (&json!("sub_1"), &json!(true))
    );
    app.advance("3d").await;
    assert_eq!(app.owner().get(PROJECT).await.json_of(200)["isActiveSubscription"], false);
}
