//! Storage of files by path: upload, lookup, expiry, and deletion.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{
    document::{Content, Store, StoredFile},
    schema::UploadedFile,
    thumbnail,
};
use crate::{
    http::blocking,
    runtime::memory::Memory,
    state::{Sandbox, State, Tx},
    store::Doc,
    value::{
        Error, Result, Text, Timestamp,
        error::{ErrorBody, ErrorKind},
    },
};

/// Maximum total size of the files of a sandbox, in bytes.
const ROOM: usize = 64 << 20;

/// Prefix of the names of thumbnails.
const SMALL: &str = "thumbnails_200_200-";

/// Lifetime of files of conversations: 30 days, in seconds.
pub(crate) const MONTH: i64 = 30 * 86_400;

/// A validated file to store.
pub(crate) struct Upload {
    pub(crate) store: Store,
    pub(crate) place: Place,
    pub(crate) content_type: Text,
    pub(crate) content: Bytes,
    pub(crate) thumbnail: Option<Bytes>,
    /// Seconds after which the file expires.
    pub(crate) lifetime: Option<i64>,
    /// Message of the response.
    pub(crate) message: &'static str,
}

/// The path at which to store a file.
pub(crate) enum Place {
    /// In a new subfolder of this folder, under this name.
    Below(String, Text),
    /// At this path, replacing any existing file.
    At(String),
    /// At this path; an existing file is a conflict with this message.
    Once(String, &'static str),
}

impl Upload {
    /// Adds a thumbnail, if the file is an image.
    pub(crate) async fn with_thumbnail(self, memory: &Arc<Memory>) -> Self {
        let thumbnail = thumbnail::of(self.content.clone(), memory).await;
        Self { thumbnail, ..self }
    }
}

/// Held while a file of any size is stored. Storing one at a time bounds the memory to that of the largest file.
static STORING: Semaphore = Semaphore::const_new(1);

/// Stores a file that may be large, on the blocking thread pool.
pub(crate) async fn save(sandbox: &Arc<Sandbox>, upload: Upload) -> Result<UploadedFile> {
    let _turn = STORING.acquire().await;
    // Besides the content, its Base64 form and two copies of that exist until it is stored.
    let charge = sandbox.memory.reserve(4 * upload.content.len())?;
    let sandbox = sandbox.clone();
    blocking(move || {
        let stored = sandbox.write(None, |tx| put(tx, upload));
        drop(charge);
        stored
    })
    .await
}

/// Stores a file and its thumbnail.
//
// Departs: All uploads of a sandbox share 64 MiB; the reference server stores whatever its database accepts.
pub(crate) fn put(tx: &mut Tx, upload: Upload) -> Result<UploadedFile> {
    let path = match upload.place {
        Place::Below(folder, name) => format!("{folder}/{}/{name}", tx.new_uuid()),
        Place::Once(path, words) if find(tx.state(), &[upload.store], &path, tx.now()).is_some() => {
            return Err(Error::new(ErrorKind::Conflict, ErrorBody::msg(words.into())));
        }
        Place::At(path) | Place::Once(path, _) => path,
    };
    let small = thumbnail_of(&path);
    remove(tx, upload.store, &path)?;
    remove(tx, upload.store, &small)?;
    let new = upload.content.len() + upload.thumbnail.as_ref().map_or(0, Bytes::len);
    make_room(tx, new)?;
    let expires_at = upload.lifetime.and_then(|seconds| {
        let expires_at = seconds.checked_mul(1_000)?.checked_add(tx.now().milliseconds())?;
        Some(Timestamp::from_milliseconds(expires_at))
    });
    let file = StoredFile {
        id: tx.new_id(),
        store: upload.store,
        path: path.as_str().into(),
        content_type: upload.content_type,
        created_at: tx.now(),
        expires_at,
        content: Content(upload.content),
    };
    let thumbnail = upload.thumbnail.map(|content| StoredFile {
        id: tx.new_id(),
        path: small.into(),
        content: Content(content),
        ..file.clone()
    });
    tx.put(file)?;
    let filename = path.into();
    let thumbnail = thumbnail.map(|thumbnail| tx.put(thumbnail)).transpose()?;
    let thumbnail = thumbnail.map(|thumbnail| thumbnail.value().path.clone());
    Ok(UploadedFile { message: upload.message.into(), filename, thumbnail })
}

/// Removes expired files, and fails if the new file exceeds the storage limit.
fn make_room(tx: &mut Tx, new: usize) -> Result<()> {
    let (now, files) = (tx.now(), &tx.state().tables.files);
    let (gone, kept): (Vec<_>, Vec<_>) = files.iter().partition(|file| !is_there(file, now));
    let taken: usize = kept.iter().map(|file| file.kept().bytes).sum();
    if taken + new > ROOM {
        let text = format!("The storage limit of {ROOM} bytes is exceeded: {taken} bytes are in use.");
        return Err(Error::new(ErrorKind::TooLarge, ErrorBody::error(text.into()).with("code", "LIMIT_STORAGE")));
    }
    let gone: Vec<_> = gone.iter().map(|file| file.value().id).collect();
    gone.into_iter().try_for_each(|id| tx.remove_by_id(id).map(drop))
}

/// When the next file expires.
pub(crate) fn next_expiry(state: &State, now: Timestamp) -> Option<Timestamp> {
    state.tables.files.iter().filter_map(|file| file.kept().expires_at).filter(|end| now < *end).min()
}

fn is_there(file: &Doc<StoredFile>, now: Timestamp) -> bool {
    file.kept().expires_at.is_none_or(|end| now < end)
}

/// Finds a file by path, in the first store that has it. The path can be plain or percent-encoded.
pub(crate) fn find(state: &State, stores: &[Store], path: &str, now: Timestamp) -> Option<StoredFile> {
    let encoded = format!("path={}", path.replace('+', "%2B").replace('&', "%26"));
    let decoded = form_urlencoded::parse(encoded.as_bytes()).next().map(|(_, path)| path.into_owned());
    let paths = [Some(path.to_owned()), decoded];
    let places = stores.iter().flat_map(|store| paths.iter().flatten().map(|path| StoredFile::at(*store, path)));
    let mut files = places.filter_map(|place| state.tables.files.find(place));
    files.find(|file| is_there(file, now)).map(|file| file.value().into_owned())
}

/// Removes a file, if it exists.
pub(crate) fn remove(tx: &mut Tx, store: Store, path: &str) -> Result<()> {
    match tx.find::<StoredFile>(StoredFile::at(store, path)) {
        Some(file) => tx.remove_by_id(file.id).map(drop),
        None => Ok(()),
    }
}

/// Removes a file with its thumbnail, and returns its path.
pub(crate) fn delete(tx: &mut Tx, stores: &[Store], path: &str) -> Result<Option<Text>> {
    let Some(file) = find(tx.state(), stores, path, tx.now()) else { return Ok(None) };
    remove(tx, file.store, &file.path)?;
    remove(tx, file.store, &thumbnail_of(&file.path))?;
    Ok(Some(file.path))
}

/// The path of the thumbnail of a file.
fn thumbnail_of(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/{SMALL}{name}"),
        None => format!("{SMALL}{path}"),
    }
}

/// The last segment of a path.
pub(crate) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
