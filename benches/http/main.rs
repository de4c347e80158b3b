//! The server over loopback, beside a bare poem handler that returns the same bytes: ratios measured in one run.
//!
//! Both are processes of their own; this one is the load. Rounds of the contenders alternate, and medians are compared.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

mod load;

use std::{
    env,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use load::{Connection, Load};
use poem::{Route, Server, endpoint::make_sync, listener::TcpAcceptor};

const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const CONNECTIONS: usize = 16;
const PROJECT: &str = "5b55e806c93dde00143163dd";
/// `andrea.leo@f21.it:123456`
const BASIC: &str = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2";

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured, and how much of the bare handler it should reach.
struct Case {
    name: &'static str,
    path: String,
    target: f64,
}

fn main() {
    if let Ok(body) = env::var("BARE_BODY") {
        return bare(body);
    }
    let cases = [
        Case { name: "get lead, Basic", path: format!("/v3/{PROJECT}/leads/5c81593adf767b0017d1aa66"), target: 0.60 },
        Case { name: "list 40 leads, Basic", path: format!("/v3/{PROJECT}/leads"), target: 0.60 },
        Case { name: "list 40 open requests, Basic", path: format!("/v3/{PROJECT}/requests"), target: 0.50 },
    ];
    let fake = fake(&[]);
    println!("exec to first 200: {} (medians of {ROUNDS})", start_up());
    println!("idle RSS: {:.1} MB", fake.resident_megabytes());
    fill(&fake);
    println!(
        "\n| {CONNECTIONS} connections | tiledesk-mock, requests/s | bare poem, requests/s | ratio | target |\n|---|---|---|---|---|"
    );
    for case in cases {
        let body = Connection::new(&fake.authority).request("GET", &case.path, "");
        let this = env::current_exe().expect("this program has a path");
        let bare = Process::start(Command::new(this).env("BARE_BODY", &body));
        assert_eq!(Connection::new(&bare.authority).request("GET", &case.path, ""), body, "both answer the same");
        let measured = compare(&fake, &bare, &case.path);
        println!("| {} ({} bytes) | {measured} | ≥ {:.2} |", case.name, body.len(), case.target);
    }
    println!(
        "\n| journal, coverage and faults | on, requests/s | off, requests/s | ratio | target |\n|---|---|---|---|---|"
    );
    let unobserved = self::fake(&["--unobserved"]);
    fill(&unobserved);
    let lead = ("get lead", "leads/5c81593adf767b0017d1aa66", "≥ 0.90");
    for (name, path, target) in [lead, ("list 40 open requests", "requests", "")] {
        let measured = compare(&fake, &unobserved, &format!("/v3/{PROJECT}/{path}"));
        println!("| {name}, Basic | {measured} | {target} |");
    }
}

/// The server with these options, on a free port. The world's own subscription would be tried again and again meanwhile.
fn fake(options: &[&str]) -> Process {
    let program = env!("CARGO_BIN_EXE_tiledesk-mock");
    Process::start(Command::new(program).args(["--port", "0", "--webhooks", "off"]).args(options))
}

/// As many leads and requests as a page holds.
fn fill(fake: &Process) {
    for number in 0..38 {
        let body = format!(r#"{{"lead_id":"{number}","fullname":"Lead {number}","email":"lead{number}@example.com"}}"#);
        Connection::new(&fake.authority).request("POST", &format!("/v3/{PROJECT}/leads"), &body);
    }
    for number in 0..40 {
        let body = format!(r#"{{"first_text":"Hello {number}","participants":["5aaa99024c3b110014b478f0"]}}"#);
        Connection::new(&fake.authority).request("POST", &format!("/v3/{PROJECT}/requests"), &body);
    }
}

/// What one server does beside another with the same call, in cells of a table.
fn compare(one: &Process, other: &Process, path: &str) -> String {
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let measured = Load::new(&one.authority, path).run(CONNECTIONS, ROUND);
        let beside = Load::new(&other.authority, path).run(CONNECTIONS, ROUND);
        // The first round only warms up.
        if round > 0 {
            ours.push(measured);
            theirs.push(beside);
            ratios.push(measured / beside);
        }
    }
    format!("{:.0} | {:.0} | {}", median(ours), median(theirs), spread(ratios))
}

/// A poem server that answers everything with the same bytes.
fn bare(body: String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    println!("listening on http://{}", listener.local_addr().expect("it is bound"));
    listener.set_nonblocking(true).expect("sockets can be made non-blocking");
    let body = bytes::Bytes::from(body);
    let answer = make_sync(move |_| {
        poem::Response::builder().content_type("application/json; charset=utf-8").body(body.clone())
    });
    let runtime = tokio::runtime::Runtime::new().expect("threads and timers");
    let served = runtime.block_on(async {
        let acceptor = TcpAcceptor::from_std(listener)?;
        Server::new_with_acceptor(acceptor).run(Route::new().at("/*path", answer)).await
    });
    served.expect("the bare server serves");
}

/// A server under test, killed when it is dropped.
struct Process {
    child: Child,
    authority: String,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program runs");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out).read_line(&mut line).expect("the program says where it listens");
        let authority = line.trim().strip_prefix("listening on http://").expect("in a fixed form").to_owned();
        Self { child, authority }
    }

    fn resident_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("nan kB");
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn start_up() -> String {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        let fake = fake(&[]);
        Connection::new(&fake.authority).request("GET", &format!("/v3/{PROJECT}/leads"), "");
        start.elapsed().as_secs_f64() * 1_000.0
    });
    format!("{:.1} ms", median(times.collect()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2}–{:.2})", values[values.len() / 2], values[0], values[values.len() - 1])
}
