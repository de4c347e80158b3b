//! A load over keep-alive connections: as little client as HTTP/1.1 allows, so that the server is what is measured.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::process::BASIC;

fn connect(authority: &str) -> TcpStream {
    let stream = TcpStream::connect(authority).expect("the server listens");
    stream.set_nodelay(true).expect("sockets take options");
    stream
}

fn message(authority: &str, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let of_body = if body.is_empty() {
        String::new()
    } else {
        format!("Content-Type: application/json\r\nContent-Length: {length}\r\n")
    };
    format!("{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {BASIC}\r\n{of_body}\r\n{body}")
}

/// The same calls, again and again, each connection with the next one of them.
pub(crate) struct Load {
    authority: String,
    messages: Arc<[String]>,
}

/// What a load found.
pub(crate) struct Measured {
    /// Requests answered a second.
    pub(crate) rate: f64,
    /// Microseconds within which half of them, and 99 of 100, were answered.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Load {
    /// Of calls by method, path and body.
    pub(crate) fn new(authority: &str, calls: &[(&str, String, &str)]) -> Self {
        let messages = calls.iter().map(|(method, path, body)| message(authority, method, path, body)).collect();
        Self { authority: authority.to_owned(), messages }
    }

    pub(crate) fn run(&self, connections: usize, time: Duration) -> Measured {
        let stop = Arc::new(AtomicBool::new(false));
        let start = Instant::now();
        let workers: Vec<_> = (0..connections)
            .map(|worker| {
                let (stop, messages) = (stop.clone(), self.messages.clone());
                let mut stream = connect(&self.authority);
                thread::spawn(move || {
                    let (mut answer, mut times) = (Answer::default(), Vec::new());
                    for message in messages.iter().cycle().skip(worker) {
                        if stop.load(Ordering::Relaxed) {
                            break;
                        }
                        let start = Instant::now();
                        stream.write_all(message.as_bytes()).expect("the server reads");
                        answer.read(&mut stream);
                        times.push(start.elapsed().as_secs_f32() * 1e6);
                        assert!(answer.buffer.starts_with(b"HTTP/1.1 200"), "every call succeeds");
                    }
                    times
                })
            })
            .collect();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        let mut times: Vec<f32> =
            workers.into_iter().flat_map(|worker| worker.join().expect("a worker measures to the end")).collect();
        let seconds = start.elapsed().as_secs_f64();
        times.sort_by(f32::total_cmp);
        #[expect(clippy::cast_precision_loss, reason = "counts of seconds fit into 52 bits")]
        let rate = times.len() as f64 / seconds;
        let within = |part: usize| f64::from(times[times.len() * part / 100]);
        Measured { rate, p50: within(50), p99: within(99) }
    }
}

/// The buffer that an answer is read into.
#[derive(Default)]
struct Answer {
    buffer: Vec<u8>,
}

impl Answer {
    fn read(&mut self, stream: &mut TcpStream) {
        self.buffer.clear();
        let mut chunk = [0; 16_384];
        loop {
            let size = stream.read(&mut chunk).expect("the server answers");
            assert!(size > 0, "the server keeps the connection");
            self.buffer.extend_from_slice(&chunk[..size]);
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                if self.buffer.len() >= end + 4 + length(&self.buffer[..end]) {
                    return;
                }
            }
        }
    }
}

fn length(head: &[u8]) -> usize {
    let head = std::str::from_utf8(head).expect("headers are ASCII");
    let line =
        head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    line.and_then(|length| length.trim().parse().ok()).expect("an answer has a length")
}
