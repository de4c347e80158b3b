//! Operations that the API is known to have but that are not implemented: name, method, and path.
//!
//! They respond with 501, so that they are not mistaken for misspelled paths.

use crate::http::Unbuilt;

pub(crate) const UNBUILT: &[Unbuilt] = &[
    ("test_subscription", "POST", "/{project_id}/subscriptions/test"),
    ("set_request_assignee", "PUT", "/{project_id}/requests/{request_id}/assignee"),
    ("create_simple_request", "POST", "/{project_id}/requests/simple"),
    ("receive_chat21_event", "POST", "/chat21/requests"),
];

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::UNBUILT;
    use crate::{config::Config, fake::Fake, openapi};

    #[tokio::test]
    async fn unimplemented_operations_respond_with_501() {
        let fake = Fake::serve(&Config::default()).expect("the default world is valid");
        let built = openapi::operations();
        for (name, method, path) in UNBUILT {
            let words =
                path.split('/').map(|word| if word.starts_with('{') { "5b55e806c93dde00143163dd" } else { word });
            let request = http::Request::builder().method(*method).uri(words.collect::<Vec<_>>().join("/"));
            let answer = fake.call(request.body(Bytes::new()).expect("a valid request")).await;
            let text = String::from_utf8_lossy(answer.body());
            assert_eq!(answer.status(), 501, "{name}: {text}");
            assert!(text.starts_with(r#"{"success":false,"msg":"#) && text.contains(name), "{name}: {text}");
            assert!(!built.contains(&format!(" {name} ")), "{name} is implemented");
        }
    }
}
