//! Effects of requests on other documents, and vice versa.

use serde_json::{Value, json};

use super::{OTHER_BOT_USER, open, pooled, requests};
use crate::support::{
    App, NOON, PROJECT,
    seed::{ADMIN, AGENT, AGENT_MEMBER, BOT_USER, DEFAULT, OTHER_PROJECT, OWNER, PROJECT_ID, SALES},
};

const NOW: &str = "2026-01-01T12:00:00.000Z";

/// An unserved request of the default world, created at 2022-10-12T14:15:40Z.
const UNSERVED: &str = "/support-group-1234";
const UNSERVED_SINCE: i64 = 1_665_584_140_000;

#[tokio::test]
async fn fields_follow_the_lifecycle_of_a_request() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    let path = requests(UNSERVED);

    let request = owner.post(&format!("{path}/participants"), json!({"member": AGENT})).await.json_of(200);
    assert_eq!(request["assigned_at"], NOW);
    assert_eq!(request["participantsAgents"], json!([AGENT]));
    assert_eq!((&request["updatedAt"], &request["__v"]), (&json!(NOW), &json!(1)));
    assert_eq!(request["waiting_time"], Value::Null);

    owner.post(&format!("{path}/messages"), json!({"text": "not mine"})).await.json_of(200);
    assert_eq!(
        owner.get(&path).await.json_of(200)["waiting_time"],
        Value::Null,
        "the sender does not serve the request"
    );
    let waited = NOON - UNSERVED_SINCE;
    let sent = agent.post(&format!("{path}/messages"), json!({"text": "We do"})).await.json_of(200);
    assert_eq!(
        (&sent["request"]["waiting_time"], &sent["request"]["first_response_at"]),
        (&json!(waited), &json!(NOW))
    );
    assert_eq!(sent["request"]["attributes"]["last_message"]["text"], "We do");

    let request = owner.put(&format!("{path}/participants"), json!([AGENT, ADMIN])).await.json_of(200);
    assert_eq!(request["waiting_time"], waited, "kept");
    assert_eq!(request["first_response_at"], NOW);

    let request = agent.put(&format!("{path}/close"), Value::Null).await.json_of(200);
    assert_eq!((&request["closed_at"], &request["closed_by"]), (&json!(NOW), &json!(AGENT)));
    assert_eq!(request["duration"], waited);
    assert_eq!(request["participants"], json!([AGENT, ADMIN]), "participants are kept");
    let transcript = request["transcript"].as_str().expect("a closed request has a transcript");
    assert!(transcript.contains("\r\n1/1/2026, 12:00:00 Andrea Leo: We do\r\n"), "{transcript:?}");
    assert!(transcript.starts_with("12/10/2022, 14:15:40 Giulia Bianchi: "), "{transcript:?}");

    let request = owner.put(&format!("{path}/reopen"), Value::Null).await.json_of(200);
    assert_eq!((&request["status"], &request["closed_at"]), (&json!(100), &json!(NOW)), "closed_at is kept");
    let messages = owner.get(&format!("{path}/messages")).await.json_of(200);
    let labels = messages.as_array().expect("messages").iter();
    let labels: Vec<_> = labels.filter_map(|message| message["attributes"]["messagelabel"]["key"].as_str()).collect();
    assert_eq!(labels, ["TOUCHING_OPERATOR", "TOUCHING_OPERATOR", "CHAT_CLOSED", "CHAT_REOPENED"]);
}

#[tokio::test]
async fn closing_a_closed_request_again_requires_force() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "over", &[AGENT]).await;
    owner.put(&requests("/over/close"), Value::Null).await.json_of(200);
    app.advance("1h").await;
    for (body, at) in [(Value::Null, NOW), (json!({"force": true}), "2026-01-01T13:00:00.000Z")] {
        let closed = app.owner().put(&requests("/over/close"), body.clone()).await.json_of(200);
        assert_eq!(closed["closed_at"], at, "{body}");
    }
}

