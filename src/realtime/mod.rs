//! The realtime API: clients subscribe to topics over a WebSocket and receive committed changes.
//!
//! One task receives the commits and queues frames for the clients; each connection has a task that empties its queue.
//! Subscribing and handling a commit are mutually exclusive, and a subscription skips commits that its first frame
//! already shows, so no change is missed or sent twice.

mod client;
mod content;
mod flaw;
mod frame;
mod pass;
mod topic;
pub(crate) mod upgrade;
mod visibility;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use tokio::sync::watch;

use self::{
    client::Client,
    flaw::Flaw,
    frame::Frame,
    topic::{Target, Topic},
    visibility::Visibility,
};
use crate::{
    recorder::timeline::{Direction, FrameNote, Moment},
    state::{
        Hole, Sandbox, State,
        event::{Commit, Event, Rights},
        failure::Task,
    },
    value::{Timestamp, id::IdSource},
};

/// Maximum number of topics of a connection.
//
// Departs: A connection can subscribe to 1,024 topics; the reference server has no limit.
const TOPICS: usize = 1_024;

/// Maximum time for clients to complete the close handshake when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// All connected clients and their subscriptions.
pub(crate) struct Realtime {
    /// Topics with subscribers, by sandbox.
    topics: Mutex<HashMap<usize, HashMap<Box<str>, Audience>>>,
    /// Time between two pings.
    heartbeat: Duration,
    /// Number of the next client.
    last: AtomicU64,
    /// Generates connection names.
    ids: Mutex<IdSource>,
    connected: watch::Sender<usize>,
    closing: watch::Sender<bool>,
}

/// The subscribers of a topic.
#[derive(Default)]
struct Audience {
    subscribers: BTreeMap<u64, Subscriber>,
    /// The first frame for subscribers with full visibility, and its revision.
    first: Option<(u64, Frame)>,
}

struct Subscriber {
    client: Arc<Client>,
    /// The revision of the first frame.
    revision: u64,
    sight: Visibility,
}

impl Realtime {
    /// Publishes the number of connected clients to `connected`.
    pub(crate) fn new(heartbeat: Duration, connected: watch::Sender<usize>) -> Arc<Self> {
        Arc::new(Self {
            topics: Mutex::default(),
            heartbeat,
            last: AtomicU64::new(0),
            ids: Mutex::new(IdSource::new(0, "connections")),
            connected,
            closing: watch::Sender::new(false),
        })
    }

    /// Publishes a commit to the clients. Costs nothing if there are none.
    pub(crate) fn take(&self, Commit { sandbox, state, events, rights, call, .. }: &Commit) {
        if *self.connected.borrow() == 0 {
            return;
        }
        let mut topics = self.topics.lock();
        let Some(topics) = topics.get_mut(&key(sandbox)).filter(|topics| !topics.is_empty()) else { return };
        if *rights == Rights::Ended && !state.allows(Hole::OldSubscriptions) {
            authorize(topics, state);
        }
        for event in events {
            sandbox.contain(Task::Realtime, || {
                let note = |topic: &str, method: frame::Method| {
                    let (direction, at) = (Direction::Out, event.at);
                    sandbox.journal.enter(|| note(topic, direction, at, method.verb(), *call));
                };
                publish(topics, state, event, note);
                if let Some(update) = content::update(state, events, event) {
                    publish(topics, state, &update, note);
                }
            });
        }
    }

    /// Subscribes a client to a topic and sends it the first frame.
    fn subscribe(&self, sandbox: &Sandbox, client: &Arc<Client>, name: &str) -> Result<(), Flaw> {
        let topic = Topic::parse(name).ok_or_else(|| Flaw::Topic(name.to_owned()))?;
        let mut topics = self.topics.lock();
        // Read after locking: commits from now on are handled once this subscription is complete.
        let state = sandbox.state();
        let sight = client.pass.sight(&state, &topic)?;
        let audience = topics.get(&key(sandbox)).and_then(|topics| topics.get(name));
        let known = audience.and_then(|audience| audience.first.clone());
        let known = known.filter(|(revision, _)| sight == Visibility::All && *revision == state.revision);
        let first = known.map(|(_, frame)| frame).or_else(|| {
            let message = content::first(&state, &topic, (sight, sandbox.clock.now()))?;
            Some(frame::publish(name, frame::Method::Create, &message))
        });
        let topics = topics.entry(key(sandbox)).or_default();
        let known = topics.get(name).is_some_and(|audience| audience.subscribers.contains_key(&client.number));
        if !known && !client.takes_topic(TOPICS) {
            return Err(Flaw::TooMany(TOPICS));
        }
        let audience = topics.entry(name.into()).or_default();
        audience
            .subscribers
            .insert(client.number, Subscriber { client: client.clone(), revision: state.revision, sight });
        if let Some(frame) = first {
            client.send(frame.clone());
            if is_shared(topic.place, sight) {
                audience.first = Some((state.revision, frame));
            }
        }
        Ok(())
    }

