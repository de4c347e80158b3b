//! The path of a call through the proxy.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use http::{HeaderMap, HeaderValue, StatusCode, header, uri::PathAndQuery};
use http_body_util::{BodyExt, Limited, StreamBody, combinators::BoxBody};
use hyper::body::{Frame, Incoming};
use poem::{Body, IntoResponse, Request, Response, error::ResponseError};

use super::{
    Shared,
    body::Received,
    header::{Origin, accept_trailers, accepts_trailers, address, strip, switch, unsupported_coding, upgrade},
    observation::{Observation, decoded},
    sent::{Progress, sent},
    upgrade::connect,
};
use crate::{
    http::{Edition, Problem, ProblemDetail, RECORDED, corrupt, fault, is_secure, peek, typical},
    outbound,
    recorder::{
        entry::{ContractViolation, Entry, RecordedRequest, Side},
        fault::{Effect, Injected, Reset},
    },
    state::Sandbox,
};

/// Maximum size of a response that must be complete before it is forwarded.
const WHOLE: usize = 8 << 20;

/// A recorded call to forward.
struct Forwarding<'a> {
    shared: &'a Arc<Shared>,
    sandbox: &'a Arc<Sandbox>,
    call: Arc<Entry>,
    edition: Edition,
    sent: Option<Arc<Progress>>,
}

/// Forwards a call. The first `prefix` bytes of its target address the proxy.
pub(super) async fn forward(
    shared: &Arc<Shared>,
    sandbox: &Arc<Sandbox>,
    prefix: usize,
    mut request: Request,
) -> Response {
    shared.contract().await;
    let target = request.uri().path_and_query().map_or("", PathAndQuery::as_str).to_owned();
    let own = &target[prefix.min(target.len())..];
    let own = if own.starts_with('/') { own.to_owned() } else { format!("/{own}") };
    // `OPTIONS *` concerns the server itself.
    let Some(uri) = shared.upstream.uri(&own).filter(|_| target.starts_with('/')) else {
        return Problem::of(501, "Only requests for a path can be forwarded.").as_response();
    };
    if let Some(coding) = unsupported_coding(request.headers()) {
        return Problem::of(501, &format!("The transfer coding {coding:?} is not supported.")).as_response();
    }
    let path = own.split('?').next().unwrap_or_default();
    let (operation, edition) = shared.site.operation(request.method(), path);
    let body = request.take_body();
    let (known, cut, body, sent) = match taken(shared, sandbox, &mut request, body).await {
        Ok(taken) => taken,
        Err(response) => return response,
    };
    let (method, head) = (request.method().clone(), sandbox.journal.head(&target, request.headers()));
    let known = if cut { known } else { decoded(&head, &known).unwrap_or(known) };
    let secure = is_secure(&request);
    let recorded = RecordedRequest { method: method.clone(), head, body: known, cut, secure };
    let call = sandbox.journal.arrive(sandbox.clock.now(), recorded);
    if let Some(operation) = operation {
        // The entry is new.
        let _ = call.operation.set(operation);
    }
    let applied = operation.and_then(|operation| fault(sandbox, operation, request.headers(), &call));
    let client = request.take_upgrade().ok();
    let peer = request.remote_addr().as_socket_addr().copied();
    let mut headers = std::mem::take(request.headers_mut());
    let (protocol, trailers) = (upgrade(&headers), accepts_trailers(&headers));
    strip(&mut headers);
    if let (Some(protocol), Some(_)) = (protocol, &client) {
        switch(&mut headers, protocol);
    }
    if trailers {
        accept_trailers(&mut headers);
    }
    let origin = Origin {
        peer: peer.map_or([127, 0, 0, 1].into(), |peer| peer.ip()),
        scheme: if secure { "https" } else { "http" },
        version: request.version(),
    };
    address(&mut headers, &shared.upstream.host, &origin);
    let mut outgoing = http::Request::new(body);
    (*outgoing.method_mut(), *outgoing.uri_mut(), *outgoing.headers_mut()) = (method, uri, headers);
    let forwarding = Forwarding { shared, sandbox, call, edition, sent };
    match applied {
        None => forwarding.run(outgoing, client).await,
        Some(Injected { name, delay, effect }) => {
            // The entry is new.
            let _ = forwarding.call.fault.set(name.as_str().into());
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
            if !spoils(&effect) {
                return forwarding.run(outgoing, client).await;
            }
            let reset = || {
                if let (Some(connections), Some(peer)) = (&shared.site.connections, peer) {
                    connections.reset(peer);
                }
            };
            forwarding.inject(outgoing, &effect, reset).boxed().await
        }
    }
}

