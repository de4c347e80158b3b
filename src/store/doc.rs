//! Documents with the JSON of responses, rendered once per write.

use std::{
    borrow::Cow,
    fmt::Debug,
    sync::atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use crossbeam_utils::CachePadded;
use serde::{Serialize, de::DeserializeOwned};

use super::term::Terms;

/// A type that a table can store.
pub(crate) trait Document: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static {
    /// The row's ID.
    type Id: Copy + Ord + Debug + Send + Sync + 'static;

    /// The parsed part kept next to the rendered bytes: [`Full`], nothing, or the few fields that responses need.
    ///
    /// Documents that exist by the million and are mostly served verbatim keep little: parsing one takes a few
    /// microseconds, but keeping all of them parsed would take more memory than their JSON.
    type Retained: Retain<Self>;

    fn id(&self) -> Self::Id;

    /// The default order of lists: milliseconds since 1970, usually of the creation.
    fn sort_key(&self) -> i64;

    /// Adds all index terms of the document.
    fn terms(&self, terms: &mut Terms);

    /// The trailing fields that responses omit, as an object: secrets, and references that each response shows in its
    /// own way.
    fn private_fields(&self) -> Vec<u8> {
        b"{}".to_vec()
    }
}

/// The part of a document that stays parsed.
pub(crate) trait Retain<T>: Send + Sync + 'static {
    fn keep(value: T) -> Self;

    fn whole(&self) -> Option<&T> {
        None
    }
}

/// All of the document.
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

/// Bytes of all documents in the process.
static HELD: CachePadded<AtomicUsize> = CachePadded::new(AtomicUsize::new(0));

/// Approximate overhead of a document in trees and indexes.
const PLACES: usize = 256;

/// Bytes of all documents in memory, counting each once regardless of how many versions share it.
pub(crate) fn held() -> usize {
    HELD.load(Ordering::Relaxed)
}

/// A document and its rendering.
pub(crate) struct Doc<T: Document> {
    /// The object shown in responses, followed by the private fields, if any, as the continuation of that object.
    bytes: Bytes,
    shown: u32,
    kept: T::Retained,
}

impl<T: Document> Drop for Doc<T> {
    fn drop(&mut self) {
        HELD.fetch_sub(self.size(), Ordering::Relaxed);
    }
}

/// Equal if they render equally.
impl<T: Document> PartialEq for Doc<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T: Document> Eq for Doc<T> {}

impl<T: Document> Doc<T> {
    pub(crate) fn new(value: T) -> Self {
        // Large enough for most documents; the copy below has the exact size.
        let (mut bytes, hidden) = (Vec::with_capacity(1 << 10), value.private_fields());
        render_into(&mut bytes, &value);
        let mut shown = bytes.len();
        // `{}` takes two bytes. Without private fields, there is nothing to separate.
        if hidden.len() > 2 {
            shown -= hidden.len();
            bytes.insert(shown, b'}');
            shown += 1;
        }
        let shown = u32::try_from(shown).expect("body limits are far below 4 GiB");
        let doc = Self { bytes: Bytes::copy_from_slice(&bytes), shown, kept: T::Retained::keep(value) };
        HELD.fetch_add(doc.size(), Ordering::Relaxed);
        doc
    }

    fn size(&self) -> usize {
        // The parsed form is about as large as the JSON.
        let copies = if self.kept.whole().is_some() { 2 } else { 1 };
        copies * self.bytes.len() + PLACES
    }

    /// The JSON shown in responses.
    pub(crate) fn json(&self) -> &[u8] {
        &self.bytes[..self.shown as usize]
    }

    /// Like [`Self::json`], but shared: the journal holds thousands of responses, and those of a single document take
    /// no extra memory. Responses that embed it copy the bytes anyway, and need no reference count.
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

    /// The fixture format, sharing memory if there are no private fields.
    pub(crate) fn to_fixture_json(&self) -> Bytes {
        match self.stored() {
            Cow::Borrowed(_) => self.to_json(),
            Cow::Owned(stored) => stored.into(),
        }
    }

    /// The complete JSON including secrets, which is the fixture format.
    pub(crate) fn stored(&self) -> Cow<'_, [u8]> {
        let (shown, hidden) = self.bytes.split_at(self.shown as usize);
        match hidden {
            [] => Cow::Borrowed(shown),
            hidden => Cow::Owned([&shown[..shown.len() - 1], hidden].concat()),
        }
    }
}

/// Renders a document, or a part of one.
pub(crate) fn render(value: &impl Serialize) -> Vec<u8> {
    let mut json = Vec::new();
    render_into(&mut json, value);
    json
}

fn render_into(json: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(json, value).expect("documents have string keys and finite numbers only");
}
