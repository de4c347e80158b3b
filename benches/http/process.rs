//! A server under test: a separate process on a free port, which prints its address in the first line.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

/// `andrea.leo@f21.it:123456`
pub(crate) const BASIC: &str = "Basic YW5kcmVhLmxlb0BmMjEuaXQ6MTIzNDU2";

/// Killed on drop.
pub(crate) struct Process {
    child: Child,
    pub(crate) authority: String,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("stdout is piped");
        BufReader::new(out).read_line(&mut line).expect("the server prints its address");
        let authority = line.trim().strip_prefix("listening on http://").expect("the address is printed").to_owned();
        Self { child, authority }
    }

    /// The server of this crate with these options.
    pub(crate) fn fake(options: &[&str]) -> Self {
        Self::start(Command::new(env!("CARGO_BIN_EXE_tiledesk-mock")).args(["--port", "0"]).args(options))
    }

    /// The body of a successful response.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> String {
        let (authority, length) = (&self.authority, body.len());
        let mut stream = TcpStream::connect(authority).expect("the server listens");
        let message = format!(
            "{method} {path} HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {BASIC}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
        stream.write_all(message.as_bytes()).expect("the request can be sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("responses are UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("the response has a head");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        body.to_owned()
    }

    /// A line of the process status of Linux, in megabytes: `VmRSS` is current memory, `VmHWM` the peak.
    pub(crate) fn megabytes(&self, line: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let value = status.lines().find_map(|known| known.strip_prefix(line)?.strip_prefix(':'));
        value
            .and_then(|value| value.trim().trim_end_matches(" kB").parse().ok())
            .map_or(f64::NAN, |kilobytes: f64| kilobytes / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
