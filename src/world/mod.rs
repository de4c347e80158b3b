//! The state of the fake and its one door.
//!
//! A [`World`] holds sandboxes; a [`Sandbox`] owns one published [`State`], a clock and a source of ids. Reading takes
//! the published state, writing runs a closure over a [`Tx`] that works on a copy-on-write clone of it and is published
//! whole, or not at all.
//!
//! Projects are rows of that state and not cells of their own in a `DashMap`: with one pointer per sandbox a snapshot, a
//! reset or a fork is a pointer, is consistent across projects and users, and a rule that touches both (creating a
//! project, signing up an invited user) is one transaction. What it costs, that two projects of one sandbox are written
//! one after the other, is some microseconds per write.

pub(crate) mod access;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod clock;
pub(crate) mod coverage;
mod decimal;
pub(crate) mod digest;
pub(crate) mod error;
pub(crate) mod event;
mod explicit;
pub(crate) mod fault;
pub(crate) mod file;
pub(crate) mod fixture;
pub(crate) mod frozen;
pub(crate) mod head;
pub(crate) mod id;
pub(crate) mod journal;
pub(crate) mod json;
pub(crate) mod limit;
mod loose;
pub(crate) mod outbox;
pub(crate) mod query;
pub(crate) mod question;
pub(crate) mod sandbox;
pub(crate) mod scope;
mod shards;
pub(crate) mod snapshot;
pub(crate) mod suggest;
pub(crate) mod tables;
pub(crate) mod token;
pub(crate) mod tx;
pub(crate) mod value;

use std::{
    borrow::Cow,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use dashmap::{DashMap, Entry};
use parking_lot::Mutex;

pub(crate) use self::{
    caller::{Actor, Caller, Role},
    clock::{Clock, ClockSetting, Timestamp},
    decimal::Decimal,
    error::{Error, Result},
    id::{Given, Id},
    sandbox::{Sandbox, State},
    scope::Scope,
    tables::{Collection, Entity, Owner, Tables},
    tx::Tx,
    value::{JsonObject, Text},
};
use self::{coverage::Coverage, event::Signals, sandbox::Start};

/// The sandbox of calls that name none.
pub(crate) const DEFAULT: &str = "default";

/// Everything that one server serves.
pub(crate) struct World {
    /// What every sandbox starts from.
    loaded: State,
    settings: Settings,
    /// Where the documents of the default sandbox are kept.
    kept: Option<PathBuf>,
    /// Held while they are written there.
    saving: Mutex<()>,
    coverage: Arc<Coverage>,
    signals: Option<Signals>,
    sandboxes: DashMap<Box<str>, Arc<Sandbox>>,
    /// Most calls name no sandbox, and need not look it up.
    default: Arc<Sandbox>,
}

/// How a world is set up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub(crate) start: Start,
    /// How long a sandbox that nobody uses is kept.
    pub(crate) ttl: Duration,
    /// Whether calls have to name a sandbox.
    pub(crate) sandbox_required: bool,
}

impl Settings {
    /// Those of a world that nobody sets up.
    pub(crate) fn of(clock: ClockSetting) -> Self {
        let start = Start { seed: 0, salt: 0, clock, journal: 0, rate_limit: None };
        Self { start, ttl: Duration::MAX, sandbox_required: false }
    }
}

/// Why there is no such sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSandbox {
    /// The name is none.
    BadName,
    /// Calls have to name one.
    Unnamed,
}

impl World {
    /// A world whose sandboxes start from `loaded`, and which tells of what is committed.
    pub(crate) fn new(loaded: Tables, settings: Settings, signals: Option<Signals>) -> Self {
        let loaded = State::new(loaded, settings.start.ids(settings.start.seed));
        let coverage = Arc::new(Coverage::default());
        let default = Sandbox::new(DEFAULT, &loaded, settings.start, coverage.clone(), signals.clone());
        let sandboxes = DashMap::from_iter([(DEFAULT.into(), default.clone())]);
        Self { loaded, settings, kept: None, saving: Mutex::default(), coverage, signals, sandboxes, default }
    }

    /// Keeps the documents of the default sandbox in a file.
    pub(crate) fn kept_in(self, file: Option<PathBuf>) -> Self {
        Self { kept: file, ..self }
    }

    /// Writes the documents of the default sandbox to the file that they are kept in, and answers how many bytes it has.
    /// Whoever reads the file finds the old one or the new one, each whole.
    pub(crate) fn save(&self) -> io::Result<Option<usize>> {
        let Some(file) = &self.kept else { return Ok(None) };
        let folder = folder_of(file);
        let _one_at_a_time = self.saving.lock();
        let export = self.default.state().tables.export();
        // What a killed server left is overwritten, so that there is one such file at most. What cannot be removed cannot be made
        // either.
        let name = format!(".{}.part", file.file_name().unwrap_or_default().display());
        let _ = fs::remove_file(folder.join(&name));
        let mut written = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempfile_in(folder)?;
        written.write_all(&export)?;
        written.as_file().sync_all()?;
        written.persist(file)?;
        Ok(Some(export.len()))
    }

