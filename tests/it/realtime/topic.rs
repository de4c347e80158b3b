//! What topics tell, and to whom.

use serde_json::{Value, json};

use super::{ADMIN, AGENT, OWNER, SERVED, UNSERVED, open, patch, path, say, topic};
use crate::support::{
    App, PROJECT,
    socket::{Socket, taken, token},
};

#[tokio::test]
async fn the_first_frame_shows_the_open_requests() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let new = open(&app, "Try").await;
    patch(&app, SERVED, "changed last").await;
    let requests = socket.first(&topic("/requests")).await;
    let requests = requests.as_array().expect("the first frame holds an array");
    let ids: Vec<_> = requests.iter().map(|request| request["request_id"].as_str().expect("an id")).collect();
    assert_eq!(ids.len(), 3, "closed ones are not shown");
    assert_eq!(ids[2], UNSERVED, "who was changed last comes first");
    assert!(ids[..2].contains(&SERVED) && ids[..2].contains(&new["request_id"].as_str().expect("an id")));
    let request = requests.iter().find(|request| request["request_id"] == SERVED).expect("it is shown");
    assert_eq!(request["id"], request["_id"]);
    assert_eq!(request["lead"]["_id"], request["requester_id"]);
    assert!(request["department"].is_string() && request["requester"].is_string());
    assert_eq!(request["snapshot"]["agents"], json!([{"id_user": "5ab0f3fa57066e0014bfd71e"}]));
    assert!(request.get("agents").is_none() && request.get("chatbotParameters").is_none());
    let without_lead = requests.iter().find(|request| request.get("lead").is_none());
    assert!(without_lead.is_none_or(|request| request["requester_id"].is_null()));
}

#[tokio::test]
async fn whoever_comes_after_a_new_state_is_shown_that() {
    let app = App::new();
    let all = topic("/requests");
    // Whoever connects changes the state: all do so before.
    let [mut early, mut late, mut last] =
        [Socket::of(&app, OWNER).await, Socket::of(&app, OWNER).await, Socket::of(&app, OWNER).await];
    let open = early.first(&all).await.as_array().expect("requests").len();
    let mut state = app.state().await;
    for request in state["requests"].as_array_mut().expect("requests") {
        request["subject"] = json!("of another world");
    }
    app.nobody().put("/_control/state", state).await.expect(200);
    let shown = late.first(&all).await;
    let shown = shown.as_array().expect("requests");
    assert!(shown.len() == open && shown.iter().all(|request| request["subject"] == "of another world"), "{shown:?}");
    patch(&app, SERVED, "changed there").await;
    assert_eq!(early.told(&all, "UPDATE").await["subject"], "changed there", "who was there before is told");
    late.told(&all, "UPDATE").await;
    late.first(&all).await;
    app.nobody().post("/_control/reset", Value::Null).await.expect(200);
    let shown = last.first(&all).await;
    let shown = shown.as_array().expect("requests");
    assert!(shown.len() == open && shown.iter().all(|request| request["subject"] != "of another world"), "{shown:?}");
    patch(&app, SERVED, "as it was").await;
    assert_eq!(last.told(&all, "UPDATE").await["subject"], "as it was");
}

