//! What the server is compared with: handlers of poem, poem-openapi and hyper that answer everything with the same bytes.

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

/// The handlers, by the name that the process is started with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bare {
    Poem,
    /// Parses the body of each call, too.
    PoemParsing,
    /// An operation of a described API, which parses the path and the credentials.
    PoemOpenapi,
    Hyper,
}

/// A lead to be created, as the handler that parses reads it.
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
    /// A process that answers with this body.
    pub(crate) fn start(self, body: &str) -> Process {
        let this = env::current_exe().expect("this program has a path");
        // In a file: the environment of a process has no room for a long list.
        let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        fs::write(file.path(), body).expect("it can be written");
        Process::start(Command::new(this).env("BARE", format!("{self:?}")).env("BARE_BODY", file.path()))
    }

    /// Serves for ever, where this process was started to do so.
    pub(crate) fn serve_if_asked() -> bool {
        let (Ok(name), Ok(body)) = (env::var("BARE"), env::var("BARE_BODY")) else { return false };
        let body = Bytes::from(fs::read(body).expect("the file is there until this process listens"));
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
    tokio::runtime::Runtime::new().expect("threads and timers").block_on(server);
}

fn answer(body: Bytes) -> Response {
    body.with_content_type(JSON).into_response()
}

fn listener() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    println!("listening on http://{}", listener.local_addr().expect("it is bound"));
    listener.set_nonblocking(true).expect("sockets can be made non-blocking");
    listener
}

async fn poem(endpoint: impl IntoEndpoint<Endpoint: 'static>) {
    let acceptor = TcpAcceptor::from_std(listener()).expect("the runtime takes it");
    Server::new_with_acceptor(acceptor).run(Route::new().at("/*path", endpoint)).await.expect("the bare server serves");
}

async fn hyper(body: Bytes) {
    let listener = tokio::net::TcpListener::from_std(listener()).expect("the runtime takes it");
    loop {
        let (stream, _) = listener.accept().await.expect("connections come in");
        let body = body.clone();
        let service = service_fn(move |_: hyper::Request<Incoming>| {
            let answer = hyper::Response::builder().header(CONTENT_TYPE, JSON).body(Full::new(body.clone()));
            async { Ok::<_, Infallible>(answer.expect("a valid answer")) }
        });
        tokio::spawn(async move {
            // A client that goes away ends the connection, and nothing else.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
