//! The world that a fake starts with.

use std::path::Path;

use super::StartError;
use crate::{
    config::Config,
    recording,
    runtime::clock::ClockSetting,
    simulation::{history, present},
    state::{
        Holes, Settings, Tables, World,
        event::Signals,
        fixture::{self, FixtureError},
        provider_state::ProviderStates,
        sandbox::Start,
        world::Source,
    },
    world::{self, Loaded, Reading},
};

/// The world of the options, with the settings of its sandboxes.
pub(super) fn world(config: &Config, signals: Signals) -> Result<World, StartError> {
    let reading = Reading::new(config.clock, config.lenient);
    let own = match (&config.world, &config.fixtures) {
        (Some(world), _) => Some(world::parse("world", world, reading)?),
        (None, Some(path)) => Some(documents(path, reading)?),
        (None, None) => None,
    };
    let own = own.map(|Loaded { tables, warnings }| {
        for warning in &warnings {
            tracing::warn!("{warning}");
        }
        tables
    });
    let (tables, salt) = match own {
        Some(tables) => {
            let salt = tables.salt();
            (tables, salt)
        }
        None if config.empty => (Tables::default(), 0),
        None => (default_world(config)?, 0),
    };
    let Config { seed, clock, journal, rate_limit, .. } = *config;
    let holes = if config.faithful_holes { Holes::Open } else { Holes::Closed };
    let settings = Settings {
        start: Start { seed, salt, clock, journal, rate_limit, holes },
        ttl: config.sandbox_ttl,
        sandbox_required: config.sandbox_required,
        memory: config.memory,
    };
    let kept = config
        .state
        .as_deref()
        .filter(|file| file.exists())
        .map(|file| fixture::load(&[file.to_owned()]))
        .transpose()?;
    let files = config.fixtures.clone().filter(|path| config.world.is_none() && !recording::is_recording(path));
    let source = files.map(|path| -> Source {
        let (clock, lenient) = (config.clock, config.lenient);
        Box::new(move || world::load(&path, Reading::new(clock, lenient)).map(|loaded| loaded.tables))
    });
    let read = |path: &Path| world::load(path, reading).map(|loaded| loaded.tables);
    let states = config.pact_states.as_deref().map(|folder| ProviderStates::load(folder, read));
    let states = states.transpose()?.unwrap_or_default();
    let world = World::new(tables, settings, Some(signals)).read_from(source).offering(states);
    if let Some(kept) = kept {
        world.default_sandbox().replace(kept);
    }
    Ok(world)
}

/// The documents of a world, or of a recording.
pub(crate) fn documents(path: &Path, reading: Reading) -> Result<Loaded, FixtureError> {
    if recording::is_recording(path) {
        let (tables, warnings) = recording::world(path)?;
        return Ok(Loaded { tables, warnings });
    }
    world::load(path, reading)
}

/// The built-in world. If time passes, it has recent conversations, so that charts and lists are not empty.
fn default_world(config: &Config) -> Result<Tables, FixtureError> {
    let tables = world::default_world()?;
    let now = config.clock.start();
    Ok(match config.demo {
        Some(conversations) => {
            let plan = history::Plan { conversations, seed: config.seed, ..history::Plan::default() };
            history::extend(tables, history::Ground::World, &plan, now)
        }
        None if matches!(config.clock, ClockSetting::Frozen(_)) => tables,
        None => present::update(tables, config.seed, now),
    })
}
