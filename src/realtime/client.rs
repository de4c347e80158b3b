//! One connection: what comes from the client, what goes to it, and how it ends.

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
    pass::Pass,
};
use crate::{
    recorder::{
        entry::{FRAME, Handling, RecordedRequest},
        headers::PackedHeaders,
    },
    runtime::memory::{Charge, Memory},
    state::{Hole, Sandbox},
};

/// Frames that wait for one client. Who lets more of them pile up is dropped.
//
// Departs: A client with more than 1,024 frames or 64 MiB in its queue is disconnected; the reference server queues
// without limit.
const WAITING: usize = 1_024;

/// Bytes that may wait before one more frame is put behind them.
const BYTES: usize = 64 << 20;

/// Maximum number of bytes of an invalid frame that the journal keeps.
const RECORDED: usize = 4_096;

/// How long a client may take to read what is left when the server is being stopped.
const GRACE: Duration = Duration::from_secs(1);

/// A client as the others see it: a queue.
pub(super) struct Client {
    pub(super) number: u64,
    pub(super) pass: Pass,
    handling: Handling,
    queue: mpsc::Sender<Queued>,
    /// The bytes in the queue.
    waiting: AtomicUsize,
    /// The number of topics it is subscribed to. It changes only while the topics are locked.
    topics: AtomicUsize,
    dropped: AtomicBool,
    gone: Notify,
    /// The token is not valid any more.
    unauthorized: Notify,
    /// The budget that frames in the queue are charged to.
    memory: Arc<Memory>,
}

/// A frame in the queue, with its charge to the memory budget.
type Queued = (Frame, Charge);

impl Client {
    /// Puts a frame into the queue. It never waits: a client whose queue is full is dropped.
    pub(super) fn send(&self, frame: Frame) {
        let full = self.waiting.fetch_add(frame.len(), Ordering::Relaxed) > BYTES;
        let Ok(charge) = self.memory.reserve(frame.len()) else {
            return self.drop_for("the memory budget is used up");
        };
        if full || matches!(self.queue.try_send((frame, charge)), Err(TrySendError::Full(_))) {
            self.drop_for("it does not read what it is sent");
        }
    }

    /// Counts one more topic, unless there are as many as there may be.
    pub(super) fn takes_topic(&self, most: usize) -> bool {
        self.topics.load(Ordering::Relaxed) < most && self.topics.fetch_add(1, Ordering::Relaxed) < most
    }

    pub(super) fn leaves_topic(&self) {
        self.topics.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes that the client may not read a topic any more. Without a valid token it is disconnected.
    pub(super) fn loses_topic(&self, flaw: &Flaw) {
        self.leaves_topic();
        self.refuse(flaw);
    }

    /// Answers a flaw in strict mode. The reference server says nothing.
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
            tracing::warn!(client = self.number, reason, "a client of the realtime API is dropped");
            self.gone.notify_one();
        }
    }
}

/// Takes the client out of all topics, however its connection ends.
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

/// Who connected, and how.
pub(super) struct Visit {
    pub(super) sandbox: Arc<Sandbox>,
    pub(super) handling: Handling,
    /// What the journal shows of the call that opened the connection.
    pub(super) head: PackedHeaders,
    /// Whether it came over TLS.
    pub(super) secure: bool,
}

impl Visit {
    /// Records a frame that has no effect, and answers it in strict mode.
    fn reject(&self, client: &Client, frame: &[u8], flaw: &Flaw) {
        let journal = &self.sandbox.journal;
        let method = Method::from_bytes(FRAME.as_bytes()).expect("it is a token");
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
    /// Does what the client wants.
    fn grant(&self, wish: ClientMessage, name: Uuid) -> Result<(), Flaw> {
        let Self { realtime, sandbox, client } = self;
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

/// Does what the client wants until it leaves.
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

/// Sends what is in the queue until the client is gone, or the server stops.
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
                break (CloseCode::Policy, "the token is not valid any more");
            }
            frame = waiting.recv() => frame,
            _ = closing.wait_for(|closing| *closing) => None,
        };
        let Some(frame) = frame else { break (CloseCode::Away, "the server is being stopped") };
        let sent = send(client, &mut sink, &mut waiting, frame);
        // A client that does not read must not hold up a server that is being stopped.
        tokio::select! {
            sent = sent => if sent.is_err() { return },
            () = overdue(closing.clone()) => return,
        }
    };
    // A client that does not read is cut off.
    let _ = tokio::time::timeout(GRACE, sink.send(Message::close_with(code, reason))).await;
}

/// Sends a frame and all that wait behind it at once.
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

/// Ends some time after the server began to stop.
async fn overdue(mut closing: watch::Receiver<bool>) {
    if closing.wait_for(|closing| *closing).await.is_ok() {
        tokio::time::sleep(GRACE).await;
    }
}

/// Asks the client for a sign of life now and then, until it gives none.
async fn beat(client: &Client, period: Duration, heard: &AtomicBool) {
    loop {
        tokio::time::sleep(period).await;
        if !heard.swap(false, Ordering::Relaxed) {
            return client.drop_for("it is silent");
        }
        client.send(frame::heartbeat("ping"));
    }
}
