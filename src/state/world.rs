//! The world of a server: all its sandboxes.

use std::{borrow::Cow, io, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use dashmap::{DashMap, Entry};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::{
    event::Signals,
    fixture::FixtureError,
    hole::Holes,
    provider_state::ProviderStates,
    sandbox::{Sandbox, Shared, Start},
    state_file::StateFile,
    tables::Tables,
    version::State,
};
use crate::{
    recorder::coverage::Coverage,
    runtime::{
        clock::ClockSetting,
        memory::{self, Charge, Memory},
    },
    value::Result,
};

/// The sandbox for calls that name none.
pub(crate) const DEFAULT: &str = "default";

/// The sandboxes of a server.
pub(crate) struct World {
    /// The initial state of every sandbox.
    loaded: ArcSwap<State>,
    /// Reads the initial state again, if it was read from files.
    source: Option<Source>,
    settings: Settings,
    /// The file that keeps the documents of the default sandbox.
    kept: Option<StateFile>,
    provider_states: ProviderStates,
    shared: Shared,
    pub(crate) memory: Arc<Memory>,
    pub(super) sandboxes: DashMap<Box<str>, Arc<Sandbox>>,
    /// Whether the server is stopping, which ends endless responses.
    closing: watch::Sender<bool>,
    /// Permits for endless responses.
    streams: Arc<Semaphore>,
    /// Most calls name no sandbox, and can skip the lookup.
    default: Arc<Sandbox>,
}

/// Reads the documents of a world.
pub(crate) type Source = Box<dyn Fn() -> Result<Tables, FixtureError> + Send + Sync>;

/// The settings of a world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) start: Start,
    /// Time until an unused sandbox is dropped.
    pub(crate) ttl: Duration,
    /// Whether calls must name a sandbox.
    pub(crate) sandbox_required: bool,
    /// The memory budget in bytes.
    pub(crate) memory: usize,
}

impl Settings {
    /// Defaults for use inside the crate, without a command line.
    pub(crate) fn of(clock: ClockSetting) -> Self {
        let start = Start { seed: 0, salt: 0, clock, journal: 0, rate_limit: None, holes: Holes::Closed };
        Self { start, ttl: Duration::MAX, sandbox_required: false, memory: memory::DEFAULT }
    }
}

/// Why a sandbox is unavailable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSandbox {
    /// The name is invalid.
    BadName,
    /// The call must name a sandbox.
    Unnamed,
    /// The memory budget has no room for another sandbox.
    Full,
}

impl World {
    /// Maximum number of endless responses at once.
    pub(crate) const STREAMS: usize = 256;

    /// A permit for an endless response, if one is available. Dropping it releases it.
    pub(crate) fn stream(&self) -> Option<OwnedSemaphorePermit> {
        self.streams.clone().try_acquire_owned().ok()
    }

    /// Creates a world whose sandboxes start from `loaded`, and which signals commits.
    pub(crate) fn new(loaded: Tables, settings: Settings, signals: Option<Signals>) -> Self {
        let loaded = State::new(loaded, settings.start.ids(settings.start.seed), settings.start.holes);
        let (coverage, memory) = (Arc::new(Coverage::default()), Memory::new(settings.memory));
        let shared = Shared { coverage, memory: memory.clone(), signals, created: Arc::default() };
        let default = Sandbox::new(DEFAULT, &loaded, settings.start, shared.clone(), None);
        let sandboxes = DashMap::from_iter([(DEFAULT.into(), default.clone())]);
        let (closing, streams) = (watch::Sender::new(false), Arc::new(Semaphore::new(Self::STREAMS)));
        let loaded = ArcSwap::from_pointee(loaded);
        Self {
            loaded,
            source: None,
            settings,
            kept: None,
            provider_states: ProviderStates::default(),
            shared,
            memory,
            sandboxes,
            closing,
            streams,
            default,
        }
    }

    /// Makes the world reloadable.
    pub(crate) fn read_from(self, source: Option<Source>) -> Self {
        Self { source, ..self }
    }

    /// Reads the world again, and returns whether it was read from files at all. Sandboxes keep their documents, and
    /// their next reset returns to the new world. An invalid world changes nothing.
    pub(crate) fn reload(&self) -> Result<bool, FixtureError> {
        let Some(source) = &self.source else { return Ok(false) };
        let tables = source()?;
        // The new documents may have identifiers that were generated since the start.
        let start = Start { salt: tables.salt(), ..self.settings.start };
        let loaded = Arc::new(State::new(tables, start.ids(start.seed), start.holes));
        self.loaded.store(loaded.clone());
        self.sandboxes.iter().for_each(|sandbox| sandbox.reload(&loaded));
        Ok(true)
    }

    /// Like [`Self::reload`], and replaces the documents of all sandboxes. Their clocks, journals, and faults are kept.
    pub(crate) fn reload_now(&self) -> Result<bool, FixtureError> {
        let is_reloaded = self.reload()?;
        if is_reloaded {
            let loaded = self.loaded.load_full();
            self.sandboxes.iter().for_each(|sandbox| sandbox.restore(&loaded));
        }
        Ok(is_reloaded)
    }

    /// Keeps the documents of the default sandbox in a file.
    pub(crate) fn kept_in(self, file: Option<StateFile>) -> Self {
        Self { kept: file, ..self }
    }

