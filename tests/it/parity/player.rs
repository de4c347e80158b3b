//! Makes the recorded calls to an empty world and collects the responses.

use std::collections::{BTreeMap, HashMap};

use base64::{Engine, prelude::BASE64_STANDARD};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use tiledesk_mock::ClockSetting;
use tokio_tungstenite::tungstenite::Error;

use super::{
    normal::{Variables, find, text, view},
    script::{Body, Call, Credential, Delivery, Frame, Multipart, Open, Response, Send, Step},
};
use crate::support::{
    Answer, App,
    sink::Sink,
    socket::{Socket, taken},
};

/// When the recording was made: 2026-11-29T22:00:00Z. Some responses contain the day and the hour.
const START: i64 = 1_795_989_600_000;

/// Time between two calls, so that no two documents have the same timestamp.
const PACE: &str = "100ms";

/// The characters that `encodeURI` keeps, and the escapes of the recording.
const PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Headers of webhooks that are compared.
const HEADERS: [&str; 5] = ["content-type", "user-agent", "x-hook-secret", "origin", "accept"];

/// A connection, with the number of pings it has sent.
struct Client {
    name: String,
    socket: Socket,
    pings: usize,
}

/// One run of the recording.
pub(super) struct Player {
    app: App,
    sink: Sink,
    variables: Variables,
    credentials: HashMap<String, String>,
    clients: Vec<Client>,
    frames: Vec<(String, Result<Value, u16>)>,
}

/// Everything sent to subscribers and clients during a run.
pub(super) struct Sent {
    pub(super) deliveries: Vec<Delivery>,
    pub(super) frames: Vec<Frame>,
}

impl Player {
    pub(super) fn new() -> Self {
        let app = App::with(|config| {
            config.empty = true;
            config.faithful_holes = true;
            config.clock = ClockSetting::Frozen(START);
        });
        let sink = Sink::start();
        let mut variables = Variables::default();
        variables.set("sink", sink.url("/sink").into());
        Self { app, sink, variables, credentials: HashMap::new(), clients: Vec::new(), frames: Vec::new() }
    }

