//! Failed deliveries: what is recorded, and what the target receives.

use serde_json::json;
use tiledesk_mock::WebhookTargets;

use super::{lead, settled, subscribe};
use crate::support::{
    App,
    sink::{Reply, Sink},
};

/// The error of the first attempt to deliver to `target`, with its port replaced.
async fn error_of(target: &str, port: u16) -> String {
    let app = App::with(|config| config.webhooks = WebhookTargets::Any);
    subscribe(&app.admin(), "lead.create", target).await;
    lead(&app, "Ada").await;
    for _ in 0..200 {
        let webhooks = app.nobody().get("/_control/webhooks").await.json_of(200);
        if let Some(error) = webhooks["deliveries"][0]["attempts"][0]["error"].as_str() {
            return error.replace(&port.to_string(), "PORT");
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the delivery to {target} did not fail");
}

#[tokio::test]
async fn the_error_of_a_delivery_names_all_causes_without_credentials() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("the listener is bound").port()
    };
    let target = format!("http://ada:secret@127.0.0.1:{closed}/hook?a=1#part");
    let refused = "error sending request for url (http://127.0.0.1:PORT/hook?a=1#part): client error (Connect): tcp connect \
                   error: Connection refused (os error 111)";
    assert_eq!(error_of(&target, closed).await, refused);
    for (reply, expected) in [
        (
            Reply::Reset,
            "error sending request for url (http://127.0.0.1:PORT/): client error (SendRequest): connection closed \
             before message completed",
        ),
        (
            Reply::Half,
            "error decoding response body: request or response body error: error reading a body from connection: end \
             of file before message length reached",
        ),
    ] {
        let sink = Sink::start();
        sink.prepare([reply]);
        let target = sink.url("/");
        let port = target.trim_end_matches('/').rsplit(':').next().and_then(|port| port.parse().ok());
        assert_eq!(error_of(&target, port.expect("a port")).await, expected);
    }
}

#[tokio::test]
async fn credentials_in_the_target_are_sent_as_basic_authentication() {
    let (app, sink) = (App::new(), Sink::start());
    let target = sink.url("/").replace("http://", "http://ada:se%40cret@");
    subscribe(&app.admin(), "lead.create", &target).await;
    lead(&app, "Ada").await;
    let call = sink.calls(1).remove(0);
    assert_eq!(call.header("authorization"), Some("Basic YWRhOnNlQGNyZXQ="));
    assert_eq!(call.path, "/");
    assert_eq!(call.header("host"), Some(sink.url("").trim_start_matches("http://")));
}

#[tokio::test]
async fn a_long_response_is_read_up_to_64_kib() {
    let (app, sink) = (App::new(), Sink::start());
    let long: &'static str = Box::leak("x".repeat(100_000).into_boxed_str());
    sink.prepare([Reply::Body(long)]);
    subscribe(&app.admin(), "lead.create", &sink.url("/")).await;
    lead(&app, "Ada").await;
    assert_eq!(settled(&app).await[0]["state"], "delivered");
    let history = app.owner().get(&super::subscriptions("/history")).await.json_of(200);
    assert_eq!(history[0]["body"].as_str().map(str::len), Some(64 * 1024 + 2), "with its quotation marks");
    assert_eq!(history[0]["err"], json!(null));
}