/// Whether a fault does more than delay a call.
fn spoils(effect: &Effect) -> bool {
    effect.status.is_some()
        || effect.reset.is_some()
        || effect.cut.is_some()
        || effect.malformed
        || effect.content_type.is_some()
}

type Taken = (Bytes, bool, outbound::Body, Option<Arc<Progress>>);

/// The recorded beginning of a request body, whether it is truncated, and the body to forward. A short body, or one
/// that must be known before the call is forwarded, is awaited; any other is streamed.
async fn taken(shared: &Shared, sandbox: &Sandbox, request: &mut Request, body: Body) -> Result<Taken, Response> {
    if body.is_empty() {
        return Ok((Bytes::new(), false, body.into(), None));
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let is_short = length.is_some_and(|length: usize| length <= RECORDED);
    if is_short || shared.fail_on.is_some() || !sandbox.faults.is_empty() {
        let (known, cut) = peek(request, body, RECORDED, &sandbox.memory).await.map_err(|error| error.as_response())?;
        return Ok((known, cut, request.take_body().into(), None));
    }
    let (body, progress) = sent(body.into(), sandbox.memory.clone());
    Ok((Bytes::new(), false, body, Some(progress)))
}

impl Forwarding<'_> {
    /// Forwards the call and the response.
    async fn run(self, outgoing: http::Request<outbound::Body>, client: Option<poem::OnUpgrade>) -> Response {
        let response = match self.shared.upstream.send(outgoing, self.sent.as_ref()).await {
            Ok(response) => response,
            Err(problem) => return self.refuse(&problem).await,
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.switch(response, client).await;
        }
        if self.shared.fail_on.is_some() {
            return self.checked(response).boxed().await;
        }
        let (status, headers, incoming) = self.parts(response);
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        let may_pause = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
        let patience = (!may_pause).then_some(self.shared.upstream.timeout);
        let observation = self.observation(status, &headers);
        respond(status, headers, Received::body(incoming, observation, patience))
    }

    /// The status, the headers to forward, and the body of a response.
    fn parts(&self, response: http::Response<Incoming>) -> (StatusCode, HeaderMap, Incoming) {
        let (parts, incoming) = response.into_parts();
        let mut headers = parts.headers;
        strip(&mut headers);
        self.link(&mut headers);
        (parts.status, headers, incoming)
    }

    /// Links to the explanation of the call.
    fn link(&self, headers: &mut HeaderMap) {
        self.shared.link(headers, self.sandbox, &self.call);
    }

    fn observation(self, status: StatusCode, headers: &HeaderMap) -> Observation {
        let head = self.sandbox.journal.head("", headers);
        let (shared, sandbox) = (self.shared.clone(), self.sandbox.clone());
        Observation { shared, sandbox, call: self.call, edition: self.edition, sent: self.sent, status, head }
    }

    /// Responds with a problem of the proxy.
    async fn refuse(self, problem: &Problem) -> Response {
        // The name of an applied fault is kept.
        let _ = self.call.fault.set("upstream".into());
        let mut response = problem.as_response();
        self.link(response.headers_mut());
        let body = response.take_body().into_bytes().await.unwrap_or_default();
        let observation = self.observation(response.status(), response.headers());
        let late = observation.late_body();
        observation.record(late, body.clone(), false, Vec::new());
        response.set_body(body);
        response
    }

    /// Forwards a protocol switch.
    async fn switch(self, response: http::Response<Incoming>, client: Option<poem::OnUpgrade>) -> Response {
        let (Some(client), Some(protocol)) = (client, upgrade(response.headers())) else {
            return self.refuse(&Problem::of(502, "The upstream switched protocols without a request to do so.")).await;
        };
        let (status, mut headers, _) = self.parts(connect(client, response));
        switch(&mut headers, protocol);
        self.observation(status, &headers).finish(Bytes::new(), false);
        respond(status, headers, Body::empty())
    }

    /// Forwards a response only if it and its request match the contract.
    async fn checked(self, response: http::Response<Incoming>) -> Response {
        let (status, headers, incoming) = self.parts(response);
        let (body, trailers) = match whole(incoming).await {
            Ok(whole) => whole,
            Err(problem) => return self.refuse(&problem).await,
        };
        let mut observation = self.observation(status, &headers);
        let (late, violations) = observation.judge(&body);
        if violations.is_empty() {
            let shown = decoded(&observation.head, &body).unwrap_or_else(|| body.clone());
            observation.record(late, shown, false, violations);
            return respond(status, headers, with_trailers(body, trailers));
        }
        // The name of an applied fault is kept.
        let _ = observation.call.fault.set("violation".into());
        let mut response = problem(&observation, &violations).as_response();
        observation.link(response.headers_mut());
        let body = response.take_body().into_bytes().await.unwrap_or_default();
        observation.status = response.status();
        observation.head = observation.sandbox.journal.head("", response.headers());
        observation.record(late, body.clone(), false, violations);
        response.set_body(body);
        response
    }

    /// Applies a fault that alters the response.
    async fn inject(self, outgoing: http::Request<outbound::Body>, effect: &Effect, reset: impl FnOnce()) -> Response {
        let refused = effect.status.map(|status| typical(status, effect.body.as_ref(), effect.retry_after));
        let mut response = match refused {
            Some(mut response) => {
                self.link(response.headers_mut());
                response
            }
            None if effect.reset == Some(Reset::Before) => StatusCode::BAD_GATEWAY.into_response(),
            None => {
                let arrived = match self.shared.upstream.send(outgoing, self.sent.as_ref()).await {
                    Ok(response) => {
                        let (status, headers, incoming) = self.parts(response);
                        whole(incoming).await.map(|(body, _)| respond(status, headers, Body::from(body)))
                    }
                    Err(problem) => Err(problem),
                };
                match arrived {
                    Ok(response) => response,
                    Err(problem) => return self.refuse(&problem).await,
                }
            }
        };
        let body = response.take_body().into_bytes().await.unwrap_or_default();
        let observation = self.observation(response.status(), response.headers());
        let late = observation.late_body();
        let shown = decoded(&observation.head, &body).unwrap_or_else(|| body.clone());
        observation.record(late, shown, false, Vec::new());
        corrupt(response, body, effect, reset)
    }
}

