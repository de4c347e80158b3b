//! A WebSocket connection: incoming messages, the queue of outgoing frames, and how the connection ends.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use poem::{
    http::{HeaderMap, Method},
    web::websocket::{CloseCode, Message, WebSocketStream},
};
use tokio::sync::{
    Notify,
    mpsc::{self, error::TrySendError},
    watch,
};
use uuid::Uuid;

use super::{
    Realtime,
    flaw::Flaw,
    frame::{self, ClientMessage, Frame},
    note,
    pass::Pass,
};
use crate::{
    recorder::{
        entry::{FRAME, Handling, RecordedRequest},
        headers::PackedHeaders,
        timeline::Direction,
    },
    runtime::memory::{Charge, Memory},
    state::{Hole, Sandbox},
};

/// Maximum number of queued frames per client. A client that exceeds it is dropped.
//
// Departs: A client with more than 1,024 frames or 64 MiB in its queue is disconnected; the reference server queues
// without limit.
const WAITING: usize = 1_024;

/// Number of queued bytes beyond which no further frame is accepted.
const BYTES: usize = 64 << 20;

/// Maximum number of bytes of an invalid frame that the journal keeps.
const RECORDED: usize = 4_096;

/// Maximum time for a client to read its remaining frames when the server stops.
const GRACE: Duration = Duration::from_secs(1);

/// A client as seen by the rest of the server: a queue of frames.
pub(super) struct Client {
    pub(super) number: u64,
    pub(super) pass: Pass,
    handling: Handling,
    queue: mpsc::Sender<Queued>,
    /// Number of bytes in the queue.
    waiting: AtomicUsize,
    /// Number of topics the client is subscribed to. Changes only while the topics are locked.
    topics: AtomicUsize,
    dropped: AtomicBool,
    gone: Notify,
    /// Notified when the token is no longer valid.
    unauthorized: Notify,
    /// The budget to which queued frames are charged.
    memory: Arc<Memory>,
}

/// A queued frame with its charge to the memory budget.
type Queued = (Frame, Charge);

impl Client {
    /// Queues a frame without blocking. A client whose queue is full is dropped.
    pub(super) fn send(&self, frame: Frame) {
        let full = self.waiting.fetch_add(frame.len(), Ordering::Relaxed) > BYTES;
        let Ok(charge) = self.memory.reserve(frame.len()) else {
            return self.drop_for("the memory budget is exhausted");
        };
        if full || matches!(self.queue.try_send((frame, charge)), Err(TrySendError::Full(_))) {
            self.drop_for("it reads too slowly");
        }
    }

    /// Counts one more topic, unless the client already has the maximum.
    pub(super) fn takes_topic(&self, most: usize) -> bool {
        self.topics.load(Ordering::Relaxed) < most && self.topics.fetch_add(1, Ordering::Relaxed) < most
    }

    pub(super) fn leaves_topic(&self) {
        self.topics.fetch_sub(1, Ordering::Relaxed);
    }

    /// Ends the subscription to a topic that the client may no longer read. Without a valid token, disconnects it.
    pub(super) fn loses_topic(&self, flaw: &Flaw) {
        self.leaves_topic();
        self.refuse(flaw);
    }

    /// Reports a flaw to the client in strict mode only, since the reference server ignores it silently.
    fn refuse(&self, flaw: &Flaw) {
        if self.handling == Handling::Strict {
            self.send(frame::error(flaw));
        }
        if *flaw == Flaw::Unauthorized {
            self.unauthorized.notify_one();
        }
    }

    fn drop_for(&self, reason: &str) {
        if !self.dropped.swap(true, Ordering::Relaxed) {
            tracing::warn!(client = self.number, reason, "dropped a realtime client");
            self.gone.notify_one();
        }
    }
}

/// Removes the client from all topics when its connection ends for any reason.
struct Presence<'a> {
    realtime: &'a Realtime,
    sandbox: &'a Sandbox,
    client: Arc<Client>,
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.realtime.leave(self.sandbox, &self.client);
    }
}

/// The context of a connection.
pub(super) struct Visit {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) handling: Handling,
    /// The head of the opening call, as recorded in the journal.
    pub(super) head: PackedHeaders,
    /// Whether the connection uses TLS.
    pub(super) secure: bool,
}

impl Visit {
    /// Records a rejected frame, and reports it to the client in strict mode.
    fn reject(&self, client: &Client, frame: &[u8], flaw: &Flaw) {
        let journal = &self.sandbox.journal;
        let method = Method::from_bytes(FRAME.as_bytes()).expect("FRAME is a valid method");
        let (kept, cut) = (&frame[..frame.len().min(RECORDED)], frame.len() > RECORDED);
        let (head, body) = (self.head.clone(), Bytes::copy_from_slice(kept));
        let request = RecordedRequest { method, head, body, cut, secure: self.secure };
        let call = journal.arrive(self.sandbox.clock.now(), request);
        let answer = Bytes::copy_from_slice(frame::error(flaw).as_bytes());
        journal.finish(&call, flaw.status(), journal.head("", &HeaderMap::new()), answer, None);
        client.refuse(flaw);
    }
}

