//! Reloading a world when its files change.
//!
//! The files are polled: that also works for mounted and remote folders, which send no notifications, and costs a few
//! system calls per second.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use crate::{state::World, world};

const INTERVAL: Duration = Duration::from_millis(250);

/// Modification times and sizes, which show that files have changed. `None` for files that cannot be read.
type Fingerprint = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// The files of a world, and their state when it was loaded.
pub(super) struct Watched {
    path: PathBuf,
    loaded: Fingerprint,
}

impl Watched {
    pub(super) fn new(path: PathBuf) -> Self {
        let loaded = fingerprint(&path);
        Self { path, loaded }
    }
}

/// Reloads the world whenever its files change. While they have problems, the old world is served.
pub(super) async fn watch(world: Arc<World>, Watched { path, mut loaded }: Watched) {
    let mut seen = loaded.clone();
    loop {
        tokio::time::sleep(INTERVAL).await;
        let now = fingerprint(&path);
        // Wait until a file that is being written is complete.
        let is_settled = now == seen;
        seen = now;
        if !is_settled || seen == loaded {
            continue;
        }
        loaded.clone_from(&seen);
        let reloading = world.clone();
        match tokio::task::spawn_blocking(move || reloading.reload_now()).await {
            Ok(Ok(_)) => tracing::info!("reloaded {}", path.display()),
            Ok(Err(error)) => {
                let problems = error.to_string();
                problems.lines().for_each(|problem| tracing::error!("not reloaded: {problem}"));
            }
            Err(error) => tracing::error!("not reloaded: {error}"),
        }
    }
}

fn fingerprint(path: &Path) -> Fingerprint {
    let files = world::files(path).unwrap_or_default();
    let state = |file: &PathBuf| {
        let file = fs::metadata(file).ok()?;
        Some((file.modified().ok()?, file.len()))
    };
    files.into_iter().map(|file| (file.clone(), state(&file))).collect()
}