/// The whole body of a response with its trailers, if it is not too large.
async fn whole(incoming: Incoming) -> Result<(Bytes, Option<HeaderMap>), Problem> {
    let collected = Limited::new(incoming, WHOLE)
        .collect()
        .await
        .map_err(|error| Problem::of(502, &format!("The upstream's response is incomplete or too large: {error}.")))?;
    let trailers = collected.trailers().cloned();
    Ok((collected.to_bytes(), trailers))
}

/// A known body, and the trailers that follow it.
fn with_trailers(body: Bytes, trailers: Option<HeaderMap>) -> Body {
    let Some(trailers) = trailers else { return Body::from(body) };
    let frames = [Frame::data(body), Frame::trailers(trailers)].map(Ok::<_, io::Error>);
    BoxBody::new(StreamBody::new(stream::iter(frames))).into()
}

/// The problem with a call that violates the contract.
fn problem(observation: &Observation, violations: &[ContractViolation]) -> Problem {
    let detail = |violation: &ContractViolation| {
        let side = if violation.side == Side::Request { "request" } else { "response" };
        ProblemDetail { pointer: violation.pointer.clone(), detail: format!("{side}: {}", violation.detail).into() }
    };
    let errors = violations.iter().map(detail).collect();
    let title =
        format!("The upstream responded with {}; the call does not match the contract.", observation.status.as_u16());
    let contract = observation.shared.contract.get();
    let operation = observation.call.operation.get().copied();
    let rules = operation.and_then(|operation| contract?.of_call(operation, observation.call.request.path()));
    match (operation, rules) {
        (Some(operation), Some(rules)) => Problem::of_contract(502, &title, operation, &rules.node, errors),
        _ => Problem::failed(502, &title, errors),
    }
}

fn respond(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::builder().status(status).body(body);
    *response.headers_mut() = headers;
    response
}