    pub(crate) fn default_sandbox(&self) -> &Arc<Sandbox> {
        &self.default
    }

    /// The sandbox of that name, or the default one. It is made when it is named for the first time.
    pub(crate) fn choose(&self, name: Option<&str>) -> Result<Cow<'_, Arc<Sandbox>>, NoSandbox> {
        match name {
            Some(name) => self.sandbox(name).map(Cow::Owned),
            None if self.settings.sandbox_required => Err(NoSandbox::Unnamed),
            None => Ok(Cow::Borrowed(&self.default)),
        }
    }

    /// The sandbox of that name. It is made when it is named for the first time.
    pub(crate) fn sandbox(&self, name: &str) -> Result<Arc<Sandbox>, NoSandbox> {
        if let Some(known) = self.sandboxes.get(name).filter(|known| !self.is_expired(known)) {
            known.touch();
            return Ok(known.clone());
        }
        if !is_name(name) {
            return Err(NoSandbox::BadName);
        }
        Ok(match self.sandboxes.entry(name.into()) {
            Entry::Occupied(known) if !self.is_expired(known.get()) => known.get().clone(),
            Entry::Occupied(mut expired) => {
                expired.insert(self.new_sandbox(name));
                expired.get().clone()
            }
            Entry::Vacant(place) => place.insert(self.new_sandbox(name)).clone(),
        })
    }

    fn new_sandbox(&self, name: &str) -> Arc<Sandbox> {
        Sandbox::new(name, &self.loaded, self.settings.start, self.coverage.clone(), self.signals.clone())
    }

    /// A sandbox that is there.
    pub(crate) fn known_sandbox(&self, name: &str) -> Option<Arc<Sandbox>> {
        self.sandboxes.get(name).filter(|known| !self.is_expired(known)).map(|known| known.clone())
    }

    /// All sandboxes, by their names.
    pub(crate) fn sandboxes(&self) -> Vec<Arc<Sandbox>> {
        let known = self.sandboxes.iter().filter(|known| !self.is_expired(known));
        let mut all: Vec<_> = known.map(|known| known.clone()).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    /// Takes a sandbox away. The default one stays.
    pub(crate) fn remove(&self, name: &str) -> Option<Arc<Sandbox>> {
        if name == DEFAULT {
            return None;
        }
        self.sandboxes.remove(name).map(|(_, sandbox)| sandbox)
    }

    /// Takes away all sandboxes that nobody used for too long.
    pub(crate) fn expire(&self) {
        self.sandboxes.retain(|_, sandbox| !self.is_expired(sandbox));
    }

    /// Whoever holds a sandbox, such as a client of the realtime API, uses it.
    fn is_expired(&self, sandbox: &Arc<Sandbox>) -> bool {
        sandbox.idle() > self.settings.ttl && Arc::strong_count(sandbox) == 1
    }

    /// What was called in all sandboxes.
    pub(crate) fn coverage(&self) -> &Coverage {
        &self.coverage
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Checks that a file could be written, or replaced, without doing so.
pub(crate) fn writable(file: &Path) -> io::Result<()> {
    if file.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if file.exists() {
        fs::OpenOptions::new().append(true).open(file)?;
    }
    tempfile::tempfile_in(folder_of(file)).map(drop)
}

/// Whether a sandbox can be called so: what can stand in a path, in a header and in the name of a host alike.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // What a URL calls so was joined wrongly: `/_sandbox/_control/reset` lacks the name of the sandbox.
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain) && name != "_control"
}

#[cfg(test)]
mod tests {
    use std::{sync::Weak, thread::sleep};

    use super::*;

    #[test]
    fn sandboxes_that_nobody_uses_are_swept() {
        let settings = Settings { ttl: Duration::from_secs(1), ..Settings::of(ClockSetting::Real) };
        let world = World::new(Tables::default(), settings, None);
        let sandbox = |name| Arc::downgrade(&world.sandbox(name).expect("a name"));
        let all = [sandbox(DEFAULT), sandbox("held"), sandbox("used"), sandbox("left")];
        let _held = world.sandbox("held");
        sleep(settings.ttl + Duration::from_millis(100));
        world.sandbox("used").expect("a name");
        world.expire();
        let kept = all.iter().map(Weak::strong_count).map(|holders| holders > 0);
        // The one that is used after its time is made anew.
        assert_eq!(kept.collect::<Vec<_>>(), [true, true, false, false]);
        assert_eq!(world.sandboxes.len(), 3, "the new one is there");
    }
}
