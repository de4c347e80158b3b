//! Webhooks over loopback: deliveries per second to one subscription, in order and without loss.

#![expect(clippy::print_stdout, reason = "prints the result table")]

#[path = "http/process.rs"]
mod process;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Instant,
};

use process::Process;
use serde_json::{Value, json};

const MESSAGES: usize = 100_000;
/// Messages per call.
const BATCH: usize = 500;
const PROJECT: &str = "5b55e806c93dde00143163dd";

fn main() {
    let server = Process::fake(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let target = format!("http://{}/", listener.local_addr().expect("the listener is bound"));
    let (sender, told) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            std::thread::spawn(move || sink(stream, &sender));
        }
    });

    let call = |path: &str, body: &Value| server.request("POST", path, &body.to_string());
    call(&format!("/v3/{PROJECT}/subscriptions"), &json!({"event": "message.create", "target": target}));
    let start = Instant::now();
    for batch in 0..MESSAGES / BATCH {
        let messages = (0..BATCH).map(|number| json!({"text": format!("#{}#", batch * BATCH + number)}));
        call(&format!("/v3/{PROJECT}/requests/support-group-1234/messages/multi"), &messages.collect());
    }
    let written = start.elapsed();
    for number in 0..MESSAGES {
        let got = told.recv().expect("the sink is running");
        assert_eq!(got, number, "deliveries must be in order and complete");
    }
    let delivered = start.elapsed();
    #[expect(clippy::cast_precision_loss, reason = "it is a small number")]
    let rate = MESSAGES as f64 / delivered.as_secs_f64();
    println!(
        "| deliveries to one subscription | in order, complete | seconds | deliveries/s | target |\n|---|---|---|---|---|"
    );
    println!("| {MESSAGES} | yes | {:.1} | {rate:.0} | ≥ 5,000 |", delivered.as_secs_f64());
    println!(
        "\nThe calls that triggered them completed after {:.1} s; RSS was {:.0} MB at peak.",
        written.as_secs_f64(),
        server.megabytes("VmHWM")
    );
}

/// Responds to everything with 200, and sends the number in each message.
fn sink(stream: TcpStream, told: &mpsc::Sender<usize>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::with_capacity(1 << 16, stream.try_clone().ok()?);
    let mut writer = stream;
    let (mut line, mut body) = (String::new(), Vec::new());
    loop {
        let mut length = 0;
        loop {
            line.clear();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = value.trim().parse().ok()?;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).ok()?;
        let start = body.iter().position(|byte| *byte == b'#')? + 1;
        let end = start + body[start..].iter().position(|byte| *byte == b'#')?;
        told.send(std::str::from_utf8(&body[start..end]).ok()?.parse().ok()?).ok()?;
        writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").ok()?;
    }
}
