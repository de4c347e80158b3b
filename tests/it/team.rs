//! The team beyond the documented exchanges: invitations, removals, roles, and their effects on the rest of the API.

use http::Method;
use serde_json::{Value, json};

use crate::support::{
    Actor, App, PROJECT,
    seed::{ADMIN, ADMIN_MEMBER, AGENT, AGENT_MEMBER, GROUP, OTHER_PROJECT, OUTSIDER, OWNER_MEMBER, PROJECT_ID},
};

const ELSEWHERE: &str = "5e09e36d3030640017718ee2";

fn team(suffix: &str) -> String {
    format!("{PROJECT}/project_users{suffix}")
}

fn member(id: &str) -> String {
    team(&format!("/{id}"))
}

async fn invite(actor: &Actor<'_>, email: &str, role: &str) -> Value {
    actor.post(&team("/invite"), json!({"email": email, "role": role})).await.json_of(200)
}

async fn sign_up<'a>(app: &'a App, email: &str) -> Actor<'a> {
    let body = json!({"email": email, "password": "123456", "firstname": "N", "lastname": "N"});
    app.nobody().post("/v3/auth/signup", body).await.json_of(200);
    app.user(email)
}

/// The IDs of the listed members.
async fn listed(app: &App, query: &str) -> Vec<String> {
    let list = app.owner().get(&team(query)).await.json_of(200);
    list.as_array().expect("a list").iter().map(|member| member["_id"].as_str().expect("a string").to_owned()).collect()
}

/// Asserts that the user is no longer a member of the team.
async fn assert_stranger(actor: &Actor<'_>) {
    let refused = json!({"success": false, "msg": "you dont belong to the project."});
    for path in ["/leads", "/project_users/me", "/departments/allstatus"] {
        assert_eq!(actor.get(&format!("{PROJECT}{path}")).await.json_of(403), refused, "{path}");
    }
}

/// The number of pending invitations to all projects.
async fn invitations(app: &App) -> usize {
    app.state().await["pending_invitations"].as_array().expect("a list").len()
}

#[tokio::test]
async fn a_user_with_an_account_becomes_a_teammate_immediately() {
    let app = App::new();
    let body = json!({"email": "Outsider@Example.com", "role": "admin", "user_available": false, "firstname": "X"});
    let created = app.admin().post(&team("/invite"), body).await.json_of(200);
    assert_eq!((&created["role"], &created["status"]), (&json!("admin"), &json!("active")));
    assert_eq!((&created["user_available"], &created["trashed"]), (&json!(false), &json!(false)));
    assert_eq!((&created["roleType"], &created["createdBy"]), (&json!(1), &json!(ADMIN)));
    assert_eq!(created["id_user"]["firstname"], "Olga", "the name in the invitation is not stored");
    assert!(listed(&app, "").await.contains(&created["_id"].as_str().expect("the id is a string").to_owned()));
    let outsider = app.outsider();
    outsider.post(&format!("{PROJECT}/departments"), json!({"name": "x"})).await.json_of(200);
    assert_eq!(outsider.get("/v3/projects").await.json_of(200)[0]["id_project"]["_id"], PROJECT_ID);
    assert_eq!(invitations(&app).await, 1, "that of the default world");

    for (actor, email, code) in [
        (app.admin(), "outsider@example.com", 4_001),
        (app.admin(), "admin@example.com", 4_000),
        (outsider, "OUTSIDER@example.com", 4_000),
    ] {
        let answer = actor.post(&team("/invite"), json!({"email": email, "role": "agent"})).await.json_of(403);
        assert_eq!((&answer["success"], &answer["code"]), (&json!(false), &json!(code)), "{email}");
    }
}