#[tokio::test]
async fn topics_of_requests_tell_of_changes() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let (all, one) = (topic("/requests"), topic(&format!("/requests/{UNSERVED}")));
    socket.first(&all).await;
    let first = socket.first(&one).await;
    assert_eq!(first["request_id"], UNSERVED);
    assert!(first["lead"].is_object() && first["department"].is_object(), "what it refers to is inside");
    assert!(first["participatingAgents"].is_array() && first["participatingBots"].is_array());

    patch(&app, UNSERVED, "new").await;
    let told = socket.told(&all, "UPDATE").await;
    assert_eq!((&told["request_id"], &told["subject"]), (&json!(UNSERVED), &json!("new")));
    assert_eq!(
        told["snapshot"].as_object().map(|snapshot| snapshot.keys().collect::<Vec<_>>()),
        Some(vec![&"agents".to_owned()])
    );
    assert_eq!(told["snapshot"]["agents"][0], json!({"id_user": "5ab11c6b83dc240014d46095"}));
    assert!(told["lead"].is_object());
    assert_eq!(socket.told(&one, "UPDATE").await, told, "both topics tell the same");

    patch(&app, SERVED, "another").await;
    assert_eq!(socket.told(&all, "UPDATE").await["request_id"], SERVED);

    let new = open(&app, "Hello").await;
    let told = socket.told(&all, "CREATE").await;
    assert_eq!((&told["_id"], &told["first_text"]), (&new["_id"], &json!("Hello")));

    taken(&app).await;
    app.admin().put(&path(&format!("/requests/{UNSERVED}/close")), json!({})).await.expect(200);
    let told = socket.told(&all, "UPDATE").await;
    assert_eq!(told["status"], 1000, "there is no frame for the end of a request but this");
    assert_eq!(socket.told(&one, "UPDATE").await["status"], 1000);
    socket.silent(&app).await;

    // A request that is not open can be subscribed to all the same.
    assert_eq!(socket.first(&one).await["status"], 1000);
    for refused in ["/requests/nobody/messages", "/leads", "/events/5bb4d4d39214830015742b77"] {
        socket.subscribe(&topic(refused)).await;
    }
    socket.silent(&app).await;
}

#[tokio::test]
async fn messages_are_told_one_by_one() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic(&format!("/requests/{SERVED}/messages"));
    let first = socket.first(&name).await;
    let listed = app.owner().get(&path(&format!("/requests/{SERVED}/messages"))).await.expect(200);
    assert_eq!(first, listed, "oldest first");
    let sent = say(&app, SERVED, "Good morning \"you\" \u{1f600}").await;
    let told = socket.told(&name, "CREATE").await;
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
    // Its messages can not.
    socket.subscribe(&format!("{name}/messages")).await;
    socket.silent(&app).await;
    let guest = app.guest().await;
    guest.post(&path("/requests/support-group-new/messages"), json!({"text": "Hello"})).await.expect(200);
    assert_eq!(socket.told(&name, "CREATE").await["request_id"], "support-group-new");
    // The bot of the department answers, and is the first to do so.
    assert!(socket.told(&name, "UPDATE").await["first_response_at"].is_string());
    patch(&app, "support-group-new", "Shipping").await;
    assert_eq!(socket.told(&name, "UPDATE").await["subject"], "Shipping");
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
            assert_eq!(last(&socket.told(name, "UPDATE").await), *text);
        }
    }
    socket.silent(&app).await;
    // Its first message opens a request, which is published once.
    let state = app.state().await;
    let members = state["project_users"].as_array().expect("members").iter();
    for member in members.filter(|member| member["id_project"] == PROJECT[4..] && member["role"] != "guest") {
        let path = path(&format!("/project_users/{}", member["_id"].as_str().expect("an id")));
        app.owner().put(&path, json!({"user_available": false})).await.expect(200);
    }
    let sales = json!({"text": "Hello", "departmentid": "5c34ba232c62730016da250e"});
    let sent = app.guest().await.post(&path("/requests/support-group-new/messages"), sales).await.expect(200);
    assert_eq!(sent["request"]["status"], 100);
    socket.told(&all, "CREATE").await;
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_plain_message_does_not_update_a_served_request() {
    let app = App::new();
    let (agent, path) = (app.agent(), path(&format!("/requests/{SERVED}/messages")));
    agent.post(&path, json!({"text": "The first answer"})).await.expect(200);
    let mut socket = Socket::of(&app, OWNER).await;
    socket.first(&topic("/requests")).await;
    agent.post(&path, json!({"text": "One more thing"})).await.expect(200);
    socket.silent(&app).await;
}

