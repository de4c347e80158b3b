//! An upstream that responds with given bytes.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
};

/// An upstream, and what it received: one text per connection.
pub(super) struct Raw {
    pub(super) url: String,
    pub(super) received: Receiver<String>,
}

/// Responds to the first request of every connection with these bytes, and closes it.
pub(super) fn responding(response: &'static str) -> Raw {
    handling(move |stream| {
        let received = head(stream);
        let _ = stream.write_all(response.as_bytes());
        received
    })
}

/// Handles every connection with a function that returns what it received.
pub(super) fn handling(handle: impl Fn(&mut TcpStream) -> String + Send + 'static) -> Raw {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            if sender.send(handle(&mut stream)).is_err() {
                return;
            }
        }
    });
    Raw { url, received }
}

/// Reads up to the end of the head of a message.
pub(super) fn head(stream: &mut TcpStream) -> String {
    until(stream, "\r\n\r\n")
}

/// Reads up to a text.
pub(super) fn until(stream: &mut TcpStream, end: &str) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(end.as_bytes()) && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        text.push(byte[0]);
    }
    String::from_utf8_lossy(&text).into_owned()
}
