//! Baselines: handlers of poem, poem-openapi, and hyper that answer every call with the same bytes.

use std::{convert::Infallible, env, fs, future::Future, hint::black_box, net::TcpListener, process::Command};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{body::Incoming, header::CONTENT_TYPE, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use poem::{IntoEndpoint, IntoResponse, Request, Response, Route, Server, endpoint::make, listener::TcpAcceptor};
use poem_openapi::{
    OpenApi, OpenApiService, SecurityScheme,
    auth::Basic,
    param::Path,
    payload::{Binary, Response as Answer},
};
use serde::Deserialize;

use crate::process::Process;

const JSON: &str = "application/json; charset=utf-8";

/// The handlers, by the name that their process is started with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bare {
    Poem,
    /// Also parses the body of each call.
    PoemParsing,
    /// An operation of a described API, which parses the path and the credentials.
    PoemOpenapi,
    Hyper,
}

/// A new lead, as read by the parsing handler.
#[derive(Deserialize)]
struct Lead {
    #[expect(dead_code, reason = "it is parsed, which takes its time")]
    fullname: String,
    #[expect(dead_code, reason = "it is parsed, which takes its time")]
    email: String,
    #[expect(dead_code, reason = "it is parsed, which takes its time")]
    attributes: serde_json::Map<String, serde_json::Value>,
}

struct Described(Bytes);

#[derive(SecurityScheme)]
#[oai(ty = "basic")]
struct Caller(Basic);

#[OpenApi]
impl Described {
    #[oai(path = "/v3/:project_id/leads/:id", method = "get")]
    async fn get(&self, caller: Caller, project_id: Path<String>, id: Path<String>) -> Answer<Binary<Bytes>> {
        black_box((caller.0, project_id.0, id.0));
        Answer::new(Binary(self.0.clone())).header(CONTENT_TYPE.as_str(), JSON)
    }
}

impl Bare {
    /// Starts a process that responds with this body.
    pub(crate) fn start(self, body: &str) -> Process {
        let this = env::current_exe().expect("the program has a path");
        // In a file: the environment of a process is too small for a long list.
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), body).expect("the file is writable");
        Process::start(Command::new(this).env("BARE", format!("{self:?}")).env("BARE_BODY", file.path()))
    }

    /// Serves forever, if this process was started as a baseline.
    pub(crate) fn serve_if_asked() -> bool {
        let (Ok(name), Ok(body)) = (env::var("BARE"), env::var("BARE_BODY")) else { return false };
        let body = Bytes::from(fs::read(body).expect("the file exists until this process listens"));
        match name.as_str() {
            "Hyper" => serve(hyper(body)),
            "PoemOpenapi" => serve(poem(OpenApiService::new(Described(body), "Bare", "1"))),
            "PoemParsing" => serve(poem(make(move |request: Request| {
                let body = body.clone();
                async move {
                    let lead = request.into_body().into_bytes().await?;
                    serde_json::from_slice::<Lead>(&lead).map_err(poem::error::BadRequest)?;
                    Ok::<_, poem::Error>(answer(body))
                }
            }))),
            _ => serve(poem(make(move |_| {
                let body = body.clone();
                async move { Ok::<_, poem::Error>(answer(body)) }
            }))),
        }
        true
    }
}

fn serve(server: impl Future<Output = ()>) {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(server);
}

fn answer(body: Bytes) -> Response {
    body.with_content_type(JSON).into_response()
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("listening on http://{}", listener.local_addr().expect("the listener is bound"));
    listener.set_nonblocking(true).expect("sockets support non-blocking mode");
    listener
}

async fn poem(endpoint: impl IntoEndpoint<Endpoint: 'static>) {
    let acceptor = TcpAcceptor::from_std(listener()).expect("the runtime accepts it");
    Server::new_with_acceptor(acceptor).run(Route::new().at("/*path", endpoint)).await.expect("the bare server runs");
}

async fn hyper(body: Bytes) {
    let listener = tokio::net::TcpListener::from_std(listener()).expect("the runtime accepts it");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let body = body.clone();
        let service = service_fn(move |_: hyper::Request<Incoming>| {
            let answer = hyper::Response::builder().header(CONTENT_TYPE, JSON).body(Full::new(body.clone()));
            async { Ok::<_, Infallible>(answer.expect("a valid response")) }
        });
        tokio::spawn(async move {
            // A client that disconnects ends only its connection.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