    fn unsubscribe(&self, sandbox: &Sandbox, client: &Client, name: &str) -> Result<(), Flaw> {
        let mut topics = self.topics.lock();
        let unknown = || Flaw::NotSubscribed(name.to_owned());
        let topics = topics.get_mut(&key(sandbox)).ok_or_else(unknown)?;
        let audience = topics.get_mut(name).ok_or_else(unknown)?;
        audience.subscribers.remove(&client.number).ok_or_else(unknown)?;
        if audience.subscribers.is_empty() {
            topics.remove(name);
        }
        client.leaves_topic();
        Ok(())
    }

    /// Relays a message of a client to the subscribers of a topic.
    fn relay(&self, sandbox: &Sandbox, except: Option<&Client>, name: &str, frame: &Frame) {
        let topics = self.topics.lock();
        let Some(topics) = topics.get(&key(sandbox)) else { return };
        for (_, Subscriber { client, .. }) in audience(topics, name) {
            if except.is_none_or(|except| except.number != client.number) {
                client.send(frame.clone());
            }
        }
    }

    /// Removes a client.
    fn leave(&self, sandbox: &Sandbox, client: &Client) {
        if let Some(topics) = self.topics.lock().get_mut(&key(sandbox)) {
            topics.retain(|_, audience| {
                audience.subscribers.remove(&client.number);
                !audience.subscribers.is_empty()
            });
        }
        self.connected.send_modify(|connected| *connected -= 1);
    }

    /// Counts a new client and returns its number.
    fn enter(&self) -> u64 {
        self.connected.send_modify(|connected| *connected += 1);
        self.last.fetch_add(1, Ordering::Relaxed)
    }

    /// Closes all connections once their queues are sent.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        let mut connected = self.connected.subscribe();
        // Clients that do not respond in time are disconnected when the server's runtime shuts down.
        let _ = tokio::time::timeout(GRACE, connected.wait_for(|connected| *connected == 0)).await;
    }
}

/// Ends subscriptions that clients may no longer read, and updates the visibility of the others.
fn authorize(topics: &mut HashMap<Box<str>, Audience>, state: &State) {
    topics.retain(|name, audience| {
        let topic = Topic::parse(name).expect("subscriptions have valid topic names");
        audience.subscribers.retain(|_, subscriber| match subscriber.client.pass.sight(state, &topic) {
            Ok(sight) => {
                subscriber.sight = sight;
                true
            }
            Err(flaw) => {
                subscriber.client.loses_topic(&flaw);
                false
            }
        });
        !audience.subscribers.is_empty()
    });
}

/// The entry of a frame on the timeline.
fn note(topic: &str, direction: Direction, at: Timestamp, kind: &'static str, call: Option<u64>) -> Moment {
    Moment::Frame(Arc::new(FrameNote { topic: topic.into(), direction, at, kind, call }))
}

/// Sends an event to the subscribers of its topics, and records each topic with subscribers.
fn publish(topics: &HashMap<Box<str>, Audience>, state: &State, event: &Event, note: impl Fn(&str, frame::Method)) {
    let (mut message, request) = (None, content::request(state, event));
    for name in content::topics(state, event) {
        let mut frame = None;
        for (way, subscriber) in audience(topics, &name) {
            // Departs: A wildcard subscription receives only the conversations that lists show to its user; a named
            // topic reaches all its subscribers, as on the reference server.
            let hidden = way == Way::Wildcard && request.is_some_and(|request| !subscriber.sight.sees(request));
            if hidden || subscriber.revision >= state.revision {
                continue;
            }
            let message = message.get_or_insert_with(|| content::message(state, event));
            let frame = frame.get_or_insert_with(|| frame::publish(&name, content::method(event), message));
            subscriber.client.send(frame.clone());
        }
        if frame.is_some() {
            note(&name, content::method(event));
        }
    }
}

/// How a subscription matches a topic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Name,
    Wildcard,
}

/// The subscribers of a topic by name or wildcard, each client once.
fn audience<'a>(topics: &'a HashMap<Box<str>, Audience>, name: &'a str) -> impl Iterator<Item = (Way, &'a Subscriber)> {
    let named = topics.get(name);
    let wild: Vec<_> = topic::wildcards(name).filter_map(|wildcard| topics.get(&*wildcard)).collect();
    let known = move |earlier: &[&Audience], number| {
        named.is_some_and(|named| named.subscribers.contains_key(number))
            || earlier.iter().any(|audience| audience.subscribers.contains_key(number))
    };
    let by_wildcard: Vec<_> = (0..wild.len())
        .flat_map(|at| {
            let (earlier, this) = wild.split_at(at);
            this[0].subscribers.iter().filter(|(number, _)| !known(earlier, *number)).map(|(_, subscriber)| subscriber)
        })
        .collect();
    let by_name = named.into_iter().flat_map(|named| named.subscribers.values());
    by_name.map(|one| (Way::Name, one)).chain(by_wildcard.into_iter().map(|one| (Way::Wildcard, one)))
}

/// Whether all subscribers with this visibility get the same first frame until the next change. A membership is visible
/// to its own user only, and events expire without a change.
fn is_shared(place: Target<'_>, sight: Visibility) -> bool {
    sight == Visibility::All && !matches!(place, Target::Teammate(_) | Target::Events(..))
}

fn key(sandbox: &Sandbox) -> usize {
    std::ptr::from_ref(sandbox) as usize
}
