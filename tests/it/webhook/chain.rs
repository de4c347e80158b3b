//! Webhooks that trigger each other.

use super::{lead, settled, subscribe};
use crate::support::{App, PROJECT};

#[tokio::test]
async fn webhooks_that_multiply_each_other_soon_end() {
    let app = App::new();
    let address = app.fake.address();
    for number in 0..2 {
        let target = format!("http://agent%40example.com:123456@{address}{PROJECT}/leads?n={number}");
        subscribe(&app.admin(), "lead.create", &target).await;
    }
    lead(&app, "Ada").await;
    // Each delivery creates a lead, which triggers both webhooks.
    let (mut count, mut quiet) = (0, 0);
    while quiet < 20 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let now = app.agent().get(&format!("{PROJECT}/leads?limit=1")).await.json_of(200)["count"].as_u64();
        let now = now.expect("a count");
        quiet = if now == count { quiet + 1 } else { 0 };
        count = now;
        assert!(count < 1_000, "the webhooks multiply endlessly");
    }
    assert!(count > 10, "some webhooks were sent: {count}");
    settled(&app).await;
}
