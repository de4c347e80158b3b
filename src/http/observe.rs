//! What happens around every call of the API: it is written down as it arrives, something may go wrong with it on purpose,
//! and its answer is written down and counted.

use std::{io, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, future::ready, stream};
use poem::{
    Body, IntoResponse, Request, Response,
    endpoint::BoxEndpoint,
    error::ResponseError,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, uri::PathAndQuery},
};
use serde_json::Value;

use super::{
    Operation, arrived,
    connection::Connections,
    contract::{Contract, Edition},
    error,
    gate::Gate,
    member,
    parts::Parts,
    path::Arguments,
    peer::is_secure,
    problem::{PROBLEM_JSON, Problem, ProblemDetail},
    safe_csv,
};
use crate::world::{
    Error, Sandbox,
    call::{self, Call},
    fault::{Applied, Effect, Reset, Seen},
    memory::Memory,
};

/// Bytes of a body that are written down at most: as many as a JSON body may have.
const REMEMBERED: usize = 512_000;

/// How long the end of an answer that is cut lets the beginning go ahead.
const FLUSH: Duration = Duration::from_millis(20);

/// That a call is to be taken strictly, and by which edition of the document.
#[derive(Clone)]
pub(super) struct Strict(pub(super) Arc<Contract>, pub(super) Edition);

pub(super) fn is_strict(request: &Request) -> bool {
    request.data::<Strict>().is_some()
}

/// Whether a call asks to be taken so (`Prefer: handling=strict`).
pub(super) fn prefers_strict(headers: &HeaderMap) -> bool {
    preferences(headers).any(|(name, value)| name == "handling" && value == "strict")
}

/// What is damaged in an answer, after it was written down.
#[derive(Clone)]
struct Damage(Effect);

/// Where a call arrived, and what it was written down as.
#[derive(Clone)]
pub(super) struct Arrival {
    pub(super) sandbox: Arc<Sandbox>,
    /// Nothing where calls are not observed.
    call: Option<Arc<Call>>,
    pub(super) arguments: Arguments,
}

impl Arrival {
    pub(super) fn unobserved(sandbox: Arc<Sandbox>) -> Self {
        Self { sandbox, call: None, arguments: Arguments::default() }
    }

    pub(super) fn of(request: &Request) -> &Self {
        request.data().expect("the outermost layer chooses a sandbox for every call")
    }

    pub(super) fn of_mut(request: &mut Request) -> &mut Self {
        request.extensions_mut().get_mut().expect("the outermost layer chooses a sandbox for every call")
    }
}

/// Notes what the body of a call says, for who counts it.
pub(super) fn note(request: &Request, body: &Value) {
    if let Some(call) = &Arrival::of(request).call {
        call.note(body);
    }
}

/// The body of a call, where all of it is written down.
pub(super) fn known_body(request: &Request) -> Option<Bytes> {
    let call = Arrival::of(request).call.as_ref().filter(|call| !call.request.cut);
    call.map(|call| call.request.body.clone())
}

/// In which ways calls are observed.
pub(super) struct Ways<'a> {
    pub(super) connections: Option<&'a Connections>,
    /// Where refusals are explained, if it is open to anybody.
    pub(super) gate: &'a Gate,
    /// What answers are held against.
    pub(super) check: Option<Arc<Contract>>,
    /// Whether formulas in CSV are made texts.
    pub(super) safe_csv: bool,
}