#[tokio::test]
async fn only_available_team_members_can_serve() {
    let app = App::new();
    let owner = app.owner();
    let (path, member) = (requests(UNSERVED), format!("{PROJECT}/project_users/{AGENT_MEMBER}"));
    let add = async || owner.post(&format!("{path}/participants"), json!({"member": AGENT})).await;
    for change in [json!({"status": "disabled"}), json!({"status": "active", "role": "user"})] {
        owner.put(&member, change).await.json_of(200);
        assert_eq!(add().await.json_of(422)["errors"][0]["param"], "member");
    }
    owner.put(&member, json!({"role": "agent"})).await.json_of(200);
    assert_eq!(add().await.json_of(200)["participants"], json!([AGENT]));
}

#[tokio::test]
async fn a_ticket_keeps_its_agent() {
    let app = App::new();
    let owner = app.owner();
    for channel in ["form", "email"] {
        let body = json!({
            "request_id": channel, "first_text": "Hello", "participants": [], "departmentid": pooled(&owner).await,
            "channel": {"name": channel},
        });
        owner.post(&requests(""), body).await.json_of(200);
        let participants = requests(&format!("/{channel}/participants"));
        let put = async |all: Value| owner.put(&participants, all).await;
        let refused = json!({"success": false, "error": "Error setting participants"});
        assert_eq!(put(json!([AGENT, ADMIN])).await.json_of(403), refused, "one agent at most");
        assert_eq!(put(json!([AGENT])).await.json_of(200)["participants"], json!([AGENT]));
        assert_eq!(put(json!([ADMIN])).await.json_of(403), refused);
        assert_eq!(put(json!([])).await.json_of(403), refused);
        assert_eq!(put(json!([AGENT])).await.json_of(200)["participants"], json!([AGENT]));
    }
}

#[tokio::test]
async fn an_agent_takes_over_from_the_bot() {
    let app = App::new();
    let owner = app.owner();
    let path = requests("/support-group-bot");
    let request = open(&owner, "support-group-bot", &[BOT_USER]).await;
    assert_eq!((&request["hasBot"], &request["participantsBots"]), (&json!(true), &json!([&BOT_USER[4..]])));
    let request = owner.post(&format!("{path}/participants"), json!({"member": AGENT})).await.json_of(200);
    assert_eq!((&request["participants"], &request["hasBot"]), (&json!([AGENT]), &json!(false)));
    let request = owner.post(&format!("{path}/participants"), json!({"member": OTHER_BOT_USER})).await.json_of(200);
    assert_eq!((&request["participants"], &request["hasBot"]), (&json!([AGENT, OTHER_BOT_USER]), &json!(true)));
    assert_eq!(request["participatingBots"][0]["name"], "bot2");
    assert_eq!(request["participatingAgents"][0]["email"], "agent@example.com");
    let request = owner.delete(&format!("{path}/participants/{OTHER_BOT_USER}")).await.json_of(200);
    assert_eq!((&request["participants"], &request["hasBot"]), (&json!([AGENT]), &json!(false)));
    // To the department without its bot.
    let request = owner.put(&format!("{path}/departments"), json!({"departmentid": DEFAULT})).await.json_of(200);
    assert_eq!(
        (&request["participants"], &request["department"]["id_bot"]),
        (&json!([BOT_USER]), &json!(&BOT_USER[4..]))
    );
    let request = owner.put(&format!("{path}/agent"), json!({})).await.json_of(200);
    assert_eq!((&request["hasBot"], &request["department"]["_id"]), (&json!(false), &json!(DEFAULT)));
    assert_ne!(request["participants"], json!([]));
    let nobot = json!({"departmentid": DEFAULT, "nobot": true});
    let request = owner.put(&format!("{path}/departments"), nobot).await.json_of(200);
    assert_eq!(request["hasBot"], false);
}

#[tokio::test]
async fn joining_sends_a_system_message_unless_a_bot_responds() {
    let app = App::new();
    let owner = app.owner();
    let path = requests("/support-group-told");
    open(&owner, "support-group-told", &[]).await;
    for (participants, told) in [
        (json!([BOT_USER, AGENT]), 0),
        (json!([BOT_USER]), 0),
        (json!([]), 0),
        (json!([ADMIN]), 1),
        (json!([ADMIN, AGENT]), 2),
    ] {
        owner.put(&format!("{path}/participants"), participants.clone()).await.json_of(200);
        let messages = owner.get(&format!("{path}/messages")).await.json_of(200);
        let keys = messages.as_array().expect("a list").iter().map(|said| &said["attributes"]["messagelabel"]["key"]);
        assert_eq!(keys.filter(|key| *key == "TOUCHING_OPERATOR").count(), told, "{participants}");
    }
}

