//! Records every call of the API: the journal entry, coverage, the rate limit, and the self-check.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt, stream};
use poem::{
    Body, Request, Response,
    error::ResponseError,
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::PathAndQuery},
};

use super::{
    arrived, auth,
    chunks::Chunks,
    context::RequestContext,
    control_access::ControlAccess,
    error,
    inject::{Corruption, corrupt},
    listener::Connections,
    peer::is_secure,
    problem::{PROBLEM_JSON, Problem},
    safe_csv,
    validate::Contract,
};
use crate::{
    parity,
    recorder::{
        entry::{self, Entry},
        redact,
    },
    runtime::{cause, memory::Memory},
    state::Sandbox,
    value::Error,
};

/// Minimum size in bytes of responses that count against the memory budget while they are sent.
const LARGE: usize = 1 << 16;

/// Maximum number of recorded body bytes: the maximum size of a JSON body.
pub(crate) const RECORDED: usize = 512_000;

/// Receives the journal number of a replayed call.
#[derive(Clone)]
pub(super) struct ReplayNumber(pub(super) Arc<AtomicU64>);

/// Observation settings.
pub(super) struct ObserveOptions<'a> {
    pub(super) connections: Option<&'a Connections>,
    /// Access control of the control API, where rejections are explained.
    pub(super) gate: &'a ControlAccess,
    /// Contract to validate responses against, in self-check mode.
    pub(super) check: Option<Arc<Contract>>,
    /// Whether to neutralize formulas in CSV responses.
    pub(super) safe_csv: bool,
}

/// Records a call and its response, which `answer` returns.
pub(super) async fn observed(
    sandbox: &Arc<Sandbox>,
    sent: &Uri,
    mut request: Box<Request>,
    ways: &ObserveOptions<'_>,
    answer: impl AsyncFnOnce(Box<Request>) -> Response,
) -> Response {
    let body = request.take_body();
    let (body, cut) = if body.is_empty() {
        Default::default()
    } else {
        match peek(&mut request, body, RECORDED, &sandbox.memory).boxed().await {
            Ok(known) => known,
            Err(refusal) => return refusal.as_response(),
        }
    };
    let target = sent.path_and_query().map_or(sent.path(), PathAndQuery::as_str);
    let secure = is_secure(&request);
    let (method, head) = (request.method().clone(), sandbox.journal.head(target, request.headers()));
    let call = sandbox.journal.arrive(sandbox.clock.now(), entry::RecordedRequest { method, head, body, cut, secure });
    if let Some(ReplayNumber(number)) = request.data() {
        number.store(call.number, Ordering::Relaxed);
    }
    let arrival = RequestContext { call: Some(call.clone()), ..RequestContext::unobserved(sandbox.clone()) };
    request.extensions_mut().insert(arrival);
    let peer = request.remote_addr().as_socket_addr().copied();
    let mut response = match sandbox.rate_limit.take(|| auth::identity(&request, sandbox)) {
        Ok(()) => cause::of(call.number, answer(request)).await,
        Err(wait) => {
            let _ = call.fault.set("rate limit".into());
            let seconds = u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX);
            error::rate_limited(sandbox.rate_limit.a_minute(), seconds)
        }
    };
    let damage = response.extensions_mut().remove::<Corruption>();
    let refusal = response.extensions_mut().remove::<Error>();
    if response.status().as_u16() >= 400 && sandbox.journal.is_kept() && !ways.gate.is_closed() {
        help(response.headers_mut(), sandbox, &call);
    }
    let mut body = arrived(response.take_body()).await;
    if ways.safe_csv && response.content_type().is_some_and(|kind| kind.starts_with("text/csv")) {
        body = safe_csv::defuse(&body).into();
    }
    if let Some(problem) = ways.check.as_ref().and_then(|contract| deviation(contract, &call, &response, &body)) {
        let _ = call.fault.set("self-check".into());
        response = problem.as_response();
        body = arrived(response.take_body()).await;
    }
    tracing::info!(
        method = %call.request.method,
        path = redact::target(target),
        status = response.status().as_u16(),
        duration = ?call.arrived.elapsed(),
        operation = call.operation.get(),
        sandbox = &*sandbox.name,
    );
    sandbox.coverage.count(&call, response.status());
    let head = sandbox.journal.head("", response.headers());
    sandbox.journal.finish(&call, response.status(), head, body.clone(), refusal);
    // The journal shows what the API returns.
    let is_real = call.fault.get().is_none();
    if let (Some(_), Some(&operation), true) = (&ways.check, call.operation.get(), is_real)
        && let Ok(value) = HeaderValue::try_from(parity::header(operation, response.status().as_u16()))
    {
        response.headers_mut().insert("x-fake-parity", value);
    }
    // Large responses count against the memory budget until they are sent.
    let mut charge = None;
    if body.len() >= LARGE {
        match sandbox.memory.reserve(body.len()) {
            Ok(reserved) => charge = Some(reserved),
            Err(refusal) => {
                response = refusal.as_response();
                body = arrived(response.take_body()).await;
            }
        }
    }
    match damage {
        None => {
            response.set_body(match charge {
                Some(charge) => charge.hold(body),
                None => body,
            });
            response
        }
        Some(Corruption(effect)) => corrupt(response, body, &effect, || {
            if let (Some(connections), Some(peer)) = (ways.connections, peer) {
                connections.reset(peer);
            }
        }),
    }
}

