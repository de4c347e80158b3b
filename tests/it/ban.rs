//! Bans and their scope, and the list of all projects.

use serde_json::{Value, json};

use crate::support::{
    App, PROJECT,
    seed::{AGENT, OWNER, PROJECT_ID},
};

fn ban(suffix: &str) -> String {
    format!("/v3/projects/{PROJECT_ID}/ban{suffix}")
}

#[tokio::test]
async fn a_banned_user_is_rejected_inside_the_project_until_the_ban_is_lifted() {
    let app = App::new();
    let refused = json!({"err": "error projectBanUserFilter by id"});
    let guest = app.guest().await;
    let other = app.guest().await;
    let members = app.state().await["project_users"].clone();
    let newest = members.as_array().expect("members").iter().filter(|member| member["role"] == "guest");
    let newest: Vec<_> = newest.map(|member| member["uuid_user"].clone()).collect();
    let messages = format!("{PROJECT}/requests/support-group-new/messages");
    guest.get(&messages).await.json_of(200);

    let id = newest[newest.len() - 2].clone();
    let project = app.admin().post(&ban(""), json!({"id": id, "ip": "203.0.113.9"})).await.json_of(200);
    let banned = &project["bannedUsers"][0];
    assert_eq!((&banned["id"], &banned["ip"]), (&id, &json!("203.0.113.9")));
    let told = &app.owner().get(&format!("{PROJECT}/messages?limit=1")).await.json_of(200)[0];
    let expected = [&id, &json!("direct"), &json!("User Banned"), &json!("system")];
    assert_eq!([&told["recipient"], &told["channel_type"], &told["text"], &told["sender"]], expected);
    let answer = guest.get(&messages).await;
    assert_eq!(answer.json_of(401), refused);
    assert_eq!(answer.header("www-authenticate"), None, "no challenge: other credentials would not help");
    assert_eq!(guest.post(&messages, json!({"text": "x"})).await.json_of(401), refused);
    assert_eq!(
        guest.get(&format!("{PROJECT}/departments")).await.json_of(401),
        refused,
        "although the operation needs no credentials"
    );
    app.nobody().get(&format!("{PROJECT}/departments")).await.json_of(200);
    other.get(&messages).await.json_of(200);

    let lifted = ban(&format!("/{}", banned["_id"].as_str().expect("the id is a string")));
    assert_eq!(app.admin().delete(&lifted).await.json_of(200)["bannedUsers"], json!([]));
    guest.get(&messages).await.json_of(200);
    app.admin().delete(&lifted).await.json_of(404);
}

#[tokio::test]
async fn a_ban_applies_to_team_members_and_only_in_its_project() {
    let app = App::new();
    app.owner().post(&ban(""), json!({"id": AGENT})).await.json_of(200);
    assert_eq!(app.agent().get(&format!("{PROJECT}/leads")).await.status, 401);
    app.agent().get("/v3/5df2240cecd41b00173a06bb/leads").await.json_of(200);
    app.agent().get("/v3/users").await.json_of(200);
    app.agent().get(&format!("/v3/projects/{PROJECT_ID}")).await.json_of(200);
    let owner = OWNER;
    let project = app.owner().post(&ban(""), json!({"id": owner})).await.json_of(200);
    assert_eq!(app.owner().get(&format!("{PROJECT}/leads")).await.status, 401);
    let own = project["bannedUsers"][1]["_id"].as_str().expect("the id is a string");
    app.owner().delete(&ban(&format!("/{own}"))).await.json_of(200);
    app.owner().get(&format!("{PROJECT}/leads")).await.json_of(200);
    assert_eq!(app.agent().get(&format!("{PROJECT}/leads")).await.status, 401, "the other ban is still active");
}

#[tokio::test]
async fn an_ip_address_alone_bans_no_one() {
    let app = App::new();
    let project = app.owner().post(&ban(""), json!({"ip": "127.0.0.1"})).await.json_of(200);
    assert_eq!(project["bannedUsers"][0].get("id"), None);
    app.agent().get(&format!("{PROJECT}/leads")).await.json_of(200);
}

#[tokio::test]
async fn invalid_bans_are_rejected_and_change_nothing() {
    let app = App::new();
    let before = app.state().await;
    for (body, field) in [(json!({"id": {}}), "id"), (json!({"ip": []}), "ip"), (json!([]), "")] {
        let answer = app.owner().post(&ban(""), body).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field);
    }
    for id in ["fake", "5e5d4f6fbd0a9b00179ff3d1"] {
        assert_eq!(app.owner().delete(&ban(&format!("/{id}"))).await.json_of(404)["msg"], "Object not found.");
    }
    assert_eq!(
        app.agent().post(&ban(""), json!({"id": "x"})).await.json_of(403)["msg"],
        "you dont have the required role."
    );
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn only_the_installation_admin_lists_all_projects() {
    let app = App::new();
    let all = app.user("admin@tiledesk.com").get("/v3/projects/all").await.json_of(200);
    let all = all.as_array().expect("a list");
    let known = app.state().await["projects"].as_array().map(Vec::len);
    assert_eq!(Some(all.len()), known);
    let dates: Vec<_> = all.iter().map(|project| project["createdAt"].as_str().expect("a date")).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
    let main = all.iter().find(|project| project["_id"] == PROJECT_ID).expect("it exists");
    let expected = json!({"_id": PROJECT_ID, "name": "Tiledesk", "owner": "andrea.leo@f21.it",
        "createdAt": "2018-07-23T14:36:54.000Z", "profile_name": "Sandbox"});
    assert_eq!(*main, expected);
    let guest = app.guest().await;
    app.owner().delete(&format!("/v3/projects/{PROJECT_ID}")).await.json_of(200);
    let left = app.user("admin@tiledesk.com").get("/v3/projects/all").await.json_of(200);
    assert_eq!(left.as_array().map(Vec::len), Some(all.len() - 1), "deleted projects are omitted");
    let refused = json!({"success": false, "error": "You don't have the permission required to perform the operation"});
    assert_eq!(app.owner().get("/v3/projects/all").await.json_of(403), refused);
    assert_eq!(guest.get("/v3/projects/all").await.json_of(403), refused);
    assert_eq!(app.nobody().get("/v3/projects/all").await.status, 401);
    assert_eq!(app.outsider().get("/v3/projects").await.json_of(200), Value::Array(vec![]));
}
