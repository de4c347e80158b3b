//! The events that are delivered, and their payloads.

use serde_json::{Value, json};

use super::{settled, subscribe, subscriptions};
use crate::support::{
    App, PROJECT,
    seed::{BOT, BOT_USER, OWNER},
    sink::Sink,
};

#[tokio::test]
async fn an_external_bot_receives_the_messages_of_its_conversations() {
    let (app, sink) = (App::new(), Sink::start());
    let mut state = app.state().await;
    let bots = state["bots"].as_array_mut().expect("bots").iter_mut();
    let bot = bots.into_iter().find(|bot| bot["_id"] == BOT).expect("it exists");
    bot["url"] = json!(sink.url("/bot"));
    app.nobody().put("/_control/state", state).await.json_of(200);
    let path = format!("{PROJECT}/requests/with-bot/messages");
    app.guest().await.post(&path, json!({"text": "Hello"})).await.json_of(200);
    app.owner().post(&path, json!({"text": "Beep", "sender": BOT_USER})).await.json_of(200);
    app.owner().post(&path, json!({"text": "Anybody?"})).await.json_of(200);
    let calls = sink.calls(2);
    let texts: Vec<_> = calls.iter().map(|call| call.body["payload"]["text"].clone()).collect();
    assert_eq!(texts, ["Hello", "Anybody?"], "without its own messages");
    assert_eq!(calls[0].header("user-agent"), Some("tiledesk-bot"));
    assert_eq!(calls[0].header("x-hook-secret"), None);
    assert_eq!(calls[0].body["hook"]["name"], "bot1");
    assert_eq!(calls[0].body["payload"]["request"]["request_id"], "with-bot");
}

#[tokio::test]
async fn every_event_is_delivered_in_its_documented_shape() {
    let (app, sink) = (App::new(), Sink::start());
    // Only global subscriptions receive project and user events.
    let mut state = app.state().await;
    let schemas = tiledesk_mock::openapi::webhooks().await;
    let template = state["subscriptions"][0].clone();
    let subscriptions = schemas.iter().enumerate().map(|(number, (name, _))| {
        let mut subscription = template.clone();
        subscription["_id"] = json!(format!("{number:024x}"));
        subscription["event"] = json!(name);
        subscription["target"] = json!(sink.url(&format!("/{name}")));
        subscription["global"] = json!(true);
        subscription
    });
    state["subscriptions"] = subscriptions.collect();
    app.nobody().put("/_control/state", state).await.json_of(200);

    let owner = app.owner();
    let at = |path: &str| format!("{PROJECT}/{path}");
    let id = |document: &Value| document["_id"].as_str().expect("an id").to_owned();
    let account = json!({"email": "nina@example.com", "password": "x", "firstname": "Nina", "lastname": "Simone"});
    app.nobody().post("/v3/auth/signup", account).await.json_of(200);
    let invitation = json!({"email": "nina@example.com", "role": "agent"});
    let member = id(&owner.post(&at("project_users/invite"), invitation).await.json_of(200));
    owner.put(&at(&format!("project_users/{member}")), json!({"user_available": false})).await.json_of(200);
    owner.delete(&at(&format!("project_users/{member}?hard=true"))).await.json_of(200);
    for collection in ["departments", "groups"] {
        let document = id(&owner.post(&at(collection), json!({"name": "New"})).await.json_of(200));
        owner.put(&at(&format!("{collection}/{document}")), json!({"name": "Newer"})).await.json_of(200);
        owner.delete(&at(&format!("{collection}/{document}?force=true"))).await.json_of(200);
    }
    let bot = id(&owner.post(&at("bots"), json!({"name": "New"})).await.json_of(200));
    let faq = json!({"id_faq_kb": bot, "question": "Really?", "answer": "Yes."});
    let faq = id(&owner.post(&at("faq"), faq).await.json_of(200));
    owner.put(&at(&format!("faq/{faq}")), json!({"id_faq_kb": bot, "answer": "No."})).await.json_of(200);
    owner.delete(&at(&format!("faq/{faq}"))).await.json_of(200);
    owner.put(&at(&format!("bots/{bot}")), json!({"name": "Newer"})).await.json_of(200);
    owner.delete(&at(&format!("bots/{bot}"))).await.json_of(200);
    let project = id(&owner.post("/v3/projects", json!({"name": "New"})).await.json_of(200));
    owner.put(&format!("/v3/projects/{project}"), json!({"name": "Newer"})).await.json_of(200);
    owner.put(&format!("/v3/projects/{project}/downgradeplan"), Value::Null).await.json_of(200);
    owner.delete(&format!("/v3/projects/{project}")).await.json_of(200);
    app.guest().await.post(&at("requests/told/messages"), json!({"text": "Hello"})).await.json_of(200);
    owner.put(&at("requests/told/close"), Value::Null).await.json_of(200);
    owner.post(&at("events"), json!({"name": "paid"})).await.json_of(200);

    settled(&app).await;
    let calls = sink.calls(schemas.len());
    for (name, schema) in &schemas {
        let schema = serde_json::from_str(schema).expect("the schema is JSON");
        let validator = jsonschema::validator_for(&schema).expect("a valid schema");
        let told: Vec<_> = calls.iter().filter(|call| call.path == format!("/{name}")).collect();
        assert!(!told.is_empty(), "{name} is not delivered");
        for call in told {
            assert_eq!(call.body["hook"]["event"], **name);
            if let Err(error) = validator.validate(&call.body) {
                panic!("{name}: {error} at {}", error.instance_path());
            }
        }
    }
    let closed = calls.iter().find(|call| call.path == "/request.close").expect("the event was delivered");
    assert_eq!(closed.body["payload"]["messages"][0]["text"], "Hello");
    assert_eq!(closed.body["payload"]["lead"]["lead_id"], closed.body["payload"]["messages"][0]["sender"]);
}

