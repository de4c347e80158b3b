//! The HTTP layer: everything common to all operations. It depends on no resource.
//!
//! Layers from outside to inside: HEAD and CORS, the panic handler, dispatch by path, the version prefix and trailing
//! slash, the router, the operation.

mod alias;
pub(crate) mod api;
mod asset;
mod attachment;
mod auth;
mod authority;
mod bearer;
mod body;
mod chunks;
mod coercion;
mod context;
mod control;
mod control_access;
mod cors;
mod docs;
mod drain;
mod encoding;
mod error;
mod error_example;
mod event_stream;
mod extract;
mod form_part;
mod health;
mod inject;
mod inner;
mod listener;
mod mistake;
mod multipart;
mod page;
pub(crate) mod path;
mod peer;
mod prefer;
mod problem;
mod query;
mod record;
mod replay;
pub(crate) mod respond;
mod response;
mod router;
mod safe_csv;
mod secured;
mod server;
mod streamed;
pub(crate) mod upload;
mod validate;

use std::{any::Any, future::Future, panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use poem::{
    Endpoint, Request, Response,
    endpoint::BoxEndpoint,
    error::{MethodNotAllowedError, ResponseError},
    http::{HeaderValue, Method, Uri, header},
};

#[cfg(feature = "docs-ui")]
pub(crate) use self::docs::site;
pub(crate) use self::{
    alias::{Alias, Aliased, Aliases, Documented, Undocumented},
    api::{Operation, Projects, Root, Scoped, operations},
    attachment::Attachment,
    auth::{
        Account, Admin, AdminOrProgram, Agent, Anonymous, Guest, HumanAgent, KeyHolder, Member, Owner, OwnerOnly,
        ProjectMember, Public, User,
    },
    authority::{sandbox_and_path, settle},
    bearer::{Presenter, Signer, TokenBearer},
    body::{Anything, Body, Upload, from_value},
    control_access::ControlAccess,
    docs::{Api as DocumentedApi, DocumentId, SERVER},
    encoding::decoded_at_once,
    error::typical,
    error_example::{BodyTrait, ErrorExample, Traits, control_problem, usual},
    event_stream::{EventStream, event},
    extract::{AllSandboxes, Contracts, CurrentSandbox, Selected},
    form_part::Parts,
    health::random_instance,
    inject::{corrupt, fault},
    inner::InnerCalls,
    listener::{Connections, Listener, Timeouts},
    multipart::{DocumentUpload, File, Form, FormOr, MULTIPART},
    page::{Page, token as page_token},
    path::Path,
    peer::{address, is_secure},
    problem::{Problem, ProblemDetail},
    query::{Commas, Filter, Pagination, SortedPage},
    record::{RECORDED, help, peek},
    replay::ReplayFn,
    response::{Csv, JSON, PlainText, Rendered, Reply, WithHookSecret},
    router::{Router, Unbuilt},
    secured::ServerTls,
    server::serve,
    streamed::blocking,
    upload::{Download, FileForm},
    validate::{Contract, Edition, OperationSchema},
};
use self::{
    chunks::Chunks,
    context::{RequestContext, Strict},
    cors::{allow_origin, preflight},
    path::{canonical, is_realtime, merged, version},
    record::ObserveOptions,
    replay::replayed,
};
use crate::{
    recorder::entry::Handling,
    runtime::hops,
    state::{Sandbox, World, failure},
    value::{Error, primitive::Secret},
};

/// Renders an exported document on demand, with [`SERVER`] as its server.
pub(crate) type DocumentFn = fn(DocumentId) -> Pin<Box<dyn Future<Output = Bytes> + Send>>;

/// Builds the contract on first use.
pub(crate) type ContractFn = fn() -> Pin<Box<dyn Future<Output = Arc<Contract>> + Send>>;

/// Formats of exported documents.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Format {
    Json,
    Yaml,
}

/// The server: routers, documents, and settings.
//
// Departs: The server sends no `ETag`, no 304, no session cookie, and no `X-Powered-By`.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct App {
    pub(crate) world: Arc<World>,
    /// The ID of the server, for health checks.
    pub(crate) instance: String,
    /// The imitated API.
    pub(crate) api: Router,
    /// Operations that differ in version 1 of the API.
    pub(crate) first_version: Router,
    /// The control API, under `/_control`.
    pub(crate) control: Router,
    /// Access control of the control API.
    pub(crate) gate: ControlAccess,
    /// The console, under `/_console`.
    pub(crate) console: Option<fn() -> &'static Page>,
    /// The token of the server's own pages.
    pub(crate) page_token: Secret,
    /// The endpoint of the realtime API.
    pub(crate) realtime: Option<BoxEndpoint<'static, Response>>,
    pub(crate) document: DocumentFn,
    pub(crate) contract: ContractFn,
    /// Whether to reject plain HTTP.
    pub(crate) require_tls: bool,
    /// Whether to handle all calls in strict mode.
    pub(crate) strict: bool,
    /// Whether to validate responses against the contract.
    pub(crate) self_check: bool,
    /// Whether to neutralize formulas in CSV responses.
    pub(crate) safe_csv: bool,
    pub(crate) calls: Observation,
    /// Responds to recorded calls instead of their operations.
    pub(crate) replay: Option<Arc<ReplayFn>>,
    /// Open connections, if the app is served on a socket.
    pub(crate) connections: Option<Connections>,
}