impl Presence<'_> {
    /// Executes a client message.
    fn grant(&self, wish: ClientMessage, name: Uuid) -> Result<(), Flaw> {
        let Self { realtime, sandbox, client } = self;
        if let Some((action, topic)) = wish.shown() {
            sandbox.journal.enter(|| note(topic, Direction::In, sandbox.clock.now(), action, None));
        }
        match wish {
            ClientMessage::Subscribe(topic) => realtime.subscribe(sandbox, client, &topic)?,
            ClientMessage::Unsubscribe(topic) => realtime.unsubscribe(sandbox, client, &topic)?,
            ClientMessage::Ping => client.send(frame::heartbeat("pong")),
            ClientMessage::Pong => {}
            ClientMessage::Publish(..) | ClientMessage::Broadcast(..)
                if !sandbox.state().allows(Hole::ClientFrames) =>
            {
                return Err(Flaw::Publish);
            }
            ClientMessage::Publish(topic, message) => {
                realtime.relay(sandbox, None, &topic, &frame::relayed(&topic, message));
            }
            ClientMessage::Broadcast(topic, message) => {
                realtime.relay(sandbox, Some(client), &topic, &frame::relayed(&topic, message));
            }
            ClientMessage::Me => client.send(frame::me(name)),
        }
        Ok(())
    }
}

/// Serves a connection until it ends.
pub(super) async fn serve(realtime: Arc<Realtime>, visit: Visit, pass: Pass, socket: WebSocketStream) {
    let (queue, waiting) = mpsc::channel(WAITING);
    let number = realtime.enter();
    let client = Arc::new(Client {
        number,
        pass,
        handling: visit.handling,
        queue,
        waiting: AtomicUsize::new(0),
        topics: AtomicUsize::new(0),
        dropped: AtomicBool::new(false),
        gone: Notify::new(),
        unauthorized: Notify::new(),
        memory: visit.sandbox.memory.clone(),
    });
    let presence = Presence { realtime: &realtime, sandbox: &visit.sandbox, client: client.clone() };
    let heard = AtomicBool::new(true);
    let (sink, stream) = socket.split();
    tokio::select! {
        () = listen(&presence, &visit, stream, &heard) => {}
        () = speak(&client, sink, waiting, realtime.closing.subscribe()) => {}
        () = beat(&client, realtime.heartbeat, &heard) => {}
        () = client.gone.notified() => {}
    }
}

/// Executes client messages until the client disconnects.
async fn listen(presence: &Presence<'_>, visit: &Visit, mut stream: SplitStream<WebSocketStream>, heard: &AtomicBool) {
    let name = presence.realtime.ids.lock().uuid();
    while let Some(Ok(message)) = stream.next().await {
        heard.store(true, Ordering::Relaxed);
        let (frame, outcome) = match &message {
            Message::Text(text) => {
                (text.as_bytes(), ClientMessage::read(text).and_then(|wish| presence.grant(wish, name)))
            }
            Message::Binary(bytes) => (&bytes[..], Err(Flaw::Binary)),
            _ => continue,
        };
        if let Err(flaw) = outcome {
            visit.reject(&presence.client, frame, &flaw);
        }
    }
}

/// Sends queued frames until the client disconnects or the server stops.
async fn speak(
    client: &Client,
    mut sink: SplitSink<WebSocketStream, Message>,
    mut waiting: mpsc::Receiver<Queued>,
    mut closing: watch::Receiver<bool>,
) {
    let (code, reason) = loop {
        let frame = tokio::select! {
            biased;
            () = client.unauthorized.notified() => {
                break (CloseCode::Policy, "the token is no longer valid");
            }
            frame = waiting.recv() => frame,
            _ = closing.wait_for(|closing| *closing) => None,
        };
        let Some(frame) = frame else { break (CloseCode::Away, "the server is shutting down") };
        let sent = send(client, &mut sink, &mut waiting, frame);
        // An unresponsive client must not delay the shutdown.
        tokio::select! {
            sent = sent => if sent.is_err() { return },
            () = overdue(closing.clone()) => return,
        }
    };
    // Abort if the client does not read the close frame.
    let _ = tokio::time::timeout(GRACE, sink.send(Message::close_with(code, reason))).await;
}

/// Sends a frame together with all frames queued behind it.
async fn send(
    client: &Client,
    sink: &mut SplitSink<WebSocketStream, Message>,
    waiting: &mut mpsc::Receiver<Queued>,
    first: Queued,
) -> std::io::Result<()> {
    let mut next = Some(first);
    while let Some((frame, _charge)) = next {
        client.waiting.fetch_sub(frame.len(), Ordering::Relaxed);
        sink.feed(Message::text(&*frame)).await?;
        next = waiting.try_recv().ok();
    }
    sink.flush().await
}

/// Completes some time after the shutdown began.
async fn overdue(mut closing: watch::Receiver<bool>) {
    if closing.wait_for(|closing| *closing).await.is_ok() {
        tokio::time::sleep(GRACE).await;
    }
}

/// Heartbeat: pings the client periodically, and disconnects it if it has sent nothing since the last ping.
async fn beat(client: &Client, period: Duration, heard: &AtomicBool) {
    loop {
        tokio::time::sleep(period).await;
        if !heard.swap(false, Ordering::Relaxed) {
            return client.drop_for("it does not respond to pings");
        }
        client.send(frame::heartbeat("ping"));
    }
}