    /// Plays a step. A call returns the compared part of its response.
    pub(super) async fn take<'a>(&mut self, step: &'a Step) -> Option<(&'a Call, Response)> {
        match step {
            Step::Call(call) => return Some((call, self.call(call).await)),
            Step::Wait { wait } => {
                taken(&self.app).await;
                self.app.advance(&format!("{wait}ms")).await;
            }
            Step::Open { open } => self.open(open).await,
            Step::Send { send } => self.send(send).await,
            Step::Plan { .. } => {}
        }
        None
    }

    async fn call(&mut self, call: &Call) -> Response {
        self.app.advance(PACE).await;
        let actor = match &*call.caller {
            "none" => self.app.nobody(),
            caller => {
                let header = self.credentials.get(caller).cloned();
                self.app.authorized(header.unwrap_or_else(|| self.variables.fill(caller)))
            }
        };
        let host = self.app.fake.address().to_string();
        let mut headers = vec![("host", &*host), ("accept", "application/json"), ("user-agent", "parity/1")];
        let (body, content_type) = self.body(call.request.as_ref());
        let length = body.len().to_string();
        if let Some(content_type) = &content_type {
            headers.extend([("content-type", content_type.as_str()), ("content-length", length.as_str())]);
        }
        let path = format!("/v3{}", utf8_percent_encode(&self.variables.fill(&call.path), PATH));
        let answer = actor.send(call.method.parse().expect("a method"), &path, &headers, body).await;
        let (content_type, body) = parts(&answer);
        self.keep(call, body.as_ref().unwrap_or(&Value::Null));
        let body = body.map(|body| self.variables.normalize(&body));
        let body = body.map(|body| call.view.map_or(body.clone(), |part| view(part, body)));
        let header = |name: &String| Some((name.clone(), answer.header(name)?.to_owned()));
        let headers = call.headers.iter().filter_map(header).collect();
        Response { status: answer.status.as_u16(), content_type, headers, body }
    }

    /// The body of a request, and its content type.
    fn body(&self, request: Option<&Body>) -> (Vec<u8>, Option<String>) {
        let (body, content_type) = match request {
            None => return (Vec::new(), None),
            Some(Body::Json(body)) => (self.variables.fill_value(body).to_string().into(), "application/json"),
            Some(Body::Text { text, content_type, repeat }) => {
                let text = repeat.map_or(text.clone(), |times| text.replace('…', &"x".repeat(times)));
                (text.into(), content_type.as_deref().unwrap_or("application/json"))
            }
            Some(Body::Form(fields)) => {
                let mut form = form_urlencoded::Serializer::new(String::new());
                for (name, value) in fields {
                    form.append_pair(name, &text(&self.variables.fill_value(value)));
                }
                (form.finish().into(), "application/x-www-form-urlencoded")
            }
            Some(Body::Multipart(parts)) => (self.multipart(parts), "multipart/form-data; boundary=parity"),
        };
        (body, Some(content_type.to_owned()))
    }

    fn multipart(&self, Multipart { fields, files }: &Multipart) -> Vec<u8> {
        let mut body = Vec::new();
        let disposition = "--parity\r\nContent-Disposition: form-data; name=";
        for (name, value) in fields {
            let value = text(&self.variables.fill_value(value));
            body.extend(format!("{disposition}\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
        }
        for file in files {
            let (name, filename, content_type) = (&file.field, &file.filename, &file.content_type);
            let head =
                format!("{disposition}\"{name}\"; filename=\"{filename}\"\r\nContent-Type: {content_type}\r\n\r\n");
            body.extend(head.into_bytes());
            body.extend(match file.encoding.as_deref() {
                None => file.data.clone().into_bytes(),
                Some("base64") => BASE64_STANDARD.decode(&file.data).expect("base64"),
                Some(other) => panic!("unknown encoding: {other}"),
            });
            body.extend(b"\r\n");
        }
        body.extend(b"--parity--\r\n");
        body
    }

    /// Saves the IDs and credentials that later calls need.
    fn keep(&mut self, call: &Call, body: &Value) {
        for (name, path) in &call.save {
            if let Some(value) = find(body, path) {
                self.variables.set(name, value.clone());
            }
        }
        for (name, credential) in &call.credentials {
            let header = match credential {
                Credential::Basic { basic } => Some(format!("Basic {}", BASE64_STANDARD.encode(basic.join(":")))),
                Credential::Token { token, prefix } => find(body, token).and_then(Value::as_str).map(|token| {
                    let prefix = prefix.as_deref().unwrap_or_default();
                    if token.starts_with(prefix) { token.to_owned() } else { format!("{prefix}{token}") }
                }),
            };
            self.credentials.extend(header.map(|header| (name.clone(), header)));
        }
    }

    async fn open(&mut self, Open { name, caller, topics }: &Open) {
        let token = self.credentials.get(caller).unwrap_or(caller);
        let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
        let mut socket = match Socket::open(&self.app, &format!("/v3/ws/?token={token}")).await {
            Ok(socket) => socket,
            Err(Error::Http(response)) => return self.frames.push((name.clone(), Err(response.status().as_u16()))),
            Err(error) => panic!("{name}: {error}"),
        };
        for topic in topics {
            socket.subscribe(&self.variables.fill(topic)).await;
        }
        self.clients.push(Client { name: name.clone(), socket, pings: 0 });
        self.read_all().await;
    }

    async fn send(&mut self, Send { socket, frame }: &Send) {
        let client = self.clients.iter_mut().find(|client| client.name == *socket).expect("an open connection");
        if *frame == ping() {
            client.pings += 1;
        }
        client.socket.send(frame.clone()).await;
        self.read_all().await;
    }

    /// Reads what was sent to all clients so far: everything before the pong to one more ping.
    async fn read_all(&mut self) {
        taken(&self.app).await;
        for Client { name, socket, pings } in &mut self.clients {
            socket.send(ping()).await;
            loop {
                let frame = socket.next().await.unwrap_or_else(|| panic!("the connection {name} ended"));
                if frame["action"] == "heartbeat" && frame["payload"]["message"]["text"] == "pong" {
                    if *pings == 0 {
                        break;
                    }
                    *pings -= 1;
                }
                self.frames.push((name.clone(), Ok(frame)));
            }
        }
    }

    /// Ends the run.
    pub(super) async fn finish(mut self) -> Sent {
        self.read_all().await;
        let deliveries = self.sink.calls(0).into_iter().map(|call| {
            let headers = HEADERS.into_iter().filter_map(|name| Some((name, call.header(name)?)));
            let headers = json!(headers.collect::<BTreeMap<_, _>>());
            let event = call.body["hook"]["event"].as_str().map(str::to_owned);
            Delivery { event, headers: self.variables.normalize(&headers), body: self.variables.normalize(&call.body) }
        });
        let frames = self.frames.iter().map(|(socket, frame)| {
            let refused = frame.as_ref().err().copied();
            let frame = frame.as_ref().map_or(Value::Null, |frame| self.variables.normalize(frame));
            Frame { socket: socket.clone(), refused, frame }
        });
        Sent { deliveries: deliveries.collect(), frames: frames.collect() }
    }
}

fn ping() -> Value {
    json!({"action": "heartbeat", "payload": {"message": {"text": "ping"}}})
}

/// Content type and body: a value if it is declared and valid JSON, `None` if it is empty, otherwise a text.
fn parts(answer: &Answer) -> (Option<String>, Option<Value>) {
    let content_type = answer.header("content-type").map(str::to_owned);
    let is_json = content_type.as_deref().is_some_and(|content_type| content_type.contains("json"));
    let json = serde_json::from_slice(&answer.body).ok().filter(|_| is_json);
    let body = json.or_else(|| (!answer.body.is_empty()).then(|| answer.text().into()));
    (content_type, body)
}
