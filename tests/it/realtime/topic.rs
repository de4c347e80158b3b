//! The frames of each topic, and their visibility.

use serde_json::{Value, json};

use super::{ADMIN, AGENT, OWNER, SERVED, UNSERVED, open, patch, path, say, topic};
use crate::support::{
    App, seed,
    socket::{Socket, taken, token},
};

#[tokio::test]
async fn the_first_frame_contains_the_open_requests() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let new = open(&app, "Try").await;
    patch(&app, SERVED, "changed last").await;
    let requests = socket.first(&topic("/requests")).await;
    let requests = requests.as_array().expect("the first frame holds an array");
    let ids: Vec<_> = requests.iter().map(|request| request["request_id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), 3, "closed requests are not included");
    assert_eq!(ids[2], UNSERVED, "most recently updated first");
    assert!(ids[..2].contains(&SERVED) && ids[..2].contains(&new["request_id"].as_str().expect("an id")));
    let request = requests.iter().find(|request| request["request_id"] == SERVED).expect("the request is listed");
    assert_eq!(request["id"], request["_id"]);
    assert_eq!(request["lead"]["_id"], request["requester_id"]);
    assert!(request["department"].is_string() && request["requester"].is_string());
    assert_eq!(request["snapshot"]["agents"], json!([{"id_user": seed::ADMIN}]));
    assert!(request.get("agents").is_none() && request.get("chatbotParameters").is_none());
    let without_lead = requests.iter().find(|request| request.get("lead").is_none());
    assert!(without_lead.is_none_or(|request| request["requester_id"].is_null()));
}

#[tokio::test]
async fn a_new_state_is_used_for_later_subscriptions() {
    let app = App::new();
    let all = topic("/requests");
    // Connecting changes the state, so all clients connect first.
    let [mut early, mut late, mut last] =
        [Socket::of(&app, OWNER).await, Socket::of(&app, OWNER).await, Socket::of(&app, OWNER).await];
    let open = early.first(&all).await.as_array().expect("requests").len();
    let mut state = app.state().await;
    for request in state["requests"].as_array_mut().expect("requests") {
        request["subject"] = json!("of another world");
    }
    app.nobody().put("/_control/state", state).await.json_of(200);
    let shown = late.first(&all).await;
    let shown = shown.as_array().expect("requests");
    assert!(shown.len() == open && shown.iter().all(|request| request["subject"] == "of another world"), "{shown:?}");
    patch(&app, SERVED, "changed there").await;
    assert_eq!(early.frame(&all, "UPDATE").await["subject"], "changed there", "earlier subscribers receive the change");
    late.frame(&all, "UPDATE").await;
    late.first(&all).await;
    app.nobody().post("/_control/reset", Value::Null).await.json_of(200);
    let shown = last.first(&all).await;
    let shown = shown.as_array().expect("requests");
    assert!(shown.len() == open && shown.iter().all(|request| request["subject"] != "of another world"), "{shown:?}");
    patch(&app, SERVED, "as it was").await;
    assert_eq!(last.frame(&all, "UPDATE").await["subject"], "as it was");
}

#[tokio::test]
async fn request_topics_publish_changes() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let (all, one) = (topic("/requests"), topic(&format!("/requests/{UNSERVED}")));
    socket.first(&all).await;
    let first = socket.first(&one).await;
    assert_eq!(first["request_id"], UNSERVED);
    assert!(first["lead"].is_object() && first["department"].is_object(), "referenced documents are embedded");
    assert!(first["participatingAgents"].is_array() && first["participatingBots"].is_array());

    patch(&app, UNSERVED, "new").await;
    let told = socket.frame(&all, "UPDATE").await;
    assert_eq!((&told["request_id"], &told["subject"]), (&json!(UNSERVED), &json!("new")));
    assert_eq!(
        told["snapshot"].as_object().map(|snapshot| snapshot.keys().collect::<Vec<_>>()),
        Some(vec![&"agents".to_owned()])
    );
    assert_eq!(told["snapshot"]["agents"][0], json!({"id_user": seed::OWNER}));
    assert!(told["lead"].is_object());
    assert_eq!(socket.frame(&one, "UPDATE").await, told, "both topics publish the same message");

    patch(&app, SERVED, "another").await;
    assert_eq!(socket.frame(&all, "UPDATE").await["request_id"], SERVED);

    let new = open(&app, "Hello").await;
    let told = socket.frame(&all, "CREATE").await;
    assert_eq!((&told["_id"], &told["first_text"]), (&new["_id"], &json!("Hello")));

    taken(&app).await;
    app.admin().put(&path(&format!("/requests/{UNSERVED}/close")), json!({})).await.json_of(200);
    let told = socket.frame(&all, "UPDATE").await;
    assert_eq!(told["status"], 1000, "closing is published as an update");
    assert_eq!(socket.frame(&one, "UPDATE").await["status"], 1000);
    socket.silent(&app).await;

    // A closed request can be subscribed to as well.
    assert_eq!(socket.first(&one).await["status"], 1000);
    for refused in ["/requests/nobody/messages", "/leads", "/events/5bb4d4d39214830015742b77"] {
        socket.subscribe(&topic(refused)).await;
    }
    socket.silent(&app).await;
}

