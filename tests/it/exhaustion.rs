//! Input that is expensive to process: it is rejected, or takes time proportional to its size.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::support::{App, PROJECT};

#[tokio::test]
async fn adding_many_tags_takes_linear_time() {
    let app = App::new();
    let tags = (0..25_000).map(|number| json!({"tag": number.to_string()})).collect::<Vec<_>>();
    let start = Instant::now();
    let path = format!("{PROJECT}/requests/support-group-L_OG76RYhR0XFiMf2PK/tag");
    let request = app.owner().put(&path, Value::from(tags)).await.json_of(200);
    assert!(request["tags"].as_array().is_some_and(|tags| tags.len() >= 25_000));
    // Pairwise comparison took minutes in a debug build.
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_form_has_at_most_a_thousand_parts() {
    let app = App::new();
    let part = "--boundary\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
    let headers = [("content-type", "multipart/form-data; boundary=boundary")];
    let file =
        "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nx\r\n--boundary--\r\n";
    for (parts, status) in [(999, 201), (1_000, 400)] {
        let form = part.repeat(parts) + file;
        let answer = app.owner().send(Method::POST, "/v3/files/users", &headers, form).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    }
}
