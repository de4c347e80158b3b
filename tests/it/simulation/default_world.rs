//! The built-in world without any options.

use serde_json::{Value, json};
use tiledesk_mock::ClockSetting;

use crate::support::{App, PROJECT};

fn running() -> App {
    App::with(|config| config.clock = ClockSetting::Real)
}

#[tokio::test]
async fn charts_and_lists_are_not_empty() {
    let app = running();
    for chart in ["requests/aggregate/day", "requests/waiting/day", "messages/aggregate/day", "project_users/count"] {
        let chart = app.owner().get(&format!("{PROJECT}/analytics/{chart}")).await.json_of(200);
        assert!(chart.as_array().is_some_and(|rows| !rows.is_empty()), "{chart}");
    }
    let requests = app.owner().get(&format!("{PROJECT}/requests?limit=3")).await.json_of(200);
    assert_eq!(requests["requests"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn a_frozen_clock_adds_no_conversations() {
    let state = App::new().state().await;
    let requests = state["requests"].as_array().map(Vec::len);
    assert_eq!(requests, Some(16));
}

#[tokio::test]
async fn recent_conversations_leave_team_and_departments_unchanged() {
    let (frozen, running) = (App::new().state().await, running().state().await);
    for collection in ["users", "departments", "bots", "faqs", "groups", "tags"] {
        assert_eq!(frozen[collection], running[collection], "{collection}");
    }
    let ids = |state: &Value| {
        let all = state["requests"].as_array().expect("an array").iter();
        all.map(|request| request["_id"].clone()).collect::<Vec<_>>()
    };
    assert!(ids(&frozen).iter().all(|id| ids(&running).contains(id)));
}

#[tokio::test]
async fn no_trial_has_expired_and_names_differ() {
    let app = running();
    let memberships = app.owner().get("/v3/projects").await.json_of(200);
    let memberships = memberships.as_array().expect("an array");
    let mut names: Vec<_> = memberships.iter().map(|member| member["id_project"]["name"].to_string()).collect();
    for member in memberships {
        let project = &member["id_project"];
        let is_paid = project["isActiveSubscription"] == json!(true);
        assert!(is_paid || project["trialExpired"] == json!(false), "{project}");
    }
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count, "{names:?}");
}
