//! Subscribers of `operator.select`, who are asked before it is decided who serves a conversation.

use serde_json::{Value, json};
use tiledesk_mock::WebhookTargets;

use super::{settled, subscribe, subscriptions};
use crate::support::{
    App, PROJECT,
    sink::{Manner, Sink},
};

const ANDREA: &str = "5ab11c6b83dc240014d46095";
const AGENT: &str = "5aaa99024c3b110014b478f0";
const BOT: &str = "bot_5be9b2ecc72a050015e14951";
/// The department with a bot, and the one without.
const DEFAULT: &str = "5b55e806c93dde00143163df";
const SALES: &str = "5c34ba232c62730016da250e";
const NAMES_AGENT: Manner = Manner::Says(r#"{"operators":[{"id_user":"5aaa99024c3b110014b478f0"}]}"#);

fn at(path: &str) -> String {
    format!("{PROJECT}/{path}")
}

/// Opens a conversation of the department without a bot, and answers who serves it.
async fn open(app: &App, name: &str) -> Value {
    let body = json!({"text": "Hello", "departmentid": SALES});
    let message = app.guest().await.post(&at(&format!("requests/{name}/messages")), body).await.expect(200);
    message["request"]["participants"].clone()
}

#[tokio::test]
async fn whoever_is_named_gets_the_conversation() {
    let (app, sink) = (App::new(), Sink::start());
    assert_eq!(open(&app, "unasked").await, json!([ANDREA]), "the choice where nobody is asked");
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    sink.prepare([NAMES_AGENT]);
    assert_eq!(open(&app, "asked").await, json!([AGENT]));
    let call = sink.calls(1).remove(0);
    let told = &call.body["payload"];
    assert_eq!((&call.body["hook"]["event"], &told["id_project"]), (&json!("operator.select"), &json!(&PROJECT[4..])));
    assert_eq!(told["department"]["_id"], SALES);
    assert_eq!(told["operators"].as_array().map(Vec::len), Some(1), "what would be chosen");
    for list in ["agents", "available_agents"] {
        assert!(told[list].as_array().is_some_and(|agents| agents.len() == 3), "{list}: {told}");
    }
    assert_eq!(told["project"]["_id"], told["id_project"]);

    // It is told once, and what becomes of it is in the history.
    let history = app.owner().get(&subscriptions("/history")).await.expect(200);
    let history = history.as_array().expect("a list");
    let logged: Vec<_> = history.iter().filter(|log| log["event"] == "operator.select").collect();
    assert_eq!(logged.len(), 1, "{history:?}");
    assert!(logged[0]["body"].as_str().is_some_and(|body| body.contains(AGENT)));

    // Nothing of the attempt that was given up is left.
    let request = app.owner().get(&at("requests/asked")).await.expect(200);
    let before = app.owner().get(&at("requests/unasked")).await.expect(200);
    assert_eq!(request["ticket_id"].as_u64(), before["ticket_id"].as_u64().map(|ticket| ticket + 1));
    let messages = app.owner().get(&at("requests/asked/messages")).await.expect(200);
    let texts: Vec<_> = messages.as_array().expect("messages").iter().filter(|one| one["text"] == "Hello").collect();
    assert_eq!(texts.len(), 1);
    settled(&app).await;
}

#[tokio::test]
async fn every_way_of_routing_asks() {
    let (app, sink) = (App::new(), Sink::start());
    app.guest().await.post(&at("requests/routed/messages"), json!({"text": "Hello"})).await.expect(200);
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    let both = r#"{"operators":[{"id_user":"5ab11c6b83dc240014d46095"},{"id_user":"bot_5be9b2ecc72a050015e14951"}]}"#;
    let owner = app.owner();
    let participants = |request: Value| request["participants"].clone();

    sink.prepare([Manner::Says(both)]);
    let routed = owner.put(&at("requests/routed/departments"), json!({"departmentid": SALES})).await.expect(200);
    assert_eq!(participants(routed), json!([ANDREA, BOT]), "all who are named");
    sink.prepare([NAMES_AGENT]);
    assert_eq!(participants(owner.put(&at("requests/routed/agent"), Value::Null).await.expect(200)), json!([AGENT]));
    sink.prepare([Manner::Says(r#"{"operators":[]}"#)]);
    let nobody = owner.put(&at("requests/routed/departments"), json!({"departmentid": SALES})).await.expect(200);
    assert_eq!((&nobody["participants"], &nobody["status"]), (&json!([]), &json!(100)), "nobody is an answer");
    sink.prepare([NAMES_AGENT]);
    assert_eq!(participants(owner.put(&at("requests/routed/assign"), json!({})).await.expect(200)), json!([AGENT]));
    sink.prepare([NAMES_AGENT]);
    let created = owner.post(&at("requests"), json!({"first_text": "Hello"})).await.expect(200);
    assert_eq!(participants(created), json!([AGENT]));
    sink.prepare([NAMES_AGENT]);
    let operators = app.agent().get(&at(&format!("departments/{DEFAULT}/operators"))).await.expect(200);
    assert_eq!((&operators["operators"], operators.get("id_bot")), (&json!([{"id_user": AGENT}]), None));
    assert_eq!(sink.count(), 6);

    let unasked = at(&format!("departments/{DEFAULT}/operators?disableWebHookCall=true"));
    assert_eq!(app.agent().get(&unasked).await.expect(200)["operators"], json!([{"id_user": BOT}]));
    assert_eq!(sink.count(), 6, "nobody was asked");
    settled(&app).await;
}

#[tokio::test]
async fn a_conversation_that_its_bot_hands_over_asks_twice() {
    let (app, sink) = (App::new(), Sink::start());
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    sink.prepare([Manner::Says("{}"), NAMES_AGENT]);
    let path = at("requests/handed/messages");
    let opened = app.guest().await.post(&path, json!({"text": "\\agent"})).await.expect(200);
    assert_eq!(opened["request"]["participants"], json!([BOT]), "the answer is that before the bot's turn");
    let calls = sink.calls(2);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].body["payload"]["operators"], json!([{"id_user": BOT}]));
    assert_ne!(calls[1].body["payload"]["operators"], json!([{"id_user": BOT}]), "without the bot");
    let request = app.owner().get(&at("requests/handed")).await.expect(200);
    assert_eq!(request["participants"], json!([AGENT]));
    settled(&app).await;
}

#[tokio::test]
async fn an_answer_that_names_nobody_who_can_serve_changes_nothing() {
    let (app, sink) = (App::new(), Sink::start());
    let path = at(&format!("departments/{SALES}/operators"));
    let chosen = app.agent().get(&path).await.expect(200)["operators"].clone();
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    let answers = [
        Manner::Status(500),
        Manner::Status(404),
        Manner::Reset,
        Manner::Half,
        Manner::Redirect(sink.url("/elsewhere")),
        Manner::Says("no JSON"),
        Manner::Says("{}"),
        Manner::Says("[]"),
        Manner::Says(r#"{"operators":"5aaa99024c3b110014b478f0"}"#),
        Manner::Says(r#"{"operators":["5aaa99024c3b110014b478f0"]}"#),
        Manner::Says(r#"{"operators":[{"id_user":7}]}"#),
        // Who is unknown, and a visitor.
        Manner::Says(r#"{"operators":[{"id_user":"000000000000000000000000"}]}"#),
        Manner::Says(r#"{"operators":[{"id_user":"SRbb2PfbSFcgICv9VQBcURZeloh1"}]}"#),
    ];
    for (number, answer) in answers.iter().enumerate() {
        sink.prepare([answer.clone()]);
        assert_eq!(app.agent().get(&path).await.expect(200)["operators"], chosen, "{answer:?}");
        assert_eq!(sink.count(), number + 1, "each is asked once: {answer:?}");
    }
    sink.prepare([NAMES_AGENT]);
    assert_eq!(
        app.agent().get(&path).await.expect(200)["operators"],
        json!([{"id_user": AGENT}]),
        "and then one counts"
    );
    settled(&app).await;
}

#[tokio::test]
async fn the_first_subscriber_who_names_somebody_is_minded() {
    let (app, sink) = (App::new(), Sink::start());
    for target in ["/first", "/second", "/third"] {
        subscribe(&app.admin(), "operator.select", &sink.url(target)).await;
    }
    sink.prepare([Manner::Status(500), NAMES_AGENT]);
    assert_eq!(open(&app, "many").await, json!([AGENT]));
    let asked: Vec<_> = sink.calls(2).iter().map(|call| call.path.clone()).collect();
    assert_eq!(asked, ["/first", "/second"]);
    settled(&app).await;
}

#[tokio::test]
async fn where_webhooks_are_off_nobody_is_asked() {
    let (app, sink) = (App::with(|config| config.webhooks = WebhookTargets::Off), Sink::start());
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    assert_eq!(open(&app, "off").await, json!([ANDREA]));
    assert_eq!(sink.count(), 0);
    let deliveries = settled(&app).await;
    assert!(deliveries.iter().any(|one| one["event"] == "operator.select" && one["state"] == "refused"));
}

#[tokio::test]
async fn other_calls_go_on_while_a_subscriber_thinks() {
    let (app, sink) = (App::new(), Sink::start());
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    sink.prepare([Manner::Hang]);
    let guest = app.guest().await;
    let path = at("requests/slow/messages");
    let slow = guest.post(&path, json!({"text": "Hello", "departmentid": SALES}));
    let quick = async {
        while sink.count() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        // A write, while the other is under way.
        app.agent().post(&at("leads"), json!({"lead_id": "quick", "fullname": "Quick"})).await.expect(200);
        app.owner().get(&at("requests/slow")).await.status
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(quick, 404, "nothing of the conversation is there before the subscriber has answered");
    assert_eq!(slow.expect(200)["request"]["participants"], json!([ANDREA]), "after ten seconds the choice stands");
    settled(&app).await;
}