#[tokio::test]
async fn messages_are_published_one_by_one() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic(&format!("/requests/{SERVED}/messages"));
    let first = socket.first(&name).await;
    let listed = app.owner().get(&path(&format!("/requests/{SERVED}/messages"))).await.json_of(200);
    assert_eq!(first, listed, "oldest first");
    let sent = say(&app, SERVED, "Good morning \"you\" \u{1f600}").await;
    let told = socket.frame(&name, "CREATE").await;
    assert_eq!((&told["_id"], &told["text"]), (&sent["_id"], &sent["text"]));
    assert!(told.get("request").is_none());
    say(&app, UNSERVED, "elsewhere").await;
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_request_can_be_subscribed_to_before_it_exists() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic("/requests/support-group-new");
    assert_eq!(socket.first(&name).await, Value::Null);
    // Its messages cannot.
    socket.subscribe(&format!("{name}/messages")).await;
    socket.silent(&app).await;
    let guest = app.guest().await;
    guest.post(&path("/requests/support-group-new/messages"), json!({"text": "Hello"})).await.json_of(200);
    assert_eq!(socket.frame(&name, "CREATE").await["request_id"], "support-group-new");
    // The department's bot sends the first response.
    assert!(socket.frame(&name, "UPDATE").await["first_response_at"].is_string());
    patch(&app, "support-group-new", "Shipping").await;
    assert_eq!(socket.frame(&name, "UPDATE").await["subject"], "Shipping");
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_message_updates_an_unserved_request() {
    let app = App::new();
    let mut socket = Socket::of(&app, AGENT).await;
    let (all, one) = (topic("/requests"), topic(&format!("/requests/{UNSERVED}")));
    socket.first(&all).await;
    socket.first(&one).await;
    let last = |request: &Value| request["attributes"]["last_message"]["text"].clone();
    for text in ["We do", "And fast"] {
        say(&app, UNSERVED, text).await;
        for name in [&all, &one] {
            assert_eq!(last(&socket.frame(name, "UPDATE").await), *text);
        }
    }
    socket.silent(&app).await;
    // Its first message opens a request, which is published once.
    let state = app.state().await;
    let members = state["project_users"].as_array().expect("members").iter();
    for member in members.filter(|member| member["id_project"] == seed::PROJECT_ID && member["role"] != "guest") {
        let path = path(&format!("/project_users/{}", member["_id"].as_str().expect("an id")));
        app.owner().put(&path, json!({"user_available": false})).await.json_of(200);
    }
    let sales = json!({"text": "Hello", "departmentid": seed::SALES});
    let sent = app.guest().await.post(&path("/requests/support-group-new/messages"), sales).await.json_of(200);
    assert_eq!(sent["request"]["status"], 100);
    socket.frame(&all, "CREATE").await;
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_plain_message_does_not_update_a_served_request() {
    let app = App::new();
    let (agent, path) = (app.agent(), path(&format!("/requests/{SERVED}/messages")));
    agent.post(&path, json!({"text": "The first answer"})).await.json_of(200);
    let mut socket = Socket::of(&app, OWNER).await;
    socket.first(&topic("/requests")).await;
    agent.post(&path, json!({"text": "One more thing"})).await.json_of(200);
    socket.silent(&app).await;
}

#[tokio::test]
async fn adding_existing_tags_and_deleting_missing_notes_publish_updates() {
    let app = App::new();
    let (agent, one) = (app.agent(), path(&format!("/requests/{SERVED}")));
    let tags = json!([{"tag": "shipping", "color": "#111"}]);
    agent.put(&format!("{one}/tag"), tags.clone()).await.json_of(200);
    let mut socket = Socket::of(&app, OWNER).await;
    let all = topic("/requests");
    socket.first(&all).await;
    agent.put(&format!("{one}/tag"), tags).await.json_of(200);
    assert_eq!(socket.frame(&all, "UPDATE").await["request_id"], SERVED);
    agent.delete(&format!("{one}/notes/5c879fb4f1ae6600173b8c00")).await.json_of(200);
    assert_eq!(socket.frame(&all, "UPDATE").await["request_id"], SERVED);
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_teammate_is_published_under_both_ids() {
    let app = App::new();
    let (mut agent, mut owner) = (Socket::of(&app, AGENT).await, Socket::of(&app, OWNER).await);
    let (own, user) = (seed::AGENT_MEMBER, seed::AGENT);
    let (by_id, by_user) = (topic(&format!("/project_users/{own}")), topic(&format!("/project_users/users/{user}")));
    let first = agent.first(&by_id).await;
    assert_eq!((&first["_id"], &first["role"], &first["isBusy"]), (&json!(own), &json!("agent"), &json!(false)));
    assert_eq!(agent.first(&by_user).await["_id"], own);
    // A membership is visible only to its owner, except by user ID.
    owner.subscribe(&by_id).await;
    owner.silent(&app).await;
    assert_eq!(owner.first(&by_user).await["_id"], own);

    app.admin().put(&path(&format!("/project_users/{own}")), json!({"user_available": false})).await.json_of(200);
    let told = agent.frame(&by_id, "UPDATE").await;
    assert_eq!((&told["user_available"], &told["isBusy"]), (&json!(false), &json!(false)));
    assert_eq!(agent.frame(&by_user, "UPDATE").await, told);
    assert_eq!(owner.frame(&by_user, "UPDATE").await, told);
    owner.silent(&app).await;
}

#[tokio::test]
async fn a_bot_topic_shows_the_bot_or_null() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let bot = socket.first(&topic("/bots/5be9b2ecc72a050015e14951")).await;
    assert_eq!((&bot["name"], bot.get("secret")), (&json!("bot1"), None));
    assert_eq!(socket.first(&topic("/bots/5be9b2ecc72a050015e14900")).await, Value::Null);
}

#[tokio::test]
async fn unsubscribing_ends_the_frames() {
    let app = App::new();
    let (mut one, mut other) = (Socket::of(&app, OWNER).await, Socket::of(&app, ADMIN).await);
    let all = topic("/requests");
    one.first(&all).await;
    one.first(&all).await;
    other.first(&all).await;
    patch(&app, SERVED, "1").await;
    assert_eq!(one.frame(&all, "UPDATE").await["subject"], "1");
    one.silent(&app).await;
    one.unsubscribe(&all).await;
    one.unsubscribe("/never/heard").await;
    one.silent(&app).await;
    patch(&app, SERVED, "2").await;
    one.silent(&app).await;
    assert_eq!(other.frame(&all, "UPDATE").await["subject"], "1");
    assert_eq!(other.frame(&all, "UPDATE").await["subject"], "2");
    assert_eq!(one.first(&all).await[0]["subject"], "2");
}

#[tokio::test]
async fn agents_initially_see_requests_they_serve_or_could_have_served() {
    let app = App::new();
    let foreign = open(&app, "For the admin").await;
    let foreign = foreign["request_id"].as_str().expect("an id");
    let (mut agent, mut admin) = (Socket::of(&app, AGENT).await, Socket::of(&app, ADMIN).await);
    let ids = |first: &Value| -> Vec<String> {
        let requests = first.as_array().expect("an array").iter();
        requests.map(|request| request["request_id"].as_str().expect("an id").to_owned()).collect()
    };
    let (seen, all) = (ids(&agent.first(&topic("/requests")).await), ids(&admin.first(&topic("/requests")).await));
    assert_eq!(all.len(), 3);
    assert_eq!(seen.len(), 2);
    assert!(!seen.iter().any(|id| id == foreign));
    assert_eq!(agent.first(&topic(&format!("/requests/{foreign}"))).await, Value::Null);
    agent.unsubscribe(&topic(&format!("/requests/{foreign}"))).await;
    agent.unsubscribe(&topic("/requests")).await;
    agent.subscribe(&topic(&format!("/requests/{foreign}/messages"))).await;
    agent.silent(&app).await;
    say(&app, foreign, "nothing for agents").await;
    agent.silent(&app).await;
    // The first response changes the request.
    assert_eq!(admin.frame(&topic("/requests"), "UPDATE").await["request_id"], foreign);
    assert!(admin.first(&topic(&format!("/requests/{foreign}"))).await.is_object());
    agent.first(&topic("/requests")).await;
    // As with the reference server, subscribers of all requests receive every change.
    patch(&app, foreign, "changed").await;
    assert_eq!(agent.frame(&topic("/requests"), "UPDATE").await["request_id"], foreign);
}

#[tokio::test]
async fn changes_of_other_projects_are_not_published() {
    let app = App::new();
    let mut agent = Socket::of(&app, AGENT).await;
    let mut outsider = Socket::of(&app, "outsider@example.com").await;
    for name in ["requests", "requests/support-group-1234", "bots/5be9b2ecc72a050015e14951", "*"] {
        outsider.subscribe(&topic(&format!("/{name}"))).await;
        agent.subscribe(&format!("/5e2c35c8f0dbc10017bb3aac/{name}")).await;
        agent.subscribe(&format!("/000000000000000000000000/{name}")).await;
    }
    // A request of another project is treated as one that does not exist yet.
    assert_eq!(agent.first(&format!("/5df2240cecd41b00173a06bb/requests/{SERVED}")).await, Value::Null);
    outsider.silent(&app).await;
    agent.silent(&app).await;
    patch(&app, SERVED, "x").await;
    outsider.silent(&app).await;
    agent.silent(&app).await;
    // The same topic in another sandbox is a separate one.
    let token = token(&app, "/_sandbox/b", OWNER).await;
    let mut elsewhere = Socket::open(&app, &format!("/_sandbox/b/ws?token={token}")).await.expect("a user");
    elsewhere.first(&topic("/requests")).await;
    patch(&app, SERVED, "y").await;
    elsewhere.silent(&app).await;
}

#[tokio::test]
async fn a_star_matches_all_topics_with_the_prefix() {
    let app = App::new();
    let foreign = open(&app, "For the admin").await;
    let foreign = foreign["request_id"].as_str().expect("an id");
    let (mut admin, mut agent) = (Socket::of(&app, ADMIN).await, Socket::of(&app, AGENT).await);
    admin.subscribe(&topic("/*")).await;
    admin.subscribe(&topic("/requests/*")).await;
    agent.subscribe(&topic("/requests/*")).await;
    admin.silent(&app).await;
    agent.silent(&app).await;
    patch(&app, foreign, "not for agents").await;
    say(&app, foreign, "not for agents").await;
    patch(&app, SERVED, "for both").await;
    let own = topic(&format!("/requests/{SERVED}"));
    assert_eq!(agent.frame(&own, "UPDATE").await["subject"], "for both");
    agent.silent(&app).await;
    let changed = topic(&format!("/requests/{foreign}"));
    admin.frame(&topic("/requests"), "UPDATE").await;
    admin.frame(&changed, "UPDATE").await;
    admin.frame(&format!("{changed}/messages"), "CREATE").await;
    // The first response changes the request.
    assert_eq!(admin.frame(&topic("/requests"), "UPDATE").await["request_id"], foreign);
    admin.frame(&changed, "UPDATE").await;
    assert_eq!(admin.frame(&topic("/requests"), "UPDATE").await["request_id"], SERVED);
    admin.frame(&own, "UPDATE").await;
    admin.silent(&app).await;
}

#[tokio::test]
async fn the_events_of_a_member_are_published() {
    let app = App::new();
    let (agent, mut socket) = (app.agent(), Socket::of(&app, OWNER).await);
    let own = seed::AGENT_MEMBER;
    let (all, of_name) = (topic(&format!("/events/{own}")), topic(&format!("/events/{own}/e2")));
    assert_eq!(socket.first(&all).await, json!([]));
    for number in 0..22 {
        agent.post(&path("/events"), json!({"name": format!("e{}", number % 3)})).await.json_of(200);
        let told = socket.frame(&all, "CREATE").await;
        assert_eq!(told["name"], format!("e{}", number % 3));
        assert_eq!((&told["project_user"]["_id"], &told["id"]), (&json!(own), &told["_id"]));
    }
    let first = socket.first(&all).await;
    let names: Vec<_> = first.as_array().expect("an array").iter().map(|event| event["name"].clone()).collect();
    assert_eq!((names.len(), &names[..2]), (20, &[json!("e0"), json!("e2")][..]), "newest first");
    let first = socket.first(&of_name).await;
    assert!(first.as_array().is_some_and(|all| all.len() == 7 && all.iter().all(|event| event["name"] == "e2")));
    // The name selects only the contents of the first frame; nothing is published afterwards.
    socket.unsubscribe(&all).await;
    socket.silent(&app).await;
    agent.post(&path("/events"), json!({"name": "e2"})).await.json_of(200);
    app.admin().post(&path("/events"), json!({"name": "of another"})).await.json_of(200);
    socket.silent(&app).await;
    socket.subscribe(&topic("/events/*")).await;
    socket.silent(&app).await;
    agent.post(&path("/events"), json!({"name": "starred"})).await.json_of(200);
    assert_eq!(socket.frame(&all, "CREATE").await["name"], "starred");
    // Members and events of another project are not available.
    for refused in ["/events/5df2240cecd41b00173a06bc", "/events/0", "/events", "/events/1/2/3"] {
        socket.subscribe(&topic(refused)).await;
    }
    socket.silent(&app).await;
}

#[tokio::test]
async fn expired_events_are_not_included() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let state = app.state().await;
    let member = state["events"][0]["project_user"].as_str().expect("a member");
    let first = socket.first(&format!("/5ad5bd52c975820014ba900a/events/{member}")).await;
    let names: Vec<_> = first.as_array().expect("an array").iter().map(|event| event["name"].clone()).collect();
    assert_eq!(names, ["typing.start", "page.view", "page.view"]);
}
