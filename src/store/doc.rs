//! A document and the JSON that answers carry, rendered once per write.

use std::{borrow::Cow, fmt::Debug};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};

use super::Terms;

/// What a table can hold.
pub(crate) trait Document: Serialize + DeserializeOwned + Clone + Debug + Send + Sync + 'static {
    /// The key of the row.
    type Id: Copy + Ord + Debug + Send + Sync + 'static;

    /// Whether the parsed value is kept beside the bytes.
    ///
    /// Documents that come by the million and are mostly served as they are keep their bytes only: parsing one again
    /// costs a microsecond, holding all of them parsed costs more memory than their JSON.
    const KEPT: bool = true;

    fn id(&self) -> Self::Id;

    /// The default order of lists: milliseconds since 1970, usually those of the creation.
    fn position(&self) -> i64;

    /// Everything this document can be found by.
    fn terms(&self, terms: &mut Terms);

    /// What answers show. Documents with secrets leave them out here, and must be [`KEPT`](Self::KEPT).
    fn render(&self) -> Vec<u8> {
        full(self)
    }
}

/// A document with its rendering.
pub(crate) struct Doc<T> {
    json: Bytes,
    value: Option<Box<T>>,
}

impl<T: Document> Doc<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { json: Bytes::from(value.render()), value: T::KEPT.then(|| Box::new(value)) }
    }

    /// The JSON that answers carry. Cloning it is a reference count.
    pub(crate) fn json(&self) -> Bytes {
        self.json.clone()
    }

    pub(crate) fn value(&self) -> Cow<'_, T> {
        match &self.value {
            Some(value) => Cow::Borrowed(value),
            None => Cow::Owned(serde_json::from_slice(&self.json).expect("these bytes were rendered from this type")),
        }
    }

    /// The JSON with everything in it, secrets too: the fixture format.
    pub(crate) fn stored(&self) -> Cow<'_, [u8]> {
        match &self.value {
            Some(value) => Cow::Owned(full(&**value)),
            None => Cow::Borrowed(&self.json),
        }
    }
}

fn full<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("documents have text keys and finite numbers only")
}
