//! The file in which the documents of the default sandbox are kept between runs.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use fs4::fs_std::FileExt;
use parking_lot::Mutex;

use super::tables::Tables;

/// A file that no other server uses.
pub(crate) struct StateFile {
    path: PathBuf,
    /// Held while it is written.
    saving: Mutex<()>,
    lock: Lock,
}

impl StateFile {
    /// Takes a file for this server alone, and checks that it can be written, without writing it. A symbolic link stays one:
    /// what it leads to is written.
    pub(crate) fn claim(path: &Path) -> io::Result<Self> {
        writable(path)?;
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let lock = Lock::of(&path)?;
        Ok(Self { path, saving: Mutex::default(), lock })
    }

    /// Writes documents in the fixture format, and returns how many bytes they are. A reader finds the old file or the new
    /// one, each complete.
    pub(crate) fn save(&self, tables: &Tables) -> io::Result<usize> {
        let folder = folder_of(&self.path);
        let _one_at_a_time = self.saving.lock();
        let parts = tables.export_parts();
        // A part file that a killed server left behind is overwritten, so that there is at most one. What cannot be removed
        // cannot be made either.
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

    /// Leaves the file to other servers.
    pub(crate) fn release(&self) {
        self.lock.release();
    }
}

/// A file next to the state, which is replaced whenever it is saved and cannot be locked itself. The lock ends with the
/// process, however it ends.
struct Lock {
    path: PathBuf,
    /// Nothing once it was released.
    file: Mutex<Option<File>>,
}

impl Lock {
    fn of(state: &Path) -> io::Result<Self> {
        let path = folder_of(state).join(format!(".{}.lock", name_of(state)));
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        if !FileExt::try_lock_exclusive(&file)? {
            return Err(io::Error::other("another server keeps its state there"));
        }
        Ok(Self { path, file: Mutex::new(Some(file)) })
    }

    fn release(&self) {
        if let Some(file) = self.file.lock().take() {
            // Before it is unlocked: another server may have it right after.
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

/// Checks that a file could be written, or replaced, without doing so.
pub(crate) fn writable(file: &Path) -> io::Result<()> {
    if file.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if file.exists() {
        OpenOptions::new().append(true).open(file)?;
    }
    tempfile::tempfile_in(folder_of(file)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_one_server_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("state.json");
        let first = StateFile::claim(&file).expect("nobody has it");
        let refused = StateFile::claim(&file).err().map(|error| error.to_string());
        assert_eq!(refused.as_deref(), Some("another server keeps its state there"));
        drop(first);
        StateFile::claim(&file).expect("it is free again");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "no lock is left behind");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let (link, target) = (folder.path().join("link.json"), folder.path().join("target.json"));
        fs::write(&target, "{}").expect("a file");
        std::os::unix::fs::symlink(&target, &link).expect("a link");
        StateFile::claim(&link).expect("it is free").save(&Tables::default()).expect("it is written");
        assert!(fs::symlink_metadata(&link).expect("it is there").is_symlink());
        assert_eq!(fs::read_to_string(&target).expect("it is there"), "{\n}\n");
    }
}