    /// Offers provider states.
    pub(crate) fn offering(self, provider_states: ProviderStates) -> Self {
        Self { provider_states, ..self }
    }

    pub(crate) fn provider_states(&self) -> &ProviderStates {
        &self.provider_states
    }

    /// Saves the documents of the default sandbox to the state file, if there is one, and returns its size.
    pub(crate) fn save(&self) -> io::Result<Option<usize>> {
        let state = self.default.state_arc();
        self.kept.as_ref().map(|file| file.save(&state.tables)).transpose()
    }

    /// Unlocks the state file.
    pub(crate) fn release(&self) {
        self.kept.iter().for_each(StateFile::release);
    }

    pub(crate) fn default_sandbox(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// The sandbox with a name, or the default one. Created on first use.
    pub(crate) fn choose(&self, name: Option<&str>) -> Result<Cow<'_, Arc<Sandbox>>, NoSandbox> {
        match name {
            Some(name) => self.sandbox(name).map(Cow::Owned),
            None if self.settings.sandbox_required => Err(NoSandbox::Unnamed),
            None => Ok(Cow::Borrowed(&self.default)),
        }
    }

    /// The sandbox with a name. Created on first use.
    pub(crate) fn sandbox(&self, name: &str) -> Result<Arc<Sandbox>, NoSandbox> {
        if let Some(known) = self.sandboxes.get(name).filter(|known| !self.is_expired(known)) {
            known.touch();
            return Ok(known.clone());
        }
        if !is_name(name) {
            return Err(NoSandbox::BadName);
        }
        let charge = self.room().ok_or(NoSandbox::Full)?;
        let loaded = self.loaded.load();
        let new = || Sandbox::new(name, &loaded, self.settings.start, self.shared.clone(), Some(charge));
        Ok(match self.sandboxes.entry(name.into()) {
            Entry::Occupied(known) if !self.is_expired(known.get()) => known.get().clone(),
            Entry::Occupied(mut expired) => {
                expired.insert(new());
                expired.get().clone()
            }
            Entry::Vacant(place) => place.insert(new()).clone(),
        })
    }

    /// Reserves memory for a sandbox, if necessary by dropping pristine ones.
    fn room(&self) -> Option<Charge> {
        self.memory.reserve(memory::SANDBOX).ok().or_else(|| {
            self.sandboxes.retain(|_, sandbox| !(sandbox.is_pristine() && Arc::strong_count(sandbox) == 1));
            self.memory.reserve(memory::SANDBOX).ok()
        })
    }

    /// An existing sandbox.
    pub(crate) fn known_sandbox(&self, name: &str) -> Option<Arc<Sandbox>> {
        self.sandboxes.get(name).filter(|known| !self.is_expired(known)).map(|known| known.clone())
    }

    /// All sandboxes, sorted by name.
    pub(crate) fn sandboxes(&self) -> Vec<Arc<Sandbox>> {
        let known = self.sandboxes.iter().filter(|known| !self.is_expired(known));
        let mut all: Vec<_> = known.map(|known| known.clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Removes a sandbox, unless it is the default one.
    pub(crate) fn remove(&self, name: &str) -> Option<Arc<Sandbox>> {
        if name == DEFAULT {
            return None;
        }
        let (_, removed) = self.sandboxes.remove(name)?;
        removed.journal.tell();
        Some(removed)
    }

    /// Drops all sandboxes that have been unused for too long.
    pub(crate) fn expire(&self) {
        self.sandboxes.retain(|_, sandbox| !self.is_expired(sandbox));
    }

    /// A sandbox held by anything else, such as a client of the realtime API, counts as used.
    fn is_expired(&self, sandbox: &Arc<Sandbox>) -> bool {
        sandbox.idle() > self.settings.ttl && Arc::strong_count(sandbox) == 1
    }

    /// Ends endless responses on shutdown.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// A watch on whether the server is stopping.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Coverage of all sandboxes.
    pub(crate) fn coverage(&self) -> &Coverage {
        &self.shared.coverage
    }
}

/// Whether a name is valid in a path, a header, and a hostname alike.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // `/_sandbox/_control/reset` is a URL that lacks the name of the sandbox.
    // Clients resolve `.` and `..` in paths before sending them.
    let is_relative = matches!(name, "." | "..");
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain) && name != "_control" && !is_relative
}

#[cfg(test)]
mod tests {
    use std::{sync::Weak, thread::sleep};

    use super::*;

    #[test]
    fn unused_sandboxes_expire() {
        let settings = Settings { ttl: Duration::from_secs(1), ..Settings::of(ClockSetting::Real) };
        let world = World::new(Tables::default(), settings, None);
        let sandbox = |name| Arc::downgrade(&world.sandbox(name).expect("a name"));
        let all = [sandbox(DEFAULT), sandbox("held"), sandbox("used"), sandbox("left")];
        let _held = world.sandbox("held");
        sleep(settings.ttl + Duration::from_millis(100));
        world.sandbox("used").expect("a name");
        world.expire();
        let kept = all.iter().map(Weak::strong_count).map(|holders| holders > 0);
        // A sandbox used after its expiry is created anew.
        assert_eq!(kept.collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(world.sandboxes.len(), 3, "including the new one");
    }
}
