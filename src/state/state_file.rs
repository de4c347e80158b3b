//! The file that keeps the documents of the default sandbox between runs.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use fs4::{FileExt, TryLockError};
use parking_lot::Mutex;

use super::tables::Tables;

/// A state file, locked for this server.
pub(crate) struct StateFile {
    path: PathBuf,
    /// Held while saving.
    saving: Mutex<()>,
    lock: Lock,
}

impl StateFile {
    /// Locks the file, and checks that it can be written, without writing it. A symbolic link is preserved: writes go
    /// to its target.
    pub(crate) fn claim(path: &Path) -> io::Result<Self> {
        writable(path)?;
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = Lock::of(&path)?;
        Ok(Self { path, saving: Mutex::default(), lock })
    }

    /// Writes documents in the fixture format, and returns the number of bytes. The file is replaced atomically:
    /// readers see either the old or the new version.
    pub(crate) fn save(&self, tables: &Tables) -> io::Result<usize> {
        let folder = folder_of(&self.path);
        let _one_at_a_time = self.saving.lock();
        let parts = tables.export_parts();
        // Reuse the name of a part file left behind by a killed server, so that there is at most one. If it cannot be
        // removed, creating the new one reports the error.
        let name = format!(".{}.part", name_of(&self.path));
        let _ = fs::remove_file(folder.join(&name));
        let mut written = tempfile::Builder::new().prefix(&name).rand_bytes(0).tempfile_in(folder)?;
        let mut buffered = BufWriter::new(written.as_file_mut());
        parts.iter().try_for_each(|part| buffered.write_all(part))?;
        buffered.flush()?;
        drop(buffered);
        written.as_file().sync_all()?;
        written.persist(&self.path)?;
        Ok(parts.iter().map(Bytes::len).sum())
    }

    /// Unlocks the file.
    pub(crate) fn release(&self) {
        self.lock.release();
    }
}

/// A lock file next to the state file, which cannot be locked itself because every save replaces it. The lock ends with
/// the process, no matter how it ends.
struct Lock {
    path: PathBuf,
    /// `None` once released.
    file: Mutex<Option<File>>,
}

impl Lock {
    fn of(state: &Path) -> io::Result<Self> {
        let path = folder_of(state).join(format!(".{}.lock", name_of(state)));
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::Error::other("file is locked by another server")),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(Self { path, file: Mutex::new(Some(file)) })
    }

    fn release(&self) {
        if let Some(file) = self.file.lock().take() {
            // Remove the file before unlocking it, because another server may lock it right after.
            let _ = fs::remove_file(&self.path);
            let _ = FileExt::unlock(&file);
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        self.release();
    }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn name_of(file: &Path) -> impl std::fmt::Display {
    file.file_name().unwrap_or_default().display()
}

/// Checks that a file could be written or replaced, without doing so.
pub(crate) fn writable(file: &Path) -> io::Result<()> {
    if file.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if file.exists() {
        // Opening anything else, such as a pipe, may block.
        if !file.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        OpenOptions::new().append(true).open(file)?;
    }
    tempfile::tempfile_in(folder_of(file)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_file_is_locked_by_one_server_at_a_time() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let file = folder.path().join("state.json");
        let first = StateFile::claim(&file).expect("the file is unlocked");
        let refused = StateFile::claim(&file).err().map(|error| error.to_string());
        assert_eq!(refused.as_deref(), Some("file is locked by another server"));
        drop(first);
        StateFile::claim(&file).expect("the file is unlocked again");
        assert_eq!(fs::read_dir(folder.path()).expect("the directory exists").count(), 0, "no lock is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn saving_preserves_symbolic_links() {
        let folder = tempfile::tempdir().expect("a temporary directory");
        let (link, target) = (folder.path().join("link.json"), folder.path().join("target.json"));
        fs::write(&target, "{}").expect("the directory is writable");
        std::os::unix::fs::symlink(&target, &link).expect("the directory is writable");
        StateFile::claim(&link).expect("the file is unlocked").save(&Tables::default()).expect("the file is writable");
        assert!(fs::symlink_metadata(&link).expect("the link exists").is_symlink());
        assert_eq!(fs::read_to_string(&target).expect("the target exists"), "{\n}\n");
    }
}
