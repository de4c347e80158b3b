//! The realtime API over real sockets: who is let in, what topics tell, and what happens to clients that do not behave.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Error, Message, protocol::frame::coding::CloseCode};

use crate::support::{
    App, PROJECT,
    socket::{Socket, taken, token},
};

const OWNER: &str = "andrea.leo@f21.it";
const ADMIN: &str = "admin@example.com";
const AGENT: &str = "agent@example.com";

/// A request that the agent serves.
const SERVED: &str = "support-group-L_OG76RYhR0XFiMf2PK";
/// A request that everybody could have served.
const UNSERVED: &str = "support-group-1234";

/// A topic of the project in which everybody has a role.
fn topic(rest: &str) -> String {
    format!("{}{rest}", &PROJECT[3..])
}

fn path(rest: &str) -> String {
    format!("{PROJECT}{rest}")
}

async fn patch(app: &App, request: &str, subject: &str) {
    let path = path(&format!("/requests/{request}"));
    app.admin().patch(&path, json!({"subject": subject})).await.expect(200);
}

async fn say(app: &App, request: &str, text: &str) -> Value {
    app.admin().post(&path(&format!("/requests/{request}/messages")), json!({"text": text})).await.expect(200)
}

/// Opens a request that nobody but the admin could serve.
async fn open(app: &App, text: &str) -> Value {
    let body = json!({"first_text": text, "participants": ["5ab0f3fa57066e0014bfd71e"]});
    app.admin().post(&path("/requests"), body).await.expect(200)
}

fn refused(outcome: Result<Socket, Error>) -> (u16, String) {
    match outcome {
        Err(Error::Http(response)) => {
            let body = response.body().clone().unwrap_or_default();
            (response.status().as_u16(), String::from_utf8_lossy(&body).into_owned())
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it is let in"),
    }
}

#[tokio::test]
async fn it_is_served_under_every_address_that_was_ever_documented() {
    let app = App::new();
    let token = token(&app, "", OWNER).await;
    for path in
        ["/ws", "/ws/", "/v1/ws", "/v2/ws/", "/v3/ws", "/v3/ws/", "/api/ws", "/api/v3/ws/", "/api", "/api/", "/"]
    {
        for given in [token.clone(), format!("JWT%20{token}"), format!("JWT+{token}")] {
            let mut socket = Socket::open(&app, &format!("{path}?token={given}")).await.expect(path);
            assert_eq!(socket.first(&topic("/requests")).await.as_array().map(Vec::len), Some(2), "{path}");
        }
    }
}

#[tokio::test]
async fn only_the_tokens_of_users_are_let_in() {
    let app = App::new();
    let guest = app.nobody().post("/v3/auth/signinAnonymously", json!({"id_project": &PROJECT[4..]})).await.expect(200);
    let guest = guest["token"].as_str().expect("a token").trim_start_matches("JWT ").to_owned();
    let custom = app.call(tiledesk_mock::exchanges()["sign_in_with_custom_token"].request.request()).await.expect(200);
    let custom = custom["token"].as_str().expect("a token").trim_start_matches("JWT ").to_owned();
    let other = token(&app, "/_sandbox/other", OWNER).await;
    let own = token(&app, "", OWNER).await;
    let (head, _) = own.rsplit_once('.').expect("three parts");
    for query in [
        String::new(),
        "?token=".into(),
        "?token=nonsense".into(),
        "?token=JWT%20".into(),
        format!("?token={guest}"),
        format!("?token={custom}"),
        format!("?token={other}"),
        format!("?token={head}.AAAA"),
        format!("?secret_token={own}"),
    ] {
        let answer = refused(Socket::open(&app, &format!("/v3/ws/{query}")).await);
        assert_eq!(answer, (401, "Unauthorized".into()), "{query}");
    }
    Socket::open(&app, &format!("/_sandbox/other/v3/ws/?token={other}")).await.expect("it is of this sandbox");
    assert_eq!(refused(Socket::open(&app, &format!("/_sandbox/other/v3/ws/?token={own}")).await).0, 401);
}

#[tokio::test]
async fn a_call_that_is_no_websocket_is_told_so() {
    let app = App::new();
    for path in ["/ws", "/v3/ws/", "/api/ws", "/_sandbox/a/ws"] {
        let answer = app.owner().get(path).await;
        assert_eq!((answer.status.as_u16(), answer.header("upgrade")), (426, Some("websocket")), "{path}");
    }
}

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
    for refused in ["/requests/nobody", "/requests/nobody/messages", "/leads", "/events/5bb4d4d39214830015742b00"] {
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
    assert_eq!((&bot["name"], bot.get("secret")), (&json!("Welcome"), None));
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
    agent.subscribe(&format!("/5df2240cecd41b00173a06bb/requests/{SERVED}")).await;
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
async fn what_makes_no_sense_is_ignored() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    for text in ["", "hello", "{", "[]", "null", r#"{"action":"shout"}"#, r#"{"action":"subscribe","payload":7}"#] {
        socket.say(Message::text(text)).await;
    }
    socket.say(Message::binary(vec![0, 1, 2])).await;
    socket.say(Message::Ping(vec![1].into())).await;
    for name in ["", "/", "requests", "/x/requests", "/5b55e806c93dde00143163dd", "/*", "*"] {
        socket.subscribe(name).await;
    }
    socket.send(json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}})).await;
    socket.silent(&app).await;
}

