//! Fault injection and strict mode for calls of known operations.

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{
    FutureExt, StreamExt,
    future::{BoxFuture, ready},
    stream,
};
use poem::{
    Body, IntoResponse, Request, Response,
    endpoint::BoxEndpoint,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};

use super::{
    api::Operation,
    context::{RequestContext, Strict},
    error,
    prefer::preferred,
    problem::{Problem, ProblemDetail},
};
use crate::{
    recorder::{
        entry::Entry,
        fault::{Effect, Injected, RequestView, Reset},
    },
    state::Sandbox,
};

/// How long a truncated response waits before its end, so that the beginning is flushed.
const FLUSH: Duration = Duration::from_millis(20);

/// Damage to apply to a response after it was recorded.
#[derive(Clone)]
pub(super) struct Corruption(pub(super) Effect);

/// Calls an operation that the router found, unless a fault applies or strict mode rejects the call.
pub(super) fn operate<'a>(
    operation: &Operation,
    request: Request,
    endpoint: &'a BoxEndpoint<'static>,
) -> BoxFuture<'a, poem::Result<Response>> {
    let Some(call) = &RequestContext::of(&request).call else { return endpoint.call(request) };
    // Already set only if the operation is called twice for one request, which never happens.
    let _ = call.operation.set(operation.id);
    let sandbox = &RequestContext::of(&request).sandbox;
    if let Some(applied) = fault(sandbox, operation.id, request.headers(), call) {
        let _ = call.fault.set(applied.name.as_str().into());
        return inject(applied, request, endpoint).boxed();
    }
    match undocumented(operation, &request, call) {
        Some(problem) => ready(Err(problem.into())).boxed(),
        None => endpoint.call(request),
    }
}

/// Applies a fault to a call.
async fn inject(applied: Injected, request: Request, endpoint: &BoxEndpoint<'static>) -> poem::Result<Response> {
    let Injected { delay, effect, .. } = applied;
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    let refused = effect.status.map(|status| error::typical(status, effect.body.as_ref(), effect.retry_after));
    let mut response = match refused {
        Some(response) => response,
        None if effect.reset == Some(Reset::Before) => StatusCode::BAD_GATEWAY.into_response(),
        None => endpoint.call(request).await.unwrap_or_else(poem::Error::into_response),
    };
    response.extensions_mut().insert(Corruption(effect));
    Ok(response)
}

/// The fault that applies to a call, if any.
pub(crate) fn fault(sandbox: &Sandbox, operation: &str, headers: &HeaderMap, call: &Entry) -> Option<Injected> {
    if let Some(effect) = preferred(headers) {
        let delay = effect.delay.as_ref().map(|delay| Duration::from_millis(*delay.start()));
        return Some(Injected { name: "preferred".into(), delay, effect });
    }
    let seen = || RequestView {
        operation,
        method: &call.request.method,
        path: call.request.path(),
        headers,
        body: &call.request.body,
    };
    sandbox.faults.apply(sandbox.seed(), seen)
}

/// The undocumented parts of a call in strict mode.
//
// Departs: In strict mode, a missing or unsupported Content-Type is reported like every other violation, as
// `application/problem+json`; the documentation announces plain text.
fn undocumented(operation: &Operation, request: &Request, call: &Entry) -> Option<Problem> {
    let Strict(contract, edition) = request.data::<Strict>()?;
    let rules = contract.of(operation.id)?;
    let problems = match contract.in_edition(*edition, operation.id) {
        None => vec![ProblemDetail::undocumented_operation()],
        Some(rules) => {
            let query = request.uri().query().unwrap_or_default();
            // An incomplete recording cannot be validated; the operation's extractor rejects the body itself.
            let body = (!call.request.cut).then_some(&*call.request.body);
            rules.problems(request.method(), query, request.headers(), body)
        }
    };
    let problem = |problems| {
        Problem::of_contract(400, "The request does not match the contract.", operation.id, &rules.node, problems)
    };
    (!problems.is_empty()).then_some(problems).map(problem)
}

/// Damages a response.
pub(crate) fn corrupt(mut response: Response, mut body: Bytes, effect: &Effect, reset: impl FnOnce()) -> Response {
    let lost = |text: &str| io::Error::new(io::ErrorKind::ConnectionReset, text.to_owned());
    if effect.reset.is_some() {
        reset();
        response.set_status(StatusCode::BAD_GATEWAY);
        response.set_body(Body::from_bytes_stream(stream::iter([Err::<Bytes, _>(lost("reset by a fault"))])));
        return response;
    }
    if effect.malformed {
        let mut broken = BytesMut::from(&body[..body.len().saturating_sub(1)]);
        broken.extend_from_slice(b",");
        body = broken.freeze();
    }
    if let Some(content_type) = effect.content_type.as_deref().and_then(|text| HeaderValue::from_str(text).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    match effect.cut.filter(|cut| *cut < body.len()) {
        None => response.set_body(body),
        Some(cut) => {
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            let end = lost("cut by a fault");
            // Waiting before the end makes the server flush the beginning.
            let end = stream::once(async {
                tokio::time::sleep(FLUSH).await;
                Err(end)
            });
            let parts = stream::iter([Ok(body.slice(..cut))]).chain(end);
            response.set_body(Body::from_bytes_stream(parts));
        }
    }
    response
}