/// Answers a call with what `answer` says, and remembers both.
pub(super) async fn observed(
    sandbox: &Arc<Sandbox>,
    sent: &Uri,
    mut request: Request,
    ways: &Ways<'_>,
    answer: impl AsyncFnOnce(Request) -> Response,
) -> Response {
    let body = request.take_body();
    let (body, cut) = if body.is_empty() {
        Default::default()
    } else {
        match peek(&mut request, body, REMEMBERED, &sandbox.memory).boxed().await {
            Ok(known) => known,
            Err(refusal) => return refusal.as_response(),
        }
    };
    let target = sent.path_and_query().map_or(sent.path(), PathAndQuery::as_str);
    let secure = is_secure(&request);
    let (method, head) = (request.method().clone(), sandbox.journal.head(target, request.headers()));
    let call = sandbox.journal.arrive(sandbox.clock.now(), call::Request { method, head, body, cut, secure });
    let arrival = Arrival { call: Some(call.clone()), ..Arrival::unobserved(sandbox.clone()) };
    request.extensions_mut().insert(arrival);
    let peer = request.remote_addr().as_socket_addr().copied();
    let mut response = match sandbox.rate_limit.take(|| member::identity(&request, sandbox)) {
        Ok(()) => answer(request).await,
        Err(wait) => {
            let _ = call.fault.set("rate limit".into());
            let seconds = u32::try_from(wait.as_secs() + 1).unwrap_or(u32::MAX);
            error::rate_limited(sandbox.rate_limit.a_minute(), seconds)
        }
    };
    tracing::debug!(operation = call.operation.get(), status = response.status().as_u16());
    let damage = response.extensions_mut().remove::<Damage>();
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
    sandbox.coverage.count(&call, response.status());
    let head = sandbox.journal.head("", response.headers());
    sandbox.journal.finish(&call, response.status(), head, body.clone(), refusal);
    match damage {
        None => {
            response.set_body(body);
            response
        }
        Some(Damage(effect)) => spoil(response, body, &effect, || {
            if let (Some(connections), Some(peer)) = (ways.connections, peer) {
                connections.reset(peer);
            }
        }),
    }
}

/// What of an answer is not as the document says. What went wrong on purpose is not looked at.
fn deviation(contract: &Contract, call: &Call, response: &Response, body: &[u8]) -> Option<Problem> {
    let operation = call.operation.get().filter(|_| call.fault.get().is_none())?;
    let rules = contract.of(operation)?;
    let kind = response.content_type().unwrap_or_default();
    // Limits of the fake are not of the imitated API.
    if [StatusCode::REQUEST_TIMEOUT, StatusCode::INSUFFICIENT_STORAGE].contains(&response.status()) {
        return None;
    }
    // Neither are problems.
    let deviations = match kind {
        PROBLEM_JSON => Vec::new(),
        kind => rules.deviations(response.status(), kind, body),
    };
    if deviations.is_empty() {
        return None;
    }
    tracing::error!(operation, status = response.status().as_u16(), ?deviations, "not as documented");
    Some(Problem::of_contract(500, "The answer is not as the document says.", operation, &rules.node, deviations))
}

/// Where the refusal is explained.
fn help(headers: &mut HeaderMap, sandbox: &Sandbox, call: &Call) {
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

/// The body up to a limit, and whether there is more, or was to be; the request gets it back.
async fn peek(request: &mut Request, body: Body, limit: usize, memory: &Arc<Memory>) -> Result<(Bytes, bool), Error> {
    let mut charge = memory.reserve(0)?;
    let mut rest = body.into_bytes_stream();
    let (mut known, mut end) = (Parts::default(), None);
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
    // A copy: what arrives is a part of the connection's buffer.
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

static PREFER: HeaderName = HeaderName::from_static("prefer");

/// The names and values of what `Prefer` (RFC 7240) lists.
fn preferences(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let all = headers.get_all(&PREFER).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split([',', ';'])).map(|preference| {
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        (name.trim(), value.trim().trim_matches('"'))
    })
}

/// What `Prefer` asks for: an answer after some time, or a refusal.
fn preferred(headers: &HeaderMap) -> Option<Effect> {
    let mut effect = Effect::default();
    for (name, value) in preferences(headers) {
        match name {
            "code" => effect.status = value.parse().ok().filter(|status| (400..600).contains(status)),
            "wait" => {
                let seconds = value.parse().ok().filter(|seconds| (0.0..=60.0).contains(seconds));
                let delay = seconds.map(|seconds: f64| Duration::from_secs_f64(seconds).as_millis());
                effect.delay = delay.and_then(|delay| u64::try_from(delay).ok()).map(|delay| delay..=delay);
            }
            _ => {}
        }
    }
    (effect.status.is_some() || effect.delay.is_some()).then_some(effect)
}

/// Answers a call of an operation that the router found: as it should, or as something wants it to go wrong.
pub(super) fn operate<'a>(
    operation: &Operation,
    request: Request,
    endpoint: &'a BoxEndpoint<'static>,
) -> BoxFuture<'a, poem::Result<Response>> {
    let Some(call) = &Arrival::of(&request).call else { return endpoint.call(request) };
    // An operation is called once for each request.
    let _ = call.operation.set(operation.id);
    if let Some(applied) = fault(operation, &request, call) {
        let _ = call.fault.set(applied.name.as_str().into());
        return misdo(applied, request, endpoint).boxed();
    }
    match undocumented(operation, &request, call) {
        Some(problem) => ready(Err(problem.into())).boxed(),
        None => endpoint.call(request),
    }
}