#[tokio::test]
async fn a_connection_has_a_name() {
    let app = App::new();
    let (mut one, mut other) = (Socket::of(&app, OWNER).await, Socket::of(&app, OWNER).await);
    let mut names = Vec::new();
    for socket in [&mut one, &mut other] {
        socket.send(json!({"action": "me"})).await;
        let me = socket.next().await.expect("an answer");
        assert_eq!((&me["action"], &me["payload"]["userId"]), (&json!("me"), &Value::Null));
        names.push(me["payload"]["id"].as_str().expect("an id").to_owned());
    }
    assert!(names[0] != names[1] && names.iter().all(|name| name.len() == 36 && &name[14..15] == "4"), "{names:?}");
}

#[tokio::test]
async fn clients_tell_each_other() {
    let app = App::new();
    let (mut one, mut other) = (Socket::of(&app, OWNER).await, Socket::of(&app, AGENT).await);
    let name = topic("/requests");
    one.first(&name).await;
    other.first(&name).await;
    let frame = |action, message: Value| json!({"action": action, "payload": {"topic": name, "message": message}});
    let relayed = |message| frame("publish", message);
    one.send(frame("publish", json!({"typing": true}))).await;
    assert_eq!(one.next().await, Some(relayed(json!({"typing": true}))));
    assert_eq!(other.next().await, Some(relayed(json!({"typing": true}))));
    one.send(frame("broadcast", json!(null))).await;
    assert_eq!(other.next().await, Some(relayed(json!(null))));
    one.silent(&app).await;
    one.send(json!({"action": "publish", "payload": {"topic": name}})).await;
    assert_eq!(other.next().await, Some(json!({"action": "publish", "payload": {"topic": name}})));
    one.send(json!({"action": "publish", "payload": {"topic": "/nobody/listens", "message": 1}})).await;
    other.silent(&app).await;
}

#[tokio::test]
async fn who_answers_the_heartbeat_stays_and_who_is_silent_is_dropped() {
    let app = App::with(|config| config.heartbeat = Duration::from_millis(150));
    let (mut lively, mut silent) = (Socket::of(&app, OWNER).await, Socket::of(&app, ADMIN).await);
    let ping = json!({"action": "heartbeat", "payload": {"message": {"text": "ping"}}});
    assert_eq!(silent.next().await, Some(ping.clone()));
    for _ in 0..6 {
        assert_eq!(lively.next().await, Some(ping.clone()));
        lively.send(json!({"action": "heartbeat", "payload": {"message": {"text": "pong"}}})).await;
    }
    assert_eq!(silent.next().await, None);
}

#[tokio::test]
async fn nothing_is_missed_and_nothing_told_twice_beside_a_writer() {
    const CHANGES: usize = 200;
    let app = App::new();
    let (name, own) = (topic(&format!("/requests/{UNSERVED}/messages")), topic(&format!("/requests/{UNSERVED}")));
    let known = app.owner().get(&path(&format!("/requests/{UNSERVED}/messages"))).await.expect(200);
    let known = known.as_array().expect("messages").len();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                for number in 0..CHANGES {
                    say(&app, UNSERVED, &number.to_string()).await;
                    patch(&app, UNSERVED, &number.to_string()).await;
                }
            });
        });
        let readers: Vec<_> = (0..20)
            .map(|at| {
                let (app, name, own) = (&app, &name, &own);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    runtime.expect("a runtime").block_on(async {
                        // Not all at the same moment.
                        tokio::time::sleep(Duration::from_millis(at * 10)).await;
                        let mut socket = Socket::of(app, OWNER).await;
                        read_all(&mut socket, name, own, known, CHANGES).await
                    })
                })
            })
            .collect();
        writer.join().expect("the writer writes");
        let midway = readers.into_iter().map(|reader| reader.join().expect("a reader reads"));
        let midway: Vec<_> = midway.filter(|seen| (1..CHANGES).contains(seen)).collect();
        assert!(!midway.is_empty(), "somebody subscribed while there were changes");
    });
}