#[tokio::test]
async fn routing_changes_the_department_regardless_of_participants() {
    let app = App::new();
    let owner = app.owner();
    open(&owner, "waiting", &[]).await;
    let (first, second) = (pooled(&owner).await, pooled(&owner).await);
    for department in [&first, &second, &second] {
        let path = requests("/waiting/departments");
        let request = owner.put(&path, json!({"departmentid": department})).await.json_of(200);
        assert_eq!((&request["department"]["_id"], &request["participants"]), (department, &json!([])));
    }
}

#[tokio::test]
async fn the_load_of_the_team_is_counted() {
    let app = App::new();
    let owner = app.owner();
    let load = async |user: &str| {
        let path = format!("{PROJECT}/project_users/users/{user}");
        owner.get(&path).await.json_of(200)[0]["number_assigned_requests"].clone()
    };
    assert_eq!((load(AGENT).await, load(ADMIN).await), (json!(1), json!(0)), "as in the default world");
    open(&owner, "one", &[AGENT, ADMIN]).await;
    open(&owner, "two", &[ADMIN]).await;
    assert_eq!((load(AGENT).await, load(ADMIN).await), (json!(2), json!(2)));
    owner.put(&requests("/one/participants"), json!([OWNER, AGENT])).await.json_of(200);
    assert_eq!((load(AGENT).await, load(ADMIN).await, load(OWNER).await), (json!(2), json!(1), json!(1)));
    owner.put(&requests("/one/close"), Value::Null).await.json_of(200);
    assert_eq!((load(AGENT).await, load(OWNER).await), (json!(1), json!(0)), "closed requests do not count");
    owner.delete(&requests(&format!("/two/participants/{ADMIN}"))).await.json_of(200);
    assert_eq!(load(ADMIN).await, 0);
}

#[tokio::test]
async fn the_load_in_the_default_world_matches_its_requests() {
    let app = App::new();
    let state = app.nobody().get("/_control/state").await.json_of(200);
    for member in state["project_users"].as_array().expect("members") {
        let serves = |request: &&Value| {
            let participants = request["participants"].as_array().into_iter().flatten();
            request["id_project"] == member["id_project"]
                && request["status"].as_u64().is_some_and(|status| status < 1000)
                && !request["preflight"].as_bool().unwrap_or_default()
                && participants.filter(|who| **who == member["id_user"]).count() > 0
        };
        let own = state["requests"].as_array().expect("requests").iter().filter(serves).count();
        assert_eq!(member["number_assigned_requests"], own, "{}", member["_id"]);
    }
}

#[tokio::test]
async fn referenced_documents_are_shown_in_their_current_state() {
    let app = App::new();
    let owner = app.owner();
    let path = requests("/support-group-L_OG76RYhR0XFiMf2PK");
    let before = owner.get(&path).await.json_of(200);

    let lead = before["lead"]["_id"].as_str().expect("an id");
    owner.put(&format!("{PROJECT}/leads/{lead}"), json!({"fullname": "Grace Hopper"})).await.json_of(200);
    owner.put(&format!("{PROJECT}/departments/{SALES}"), json!({"name": "Sales and more"})).await.json_of(200);
    app.agent().put("/v3/users", json!({"firstname": "Andreas"})).await.json_of(200);
    let member = before["requester"]["_id"].as_str().expect("an id");
    owner.put(&format!("{PROJECT}/project_users/{member}"), json!({"attributes": {"vip": true}})).await.json_of(200);

    let listed = owner.get(&requests("?status=200")).await.json_of(200)["requests"][0].clone();
    for request in [owner.get(&path).await.json_of(200), listed] {
        assert_eq!(request["lead"]["fullname"], "Grace Hopper");
        assert_eq!(request["department"]["name"], "Sales and more");
        assert_eq!(request["participatingAgents"][0]["firstname"], "Andreas");
        assert_eq!(request["requester"]["attributes"]["vip"], true);
        assert_eq!(request["snapshot"], before["snapshot"], "the snapshot is not updated");
        assert_eq!(request["updatedAt"], before["updatedAt"], "the request itself has not changed");
    }
    let first = owner.get(&format!("/v1/{PROJECT_ID}/requests/support-group-L_OG76RYhR0XFiMf2PK")).await.json_of(200);
    assert_eq!((&first["lead"]["fullname"], &first["department"]), (&json!("Grace Hopper"), &json!(SALES)));
    assert_eq!(first["messages_count"], 8, "one more: the system message with the lead's new name");
}

