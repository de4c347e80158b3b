//! What all documents of the API have in common.

use crate::{
    resource::project::document::Project,
    store::{Doc, Document, Retain},
    value::{Id, Timestamp, json},
};

/// A document of the API.
pub(crate) trait Entity: Document<Id = Id<Self>> {
    /// The project it belongs to, if it belongs to one.
    fn project(&self) -> Option<Id<Project>>;

    /// The same of a stored document, which need not be parsed where it keeps an [`Owner`].
    fn owner(doc: &Doc<Self>) -> Option<Id<Project>> {
        doc.value().project()
    }

    /// Notes that it is written now.
    fn touch(&mut self, now: Timestamp);

    /// Makes the fields that follow from others right.
    fn normalize(&mut self) {}

    /// Maximum number of levels of the document as JSON: those that a call can send, and those around them. Documents that
    /// hold copies of others have more, so that whatever can be copied can be read again.
    const NESTING: usize = json::NESTING + 4;

    /// Whether such documents say who may do what.
    const GIVES_RIGHTS: bool = false;

    /// Whether a right ends when `after`, or nothing, replaces this document.
    fn ends_rights(&self, _after: Option<&Self>) -> bool {
        false
    }

    /// Checks what reading the document leaves unread: its [`Frozen`](super::frozen::Frozen) parts.
    fn check(&self) -> serde_json::Result<()> {
        Ok(())
    }
}

/// The project of a document of which nothing else stays parsed.
pub(crate) struct Owner(Option<Id<Project>>);

impl Owner {
    pub(crate) fn project(&self) -> Option<Id<Project>> {
        self.0
    }
}

impl<T: Entity> Retain<T> for Owner {
    fn keep(value: T) -> Self {
        Self(value.project())
    }
}