/// The problem with a response that violates the contract. Responses to injected faults are not checked.
fn deviation(contract: &Contract, call: &Entry, response: &Response, body: &[u8]) -> Option<Problem> {
    let operation = call.operation.get().filter(|_| call.fault.get().is_none())?;
    let rules = contract.of(operation)?;
    let kind = response.content_type().unwrap_or_default();
    // The limits of the fake are not in the contract of the imitated API.
    if [StatusCode::REQUEST_TIMEOUT, StatusCode::INSUFFICIENT_STORAGE].contains(&response.status()) {
        return None;
    }
    // Problem details are not in it either.
    let deviations = match kind {
        PROBLEM_JSON => Vec::new(),
        kind => rules.deviations(response.status(), kind, Some(body)),
    };
    if deviations.is_empty() {
        return None;
    }
    tracing::error!(operation, status = response.status().as_u16(), ?deviations, "response violates the contract");
    Some(Problem::of_contract(500, "The response does not match the contract.", operation, &rules.node, deviations))
}

/// Links to the explanation of the call.
pub(crate) fn help(headers: &mut HeaderMap, sandbox: &Sandbox, call: &Entry) {
    let number = call.number;
    let link = if sandbox.is_default() {
        format!("</_control/explain/{number}>; rel=\"help\"")
    } else {
        format!("</_control/explain/{number}?sandbox={}>; rel=\"help\"", sandbox.name)
    };
    if let Ok(link) = HeaderValue::from_str(&link) {
        headers.append(header::LINK, link);
    }
}

/// Reads the body up to `limit` and returns that part, and whether the recording is incomplete: the body is longer or
/// ended with an error. The request gets the whole body back.
pub(crate) async fn peek(
    request: &mut Request,
    body: Body,
    limit: usize,
    memory: &Arc<Memory>,
) -> Result<(Bytes, bool), Error> {
    let mut charge = memory.reserve(0)?;
    let mut rest = body.into_bytes_stream();
    let (mut known, mut end) = (Chunks::default(), None);
    while known.len() <= limit {
        match rest.next().await {
            None => break,
            Some(Ok(part)) => {
                charge.grow(part.len())?;
                known.push(part);
            }
            Some(Err(error)) => {
                end = Some(Err(error));
                break;
            }
        }
    }
    // Copied, because the received part would keep the connection's whole buffer alive.
    let known = Bytes::copy_from_slice(&known.join());
    let cut = known.len() > limit || end.is_some();
    if cut {
        let parts = stream::iter([Ok(known.clone())].into_iter().chain(end));
        request.set_body(Body::from_bytes_stream(parts.chain(rest)));
    } else {
        request.set_body(known.clone());
    }
    Ok((known.slice(..known.len().min(limit)), cut))
}
