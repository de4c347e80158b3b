//! Bans: who is kept out of a project, and where; and the list of all projects.

use serde_json::{Value, json};

use crate::support::{App, PROJECT};

const ID: &str = "5b55e806c93dde00143163dd";
const AGENT: &str = "5aaa99024c3b110014b478f0";

fn ban(suffix: &str) -> String {
    format!("/v3/projects/{ID}/ban{suffix}")
}

#[tokio::test]
async fn who_is_banned_is_refused_inside_the_project_until_the_ban_is_lifted() {
    let app = App::new();
    let refused = json!({"err": "error projectBanUserFilter by id"});
    let guest = app.guest().await;
    let other = app.guest().await;
    let members = app.state().await["project_users"].clone();
    let newest = members.as_array().expect("members").iter().filter(|member| member["role"] == "guest");
    let newest: Vec<_> = newest.map(|member| member["uuid_user"].clone()).collect();
    let messages = format!("{PROJECT}/requests/support-group-new/messages");
    guest.get(&messages).await.expect(200);

    let id = newest[newest.len() - 2].clone();
    let project = app.admin().post(&ban(""), json!({"id": id, "ip": "203.0.113.9"})).await.expect(200);
    let banned = &project["bannedUsers"][0];
    assert_eq!((&banned["id"], &banned["ip"]), (&id, &json!("203.0.113.9")));
    let told = &app.owner().get(&format!("{PROJECT}/messages?limit=1")).await.expect(200)[0];
    let expected = [&id, &json!("direct"), &json!("User Banned"), &json!("system")];
    assert_eq!([&told["recipient"], &told["channel_type"], &told["text"], &told["sender"]], expected);
    let answer = guest.get(&messages).await;
    assert_eq!(answer.expect(401), refused);
    assert_eq!(answer.header("www-authenticate"), None, "no other credentials would help");
    assert_eq!(guest.post(&messages, json!({"text": "x"})).await.expect(401), refused);
    assert_eq!(
        guest.get(&format!("{PROJECT}/departments")).await.expect(401),
        refused,
        "though it needs no credentials"
    );
    app.nobody().get(&format!("{PROJECT}/departments")).await.expect(200);
    other.get(&messages).await.expect(200);

    let lifted = ban(&format!("/{}", banned["_id"].as_str().expect("an id is a text")));
    assert_eq!(app.admin().delete(&lifted).await.expect(200)["bannedUsers"], json!([]));
    guest.get(&messages).await.expect(200);
    app.admin().delete(&lifted).await.expect(404);
}

#[tokio::test]
async fn a_ban_holds_for_members_of_the_team_and_in_its_project_alone() {
    let app = App::new();
    app.owner().post(&ban(""), json!({"id": AGENT})).await.expect(200);
    assert_eq!(app.agent().get(&format!("{PROJECT}/leads")).await.status, 401);
    app.agent().get("/v3/5df2240cecd41b00173a06bb/leads").await.expect(200);
    app.agent().get("/v3/users").await.expect(200);
    app.agent().get(&format!("/v3/projects/{ID}")).await.expect(200);
    let owner = "5ab11c6b83dc240014d46095";
    let project = app.owner().post(&ban(""), json!({"id": owner})).await.expect(200);
    assert_eq!(app.owner().get(&format!("{PROJECT}/leads")).await.status, 401);
    let own = project["bannedUsers"][1]["_id"].as_str().expect("an id is a text");
    app.owner().delete(&ban(&format!("/{own}"))).await.expect(200);
    app.owner().get(&format!("{PROJECT}/leads")).await.expect(200);
    assert_eq!(app.agent().get(&format!("{PROJECT}/leads")).await.status, 401, "the other ban stays");
}

#[tokio::test]
async fn an_address_alone_bans_nobody() {
    let app = App::new();
    let project = app.owner().post(&ban(""), json!({"ip": "127.0.0.1"})).await.expect(200);
    assert_eq!(project["bannedUsers"][0].get("id"), None);
    app.agent().get(&format!("{PROJECT}/leads")).await.expect(200);
}

#[tokio::test]
async fn bad_bans_are_refused_and_change_nothing() {
    let app = App::new();
    let before = app.state().await;
    for (body, field) in [(json!({"id": {}}), "id"), (json!({"ip": []}), "ip"), (json!([]), "")] {
        let answer = app.owner().post(&ban(""), body).await.expect(422);
        assert_eq!(answer["errors"][0]["param"], field);
    }
    for id in ["fake", "5e5d4f6fbd0a9b00179ff3d1"] {
        assert_eq!(app.owner().delete(&ban(&format!("/{id}"))).await.expect(404)["msg"], "Object not found.");
    }
    assert_eq!(
        app.agent().post(&ban(""), json!({"id": "x"})).await.expect(403)["msg"],
        "you dont have the required role."
    );
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn only_the_administrator_of_the_installation_sees_all_projects() {
    let app = App::new();
    let all = app.user("admin@tiledesk.com").get("/v3/projects/all").await.expect(200);
    let all = all.as_array().expect("a list");
    let known = app.state().await["projects"].as_array().map(Vec::len);
    assert_eq!(Some(all.len()), known);
    let dates: Vec<_> = all.iter().map(|project| project["createdAt"].as_str().expect("a date")).collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "newest first");
    let main = all.iter().find(|project| project["_id"] == ID).expect("it is there");
    let expected = json!({"_id": ID, "name": "Tiledesk", "owner": "andrea.leo@f21.it",
        "createdAt": "2018-07-23T14:36:54.000Z", "profile_name": "Sandbox"});
    assert_eq!(*main, expected);
    let guest = app.guest().await;
    app.owner().delete(&format!("/v3/projects/{ID}")).await.expect(200);
    let left = app.user("admin@tiledesk.com").get("/v3/projects/all").await.expect(200);
    assert_eq!(left.as_array().map(Vec::len), Some(all.len() - 1), "deleted ones are left out");
    let refused = json!({"success": false, "error": "You don't have the permission required to perform the operation"});
    assert_eq!(app.owner().get("/v3/projects/all").await.expect(403), refused);
    assert_eq!(guest.get("/v3/projects/all").await.expect(403), refused);
    assert_eq!(app.nobody().get("/v3/projects/all").await.status, 401);
    assert_eq!(app.outsider().get("/v3/projects").await.expect(200), Value::Array(vec![]));
}
