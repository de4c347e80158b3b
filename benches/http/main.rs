//! The server over loopback compared with bare handlers that return the same bytes: ratios measured in one run.
//!
//! All servers are separate processes; this one generates the load. Rounds alternate between the contenders, and
//! medians are compared.

#![expect(clippy::print_stdout, reason = "prints the result tables")]

mod bare;
mod load;
mod process;

use std::time::{Duration, Instant};

use bare::Bare;
use load::{Load, Measured};
use process::Process;

const ROUNDS: usize = 31;
const ROUND: Duration = Duration::from_millis(500);
const CONNECTIONS: usize = 16;
const PROJECT: &str = "5b55e806c93dde00143163dd";
const LEAD: &str = "5c81593adf767b0017d1aa66";
const NEW_LEAD: &str = r#"{"fullname":"Ada Lovelace","email":"ada@example.com","attributes":{"plan":"pro","seats":5}}"#;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

type Call = (&'static str, String, &'static str);

fn main() {
    if Bare::serve_if_asked() {
        return;
    }
    println!("| process | measured | target |\n|---|---|---|");
    println!("| start to first 200, default world | {:.1} ms | ≤ 20 ms |", start_up());
    let fake = fake(&[]);
    println!("| idle RSS | {:.1} MB | ≤ 20 MB |", fake.megabytes("VmRSS"));
    println!("| binary, stripped | {:.1} MB | ≤ 15 MB |", binary_megabytes());

    fill(&fake);
    println!(
        "\n| {CONNECTIONS} connections | tiledesk-mock, requests/s | bare poem, requests/s | ratio | target |\n\
         |---|---|---|---|---|"
    );
    for (name, call, bare, target) in [
        ("get lead", get(&format!("leads/{LEAD}")), Bare::Poem, "≥ 0.70"),
        ("list 40 leads", get("leads"), Bare::Poem, "≥ 0.65"),
        ("list 40 open requests", get("requests"), Bare::Poem, "≥ 0.60"),
        ("create lead, against a handler that parses it", create(), Bare::PoemParsing, "≥ 0.50"),
    ] {
        let body = request(&fake, &call);
        let bare = bare.start(&body);
        assert_eq!(request(&bare, &call), body, "both must return the same body");
        println!("| {name} ({} bytes) | {} | {target} |", body.len(), compare(&fake, &bare, &call));
    }

    println!("\n| frameworks, get lead | requests/s | baseline, requests/s | ratio |\n|---|---|---|---|");
    let call = get(&format!("leads/{LEAD}"));
    let body = request(&fake, &call);
    let [poem, described, hyper] = [Bare::Poem, Bare::PoemOpenapi, Bare::Hyper].map(|bare| bare.start(&body));
    let unobserved = self::fake(&["--unobserved"]);
    for (name, one, other) in [
        ("bare poem against bare hyper", &poem, &hyper),
        ("bare poem-openapi against bare poem", &described, &poem),
        ("tiledesk-mock against bare poem-openapi", &fake, &described),
        ("without journal, coverage, and faults", &unobserved, &described),
    ] {
        assert_eq!(request(one, &call), request(other, &call), "both must return the same body");
        println!("| {name} | {} |", compare(one, other, &call));
    }

    println!(
        "\n| journal, coverage, and faults | on, requests/s | off, requests/s | ratio | target |\n|---|---|---|---|---|"
    );
    // Both are fresh, because earlier calls influence the result, too.
    let [observed, unobserved] = [&[][..], &["--unobserved"]].map(self::fake);
    fill(&observed);
    fill(&unobserved);
    for (name, call, target) in [
        ("get lead", call, "≥ 0.90"),
        ("list 40 leads", get("leads"), ""),
        ("list 40 open requests", get("requests"), ""),
    ] {
        println!("| {name} | {} | {target} |", compare(&observed, &unobserved, &call));
    }
    mixed();
}