#[tokio::test]
async fn tags_that_are_there_and_notes_that_are_not_are_published_as_updates() {
    let app = App::new();
    let (agent, one) = (app.agent(), path(&format!("/requests/{SERVED}")));
    let tags = json!([{"tag": "shipping", "color": "#111"}]);
    agent.put(&format!("{one}/tag"), tags.clone()).await.expect(200);
    let mut socket = Socket::of(&app, OWNER).await;
    let all = topic("/requests");
    socket.first(&all).await;
    agent.put(&format!("{one}/tag"), tags).await.expect(200);
    assert_eq!(socket.told(&all, "UPDATE").await["request_id"], SERVED);
    agent.delete(&format!("{one}/notes/5c879fb4f1ae6600173b8c00")).await.expect(200);
    assert_eq!(socket.told(&all, "UPDATE").await["request_id"], SERVED);
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_teammate_is_told_of_by_both_identifiers() {
    let app = App::new();
    let (mut agent, mut owner) = (Socket::of(&app, AGENT).await, Socket::of(&app, OWNER).await);
    let (own, user) = ("5bb4d4d39214830015742b01", "5aaa99024c3b110014b478f0");
    let (by_id, by_user) = (topic(&format!("/project_users/{own}")), topic(&format!("/project_users/users/{user}")));
    let first = agent.first(&by_id).await;
    assert_eq!((&first["_id"], &first["role"], &first["isBusy"]), (&json!(own), &json!("agent"), &json!(false)));
    assert_eq!(agent.first(&by_user).await["_id"], own);
    // A record is shown to its owner only, except by user.
    owner.subscribe(&by_id).await;
    owner.silent(&app).await;
    assert_eq!(owner.first(&by_user).await["_id"], own);

    app.admin().put(&path(&format!("/project_users/{own}")), json!({"user_available": false})).await.expect(200);
    let told = agent.told(&by_id, "UPDATE").await;
    assert_eq!((&told["user_available"], &told["isBusy"]), (&json!(false), &json!(false)));
    assert_eq!(agent.told(&by_user, "UPDATE").await, told);
    assert_eq!(owner.told(&by_user, "UPDATE").await, told);
    owner.silent(&app).await;
}

#[tokio::test]
async fn a_bot_is_shown_and_one_that_is_not_there_is_null() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let bot = socket.first(&topic("/bots/5be9b2ecc72a050015e14951")).await;
    assert_eq!((&bot["name"], bot.get("secret")), (&json!("bot1"), None));
    assert_eq!(socket.first(&topic("/bots/5be9b2ecc72a050015e14900")).await, Value::Null);
}

#[tokio::test]
async fn who_unsubscribes_is_told_no_more() {
    let app = App::new();
    let (mut one, mut other) = (Socket::of(&app, OWNER).await, Socket::of(&app, ADMIN).await);
    let all = topic("/requests");
    one.first(&all).await;
    one.first(&all).await;
    other.first(&all).await;
    patch(&app, SERVED, "1").await;
    assert_eq!(one.told(&all, "UPDATE").await["subject"], "1");
    one.silent(&app).await;
    one.unsubscribe(&all).await;
    one.unsubscribe("/never/heard").await;
    one.silent(&app).await;
    patch(&app, SERVED, "2").await;
    one.silent(&app).await;
    assert_eq!(other.told(&all, "UPDATE").await["subject"], "1");
    assert_eq!(other.told(&all, "UPDATE").await["subject"], "2");
    assert_eq!(one.first(&all).await[0]["subject"], "2");
}

#[tokio::test]
async fn agents_first_see_what_they_serve_or_could_have_served() {
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
    // The first answer changes the request.
    assert_eq!(admin.told(&topic("/requests"), "UPDATE").await["request_id"], foreign);
    assert!(admin.first(&topic(&format!("/requests/{foreign}"))).await.is_object());
    agent.first(&topic("/requests")).await;
    // Whoever is subscribed to all requests is told of all that change, as by the reference server.
    patch(&app, foreign, "changed").await;
    assert_eq!(agent.told(&topic("/requests"), "UPDATE").await["request_id"], foreign);
}

