//! A webhook receiver on a local socket, with scripted responses.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How the sink responds to a call.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Status(u16),
    /// With 200 and this body.
    Body(&'static str),
    /// With a redirect to this location.
    Redirect(String),
    /// Not at all, while the sink exists.
    Hang,
    /// By closing the connection.
    Reset,
    /// With a truncated response.
    Half,
}

/// A received call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct Received {
    calls: Vec<Call>,
    replies: VecDeque<Reply>,
}

/// The sink. Without a scripted response, it responds with 200.
#[derive(Clone)]
pub(crate) struct Sink {
    address: SocketAddr,
    received: Arc<(Mutex<Received>, Condvar)>,
}

impl Sink {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address"))
    }

    pub(crate) fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("the port is free");
        let sink = Self { address: listener.local_addr().expect("the listener is bound"), received: Arc::default() };
        let received = sink.received.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let received = received.clone();
                std::thread::spawn(move || serve(stream, &received));
            }
        });
        sink
    }

    /// Scripts the responses to the next calls.
    pub(crate) fn prepare(&self, replies: impl IntoIterator<Item = Reply>) {
        self.received.0.lock().expect("the lock is not poisoned").replies.extend(replies);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits for `count` calls and returns them.
    pub(crate) fn calls(&self, count: usize) -> Vec<Call> {
        let (received, changed) = &*self.received;
        let mut received = received.lock().expect("the lock is not poisoned");
        let end = Instant::now() + Duration::from_secs(30);
        while received.calls.len() < count {
            let left = end.checked_duration_since(Instant::now());
            let left = left.unwrap_or_else(|| panic!("only {} of {count} calls arrived", received.calls.len()));
            received = changed.wait_timeout(received, left).expect("the lock is not poisoned").0;
        }
        received.calls.clone()
    }

    /// The number of calls received so far.
    pub(crate) fn count(&self) -> usize {
        self.received.0.lock().expect("the lock is not poisoned").calls.len()
    }
}

fn serve(stream: TcpStream, received: &(Mutex<Received>, Condvar)) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream;
    loop {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let path = lines.first()?.split(' ').nth(1)?.to_owned();
        let headers: Vec<_> = lines[1..].iter().filter_map(|line| line.split_once(": ")).collect();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_lowercase(), (*value).to_owned())).collect();
        let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let body = serde_json::from_slice(&body).ok()?;
        let reply = {
            let mut received = received.0.lock().ok()?;
            received.calls.push(Call { path, headers, body });
            received.replies.pop_front().unwrap_or(Reply::Status(200))
        };
        received.1.notify_all();
        match reply {
            Reply::Status(status) => say(&mut writer, status, r#"{"received":true}"#)?,
            Reply::Body(body) => say(&mut writer, 200, body)?,
            Reply::Redirect(location) => {
                let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
                writer.write_all(answer.as_bytes()).ok()?;
            }
            Reply::Hang => std::thread::sleep(Duration::from_secs(60)),
            Reply::Reset => {
                writer.shutdown(Shutdown::Both).ok()?;
                return None;
            }
            Reply::Half => {
                writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"hea").ok()?;
                writer.shutdown(Shutdown::Both).ok()?;
                return None;
            }
        }
    }
}

fn say(writer: &mut TcpStream, status: u16, body: &str) -> Option<()> {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Scripted\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    writer.write_all(format!("{head}{body}").as_bytes()).ok()
}