/// Reads and writes in one project, compared with reads only.
fn mixed() {
    const MANY: usize = 64;
    let fake = fake(&[]);
    let read = get(&format!("leads/{LEAD}"));
    let reads = Load::new(&fake.authority, std::slice::from_ref(&read));
    let both = Load::new(&fake.authority, &[read.clone(), read.clone(), create(), read.clone(), read]);
    let (mut mixed, mut alone): (Vec<Measured>, Vec<Measured>) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (one, other) = (both.run(MANY, ROUND), reads.run(MANY, ROUND));
        // The first round only warms up.
        if round > 0 {
            mixed.push(one);
            alone.push(other);
        }
    }
    let rates = |all: &[Measured]| all.iter().map(|one| one.rate).collect::<Vec<_>>();
    let ratios = mixed.iter().zip(&alone).map(|(one, other)| one.rate / other.rate).collect();
    println!(
        "\n| {MANY} connections, one project | requests/s | reads only, requests/s | ratio, target ≥ 0.60 | p50, µs | p99, µs | p99 ÷ p50, target ≤ 5 |\n|---|---|---|---|---|---|---|"
    );
    println!(
        "| 80 % get lead, 20 % create lead | {:.0} | {:.0} | {} | {:.0} | {:.0} | {} |",
        median(rates(&mixed)),
        median(rates(&alone)),
        spread(ratios),
        median(mixed.iter().map(|one| one.p50).collect()),
        median(mixed.iter().map(|one| one.p99).collect()),
        spread(mixed.iter().map(|one| one.p99 / one.p50).collect()),
    );
}

/// The server, without webhooks: the subscription in the default world would be retried all the time.
fn fake(options: &[&str]) -> Process {
    Process::fake(&[&["--webhooks", "off"], options].concat())
}

fn get(path: &str) -> Call {
    ("GET", format!("/v3/{PROJECT}/{path}"), "")
}

fn create() -> Call {
    ("POST", format!("/v3/{PROJECT}/leads"), NEW_LEAD)
}

/// The body of a successful response.
fn request(server: &Process, (method, path, body): &Call) -> String {
    server.request(method, path, body)
}

/// Fills one page of leads and one page of requests.
fn fill(fake: &Process) {
    for number in 0..38 {
        let body = format!(r#"{{"lead_id":"{number}","fullname":"Lead {number}","email":"lead{number}@example.com"}}"#);
        fake.request("POST", &format!("/v3/{PROJECT}/leads"), &body);
    }
    for number in 0..40 {
        let body = format!(r#"{{"first_text":"Hello {number}","participants":["5aaa99024c3b110014b478f0"]}}"#);
        fake.request("POST", &format!("/v3/{PROJECT}/requests"), &body);
    }
}

/// Table cells that compare two servers with the same call.
fn compare(one: &Process, other: &Process, call: &Call) -> String {
    let loads = [one, other].map(|server| Load::new(&server.authority, std::slice::from_ref(call)));
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let [measured, beside] = loads.each_ref().map(|load| load.run(CONNECTIONS, ROUND).rate);
        // The first round only warms up.
        if round > 0 {
            ours.push(measured);
            theirs.push(beside);
            ratios.push(measured / beside);
        }
    }
    format!("{:.0} | {:.0} | {}", median(ours), median(theirs), spread(ratios))
}

/// Milliseconds.
fn start_up() -> f64 {
    let times = (0..ROUNDS).map(|_| {
        let start = Instant::now();
        request(&fake(&[]), &get("leads"));
        start.elapsed().as_secs_f64() * 1_000.0
    });
    median(times.collect())
}

#[expect(clippy::cast_precision_loss, reason = "it is less than 52 bits of bytes")]
fn binary_megabytes() -> f64 {
    let file = std::fs::metadata(env!("CARGO_BIN_EXE_tiledesk-mock")).expect("the binary was built");
    file.len() as f64 / 1e6
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2}–{:.2})", values[values.len() / 2], values[0], values[values.len() - 1])
}
