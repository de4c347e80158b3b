//! A document and the JSON that answers carry, rendered once per write.

use std::{
    borrow::Cow,
    fmt::Debug,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use crossbeam_utils::CachePadded;
use serde::{Serialize, de::DeserializeOwned};

use super::term::Terms;

/// What a table can hold.
pub(crate) trait Document: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static {
    /// The key of the row.
    type Id: Copy + Ord + Debug + Send + Sync + 'static;

    /// What stays parsed beside the bytes: [`Full`], or nothing, or the few fields that answers need.
    ///
    /// Documents that come by the million and are mostly served as they are keep little: parsing one again costs some
    /// microseconds, holding all of them parsed costs more memory than their JSON.
    type Retained: Retain<Self>;

    fn id(&self) -> Self::Id;

    /// The default order of lists: milliseconds since 1970, usually those of the creation.
    fn sort_key(&self) -> i64;

    /// Everything this document can be found by.
    fn terms(&self, terms: &mut Terms);

    /// The last fields, as an object, of those that answers do not show: secrets, and references that each answer shows
    /// in its own way.
    fn private_fields(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

/// What of a document stays parsed.
pub(crate) trait Retain<T>: Send + Sync + 'static {
    fn keep(value: T) -> Self;

    fn whole(&self) -> Option<&T> {
        None
    }
}

/// All of it.
pub(crate) struct Full<T>(Box<T>);

impl<T: Send + Sync + 'static> Retain<T> for Full<T> {
    fn keep(value: T) -> Self {
        Self(Box::new(value))
    }

    fn whole(&self) -> Option<&T> {
        Some(&self.0)
    }
}

/// Nothing.
impl<T> Retain<T> for () {
    fn keep(_: T) {}
}

/// Bytes of all documents of the process.
static HELD: CachePadded<AtomicUsize> = CachePadded::new(AtomicUsize::new(0));

/// What a document takes besides its JSON and what stays parsed: its places in trees and indexes, roughly.
const PLACES: usize = 256;

/// Bytes of all documents in memory, each counted once however many states share it.
pub(crate) fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

/// A document with its rendering.
pub(crate) struct Doc<T: Document> {
    /// What answers show, as an object; after it the hidden fields, if there are any, as what would follow its last field.
    bytes: Bytes,
    shown: u32,
    kept: T::Retained,
}

impl<T: Document> Drop for Doc<T> {
    fn drop(&mut self) {
        HELD.fetch_sub(self.size(), Ordering::Relaxed);
    }
}

/// Equal when they say the same.
impl<T: Document> PartialEq for Doc<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T: Document> Eq for Doc<T> {}

impl<T: Document> Doc<T> {
    pub(crate) fn new(value: T) -> Self {
        // Room for most: what is copied has just its size.
        let (mut bytes, hidden) = (Vec::with_capacity(1 << 10), value.private_fields());
        render_into(&mut bytes, &value);
        let mut shown = bytes.len();
        // An object of no fields is two bytes, and no comma stands before it.
        if hidden.len() > 2 {
            shown -= hidden.len();
            bytes.insert(shown, b'}');
            shown += 1;
        }
        let shown = u32::try_from(shown).expect("bodies are limited to far less than 4 GiB");
        let doc = Self { bytes: Bytes::copy_from_slice(&bytes), shown, kept: T::Retained::keep(value) };
        HELD.fetch_add(doc.size(), Ordering::Relaxed);
        doc
    }

    fn size(&self) -> usize {
        // What stays parsed is about as large as the JSON.
        let copies = if self.kept.whole().is_some() { 2 } else { 1 };
        copies * self.bytes.len() + PLACES
    }

    /// The JSON that answers carry.
    pub(crate) fn json(&self) -> &[u8] {
        &self.bytes[..self.shown as usize]
    }

    /// The same, shared: the journal holds thousands of answers, and those that are one document take no memory of their own.
    /// What is joined is copied anyway, and need not count references.
    pub(crate) fn to_json(&self) -> Bytes {
        self.bytes.slice(..self.shown as usize)
    }

    pub(crate) fn kept(&self) -> &T::Retained {
        &self.kept
    }

    pub(crate) fn value(&self) -> Cow<'_, T> {
        self.kept.whole().map_or_else(
            || Cow::Owned(serde_json::from_slice(&self.stored()).expect("these bytes were rendered from this type")),
            Cow::Borrowed,
        )
    }

    /// The fixture format, shared where nothing is hidden.
    pub(crate) fn to_fixture_json(&self) -> Bytes {
        match self.stored() {
            Cow::Borrowed(_) => self.to_json(),
            Cow::Owned(stored) => stored.into(),
        }
    }

    /// The JSON with everything in it, secrets too: the fixture format.
    pub(crate) fn stored(&self) -> Cow<'_, [u8]> {
        let (shown, hidden) = self.bytes.split_at(self.shown as usize);
        match hidden {
            [] => Cow::Borrowed(shown),
            hidden => Cow::Owned([&shown[..shown.len() - 1], hidden].concat()),
        }
    }
}

/// The JSON of a document, or of a part of one.
pub(crate) fn render(value: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::new();
    render_into(&mut json, value);
    json
}

fn render_into(json: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(json, value).expect("documents have text keys and finite numbers only");
}
