//! Inspecting and undoing the changes of a test: `cargo run --example time_machine`.

use std::{
    error::Error,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{Request, header};
use tiledesk_mock::Fake;

fn main() -> Result<(), Box<dyn Error>> {
    // 2026-01-01T12:00:00Z
    let noon = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800);
    let fake = Fake::builder().seed(7).frozen_at(noon).start()?;
    let sandbox = fake.sandbox("changes");
    sandbox.take_snapshot("before");
    let request = Request::post("/v3/5b55e806c93dde00143163dd/leads")
        .header(header::AUTHORIZATION, "Basic YWdlbnRAZXhhbXBsZS5jb206MTIzNDU2")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from_static(br#"{"lead_id":"42","fullname":"Ada"}"#))?;
    assert_eq!(sandbox.client().send_blocking(request).status(), 200);
    let changes = sandbox.changes_since("before")?;
    assert_eq!(changes["leads"]["added"][0]["fullname"], "Ada");
    sandbox.restore("before")?;
    assert_eq!(sandbox.changes_since("before")?, serde_json::json!({}));
    Ok(())
}
