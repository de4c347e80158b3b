//! Mistakes in calls of the control API: query parameters and bodies that the operation does not accept. If typos were
//! ignored, a test that should fail could pass.

use poem::{Request, http::Method};

use super::{
    control_access::ControlAccess,
    problem::{Problem, ProblemDetail},
    router::Router,
};
use crate::value::{primitive::Secret, suggest};

/// Maximum number of bytes to read when checking whether a body is effectively empty.
const EMPTY: usize = 1 << 10;

/// Parameters that mean `true` without a value.
const FLAGS: [&str; 1] = ["reload"];

/// The mistakes in a call, after a check that the caller may use the control API. Calls without an operation are
/// rejected elsewhere.
pub(super) async fn find(
    (gate, page): (&ControlAccess, &Secret),
    router: &Router,
    path: &str,
    request: &mut Request,
) -> Option<Problem> {
    if let Some(problem) = gate.refuses(request, path, page) {
        return Some(problem);
    }
    let operation = router.find(request.method(), path).ok()?.0.operation()?;
    // Inboxes stand in for webhook receivers, whose URLs can have any query.
    if *request.method() == Method::POST && path.starts_with("/webhooks/inbox/") {
        return None;
    }
    let known = operation.query.iter().map(String::as_str);
    let mut mistakes = in_query(&known, request.uri().query().unwrap_or_default());
    if !operation.takes_body && has_body(request).await {
        mistakes.push(ProblemDetail { pointer: "".into(), detail: format!("`{}` takes no body", operation.id).into() });
    }
    (!mistakes.is_empty()).then(|| Problem::bad("The request is invalid.", mistakes))
}

/// Unknown, repeated, and empty parameters.
pub(super) fn in_query<'a>(known: &(impl Iterator<Item = &'a str> + Clone), query: &str) -> Vec<ProblemDetail> {
    let (mut mistakes, mut seen) = (Vec::new(), Vec::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let detail = if !known.clone().any(|known| *known == name) {
            suggest::unknown("parameter", &name, known.clone())
        } else if seen.contains(&name) {
            "the parameter is given twice".to_owned()
        } else if value.is_empty() && !FLAGS.contains(&&*name) {
            "the parameter has no value".to_owned()
        } else {
            seen.push(name);
            continue;
        };
        mistakes.push(ProblemDetail { pointer: format!("/query/{name}").into(), detail: detail.into() });
    }
    mistakes
}

/// Whether a body has content. Many clients send an empty object with every call.
async fn has_body(request: &mut Request) -> bool {
    let body = request.take_body();
    if body.is_empty() {
        return false;
    }
    match body.into_bytes_limit(EMPTY).await {
        Ok(bytes) => !matches!(bytes.trim_ascii(), b"" | b"{}" | b"null"),
        Err(_) => true,
    }
}