#[tokio::test]
async fn other_projects_are_silent() {
    let app = App::new();
    let mut agent = Socket::of(&app, AGENT).await;
    let mut outsider = Socket::of(&app, "outsider@example.com").await;
    for name in ["requests", "requests/support-group-1234", "bots/5be9b2ecc72a050015e14951", "*"] {
        outsider.subscribe(&topic(&format!("/{name}"))).await;
        agent.subscribe(&format!("/5e2c35c8f0dbc10017bb3aac/{name}")).await;
        agent.subscribe(&format!("/000000000000000000000000/{name}")).await;
    }
    // A request of another project is one that does not exist yet.
    assert_eq!(agent.first(&format!("/5df2240cecd41b00173a06bb/requests/{SERVED}")).await, Value::Null);
    outsider.silent(&app).await;
    agent.silent(&app).await;
    patch(&app, SERVED, "x").await;
    outsider.silent(&app).await;
    agent.silent(&app).await;
    // The same of another sandbox is another topic.
    let token = token(&app, "/_sandbox/b", OWNER).await;
    let mut elsewhere = Socket::open(&app, &format!("/_sandbox/b/ws?token={token}")).await.expect("a user");
    elsewhere.first(&topic("/requests")).await;
    patch(&app, SERVED, "y").await;
    elsewhere.silent(&app).await;
}

#[tokio::test]
async fn a_star_stands_for_all_that_begin_so() {
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
    assert_eq!(agent.told(&own, "UPDATE").await["subject"], "for both");
    agent.silent(&app).await;
    let changed = topic(&format!("/requests/{foreign}"));
    admin.told(&topic("/requests"), "UPDATE").await;
    admin.told(&changed, "UPDATE").await;
    admin.told(&format!("{changed}/messages"), "CREATE").await;
    // The first answer changes the request.
    assert_eq!(admin.told(&topic("/requests"), "UPDATE").await["request_id"], foreign);
    admin.told(&changed, "UPDATE").await;
    assert_eq!(admin.told(&topic("/requests"), "UPDATE").await["request_id"], SERVED);
    admin.told(&own, "UPDATE").await;
    admin.silent(&app).await;
}

#[tokio::test]
async fn the_events_of_a_member_are_told() {
    let app = App::new();
    let (agent, mut socket) = (app.agent(), Socket::of(&app, OWNER).await);
    let own = "5bb4d4d39214830015742b01";
    let (all, of_name) = (topic(&format!("/events/{own}")), topic(&format!("/events/{own}/e2")));
    assert_eq!(socket.first(&all).await, json!([]));
    for number in 0..22 {
        agent.post(&path("/events"), json!({"name": format!("e{}", number % 3)})).await.expect(200);
        let told = socket.told(&all, "CREATE").await;
        assert_eq!(told["name"], format!("e{}", number % 3));
        assert_eq!((&told["project_user"]["_id"], &told["id"]), (&json!(own), &told["_id"]));
    }
    let first = socket.first(&all).await;
    let names: Vec<_> = first.as_array().expect("an array").iter().map(|event| event["name"].clone()).collect();
    assert_eq!((names.len(), &names[..2]), (20, &[json!("e0"), json!("e2")][..]), "the newest first");
    let first = socket.first(&of_name).await;
    assert!(first.as_array().is_some_and(|all| all.len() == 7 && all.iter().all(|event| event["name"] == "e2")));
    // The name chooses what the first frame shows, and nothing is told of it afterwards.
    socket.unsubscribe(&all).await;
    socket.silent(&app).await;
    agent.post(&path("/events"), json!({"name": "e2"})).await.expect(200);
    app.admin().post(&path("/events"), json!({"name": "of another"})).await.expect(200);
    socket.silent(&app).await;
    socket.subscribe(&topic("/events/*")).await;
    socket.silent(&app).await;
    agent.post(&path("/events"), json!({"name": "starred"})).await.expect(200);
    assert_eq!(socket.told(&all, "CREATE").await["name"], "starred");
    // Neither the members of another project nor its events.
    for refused in ["/events/5df2240cecd41b00173a06bc", "/events/0", "/events", "/events/1/2/3"] {
        socket.subscribe(&topic(refused)).await;
    }
    socket.silent(&app).await;
}

#[tokio::test]
async fn events_that_have_vanished_are_not_shown() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let state = app.state().await;
    let member = state["events"][0]["project_user"].as_str().expect("a member");
    let first = socket.first(&format!("/5ad5bd52c975820014ba900a/events/{member}")).await;
    let names: Vec<_> = first.as_array().expect("an array").iter().map(|event| event["name"].clone()).collect();
    assert_eq!(names, ["typing.start", "page.view", "page.view"]);
}
