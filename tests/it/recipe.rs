//! The Rust test of the README, word for word.

use tiledesk_mock::{Fake, Fault};

#[tokio::test]
async fn the_client_retries() {
    let fake = Fake::start().await;
    let sandbox = fake.default_sandbox();
    sandbox.inject(&Fault::status(503).for_operation("get_lead").times(2)).expect("a fault");
    let lead = format!("{}/v3/5b55e806c93dde00143163dd/leads/5c81593adf767b0017d1aa66", fake.url());

    // Call your own client here.
    let client = reqwest::Client::new();
    let call = client.get(lead).basic_auth("andrea.leo@f21.it", Some("123456")).build().expect("a call");
    while client.execute(call.try_clone().expect("no body")).await.expect("an answer").status() != 200 {}

    assert_eq!(sandbox.count("get_lead"), Ok(3));
}
