//! Provider states: worlds by their names in consumer pacts.

use std::{collections::BTreeMap, fs, path::Path};

use super::{fixture::FixtureError, problem::Problem, tables::Tables};
use crate::value::suggest::{self, letters};

/// Worlds by name. Only letters and digits are compared, so that names can be file names.
#[derive(Default)]
pub(crate) struct ProviderStates(BTreeMap<String, (String, Tables)>);

impl ProviderStates {
    /// The worlds of a directory: each JSON or YAML file, and each directory of such files.
    pub(crate) fn load(
        folder: &Path,
        read: impl Fn(&Path) -> Result<Tables, FixtureError>,
    ) -> Result<Self, FixtureError> {
        let unreadable =
            |why: &str| Problem { file: folder.display().to_string(), pointer: String::new(), problem: why.to_owned() };
        let entries = fs::read_dir(folder).map_err(|error| unreadable(&error.to_string()))?;
        let mut states = BTreeMap::new();
        for entry in entries {
            let path = entry.map_err(|error| unreadable(&error.to_string()))?.path();
            let is_world = path.is_dir()
                || path
                    .extension()
                    .is_some_and(|extension| ["json", "yaml", "yml"].iter().any(|known| extension == *known));
            let Some(name) = path.file_stem().and_then(|name| name.to_str()).filter(|_| is_world) else { continue };
            let world = read(&path)?;
            if let Some((other, _)) = states.insert(letters(name), (name.to_owned(), world)) {
                return Err(unreadable(&format!("`{name}` and `{other}` are the same state")).into());
            }
        }
        Ok(Self(states))
    }

    pub(crate) fn get(&self, name: &str) -> Option<Tables> {
        self.0.get(&letters(name)).map(|(_, tables)| tables.clone())
    }

    /// The error message for a name that no world and none of these snapshots has.
    pub(crate) fn unknown<'a>(&'a self, name: &str, snapshots: impl Iterator<Item = &'a str> + Clone) -> String {
        let worlds = self.0.values().map(|(name, _)| name.as_str());
        suggest::unknown("provider state", name, worlds.chain(snapshots))
    }
}