#[tokio::test]
async fn an_invited_user_becomes_a_teammate_by_signing_up() {
    let app = App::new();
    let answer = invite(&app.admin(), "Nina@Example.com", "supervisor").await;
    assert_eq!(answer["msg"], "User not found, save invite in pending ");
    let pending = &answer["pendingInvitation"];
    assert_eq!((&pending["email"], &pending["role"]), (&json!("nina@example.com"), &json!("supervisor")));
    let id = pending["_id"].as_str().expect("the id is a string");
    let told = app.nobody().get(&format!("/v3/auth/pendinginvitationsnoauth/{id}")).await.json_of(200);
    assert_eq!(told["email"], "nina@example.com", "{told}");
    let again = invite(&app.admin(), "nina@example.com", "agent").await;
    assert_eq!((&again["success"], &again["msg"]), (&json!(false), &json!("Pending Invitation already exist.")));
    assert_eq!(again["pendinginvitation"], json!([pending]), "the first invitation is kept");
    let elsewhere = &format!("{OTHER_PROJECT}/project_users/invite");
    app.owner().post(elsewhere, json!({"email": "nina@example.com", "role": "agent"})).await.json_of(200);
    assert_eq!(invitations(&app).await, 3);

    sign_up(&app, "else@example.com").await;
    assert_eq!(invitations(&app).await, 3, "invitations for others");
    let nina = sign_up(&app, "NINA@example.com").await;
    assert_eq!(invitations(&app).await, 1, "that of the default world");
    let own = nina.get(&team("/me")).await.json_of(200);
    assert_eq!((&own[0]["role"], &own[0]["user_available"]), (&json!("supervisor"), &json!(true)));
    nina.get(&format!("{OTHER_PROJECT}/leads")).await.json_of(200);
    assert_eq!(nina.get("/v3/projects").await.json_of(200).as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn an_invitation_without_a_role_is_rejected_and_changes_nothing() {
    let app = App::new();
    let before = app.state().await;
    for email in ["outsider@example.com", "nobody@example.com"] {
        let answer = app.admin().post(&team("/invite"), json!({"email": email, "role": null})).await.json_of(200);
        assert_eq!(answer, json!({"success": false, "msg": "Role is required.", "code": 405}));
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn each_kind_of_removal_revokes_access_and_keeps_the_right_data() {
    let (disabled, soft, hard) = (("disabled", false, false), ("disabled", true, true), ("active", false, true));
    for (query, (status, trashed, available)) in [
        ("", disabled),
        ("?soft=yes", disabled),
        ("?hard=True&soft=1", disabled),
        ("?soft=true", soft),
        ("?soft=true&hard=true", soft),
        ("?hard=true", hard),
    ] {
        let app = App::new();
        let token = app.agent();
        let answer = app.admin().delete(&format!("{}{query}", member(AGENT_MEMBER))).await.json_of(200);
        assert_eq!((&answer["status"], &answer["trashed"]), (&json!(status), &json!(trashed)), "{query}");
        assert_eq!(answer["user_available"], available, "{query}");
        assert_eq!(answer["id_user"]["email"], "agent@example.com", "{query}");
        assert_stranger(&token).await;
        assert_eq!(token.get("/v3/users").await.json_of(200)["email"], "agent@example.com", "the account is kept");
        let gone = query == "?hard=true";
        assert_eq!(app.owner().get(&member(AGENT_MEMBER)).await.status, if gone { 404 } else { 200 }, "{query}");
        let id = AGENT_MEMBER.to_owned();
        assert_eq!(listed(&app, "").await.contains(&id), !trashed && !gone, "{query}");
        assert_eq!(listed(&app, "?trashed=true").await.contains(&id), !gone, "{query}");
        let group = format!("{PROJECT}/groups/{GROUP}");
        let members = app.owner().get(&group).await.json_of(200)["members"].as_array().map(Vec::len);
        assert_eq!(members, Some(usize::from(!trashed && !gone)), "{query}: the only member of this group");
        let restored = app.admin().put(&format!("{}/restore", member(AGENT_MEMBER)), json!({})).await;
        assert_eq!(
            restored.status,
            if trashed {
                200
            } else if gone {
                404
            } else {
                400
            },
            "{query}"
        );
        let enabled = app.admin().put(&member(AGENT_MEMBER), json!({"status": "active"})).await;
        assert_eq!(enabled.status, if gone { 404 } else { 200 }, "{query}");
        if !gone {
            token.get(&format!("{PROJECT}/leads")).await.json_of(200);
        }
    }
}

#[tokio::test]
async fn a_restored_teammate_regains_everything_but_its_groups() {
    let app = App::new();
    let before = app.owner().get(&member(AGENT_MEMBER)).await.json_of(200);
    app.admin().delete(&format!("{}?soft=true", member(AGENT_MEMBER))).await.json_of(200);
    app.admin().put(&member(AGENT_MEMBER), json!({"status": "active"})).await.json_of(200);
    assert_stranger(&app.agent()).await;
    app.admin().put(&format!("{}/restore", member(AGENT_MEMBER)), json!({})).await.json_of(200);
    let mut after = app.owner().get(&member(AGENT_MEMBER)).await.json_of(200);
    assert_eq!(after["updatedAt"], "2026-01-01T12:00:00.000Z");
    after["updatedAt"] = before["updatedAt"].clone();
    assert_eq!(after, before);
    let groups = app.agent().get(&format!("{PROJECT}/groups?member={AGENT}")).await.json_of(200);
    assert_eq!(groups, json!([]));
    let answer = app.admin().put(&format!("{}/restore", member(AGENT_MEMBER)), json!({})).await.json_of(400);
    assert_eq!(answer, json!({"success": false, "error": "Project user is not trashed, cannot restore"}));
}

#[tokio::test]
async fn a_removed_teammate_can_be_invited_again() {
    for removal in ["", "?soft=true", "?hard=true"] {
        let app = App::new();
        app.admin().delete(&format!("{}{removal}", member(AGENT_MEMBER))).await.json_of(200);
        let invited = invite(&app.admin(), "agent@example.com", "admin").await;
        assert_eq!((&invited["role"], &invited["status"]), (&json!("admin"), &json!("active")), "{removal}");
        assert_eq!((&invited["trashed"], &invited["user_available"]), (&json!(false), &json!(true)), "{removal}");
        assert_eq!(invited["_id"] == AGENT_MEMBER, removal != "?hard=true", "an existing membership is reused");
        app.agent().patch(&format!("/v3/projects{}", &PROJECT[3..]), json!({"name": "x"})).await.json_of(200);
        let again = app.admin().post(&team("/invite"), json!({"email": "agent@example.com", "role": "agent"})).await;
        again.json_of(403);
        assert_eq!(listed(&app, "?trashed=true").await.len(), 3, "{removal}");
    }
}

#[tokio::test]
async fn a_role_takes_effect_immediately() {
    let app = App::new();
    let agent = app.agent();
    let one = format!("/v3/projects{}", &PROJECT[3..]);
    for (role, role_type, reads, changes, deletes) in [
        ("guest", 2, 403, 403, 403),
        ("user", 2, 403, 403, 403),
        ("teammate", 2, 403, 403, 403),
        ("agent", 1, 200, 403, 403),
        ("supervisor", 1, 200, 403, 403),
        ("admin", 1, 200, 200, 403),
        ("owner", 1, 200, 200, 200),
    ] {
        let changed = app.owner().put(&member(AGENT_MEMBER), json!({"role": role})).await.json_of(200);
        assert_eq!((&changed["role"], &changed["roleType"]), (&json!(role), &json!(role_type)));
        assert_eq!(agent.get(&format!("{PROJECT}/leads")).await.status, reads, "{role}");
        assert_eq!(agent.put(&one, json!({"name": "x"})).await.status, changes, "{role}");
        assert_eq!(listed(&app, "").await.contains(&AGENT_MEMBER.to_owned()), role_type == 1, "{role}");
        assert_eq!(agent.delete(&one).await.status, deletes, "{role}");
    }
}

#[tokio::test]
async fn members_can_change_their_own_availability_but_not_their_role() {
    let app = App::new();
    let sent = json!({"user_available": false, "profileStatus": "inactive", "max_served_chat": 3,
        "attributes": {"a": 1}, "settings": {"s": 1},
        "tags": [{"_id": "5bb4d4d39214830015742b11", "tag": "x"}]});
    let mut body = sent.clone();
    body["role"] = json!("owner");
    body["status"] = json!("disabled");
    let changed = app.agent().put(&team(""), body).await.json_of(200);
    for (key, value) in sent.as_object().expect("an object") {
        assert_eq!(changed[key], *value, "{key}");
    }
    assert_eq!((&changed["_id"], &changed["role"]), (&json!(AGENT_MEMBER), &json!("agent")));
    assert_eq!(changed["status"], "active");
    let absent = json!({"user_available": null, "tags": null, "attributes": null, "profileStatus": null});
    assert_eq!(app.agent().put(&team(""), absent).await.json_of(200), changed, "null changes nothing");
    let replaced = app.agent().put(&team(""), json!({"attributes": {"b": 1}, "tags": []})).await.json_of(200);
    assert_eq!((&replaced["attributes"], &replaced["tags"]), (&json!({"b": 1}), &json!([])));
    assert_eq!(app.agent().put(&member(AGENT_MEMBER), json!({"role": "owner"})).await.status, 403);
    let own = app.agent().get(&team("/me")).await.json_of(200)[0].clone();
    assert_eq!((&own["id_user"], &own["role"]), (&json!(AGENT), &json!("agent")));
}

#[tokio::test]
async fn filters_apply_to_the_list() {
    let app = App::new();
    let (owner, admin, agent) = (OWNER_MEMBER, ADMIN_MEMBER, AGENT_MEMBER);
    app.owner().put(&member(AGENT_MEMBER), json!({"status": "disabled"})).await.json_of(200);
    app.owner().delete(&format!("{}?soft=true", member(ADMIN_MEMBER))).await.json_of(200);
    for (query, expected) in [
        ("", vec![owner, agent]),
        ("?trashed=false", vec![owner, agent]),
        ("?trashed=true", vec![owner, admin, agent]),
        ("?status=disabled", vec![agent]),
        ("?status=disabled&trashed=true", vec![admin, agent]),
        ("?status=active", vec![owner]),
        ("?role=agent", vec![agent]),
        ("?role=agent&role=owner", vec![owner, agent]),
        ("?role=admin", vec![]),
        ("?role=user", vec![]),
        ("?role=guest", vec!["5c81593adf767b0017d1aa65", "6346cbe138c343d545cf8080"]),
        ("?role=guest&role=owner", vec![owner, "5c81593adf767b0017d1aa65", "6346cbe138c343d545cf8080"]),
        ("?role=guest&status=disabled", vec![]),
        ("?presencestatus=offline&role=agent", vec![agent]),
        ("?presencestatus=online", vec![]),
    ] {
        assert_eq!(listed(&app, query).await, expected, "{query}");
    }
    for (query, field) in [
        ("trashed=perhaps", "trashed"),
        ("role=king", "role.0"),
        ("status=away", "status"),
        ("presencestatus=1", "presencestatus"),
    ] {
        let answer = app.owner().get(&team(&format!("?{query}"))).await.json_of(422);
        assert_eq!((&answer["errors"][0]["param"], &answer["errors"][0]["location"]), (&json!(field), &json!("query")));
    }
}

#[tokio::test]
async fn members_are_found_by_user_visitor_and_email_address() {
    let app = App::new();
    let agent = app.agent();
    let by_user = agent.get(&team(&format!("/users/{AGENT}"))).await.json_of(200);
    assert_eq!(by_user, json!([agent.get(&member(AGENT_MEMBER)).await.json_of(200)]));
    let by_visitor = agent.get(&team("/users/SRbb2PfbSFcgICv9VQBcURZeloh1")).await.json_of(200);
    assert_eq!((&by_visitor[0]["role"], by_visitor[0].get("id_user")), (&json!("guest"), None));
    assert_eq!((&by_visitor[0]["isAuthenticated"], &by_visitor[0]["roleType"]), (&json!(false), &json!(2)));
    let search = async |actor: &Actor<'_>, query: &str| actor.get(&team(&format!("/users/search{query}"))).await;
    let found = json!({"_id": AGENT});
    for actor in [&agent, &app.visitor().await] {
        assert_eq!(search(actor, "?email=agent@example.com").await.json_of(200), found);
    }
    let stranger = search(&agent, "?email=outsider@example.com").await.json_of(403);
    assert_eq!(stranger["msg"], "Unauthorized. This is not a your teammate.");
    let missing = json!({"success": false, "msg": "Object not found."});
    assert_eq!(search(&agent, "?email=nobody@example.com").await.json_of(404), missing);
    assert_eq!(search(&agent, "").await.json_of(422)["errors"][0]["param"], "email");
    for path in ["/users/srbb2PfbSFcgICv9VQBcURZeloh1", "/0", &format!("/users/{OUTSIDER}"), &format!("/{ELSEWHERE}")] {
        assert_eq!(agent.get(&team(path)).await.json_of(404), missing, "{path}");
    }
}

#[tokio::test]
async fn a_member_is_busy_at_the_greater_of_both_request_limits() {
    let app = App::new();
    let one = format!("/v3/projects{}", &PROJECT[3..]);
    for (settings, own, busy) in [
        (json!({}), -1, false),
        (json!({"max_agent_assigned_chat": 0}), -1, false),
        (json!({"max_agent_assigned_chat": 1}), -1, true),
        (json!({"max_agent_assigned_chat": 1, "chat_limit_on": true}), -1, true),
        (json!({"max_agent_assigned_chat": 1}), 2, false),
        (json!({"max_agent_assigned_chat": 2}), 1, false),
        (json!({"max_agent_assigned_chat": 1}), 1, true),
    ] {
        app.admin().put(&one, json!({"settings": settings})).await.json_of(200);
        app.agent().put(&team(""), json!({"max_assigned_chat": own})).await.json_of(200);
        for shown in [
            app.agent().get(&member(AGENT_MEMBER)).await.json_of(200),
            app.agent().get(&team("/me")).await.json_of(200)[0].clone(),
            app.agent().get(&team("?role=agent")).await.json_of(200)[0].clone(),
        ] {
            assert_eq!(shown["isBusy"], busy, "{settings} {own}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_guest_without_credentials_can_be_created() {
    let app = App::new();
    let made = app.agent().post(&team(""), json!({"tags": [{"tag": "vip"}]})).await.json_of(200);
    assert_eq!((&made["role"], &made["user_available"]), (&json!("guest"), &json!(false)));
    assert_eq!((&made["tags"][0]["tag"], made.get("id_user")), (&json!("vip"), None));
    let uuid = made["uuid_user"].as_str().expect("a visitor has an id");
    let found = app.agent().get(&team(&format!("/users/{uuid}"))).await.json_of(200);
    assert_eq!((&found[0]["_id"], uuid.len()), (&made["_id"], 36));
    let another = app.agent().post(&team(""), json!({})).await.json_of(200);
    assert_ne!(another["uuid_user"], made["uuid_user"]);
    assert_eq!(listed(&app, "").await.len(), 3, "guests are not teammates");
}

#[tokio::test]
async fn invalid_bodies_and_ids_are_rejected_and_change_nothing() {
    let app = App::new();
    let owner = app.owner();
    let before = app.state().await;
    let invitation = |email: &str, role: &str| json!({"email": email, "role": role});
    for (method, path, body, field) in [
        (Method::POST, team("/invite"), json!([]), ""),
        (Method::POST, team("/invite"), json!({"role": "agent"}), "email"),
        (Method::POST, team("/invite"), invitation("", "agent"), "email"),
        (Method::POST, team("/invite"), invitation("no address", "agent"), "email"),
        (Method::POST, team("/invite"), invitation("x@example.com", "king"), "role"),
        (Method::POST, team("/invite"), json!({"email": "x@example.com", "role": 1}), "role"),
        (Method::PUT, member(AGENT_MEMBER), json!([]), ""),
        (Method::PUT, member(AGENT_MEMBER), json!({"role": "king", "user_available": false}), "role"),
        (Method::PUT, member(AGENT_MEMBER), json!({"user_available": "maybe"}), "user_available"),
        (Method::PUT, member(AGENT_MEMBER), json!({"status": "away"}), "status"),
        (Method::PUT, member(AGENT_MEMBER), json!({"max_served_chat": 1.5}), "max_served_chat"),
        (Method::PUT, team(""), json!({"attributes": []}), "attributes"),
        (Method::PUT, team(""), json!({"settings": 1}), "settings"),
        (Method::PUT, team(""), json!({"tags": ["x"]}), "tags.0"),
        (Method::POST, team(""), json!({"tags": 5}), "tags"),
    ] {
        let answer = owner.call(method.clone(), &path, Some(body.clone())).await.json_of(422);
        assert_eq!(answer["errors"][0]["param"], field, "{method} {path} {body}: {answer}");
    }
    owner.post(&team(""), json!({"tags": [{"tag": "x".repeat(512_000)}]})).await.json_of(413);
    for id in ["fake", "5bb4d4d39214830015742b99", ELSEWHERE] {
        let found = json!({"success": false, "msg": "Object not found."});
        assert_eq!(owner.put(&member(id), json!({"role": "admin"})).await.json_of(404), found);
        let named = json!({"success": false, "error": format!("Project user not found with id {id}")});
        for query in ["", "?soft=true", "?hard=true"] {
            assert_eq!(owner.delete(&format!("{}{query}", member(id))).await.json_of(404), named);
        }
        assert_eq!(owner.put(&format!("{}/restore", member(id)), json!({})).await.json_of(404), named);
    }
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn members_have_permissions_a_last_login_and_tags_with_ids() {
    let app = App::new();
    let tags = json!([{"tag": "vip", "color": "#fff"}, {"_id": "5bb4d4d39214830015742b11", "tag": "it"}]);
    let updated = app.owner().put(&member(AGENT_MEMBER), json!({"tags": tags})).await.json_of(200);
    assert_eq!(updated["permissions"], json!([]));
    assert_eq!(updated["last_login_at"], updated["createdAt"]);
    assert_eq!(updated["tags"][0]["_id"].as_str().map(str::len), Some(24));
    assert_eq!(updated["tags"][1], tags[1], "a given id is kept");
    let guest = app.owner().post(&team(""), json!({"tags": [{"tag": "x"}]})).await.json_of(200);
    assert_eq!(guest["tags"][0]["_id"].as_str().map(str::len), Some(24));
    assert_eq!(guest["last_login_at"], guest["createdAt"]);
}
