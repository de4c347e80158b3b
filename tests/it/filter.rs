//! IP filters of projects.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Actor, App, PROJECT};

const SETTINGS: &str = "/v3/projects/5b55e806c93dde00143163dd";

/// Reads the departments, which need no credentials, as forwarded by a proxy on this machine.
async fn forwarded(caller: &Actor<'_>, address: &str) -> (u16, Value) {
    let headers = [("x-forwarded-for", address)];
    let answer = caller.send(Method::GET, &format!("{PROJECT}/departments"), &headers, "").await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test]
async fn new_projects_have_empty_disabled_filters_and_no_bans() {
    let app = App::new();
    let project = app.owner().post("/v3/projects", json!({"name": "Shop"})).await.json_of(200);
    for list in ["ipFilter", "ipFilterDeny", "bannedUsers"] {
        assert_eq!(project[list], json!([]), "{list}");
    }
    for switch in ["ipFilterEnabled", "ipFilterDenyEnabled"] {
        assert_eq!(project[switch], json!(false), "{switch}");
    }
    let memberships = app.owner().get("/v3/projects").await.json_of(200);
    assert_eq!(memberships[0]["id_project"]["ipFilter"], json!([]));
}

#[tokio::test]
async fn the_allow_list_rejects_other_addresses() {
    let app = App::new();
    let filter = json!({"ipFilterEnabled": true, "ipFilter": ["203.0.113.0/24"]});
    let project = app.owner().put(SETTINGS, filter).await.json_of(200);
    assert_eq!((&project["ipFilterEnabled"], &project["ipFilter"]), (&json!(true), &json!(["203.0.113.0/24"])));
    let refused = (401, json!({"err": "error project ip filter"}));
    assert_eq!(forwarded(&app.nobody(), "198.51.100.7").await, refused);
    assert_eq!(
        forwarded(&app.nobody(), "203.0.113.9, 198.51.100.7").await,
        refused,
        "the address added by the last proxy counts"
    );
    assert_eq!(forwarded(&app.nobody(), "198.51.100.7, 203.0.113.9").await.0, 200);
    let answer = app.owner().get(&format!("{PROJECT}/leads")).await;
    assert_eq!((answer.status.as_u16(), answer.json()), refused, "the peer is a loopback address");
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(
        app.nobody().get(&format!("{PROJECT}/leads")).await.json_of(401),
        refused.1,
        "checked before credentials"
    );
}

#[tokio::test]
async fn the_deny_list_rejects_its_addresses() {
    let app = App::new();
    let filter = json!({"ipFilterDenyEnabled": true, "ipFilterDeny": ["::1"]});
    app.owner().put(SETTINGS, filter).await.json_of(200);
    let refused = json!({"err": "error project deny ip filter"});
    assert_eq!(app.owner().get(&format!("{PROJECT}/leads")).await.json_of(401), refused, "127.0.0.1 is the same host");
    assert_eq!(forwarded(&app.nobody(), "198.51.100.7").await.0, 200);
    // The project's own settings are not filtered, so that no one is locked out permanently.
    app.owner().patch(SETTINGS, json!({"ipFilterDenyEnabled": false})).await.json_of(200);
    app.owner().get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn disabled_lists_and_an_empty_allow_list_filter_nothing() {
    let app = App::new();
    for filter in [
        json!({"ipFilter": ["203.0.113.9"], "ipFilterDeny": ["127.0.0.1"]}),
        json!({"ipFilter": [], "ipFilterEnabled": true}),
    ] {
        app.owner().put(SETTINGS, filter).await.json_of(200);
        app.owner().get(&format!("{PROJECT}/leads")).await.json_of(200);
    }
}

#[tokio::test]
async fn an_update_replaces_the_banned_users() {
    let app = App::new();
    let banned = app.owner().post(&format!("{SETTINGS}/ban"), json!({"id": "a"})).await.json_of(200);
    let mut bans = banned["bannedUsers"].clone();
    bans.as_array_mut().expect("bans").push(json!({"id": "b", "ip": "203.0.113.9"}));
    let updated = app.owner().put(SETTINGS, json!({"bannedUsers": bans})).await.json_of(200);
    assert_eq!(updated["bannedUsers"][0], banned["bannedUsers"][0], "an existing ban keeps its id");
    assert_eq!(updated["bannedUsers"][1]["_id"].as_str().map(str::len), Some(24));
    assert_eq!(app.owner().put(SETTINGS, json!({"bannedUsers": []})).await.json_of(200)["bannedUsers"], json!([]));
}

#[tokio::test]
async fn an_invalid_address_is_rejected() {
    let app = App::new();
    for (field, entry) in [("ipFilter", "localhost"), ("ipFilterDeny", "10.0.0.0/33")] {
        let answer = app.owner().put(SETTINGS, json!({field: ["10.0.0.1", entry]})).await.json_of(422);
        assert_eq!((&answer["errors"][0]["param"], &answer["errors"][0]["value"]), (&json!(field), &json!(entry)));
    }
}
