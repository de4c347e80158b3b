//! The README's test in Rust, word for word.

use tiledesk_mock::{Fake, Fault};

#[tokio::test]
async fn a_client_tries_again() {
    let fake = Fake::start().await;
    let sandbox = fake.default_sandbox();
    sandbox.add_fault(&Fault::status(503).on("get_lead").times(2)).expect("a fault");
    let lead = format!("{}/v3/5b55e806c93dde00143163dd/leads/5c81593adf767b0017d1aa66", fake.url());

    // Here your client is called.
    let client = reqwest::Client::new();
    let call = client.get(lead).basic_auth("andrea.leo@f21.it", Some("123456")).build().expect("a call");
    while client.execute(call.try_clone().expect("no body")).await.expect("an answer").status() != 200 {}

    assert_eq!(sandbox.count("get_lead"), Ok(3));
}
