//! A client that retries, and a test that proves it: `cargo run --example retry`.

use std::{error::Error, time::Duration};

use bytes::Bytes;
use http::{Request, Response, header};
use tiledesk_mock::{Client, Fake, Fault};

const LEAD: &str = "/v3/5b55e806c93dde00143163dd/leads/5c81593adf767b0017d1aa66";

/// The code under test.
fn get_lead(client: &Client) -> Result<Response<Bytes>, Box<dyn Error>> {
    loop {
        let request = Request::get(LEAD).header(header::AUTHORIZATION, "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2");
        let answer = client.send_blocking(request.body(Bytes::new())?);
        if answer.status() != 503 {
            return Ok(answer);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let fake = Fake::builder().start()?;
    let sandbox = fake.sandbox("retry");
    sandbox.inject(&Fault::status(503).for_operation("get_lead").times(2))?;
    let answer = get_lead(&sandbox.client())?;
    assert_eq!(answer.status(), 200);
    assert_eq!(sandbox.count("get_lead"), Ok(3));
    Ok(())
}