#[tokio::test]
async fn emitted_events_are_delivered_by_name() {
    let (app, sink) = (App::new(), Sink::start());
    for event in ["event.emit", "event.emit.cart.filled", "event.emit.cart", "cart.filled"] {
        subscribe(&app.admin(), event, &sink.url(&format!("/{event}"))).await;
    }
    let (guest, path) = (app.guest().await, format!("{PROJECT}/events"));
    let posted = guest.post(&path, json!({"name": "cart.filled", "attributes": {"items": 2}})).await.json_of(200);
    app.agent().post(&path, json!({"name": "other"})).await.json_of(200);
    settled(&app).await;
    let calls = sink.calls(3);
    let of = |path: &str| {
        calls.iter().filter(|call| call.path == path).map(|call| &call.body["payload"]).collect::<Vec<_>>()
    };
    assert_eq!((of("/event.emit.cart.filled").len(), of("/event.emit").len(), calls.len()), (1, 2, 3));
    let told = of("/event.emit.cart.filled")[0];
    assert_eq!(told, of("/event.emit")[0], "the same event");
    assert_eq!(
        (&told["id"], &told["_id"], &told["attributes"]),
        (&posted["_id"], &posted["_id"], &posted["attributes"])
    );
    assert_eq!(
        (&told["project_user"]["_id"], &told["project_user"]["role"]),
        (&posted["project_user"], &json!("guest"))
    );
    let mut claims: Vec<_> = told["user"].as_object().expect("claims").keys().map(String::as_str).collect();
    claims.sort_unstable();
    assert_eq!(
        claims,
        ["_id", "aud", "firstname", "fullName", "iat", "id", "iss", "jti", "sub"],
        "claims of a guest's token"
    );
    assert_eq!((&told["user"]["_id"], &told["user"]["id"]), (&posted["createdBy"], &posted["createdBy"]));
    assert_eq!(told["user"]["sub"], "guest");
    let fullname = format!("{} ", told["user"]["firstname"].as_str().expect("a string"));
    assert_eq!(told["user"]["fullName"], fullname, "the first name and the last name, which is empty");
    let own = of("/event.emit")[1];
    assert_eq!(own["project_user"]["id_user"]["email"], "agent@example.com", "the user is embedded");
    assert_eq!((&own["user"]["firstname"], own["user"].get("password")), (&json!("Andrea"), None));

    // A webhook receiver is not a member.
    let call = calls.iter().find(|call| call.path == "/event.emit").expect("the event was delivered");
    let receiver = app.authorized(format!("JWT {}", call.body["token"].as_str().expect("a token")));
    let answered = receiver.post(&path, json!({"name": "answer"})).await.json_of(200);
    settled(&app).await;
    let calls = sink.calls(4);
    assert_eq!(calls[3].body["payload"]["user"], call.body["hook"], "a program's document");
    assert_eq!(answered.get("project_user"), None);
    assert_eq!(answered["createdBy"], call.body["hook"]["_id"]);
}

#[tokio::test]
async fn bot_events_are_delivered_in_both_spellings() {
    let (app, sink) = (App::new(), Sink::start());
    for event in ["faqBot.create", "faqbot.create", "faqBot.delete", "faqbot.update"] {
        subscribe(&app.admin(), event, &sink.url(&format!("/{event}"))).await;
    }
    let created = app.admin().post(&format!("{PROJECT}/bots"), json!({"name": "New", "template": "empty"})).await;
    let path = format!("{PROJECT}/bots/{}", created.json_of(200)["_id"].as_str().expect("an id"));
    app.admin().put(&path, json!({"description": "Changed"})).await.json_of(200);
    app.admin().delete(&path).await.json_of(200);
    settled(&app).await;
    let calls = sink.calls(4);
    let mut told: Vec<_> = calls.iter().map(|call| call.path.as_str()).collect();
    told.sort_unstable();
    assert_eq!(told, ["/faqBot.create", "/faqBot.delete", "/faqbot.create", "/faqbot.update"]);
    for call in &calls {
        let secret = call.body["payload"].get("secret");
        assert_eq!(secret.is_some(), call.path != "/faqbot.update", "{}: updates omit the secret", call.path);
        assert!(call.body["hook"].get("secret").is_none());
    }
}

#[tokio::test]
async fn message_events_are_delivered_by_channel() {
    let (app, sink) = (App::new(), Sink::start());
    // Its target is an external host, which may be unreachable.
    app.admin().delete(&subscriptions("/5c879fb4f1ae6600173b8c75")).await.json_of(200);
    for event in ["message.create.channel.telegram", "message.create.request.channel.whatsapp", "lead.Create"] {
        subscribe(&app.admin(), event, &sink.url(&format!("/{event}"))).await;
    }
    let visitor = app.guest().await;
    let send =
        async |body: Value| visitor.post(&format!("{PROJECT}/requests/by-channel/messages"), body).await.json_of(200);
    let owner = OWNER;
    send(json!({"text": "one", "channel": {"name": "whatsapp"}, "participants": [owner]})).await;
    send(json!({"text": "two", "channel": {"name": "telegram"}})).await;
    settled(&app).await;
    let mut told: Vec<_> =
        sink.calls(3).iter().map(|call| (call.path.clone(), call.body["payload"]["text"].clone())).collect();
    told.sort_by_key(|(path, text)| (path.clone(), text.to_string()));
    let expected = [
        ("/message.create.channel.telegram", "two"),
        ("/message.create.request.channel.whatsapp", "one"),
        ("/message.create.request.channel.whatsapp", "two"),
    ];
    assert_eq!(told, expected.map(|(path, text)| (path.to_owned(), json!(text))), "names are case-sensitive");
}
