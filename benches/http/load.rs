//! A load over keep-alive connections: as little client as HTTP/1.1 allows, so that the server is what is measured.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::BASIC;

/// One blocking connection, for calls outside the measurement.
pub(crate) struct Connection(TcpStream, String);

impl Connection {
    pub(crate) fn new(authority: &str) -> Self {
        let stream = TcpStream::connect(authority).expect("the server listens");
        stream.set_nodelay(true).expect("sockets take options");
        Self(stream, authority.to_owned())
    }

    /// The body of a successful answer.
    pub(crate) fn request(&mut self, method: &str, path: &str, body: &str) -> String {
        self.0.write_all(message(&self.1, method, path, body).as_bytes()).expect("the server reads");
        let mut answer = Answer::default();
        answer.read(&mut self.0);
        let text = String::from_utf8(answer.buffer).expect("answers are text");
        assert!(text.starts_with("HTTP/1.1 200"), "{text}");
        text[answer.head..].to_owned()
    }
}

fn message(authority: &str, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {BASIC}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
}

/// The same GET, again and again.
pub(crate) struct Load {
    authority: String,
    message: String,
}

impl Load {
    pub(crate) fn new(authority: &str, path: &str) -> Self {
        let message = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {BASIC}\r\n\r\n");
        Self { authority: authority.to_owned(), message }
    }

    /// Requests answered a second.
    pub(crate) fn run(&self, connections: usize, time: Duration) -> f64 {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let start = Instant::now();
        let workers: Vec<_> = (0..connections)
            .map(|_| {
                let (stop, count) = (stop.clone(), count.clone());
                let (mut stream, message) = (Connection::new(&self.authority).0, self.message.clone());
                thread::spawn(move || {
                    let mut answer = Answer::default();
                    while !stop.load(Ordering::Relaxed) {
                        stream.write_all(message.as_bytes()).expect("the server reads");
                        answer.read(&mut stream);
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        thread::sleep(time);
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().expect("a worker measures to the end");
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of seconds fit into 52 bits")]
        let count = count.load(Ordering::Relaxed) as f64;
        count / start.elapsed().as_secs_f64()
    }
}

/// An answer and the buffer it is read into.
#[derive(Default)]
struct Answer {
    buffer: Vec<u8>,
    /// Bytes of the status line and the headers.
    head: usize,
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
                self.head = end + 4;
                if self.buffer.len() >= self.head + length(&self.buffer[..end]) {
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
