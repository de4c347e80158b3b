//! Recordings: the traffic of a real server as exchanges in the fixture format, with placeholders for secrets and
//! personal data. A recording can be loaded as a world, replayed, and compared with other servers.

#[cfg(feature = "cli")]
mod beginning;
mod exchange;
mod placeholder;
mod replay;
mod world;
mod writer;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

#[cfg(feature = "cli")]
pub(crate) use self::beginning::beginning;
pub(crate) use self::{replay::replay, world::world, writer::Recorder};
#[cfg(feature = "cli")]
use crate::value::Timestamp;
use crate::{example::Exchange, state::problem::Problem};

/// Maximum size of all files of a recording.
const BYTES: u64 = 2 << 30;

/// A recorded exchange, and the name of its file.
pub(crate) struct Recorded {
    #[cfg_attr(not(any(feature = "cli", feature = "internals")), expect(dead_code, reason = "reports name it"))]
    pub(crate) file: String,
    pub(crate) exchange: Exchange,
}

impl Recorded {
    /// The time at which the proxy received the call.
    #[cfg(feature = "cli")]
    pub(crate) fn time(&self) -> Option<Timestamp> {
        Timestamp::parse(self.exchange.source.rsplit(", ").next()?)
    }
}

/// The exchanges of a recording in order, or the reason that they cannot be read.
pub(crate) fn load(directory: &Path) -> Result<Vec<Recorded>, Problem> {
    let problem =
        |path: &Path, problem: String| Problem { file: path.display().to_string(), pointer: String::new(), problem };
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| problem(directory, error.to_string()))?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() {
        return Err(problem(directory, "expected a recording, found no *.json files".to_owned()));
    }
    let mut bytes = 0;
    let mut all = Vec::new();
    for file in files {
        // Other files, such as devices, may be endless.
        let size = fs::metadata(&file).map(|known| known.is_file().then_some(known.len()));
        let size = size.map_err(|error| problem(&file, error.to_string()))?;
        bytes += size.ok_or_else(|| problem(&file, "expected a regular file".to_owned()))?;
        if bytes > BYTES {
            return Err(problem(directory, format!("the recording is larger than {BYTES} bytes")));
        }
        let text = fs::read(&file).map_err(|error| problem(&file, error.to_string()))?;
        let exchange = serde_json::from_slice(&text)
            .map_err(|error| problem(&file, format!("expected a recorded exchange: {error}")))?;
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        all.push(Recorded { file: name, exchange });
    }
    Ok(all)
}

/// Whether a path is a directory whose first file is a recorded exchange, and not a world.
pub(crate) fn is_recording(path: &Path) -> bool {
    let Ok(entries) = fs::read_dir(path) else { return false };
    let files = entries.flatten().map(|entry| entry.path());
    let first = files.filter(|file| file.extension().is_some_and(|extension| extension == "json")).min();
    let is_small = |file: &PathBuf| fs::metadata(file).is_ok_and(|known| known.is_file() && known.len() <= BYTES);
    let text = first.filter(is_small).and_then(|file| fs::read(file).ok()).unwrap_or_default();
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&text) else { return false };
    value["request"]["method"].is_string() && value["status"].is_u64()
}