#[tokio::test]
async fn ticket_numbers_are_unique_within_a_project() {
    let app = App::new();
    let owner = app.owner();
    let other = &format!("{OTHER_PROJECT}/requests");
    let create = async |path: &str| owner.post(path, json!({"first_text": "Hello"})).await.json_of(200);
    let first = create(&requests("")).await;
    assert_eq!((&first["ticket_id"], &create(other).await["ticket_id"]), (&json!(4), &json!(1)));
    owner.delete(&requests(&format!("/{}", first["request_id"].as_str().expect("an id")))).await.json_of(200);
    assert_eq!(create(&requests("")).await["ticket_id"], 5, "the deleted number is not reused");
    let taken = owner.post(&requests(""), json!({"first_text": "Hello", "request_id": "support-group-1234"})).await;
    assert_eq!(taken.status, 409, "{}", taken.text());
    assert_eq!(create(&requests("")).await["ticket_id"], 6, "a rejected request takes no number");
}

#[tokio::test]
async fn followers_notes_and_tags_are_added_and_removed() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    let path = requests("/support-group-L_OG76RYhR0XFiMf2PK");
    let follow = json!({"member": AGENT_MEMBER});
    for _ in 0..2 {
        let request = owner.post(&format!("{path}/followers"), follow.clone()).await.json_of(200);
        assert_eq!(request["followers"], json!([AGENT_MEMBER]), "once");
    }
    let request = owner.delete(&format!("{path}/followers/{AGENT_MEMBER}")).await.json_of(200);
    assert_eq!(request["followers"], json!([]));

    let request = agent.post(&format!("{path}/notes"), json!({"text": "Call back"})).await.json_of(200);
    let note = &request["notes"][1];
    assert_eq!((&note["text"], &note["createdBy"]), (&json!("Call back"), &json!(AGENT)));
    let request = agent.delete(&format!("{path}/notes/{}", note["_id"].as_str().expect("an id"))).await.json_of(200);
    assert_eq!(request["notes"].as_array().map(Vec::len), Some(1));
    assert_ne!(request["notes"][0]["_id"], note["_id"], "the other note is kept");
    let seen = app.admin().post(&format!("{path}/notes"), json!({"text": "Seen"})).await.json_of(200);
    assert_eq!(seen["notes"][1]["createdBy"], ADMIN, "admins need not serve the request");

    let tags = json!([{"tag": "vip", "color": "#f0806f"}, {"tag": "vip", "color": "#000000"}, {"tag": "new"}]);
    let request = owner.put(&format!("{path}/tag"), tags).await.json_of(200);
    let names: Vec<_> = request["tags"].as_array().expect("tags").iter().map(|tag| &tag["tag"]).collect();
    assert_eq!(names, ["vip", "new"], "each name once");
    assert_eq!(owner.get(&requests("?tags=vip")).await.json_of(200)["count"], 1);
    let id = request["tags"][0]["_id"].as_str().expect("an id");
    owner.delete(&format!("{path}/tag/{id}")).await.json_of(200);
    assert_eq!(owner.get(&requests("?tags=vip")).await.json_of(200)["count"], 0);
}