/// Whether calls of the imitated API are observed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Observation {
    /// Calls are recorded, counted for coverage, rate-limited, and self-checked, and faults apply to them.
    Observed,
    /// Calls are only handled.
    Unobserved,
}

/// The whole server as one endpoint.
pub(crate) fn endpoint(site: impl Endpoint<Output = Response>) -> impl Endpoint<Output = Response> {
    CorsAndPanics(site)
}

/// Handles a request without a socket.
pub(crate) async fn call(
    endpoint: &impl Endpoint<Output = Response>,
    request: ::http::Request<Bytes>,
) -> ::http::Response<Bytes> {
    let (parts, body) = request.into_parts();
    let call = Request::builder().method(parts.method).uri(parts.uri).version(parts.version);
    let call = parts.headers.iter().fold(call, |call, (name, value)| call.header(name, value));
    let mut answer = endpoint.get_response(call.body(body)).await;
    let mut response = ::http::Response::new(arrived(answer.take_body()).await);
    *response.status_mut() = answer.status();
    *response.headers_mut() = std::mem::take(answer.headers_mut());
    response
}

/// The body up to its end, or up to the error with which a fault truncates it.
async fn arrived(body: poem::Body) -> Bytes {
    let mut arriving = body.into_bytes_stream();
    let mut parts = Chunks::default();
    while let Some(Ok(part)) = arriving.next().await {
        parts.push(part);
    }
    parts.join()
}

struct CorsAndPanics<E>(E);

impl<E: Endpoint<Output = Response>> Endpoint for CorsAndPanics<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let origin = request.headers().get(header::ORIGIN).cloned();
        if request.method() == Method::OPTIONS {
            return Ok(preflight(request.headers(), origin));
        }
        let head = request.method() == Method::HEAD;
        if head {
            request.set_method(Method::GET);
        }
        let answered = AssertUnwindSafe(self.0.call(request)).catch_unwind().await;
        let answered = answered.unwrap_or_else(|panic| Err(panicked(&*panic)));
        let mut response = answered.unwrap_or_else(poem::Error::into_response);
        allow_origin(response.headers_mut(), origin);
        if head {
            keep_length(&mut response).await;
        }
        Ok(response)
    }
}

/// Responds with 500. The panicking operation's changes are discarded with its transaction.
fn panicked(panic: &(dyn Any + Send)) -> poem::Error {
    tracing::error!(panic = failure::message(panic), "an operation panicked");
    Error::INTERNAL.into()
}

/// Turns the response to a GET into the response to a HEAD: drops the body and keeps its length.
async fn keep_length(response: &mut Response) {
    // A stream has no length and no end.
    if response.content_type().is_some_and(|kind| kind.starts_with("text/event-stream")) {
        drop(response.take_body());
        return;
    }
    let body = arrived(response.take_body()).await;
    if let Ok(length) = HeaderValue::from_str(&body.len().to_string()) {
        response.headers_mut().insert(header::CONTENT_LENGTH, length);
    }
}

impl Endpoint for App {
    type Output = Response;

    // Each layer moves the request and the futures of the layers within. Boxing both here saves a fifth of the
    // instructions per call.
    fn call(&self, request: Request) -> impl Future<Output = poem::Result<Response>> + Send {
        self.answer(Box::new(request)).boxed()
    }
}

