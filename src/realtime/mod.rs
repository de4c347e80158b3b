//! The realtime API: clients subscribe to topics over a WebSocket, and are told what is committed.
//!
//! One task takes the commits as they come and puts frames into the queues of the clients; each connection has a task that
//! empties its own. Subscribing and taking a commit exclude each other, and a subscription passes over the commits that
//! its first frame shows already: nothing is missed and nothing is told twice.

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
    state::{
        Hole, Sandbox, State,
        event::{Commit, Event, Rights},
        failure::Task,
    },
    value::id::IdSource,
};

/// Maximum number of topics of a connection.
//
// Departs: A connection can subscribe to 1,024 topics; the reference server has no limit.
const TOPICS: usize = 1_024;

/// How long clients may take to hear that the server is being stopped.
const GRACE: Duration = Duration::from_secs(2);

/// Everybody who is connected, and what they are told of.
pub(crate) struct Realtime {
    /// The topics of each sandbox that somebody is subscribed to.
    topics: Mutex<HashMap<usize, HashMap<Box<str>, Audience>>>,
    /// Time between two pings.
    heartbeat: Duration,
    /// The number of the last client.
    last: AtomicU64,
    /// Names connections.
    ids: Mutex<IdSource>,
    connected: watch::Sender<usize>,
    closing: watch::Sender<bool>,
}

/// Who is subscribed to one topic.
#[derive(Default)]
struct Audience {
    subscribers: BTreeMap<u64, Subscriber>,
    /// The first frame as those get it who see everything, and the revision that it shows.
    first: Option<(u64, Frame)>,
}

struct Subscriber {
    client: Arc<Client>,
    /// The revision that the first frame shows.
    revision: u64,
    sight: Visibility,
}

impl Realtime {
    /// Whoever is connected is counted in `connected`.
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

    /// Tells the clients of a commit. It costs nothing when there are none.
    pub(crate) fn take(&self, Commit { sandbox, state, events, rights, .. }: &Commit) {
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
                publish(topics, state, event);
                if let Some(update) = content::update(state, events, event) {
                    publish(topics, state, &update);
                }
            });
        }
    }

    /// Subscribes a client, which gets the first frame.
    fn subscribe(&self, sandbox: &Sandbox, client: &Arc<Client>, name: &str) -> Result<(), Flaw> {
        let topic = Topic::parse(name).ok_or_else(|| Flaw::Topic(name.to_owned()))?;
        let mut topics = self.topics.lock();
        // After the lock is taken: what is committed from now on is taken when this is done.
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

    /// Passes on what one client says to a topic.
    fn relay(&self, sandbox: &Sandbox, except: Option<&Client>, name: &str, frame: &Frame) {
        let topics = self.topics.lock();
        let Some(topics) = topics.get(&key(sandbox)) else { return };
        for (_, Subscriber { client, .. }) in audience(topics, name) {
            if except.is_none_or(|except| except.number != client.number) {
                client.send(frame.clone());
            }
        }
    }

    /// Forgets a client.
    fn leave(&self, sandbox: &Sandbox, client: &Client) {
        if let Some(topics) = self.topics.lock().get_mut(&key(sandbox)) {
            topics.retain(|_, audience| {
                audience.subscribers.remove(&client.number);
                !audience.subscribers.is_empty()
            });
        }
        self.connected.send_modify(|connected| *connected -= 1);
    }

    /// Counts a client in, and answers its number.
    fn enter(&self) -> u64 {
        self.connected.send_modify(|connected| *connected += 1);
        self.last.fetch_add(1, Ordering::Relaxed)
    }

    /// Closes all connections, after what is in their queues.
    pub(crate) async fn close(&self) {
        self.closing.send_replace(true);
        let mut connected = self.connected.subscribe();
        // Who does not answer in time is cut off when the server's runtime ends.
        let _ = tokio::time::timeout(GRACE, connected.wait_for(|connected| *connected == 0)).await;
    }
}

/// Ends the subscriptions that clients have no right to any more, and narrows those to which they have less.
fn authorize(topics: &mut HashMap<Box<str>, Audience>, state: &State) {
    topics.retain(|name, audience| {
        let topic = Topic::parse(name).expect("only names of topics are subscribed to");
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

/// Sends an event to the subscribers of its topics.
fn publish(topics: &HashMap<Box<str>, Audience>, state: &State, event: &Event) {
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
    }
}

/// How a subscriber hears of a topic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Name,
    Wildcard,
}

/// Who is to hear of a topic, each client once.
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

/// Whether everybody with this sight gets the same first frame, as long as nothing changes. One's own membership is nobody
/// else's to see, and events vanish by themselves.
fn is_shared(place: Target<'_>, sight: Visibility) -> bool {
    sight == Visibility::All && !matches!(place, Target::Teammate(_) | Target::Events(..))
}

fn key(sandbox: &Sandbox) -> usize {
    std::ptr::from_ref(sandbox) as usize
}