/// Subscribes to the messages and to the request, and sees every change once: in the first frame, or in one of its own.
/// Answers how many messages the first frame showed.
async fn read_all(socket: &mut Socket, messages: &str, request: &str, known: usize, changes: usize) -> usize {
    socket.subscribe(messages).await;
    socket.subscribe(request).await;
    let (mut texts, mut in_first, mut subject) = (Vec::new(), 0, None);
    while texts.len() < changes || subject != Some(changes - 1) {
        let frame = socket.next().await.expect("the connection stays open");
        let (payload, number) = (&frame["payload"], |value: &Value| value.as_str()?.parse::<usize>().ok());
        if payload["topic"] == request {
            let told = number(&payload["message"]["subject"]);
            match payload["method"].as_str() {
                Some("CREATE") => subject = told,
                // The first answer to the request changes it without a subject.
                _ if told == subject => assert_eq!(told, None),
                _ => {
                    assert_eq!(told, Some(subject.map_or(0, |subject| subject + 1)));
                    subject = told;
                }
            }
        } else if let Some(all) = payload["message"].as_array() {
            texts = all[known..].iter().map(|message| number(&message["text"]).expect("a number")).collect();
            in_first = texts.len();
        } else {
            texts.push(number(&payload["message"]["text"]).expect("a number"));
        }
    }
    assert_eq!(texts, (0..changes).collect::<Vec<_>>());
    in_first
}

#[tokio::test]
async fn who_does_not_read_is_dropped_while_others_go_on() {
    const FRAMES: usize = 2_000;
    let app = App::new();
    let token = token(&app, "", ADMIN).await;
    let path = format!("/ws?token={token}");
    let mut slow = Socket::open_with_buffer(&app, &path, Some(4_096)).await.expect("a user");
    let (mut teller, mut reader) = (Socket::of(&app, OWNER).await, Socket::of(&app, AGENT).await);
    let name = topic("/requests");
    slow.first(&name).await;
    reader.first(&name).await;
    let text = "x".repeat(16_384);
    for number in 0..FRAMES {
        let payload = json!({"topic": name, "message": {"number": number, "text": text}});
        teller.send(json!({"action": "broadcast", "payload": payload})).await;
        let frame = reader.next().await.expect("who reads stays");
        assert_eq!(frame["payload"]["message"]["number"], number);
    }
    patch(&app, SERVED, "the API goes on").await;
    assert_eq!(reader.told(&name, "UPDATE").await["subject"], "the API goes on");
    let mut read = 0;
    while slow.next().await.is_some() {
        read += 1;
    }
    assert!(read < FRAMES, "{read} frames");
    reader.silent(&app).await;
}

#[tokio::test]
async fn a_hundred_clients_hear_the_same() {
    let app = App::new();
    let token = token(&app, "", OWNER).await;
    let name = topic("/requests");
    let mut sockets = Vec::new();
    for _ in 0..100 {
        let mut socket = Socket::open(&app, &format!("/ws?token={token}")).await.expect("a user");
        socket.first(&name).await;
        sockets.push(socket);
    }
    for number in 0..20 {
        patch(&app, SERVED, &number.to_string()).await;
    }
    for socket in &mut sockets {
        for number in 0..20 {
            assert_eq!(socket.told(&name, "UPDATE").await["subject"], number.to_string());
        }
    }
    for mut socket in sockets.split_off(50) {
        socket.0.close(None).await.expect("who leaves may");
    }
    patch(&app, SERVED, "after").await;
    for socket in &mut sockets {
        assert_eq!(socket.told(&name, "UPDATE").await["subject"], "after");
    }
}

#[tokio::test]
async fn a_reset_leaves_the_clients_connected() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic("/requests");
    socket.first(&name).await;
    patch(&app, SERVED, "before").await;
    assert_eq!(socket.told(&name, "UPDATE").await["subject"], "before");
    app.nobody().post("/_control/reset", json!({})).await.expect(200);
    patch(&app, SERVED, "after").await;
    let told = socket.told(&name, "UPDATE").await;
    assert_eq!((&told["subject"], &told["updatedAt"]), (&json!("after"), &json!("2026-01-01T12:00:00.000Z")));
    let first = socket.first(&name).await;
    assert_eq!(first.as_array().map(Vec::len), Some(2));
    patch(&app, SERVED, "again").await;
    assert_eq!(socket.told(&name, "UPDATE").await["subject"], "again");
}

#[tokio::test]
async fn stopping_closes_the_sockets_at_once() {
    let app = App::new();
    let mut socket = Socket::of(&app, OWNER).await;
    let name = topic("/requests");
    socket.first(&name).await;
    patch(&app, SERVED, "the last").await;
    let start = Instant::now();
    app.fake.stop().expect("it stops well");
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    assert_eq!(socket.told(&name, "UPDATE").await["subject"], "the last", "what was committed is still told");
    match socket.0.next().await {
        Some(Ok(Message::Close(Some(frame)))) => assert_eq!(frame.code, CloseCode::Away),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_up_no_stop() {
    let app = App::new();
    let token = token(&app, "", ADMIN).await;
    let mut slow = Socket::open_with_buffer(&app, &format!("/ws?token={token}"), Some(4_096)).await.expect("a user");
    let name = topic("/requests");
    slow.first(&name).await;
    let text = "x".repeat(500_000);
    for _ in 0..40 {
        let payload = json!({"topic": name, "message": text});
        slow.0.feed(Message::text(json!({"action": "publish", "payload": payload}).to_string())).await.expect("open");
    }
    slow.0.flush().await.expect("open");
    let start = Instant::now();
    app.fake.stop().expect("it stops well");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