impl App {
    /// Dispatches a request by its path.
    async fn answer(&self, mut request: Box<Request>) -> poem::Result<Response> {
        authority::settle(&mut request);
        encoding::decode(&mut request);
        let sent = request.uri().clone();
        let whole = merged(sent.path());
        let (name, path) = authority::sandbox_and_path(&request, &whole);
        // Health checks come from the machine itself and may use plain HTTP.
        if self.require_tls && !is_secure(&request) && path != "/healthz" {
            return Ok(error::plain_http());
        }
        let page = docs::Page::at(path);
        if let Some(page) = page.filter(|page| *page != docs::Page::Start || !is_realtime(request.headers(), "/")) {
            if request.method() != Method::GET {
                return Ok(error::wrong_method(request.method(), sent.path()));
            }
            let outer = whole.strip_suffix(path).unwrap_or_default();
            return Ok(Box::pin(docs::answer(self, page, outer, path, &request)).await);
        }
        if let Some(rest) = path.strip_prefix("/_control").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Ok(Box::pin(self.control(name, &sent, canonical(rest), *request)).await);
        }
        if let Some(rest) = path.strip_prefix("/_console").filter(|rest| rest.is_empty() || rest.starts_with('/')) {
            return Ok(self.console(rest, &request, &sent));
        }
        match self.world.choose(name.as_deref()) {
            Ok(sandbox) => {
                let hops = hops::before(request.headers());
                hops::follow(hops, self.api(&sandbox, &sent, path, request)).await
            }
            Err(why) => Ok(Problem::from(why).as_response()),
        }
    }

    /// The operation that a path belongs to, and the edition of the document that describes it.
    pub(crate) fn operation(&self, method: &Method, path: &str) -> (Option<&'static str>, Edition) {
        let path = merged(path);
        let (version, path) = version(&path);
        let (path, method) = (canonical(path), if method == Method::HEAD { &Method::GET } else { method });
        let differs = version == Some("/v1") && self.first_version.knows(method, path);
        let router = if differs { &self.first_version } else { &self.api };
        (router.operation(method, path), Edition::of(version))
    }

    /// Handles a call of the imitated API.
    async fn api(
        &self,
        sandbox: &Arc<Sandbox>,
        sent: &Uri,
        path: &str,
        mut request: Box<Request>,
    ) -> poem::Result<Response> {
        let (version, path) = version(path);
        let path = canonical(path);
        if let Some(realtime) = self.realtime.as_ref().filter(|_| is_realtime(request.headers(), path)) {
            let strict = self.strict || prefer::prefers_strict(request.headers());
            request.extensions_mut().insert(if strict { Handling::Strict } else { Handling::Lenient });
            request.extensions_mut().insert(sandbox.clone());
            return realtime.as_ref().call(*request).await;
        }
        if path == "/" && request.method() == Method::GET {
            return Ok(docs::root());
        }
        let differs = version == Some("/v1") && self.first_version.knows(request.method(), path);
        let router = if differs { &self.first_version } else { &self.api };
        if self.strict || prefer::prefers_strict(request.headers()) {
            request.extensions_mut().insert(Strict((self.contract)().await, Edition::of(version)));
        }
        if self.calls == Observation::Unobserved {
            request.extensions_mut().insert(RequestContext::unobserved(sandbox.clone()));
            return Ok(route(router, sent, path, request).boxed().await);
        }
        let check = if self.self_check { Some((self.contract)().await) } else { None };
        let ways =
            ObserveOptions { connections: self.connections.as_ref(), gate: &self.gate, check, safe_csv: self.safe_csv };
        let answer = async |request: Box<Request>| match replayed(self.replay.as_deref(), router, path, &request) {
            Some(response) => response,
            None => route(router, sent, path, request).await,
        };
        Ok(record::observed(sandbox, sent, request, &ways, answer).await)
    }
}

/// Routes a call, and translates errors into those of the API.
async fn route(router: &Router, sent: &Uri, path: &str, mut request: Box<Request>) -> Response {
    let method = request.method().clone();
    let from_script = page::is_from_script(&request);
    let outcome = match router.find(&method, path) {
        Ok((named, arguments)) => {
            RequestContext::of_mut(&mut request).arguments = arguments;
            named.call(*request).await
        }
        Err(error) => Err(error),
    };
    let mut response = outcome.unwrap_or_else(|error| {
        let allowed = error.is::<MethodNotAllowedError>().then(|| router.allowed(path));
        let mut response = error::translate(error, method.as_str(), sent.path());
        if let Some(Ok(allowed)) = allowed.map(HeaderValue::try_from) {
            response.headers_mut().insert(header::ALLOW, allowed);
        }
        response
    });
    // Departs: A 401 response to a script in a browser has no `WWW-Authenticate`; the reference server always sends it.
    if from_script {
        response.headers_mut().remove(header::WWW_AUTHENTICATE);
    }
    response
}

#[cfg(test)]
mod tests {
    use poem::endpoint::make_sync;

    use super::*;

    #[tokio::test]
    async fn panic_returns_500_and_server_keeps_running() {
        let endpoint = CorsAndPanics(make_sync(|request: Request| -> Response {
            assert!(request.uri().path() != "/panic", "an invariant is broken");
            "fine".into()
        }));
        let get = async |path| {
            let request = ::http::Request::get(path).header(header::ORIGIN, "http://a.example");
            super::call(&endpoint, request.body(Bytes::new()).expect("a valid request")).await
        };
        let answer = get("/panic").await;
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (500, &br#"{"err":"error"}"#[..]));
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "http://a.example");
        assert_eq!(get("/").await.body(), "fine");
    }
}
