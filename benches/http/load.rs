//! Load over keep-alive connections in one thread, with as little client code as HTTP/1.1 allows, so that the server
//! dominates the measurement.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::process::BASIC;

fn message(authority: &str, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let of_body = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {length}\r\n")
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {BASIC}\r\n{of_body}\r\n{body}")
}

/// The same calls in a loop; each connection starts at a different one.
pub(crate) struct Load {
    authority: String,
    messages: Arc<[String]>,
}

/// The results of a load.
pub(crate) struct Measured {
    /// Responses per second.
    pub(crate) rate: f64,
    /// Median and 99th percentile latency in microseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Load {
    /// Calls by method, path, and body.
    pub(crate) fn new(authority: &str, calls: &[(&str, String, &str)]) -> Self {
        let messages = calls.iter().map(|(method, path, body)| message(authority, method, path, body)).collect();
        Self { authority: authority.to_owned(), messages }
    }

    pub(crate) fn run(&self, connections: usize, time: Duration) -> Measured {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let start = Instant::now();
        let mut times: Vec<f32> = runtime.block_on(async {
            let workers: Vec<_> = (0..connections)
                .map(|worker| tokio::spawn(call(self.authority.clone(), self.messages.clone(), worker, start + time)))
                .collect();
            let mut times = Vec::new();
            for worker in workers {
                times.extend(worker.await.expect("no worker panics"));
            }
            times
        });
        let seconds = start.elapsed().as_secs_f64();
        times.sort_by(f32::total_cmp);
        #[expect(clippy::cast_precision_loss, reason = "counts of seconds fit into 52 bits")]
        let rate = times.len() as f64 / seconds;
        let within = |part: usize| f64::from(times[times.len() * part / 100]);
        Measured { rate, p50: within(50), p99: within(99) }
    }
}

/// Makes calls over one connection until the end, and returns their latencies in microseconds.
async fn call(authority: String, messages: Arc<[String]>, first: usize, end: Instant) -> Vec<f32> {
    let mut stream = TcpStream::connect(&authority).await.expect("the server listens");
    stream.set_nodelay(true).expect("the socket option is supported");
    let (mut answer, mut times) = (Vec::new(), Vec::new());
    for message in messages.iter().cycle().skip(first) {
        let start = Instant::now();
        if start >= end {
            break;
        }
        stream.write_all(message.as_bytes()).await.expect("the request can be sent");
        read(&mut stream, &mut answer).await;
        times.push(start.elapsed().as_secs_f32() * 1e6);
        assert!(answer.starts_with(b"HTTP/1.1 200"), "every call must succeed");
    }
    times
}

/// Reads one response.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    let mut whole = None;
    while whole.is_none_or(|whole| answer.len() < whole) {
        answer.reserve(64 * 1024);
        assert!(
            stream.read_buf(answer).await.expect("the server responds") > 0,
            "the server must keep the connection open"
        );
        if whole.is_none() {
            let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
            whole = end.map(|end| end + 4 + length(&answer[..end]));
        }
    }
}

fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("headers are ASCII");
    let line =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    line.and_then(|length| length.trim().parse().ok()).expect("the response has a content length")
}