/// Does with a call what goes wrong with it.
async fn misdo(applied: Applied, request: Request, endpoint: &BoxEndpoint<'static>) -> poem::Result<Response> {
    let Applied { delay, effect, .. } = applied;
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    let refused = effect.status.map(|status| error::typical(status, effect.body.as_ref(), effect.retry_after));
    let mut response = match refused {
        Some(response) => response,
        None if effect.reset == Some(Reset::Before) => StatusCode::BAD_GATEWAY.into_response(),
        None => endpoint.call(request).await.unwrap_or_else(poem::Error::into_response),
    };
    response.extensions_mut().insert(Damage(effect));
    Ok(response)
}

/// What is not documented in a call that is to be taken strictly.
fn undocumented(operation: &Operation, request: &Request, call: &Call) -> Option<Problem> {
    let Strict(contract, edition) = request.data::<Strict>()?;
    let rules = contract.of(operation.id)?;
    let problems = match contract.in_edition(*edition, operation.id) {
        None => vec![ProblemDetail::undocumented_operation()],
        Some(rules) => {
            let query = request.uri().query().unwrap_or_default();
            // What is not all there is refused by whatever reads it.
            let body = (!call.request.cut).then_some(&*call.request.body);
            rules.problems(request.method(), query, request.headers(), body)
        }
    };
    let problem = |problems| {
        Problem::of_contract(400, "The call is not as the contract documents it.", operation.id, &rules.node, problems)
    };
    (!problems.is_empty()).then_some(problems).map(problem)
}

fn fault(operation: &Operation, request: &Request, call: &Call) -> Option<Applied> {
    if let Some(effect) = preferred(request.headers()) {
        let delay = effect.delay.as_ref().map(|delay| Duration::from_millis(*delay.start()));
        return Some(Applied { name: "preferred".into(), delay, effect });
    }
    let seen = || Seen {
        operation: operation.id,
        method: &call.request.method,
        path: call.request.path(),
        headers: request.headers(),
        body: &call.request.body,
    };
    let sandbox = &Arrival::of(request).sandbox;
    sandbox.faults.apply(sandbox.seed(), seen)
}

/// The answer as it arrives.
fn spoil(mut response: Response, mut body: Bytes, effect: &Effect, reset: impl FnOnce()) -> Response {
    let lost = |text: &str| io::Error::new(io::ErrorKind::ConnectionReset, text.to_owned());
    if effect.reset.is_some() {
        reset();
        response.set_status(StatusCode::BAD_GATEWAY);
        response.set_body(Body::from_bytes_stream(stream::iter([Err::<Bytes, _>(lost("reset on purpose"))])));
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
            let end = lost("cut on purpose");
            // What comes before the end is sent when it has to be waited for.
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
