//! Recordings: the traffic of a real server as exchanges in the fixture format, with placeholders for secrets and
//! personal data. A recording is a world, and answers the calls that it holds.

mod exchange;
mod placeholder;
mod replay;
mod world;
mod writer;

use std::{fs, io, path::Path};

pub(crate) use self::{replay::replay, world::world, writer::Recorder};
use crate::example::Exchange;

/// Maximum size of all files of a recording.
const BYTES: u64 = 2 << 30;

/// A recorded exchange, and the name of its file.
pub(crate) struct Recorded {
    #[cfg_attr(not(any(feature = "cli", feature = "internals")), expect(dead_code, reason = "reports name it"))]
    pub(crate) file: String,
    pub(crate) exchange: Exchange,
}

/// The exchanges of a recording in their order, or why they cannot be read.
pub(crate) fn load(directory: &Path) -> Result<Vec<Recorded>, String> {
    let unreadable = |path: &Path, error: io::Error| format!("{}: {error}", path.display());
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = entries.map_err(|error| unreadable(directory, error))?;
    let mut files: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() {
        return Err(format!("{}: expected a recording, found no *.json files", directory.display()));
    }
    let mut bytes = 0;
    let mut all = Vec::new();
    for file in files {
        let text = fs::read(&file).map_err(|error| unreadable(&file, error))?;
        bytes += text.len() as u64;
        if bytes > BYTES {
            return Err(format!("{}: the recording is larger than {BYTES} bytes", directory.display()));
        }
        let exchange = serde_json::from_slice(&text)
            .map_err(|error| format!("{}: expected a recorded exchange: {error}", file.display()))?;
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
    let text = first.and_then(|file| fs::read(file).ok()).unwrap_or_default();
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(&text) else { return false };
    value["request"]["method"].is_string() && value["status"].is_u64()
}
