//! A server that is told of events, on a socket of its own, and answers what it is bidden to.

use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;

/// How the sink answers a call.
#[derive(Clone, Debug)]
pub(crate) enum Manner {
    Status(u16),
    /// With 200 and a body.
    Says(&'static str),
    /// To another place.
    Redirect(String),
    /// Never, until the sink is gone.
    Hang,
    /// By cutting the connection.
    Reset,
    /// With the beginning of an answer.
    Half,
}

/// A call as it arrived.
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
struct Heard {
    calls: Vec<Call>,
    manners: VecDeque<Manner>,
}

/// The sink. Calls that find no manner prepared are answered with 200.
#[derive(Clone)]
pub(crate) struct Sink {
    address: SocketAddr,
    heard: Arc<(Mutex<Heard>, Condvar)>,
}

impl Sink {
    pub(crate) fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("an address"))
    }

    pub(crate) fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).expect("the port is free");
        let sink = Self { address: listener.local_addr().expect("it is bound"), heard: Arc::default() };
        let heard = sink.heard.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let heard = heard.clone();
                std::thread::spawn(move || serve(stream, &heard));
            }
        });
        sink
    }

    /// How the next calls are answered.
    pub(crate) fn prepare(&self, manners: impl IntoIterator<Item = Manner>) {
        self.heard.0.lock().expect("nobody panics here").manners.extend(manners);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The first `count` calls, once they are there.
    pub(crate) fn calls(&self, count: usize) -> Vec<Call> {
        let (heard, changed) = &*self.heard;
        let mut heard = heard.lock().expect("nobody panics here");
        let end = Instant::now() + Duration::from_secs(30);
        while heard.calls.len() < count {
            let left = end.checked_duration_since(Instant::now());
            let left = left.unwrap_or_else(|| panic!("only {} of {count} calls came", heard.calls.len()));
            heard = changed.wait_timeout(heard, left).expect("nobody panics here").0;
        }
        heard.calls.clone()
    }

    /// How many calls came so far.
    pub(crate) fn count(&self) -> usize {
        self.heard.0.lock().expect("nobody panics here").calls.len()
    }
}

fn serve(stream: TcpStream, heard: &(Mutex<Heard>, Condvar)) -> Option<()> {
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
        let manner = {
            let mut heard = heard.0.lock().ok()?;
            heard.calls.push(Call { path, headers, body });
            heard.manners.pop_front().unwrap_or(Manner::Status(200))
        };
        heard.1.notify_all();
        match manner {
            Manner::Status(status) => say(&mut writer, status, r#"{"heard":true}"#)?,
            Manner::Says(body) => say(&mut writer, 200, body)?,
            Manner::Redirect(location) => {
                let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
                writer.write_all(answer.as_bytes()).ok()?;
            }
            Manner::Hang => std::thread::sleep(Duration::from_secs(60)),
            Manner::Reset => {
                writer.shutdown(Shutdown::Both).ok()?;
                return None;
            }
            Manner::Half => {
                writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"hea").ok()?;
                writer.shutdown(Shutdown::Both).ok()?;
                return None;
            }
        }
    }
}

fn say(writer: &mut TcpStream, status: u16, body: &str) -> Option<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    writer.write_all(format!("{head}{body}").as_bytes()).ok()
}