#[tokio::test]
async fn history_records_changes_with_their_actor() {
    let app = App::new();
    let (owner, agent) = (app.owner(), app.agent());
    open(&owner, "told", &[AGENT]).await;
    owner.put(&requests("/told/participants"), json!([ADMIN])).await.json_of(200);
    owner.delete(&requests(&format!("/told/participants/{ADMIN}"))).await.json_of(200);
    agent.post(&requests("/told/participants"), json!({"member": AGENT})).await.json_of(200);
    agent.put(&requests("/told/close"), Value::Null).await.json_of(200);
    let history = owner.get(&requests("/told/history")).await.json_of(200);
    let verbs: Vec<_> = history.as_array().expect("entries").iter().map(|entry| entry["verb"].clone()).collect();
    let actors: Vec<_> =
        history.as_array().expect("entries").iter().map(|entry| entry["actor"]["id"].clone()).collect();
    insta::assert_json_snapshot!("history_tells_who_did_what", verbs.into_iter().zip(actors).collect::<Vec<_>>());
}

#[tokio::test]
async fn chatbot_parameters_are_returned_as_set() {
    let app = App::new();
    let (owner, project) = (app.owner(), PROJECT_ID);
    let id = format!("support-group-{project}-1");
    // Any ID is accepted: the documented one lacks the project ID.
    let documented = requests("/support-group-L_OG76RYhR0XFiMf2PK/chatbot/parameters");
    assert_eq!(owner.get(&documented).await.json_of(200), json!({}));
    // "Minimum role: guest".
    let guest = app.guest().await;
    open(&guest, "guests-own", &[BOT_USER]).await;
    assert_eq!(guest.get(&requests("/guests-own/chatbot/parameters")).await.json_of(200), json!({}));
    let foreign = &format!("{OTHER_PROJECT}/requests/support-group-1234/chatbot/parameters");
    assert_eq!(owner.get(foreign).await.json_of(401)["message"], "Request does not belong to the project");
    open(&owner, &id, &[BOT_USER]).await;
    let path = requests(&format!("/{id}/chatbot/parameters"));
    assert_eq!(owner.get(&path).await.json_of(200), json!({}));
    let set = format!("/_control/requests/{id}/chatbot/parameters");
    app.nobody().put(&set, json!({"user_name": "Ada", "steps": [1, 2]})).await.json_of(200);
    assert_eq!(owner.get(&path).await.json_of(200), json!({"user_name": "Ada", "steps": [1, 2]}));
    app.nobody().put("/_control/requests/nowhere/chatbot/parameters", json!({})).await.json_of(404);
}

#[tokio::test]
async fn the_rating_is_set_by_the_requester() {
    let app = App::new();
    let (owner, visitor) = (app.owner(), app.guest().await);
    visitor.post(&requests("/mine/messages"), json!({"text": "Hello"})).await.json_of(200);
    let path = requests("/mine/rating");
    for (body, rating) in [
        (json!({"rating": 0}), json!(0)),
        (json!({"rate": 2.5, "rate_message": "so so"}), json!(2.5)),
        (json!({"rating": 5, "rate": 1}), json!(5)),
        (json!({"rating": 4.0}), json!(4)),
    ] {
        assert_eq!(visitor.patch(&path, body).await.json_of(200)["rating"], rating);
    }
    for bad in [json!({"rating": 5.1}), json!({"rating": -1}), json!({"rate": 6}), json!({"rating": "five"}), json!({})]
    {
        let refused = visitor.patch(&path, bad.clone()).await.json_of(422);
        assert!(matches!(refused["errors"][0]["param"].as_str(), Some("rating" | "rate")), "{bad}: {refused}");
    }
    let request = owner.get(&requests("/mine")).await.json_of(200);
    assert_eq!((&request["rating"], &request["rating_message"]), (&json!(4), &json!("so so")));
}

#[tokio::test]
async fn a_request_of_a_deleted_department_moves_to_the_default_department() {
    let app = App::new();
    let department = json!({"name": "Gone", "routing": "pooled"});
    let department = app.admin().post(&format!("{PROJECT}/departments"), department).await.json_of(200);
    let body = json!({"request_id": "orphan", "first_text": "Hello", "departmentid": department["_id"]});
    app.agent().post(&requests(""), body).await.json_of(200);
    let path = format!("{PROJECT}/departments/{}", department["_id"].as_str().expect("an id"));
    app.admin().delete(&path).await.json_of(200);
    let handed = app.agent().put(&requests("/orphan/agent"), Value::Null).await.json_of(200);
    assert_eq!(handed["department"]["default"], true);
}
