//! The proxy over loopback compared with a bare hyper proxy in front of the same upstream: ratios measured in one run.
//!
//! All servers are separate processes; this one generates the load. Rounds alternate between the contenders, and
//! medians are compared.

#![expect(clippy::print_stdout, reason = "prints the result table")]

#[path = "http/load.rs"]
#[expect(dead_code, reason = "latencies are not compared")]
mod load;
#[path = "http/process.rs"]
#[expect(dead_code, reason = "memory is not measured")]
mod process;

use std::{convert::Infallible, env, fs, net::TcpListener, process::Command, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, Response, Uri,
    body::Incoming,
    header::{CONTENT_TYPE, HOST},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use load::Load;
use process::Process;

const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(500);
const CONNECTIONS: usize = 16;
const PROJECT: &str = "5b55e806c93dde00143163dd";
const LEAD: &str = "5c81593adf767b0017d1aa66";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Ok(role) = env::var("ROLE") {
        let argument = env::var("ARGUMENT").expect("roles have an argument");
        return tokio::runtime::Runtime::new()
            .expect("a runtime")
            .block_on(async { if role == "upstream" { upstream(&argument).await } else { proxy(argument).await } });
    }
    let fake = Process::fake(&["--webhooks", "off"]);
    for number in 0..38 {
        let body = format!(r#"{{"lead_id":"{number}","fullname":"Lead {number}","email":"lead{number}@example.com"}}"#);
        fake.request("POST", &format!("/v3/{PROJECT}/leads"), &body);
    }
    println!(
        "| {CONNECTIONS} connections | tiledesk-mock proxy, requests/s | bare hyper proxy, requests/s | ratio | target |\n\
         |---|---|---|---|---|"
    );
    for (name, path) in [("get lead", format!("leads/{LEAD}")), ("list 40 leads", "leads".to_owned())] {
        let call = [("GET", format!("/v3/{PROJECT}/{path}"), "")];
        let body = fake.request("GET", &call[0].1, "");
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        fs::write(file.path(), &body).expect("the file is writable");
        let upstream = role("upstream", file.path().to_str().expect("a plain path"));
        let url = format!("http://{}", upstream.authority);
        let ours = Process::start(Command::new(env!("CARGO_BIN_EXE_tiledesk-mock")).args([
            "proxy",
            "--port",
            "0",
            "--upstream",
            &url,
        ]));
        let bare = role("proxy", &upstream.authority);
        let loads = [&ours, &bare].map(|server| {
            assert_eq!(server.request("GET", &call[0].1, ""), body, "both must return the same body");
            Load::new(&server.authority, &call)
        });
        let (mut rates, mut ratios) = ([Vec::new(), Vec::new()], Vec::new());
        for round in 0..=ROUNDS {
            let measured = loads.each_ref().map(|load| load.run(CONNECTIONS, ROUND).rate);
            // The first round only warms up.
            if round > 0 {
                rates[0].push(measured[0]);
                rates[1].push(measured[1]);
                ratios.push(measured[0] / measured[1]);
            }
        }
        let [ours, bare] = rates.map(median);
        let (least, most) =
            (ratios.iter().copied().fold(f64::MAX, f64::min), ratios.iter().copied().fold(0.0, f64::max));
        let ratio = median(ratios);
        println!(
            "| {name} ({} bytes) | {ours:.0} | {bare:.0} | {ratio:.2} ({least:.2}–{most:.2}) | ≥ 0.85 |",
            body.len()
        );
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Starts a process of this program.
fn role(name: &str, argument: &str) -> Process {
    let this = env::current_exe().expect("the program has a path");
    Process::start(Command::new(this).env("ROLE", name).env("ARGUMENT", argument))
}

fn listener() -> tokio::net::TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("listening on http://{}", listener.local_addr().expect("the listener is bound"));
    listener.set_nonblocking(true).expect("sockets support non-blocking mode");
    tokio::net::TcpListener::from_std(listener).expect("the runtime accepts it")
}

/// Responds to everything with the content of a file.
async fn upstream(file: &str) {
    let body = Bytes::from(fs::read(file).expect("the file exists"));
    let listener = listener();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("the socket option is supported");
        let body = body.clone();
        let service = service_fn(move |_: Request<Incoming>| {
            let answer = Response::builder().header(CONTENT_TYPE, "application/json; charset=utf-8");
            let answer = answer.body(Full::new(body.clone()));
            async { Ok::<_, Infallible>(answer.expect("a valid response")) }
        });
        // A client that disconnects ends only its connection.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Forwards everything to an address, as simply as hyper can.
async fn proxy(upstream: String) {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build::<_, Incoming>(connector);
    let listener = listener();
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        stream.set_nodelay(true).expect("the socket option is supported");
        let (client, upstream) = (client.clone(), upstream.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
            *request.uri_mut() = format!("http://{upstream}{path}").parse::<Uri>().expect("a valid URL");
            request.headers_mut().remove(HOST);
            client.request(request)
        });
        // A client that disconnects ends only its connection.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
