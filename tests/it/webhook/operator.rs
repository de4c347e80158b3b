//! Subscribers of `operator.select`, which are called before a conversation is assigned.

use serde_json::{Value, json};
use tiledesk_mock::WebhookTargets;

use super::{settled, subscribe, subscriptions};
use crate::support::{
    App, PROJECT,
    seed::{AGENT, BOT_USER, DEFAULT, OWNER, PROJECT_ID, SALES},
    sink::{Reply, Sink},
};

const NAMES_AGENT: Reply = Reply::Body(r#"{"operators":[{"id_user":"5aaa99024c3b110014b478f0"}]}"#);

fn at(path: &str) -> String {
    format!("{PROJECT}/{path}")
}

/// Opens a conversation of the department without a bot, and returns its participants.
async fn open(app: &App, name: &str) -> Value {
    let body = json!({"text": "Hello", "departmentid": SALES});
    let message = app.guest().await.post(&at(&format!("requests/{name}/messages")), body).await.json_of(200);
    message["request"]["participants"].clone()
}

#[tokio::test]
async fn the_operator_named_by_a_subscriber_is_assigned() {
    let (app, sink) = (App::new(), Sink::start());
    assert_eq!(open(&app, "unasked").await, json!([OWNER]), "the default choice without a subscriber");
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    sink.prepare([NAMES_AGENT]);
    assert_eq!(open(&app, "asked").await, json!([AGENT]));
    let call = sink.calls(1).remove(0);
    let told = &call.body["payload"];
    assert_eq!((&call.body["hook"]["event"], &told["id_project"]), (&json!("operator.select"), &json!(PROJECT_ID)));
    assert_eq!(told["department"]["_id"], SALES);
    assert_eq!(told["operators"].as_array().map(Vec::len), Some(1), "the default choice");
    for list in ["agents", "available_agents"] {
        assert!(told[list].as_array().is_some_and(|agents| agents.len() == 3), "{list}: {told}");
    }
    assert_eq!(told["project"]["_id"], told["id_project"]);

    // The callout is sent once, and its result is in the history.
    let history = app.owner().get(&subscriptions("/history")).await.json_of(200);
    let history = history.as_array().expect("a list");
    let logged: Vec<_> = history.iter().filter(|log| log["event"] == "operator.select").collect();
    assert_eq!(logged.len(), 1, "{history:?}");
    assert!(logged[0]["body"].as_str().is_some_and(|body| body.contains(AGENT)));

    // The abandoned attempt leaves nothing behind.
    let request = app.owner().get(&at("requests/asked")).await.json_of(200);
    let before = app.owner().get(&at("requests/unasked")).await.json_of(200);
    assert_eq!(request["ticket_id"].as_u64(), before["ticket_id"].as_u64().map(|ticket| ticket + 1));
    let messages = app.owner().get(&at("requests/asked/messages")).await.json_of(200);
    let texts: Vec<_> = messages.as_array().expect("messages").iter().filter(|one| one["text"] == "Hello").collect();
    assert_eq!(texts.len(), 1);
    settled(&app).await;
}

#[tokio::test]
async fn every_kind_of_routing_calls_the_subscriber() {
    let (app, sink) = (App::new(), Sink::start());
    app.guest().await.post(&at("requests/routed/messages"), json!({"text": "Hello"})).await.json_of(200);
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    let both = r#"{"operators":[{"id_user":"5ab11c6b83dc240014d46095"},{"id_user":"bot_5be9b2ecc72a050015e14951"}]}"#;
    let owner = app.owner();
    let participants = |request: Value| request["participants"].clone();

    sink.prepare([Reply::Body(both)]);
    let routed = owner.put(&at("requests/routed/departments"), json!({"departmentid": SALES})).await.json_of(200);
    assert_eq!(participants(routed), json!([OWNER, BOT_USER]), "all named operators");
    sink.prepare([NAMES_AGENT]);
    assert_eq!(participants(owner.put(&at("requests/routed/agent"), Value::Null).await.json_of(200)), json!([AGENT]));
    sink.prepare([Reply::Body(r#"{"operators":[]}"#)]);
    let nobody = owner.put(&at("requests/routed/departments"), json!({"departmentid": SALES})).await.json_of(200);
    assert_eq!(
        (&nobody["participants"], &nobody["status"]),
        (&json!([]), &json!(100)),
        "an empty list is a valid response"
    );
    sink.prepare([NAMES_AGENT]);
    assert_eq!(participants(owner.put(&at("requests/routed/assign"), json!({})).await.json_of(200)), json!([AGENT]));
    sink.prepare([NAMES_AGENT]);
    let created = owner.post(&at("requests"), json!({"first_text": "Hello"})).await.json_of(200);
    assert_eq!(participants(created), json!([AGENT]));
    sink.prepare([NAMES_AGENT]);
    let operators = app.agent().get(&at(&format!("departments/{DEFAULT}/operators"))).await.json_of(200);
    assert_eq!((&operators["operators"], operators.get("id_bot")), (&json!([{"id_user": AGENT}]), None));
    assert_eq!(sink.count(), 6);

    let unasked = at(&format!("departments/{DEFAULT}/operators?disableWebHookCall=true"));
    assert_eq!(app.agent().get(&unasked).await.json_of(200)["operators"], json!([{"id_user": BOT_USER}]));
    assert_eq!(sink.count(), 6, "no subscriber was called");
    settled(&app).await;
}

#[tokio::test]
async fn a_handover_by_the_bot_calls_the_subscriber_again() {
    let (app, sink) = (App::new(), Sink::start());
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    sink.prepare([Reply::Body("{}"), NAMES_AGENT]);
    let path = at("requests/handed/messages");
    let opened = app.guest().await.post(&path, json!({"text": "\\agent"})).await.json_of(200);
    assert_eq!(
        opened["request"]["participants"],
        json!([BOT_USER]),
        "the response shows the state before the bot's turn"
    );
    let calls = sink.calls(2);
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].body["payload"]["operators"], json!([{"id_user": BOT_USER}]));
    assert_ne!(calls[1].body["payload"]["operators"], json!([{"id_user": BOT_USER}]), "without the bot");
    let request = app.owner().get(&at("requests/handed")).await.json_of(200);
    assert_eq!(request["participants"], json!([AGENT]));
    settled(&app).await;
}

#[tokio::test]
async fn a_response_without_eligible_operators_changes_nothing() {
    let (app, sink) = (App::new(), Sink::start());
    let path = at(&format!("departments/{SALES}/operators"));
    let chosen = app.agent().get(&path).await.json_of(200)["operators"].clone();
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    let answers = [
        Reply::Status(500),
        Reply::Status(404),
        Reply::Reset,
        Reply::Half,
        Reply::Redirect(sink.url("/elsewhere")),
        Reply::Body("no JSON"),
        Reply::Body("{}"),
        Reply::Body("[]"),
        Reply::Body(r#"{"operators":"5aaa99024c3b110014b478f0"}"#),
        Reply::Body(r#"{"operators":["5aaa99024c3b110014b478f0"]}"#),
        Reply::Body(r#"{"operators":[{"id_user":7}]}"#),
        // An unknown user, and a visitor.
        Reply::Body(r#"{"operators":[{"id_user":"000000000000000000000000"}]}"#),
        Reply::Body(r#"{"operators":[{"id_user":"SRbb2PfbSFcgICv9VQBcURZeloh1"}]}"#),
    ];
    for (number, answer) in answers.iter().enumerate() {
        sink.prepare([answer.clone()]);
        assert_eq!(app.agent().get(&path).await.json_of(200)["operators"], chosen, "{answer:?}");
        assert_eq!(sink.count(), number + 1, "each is called once: {answer:?}");
    }
    sink.prepare([NAMES_AGENT]);
    assert_eq!(
        app.agent().get(&path).await.json_of(200)["operators"],
        json!([{"id_user": AGENT}]),
        "the last response is valid"
    );
    settled(&app).await;
}

#[tokio::test]
async fn the_first_subscriber_with_operators_wins() {
    let (app, sink) = (App::new(), Sink::start());
    for target in ["/first", "/second", "/third"] {
        subscribe(&app.admin(), "operator.select", &sink.url(target)).await;
    }
    sink.prepare([Reply::Status(500), NAMES_AGENT]);
    assert_eq!(open(&app, "many").await, json!([AGENT]));
    let asked: Vec<_> = sink.calls(2).iter().map(|call| call.path.clone()).collect();
    assert_eq!(asked, ["/first", "/second"]);
    settled(&app).await;
}

#[tokio::test]
async fn no_subscriber_is_called_when_webhooks_are_off() {
    let (app, sink) = (App::with(|config| config.webhooks = WebhookTargets::Off), Sink::start());
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    assert_eq!(open(&app, "off").await, json!([OWNER]));
    assert_eq!(sink.count(), 0);
    let deliveries = settled(&app).await;
    assert!(deliveries.iter().any(|one| one["event"] == "operator.select" && one["state"] == "refused"));
}

#[tokio::test]
async fn other_calls_proceed_while_a_subscriber_is_pending() {
    let (app, sink) = (App::new(), Sink::start());
    subscribe(&app.admin(), "operator.select", &sink.url("/choose")).await;
    sink.prepare([Reply::Hang]);
    let guest = app.guest().await;
    let path = at("requests/slow/messages");
    let slow = guest.post(&path, json!({"text": "Hello", "departmentid": SALES}));
    let quick = async {
        while sink.count() == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        // A write during the callout.
        app.agent().post(&at("leads"), json!({"lead_id": "quick", "fullname": "Quick"})).await.json_of(200);
        app.owner().get(&at("requests/slow")).await.status
    };
    let (slow, quick) = tokio::join!(slow, quick);
    assert_eq!(quick, 404, "nothing of the conversation is visible before the subscriber responds");
    assert_eq!(
        slow.json_of(200)["request"]["participants"],
        json!([OWNER]),
        "after ten seconds the default choice is used"
    );
    settled(&app).await;
}
