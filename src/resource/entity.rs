//! Behavior shared by all stored documents.

use crate::{
    resource::project::document::Project,
    store::{Doc, Document, Retain},
    value::{Id, Timestamp, json},
};

/// A stored document of the API.
pub(crate) trait Entity: Document<Id = Id<Self>> {
    /// The project that the document belongs to, if any.
    fn project(&self) -> Option<Id<Project>>;

    /// The project of a stored document. Types that retain an [`Owner`] override this to avoid parsing.
    fn owner(doc: &Doc<Self>) -> Option<Id<Project>> {
        doc.value().project()
    }

    /// Records `now` as the time of the last write.
    fn touch(&mut self, now: Timestamp);

    /// Recomputes derived fields.
    fn normalize(&mut self) {}

    /// Maximum nesting depth of the document as JSON: the depth that a call may send plus the levels around it.
    /// Documents that embed copies of other documents allow more, so that every copy can be read back.
    const NESTING: usize = json::NESTING + 4;

    /// Whether documents of this type grant access rights.
    const GIVES_RIGHTS: bool = false;

    /// Whether replacing this document with `after`, or removing it, revokes a right.
    fn ends_rights(&self, _after: Option<&Self>) -> bool {
        false
    }

    /// Parses and normalizes the parts that parsing the document skips: its [`Frozen`](crate::value::frozen::Frozen)
    /// parts.
    fn normalize_frozen(&mut self) -> serde_json::Result<()> {
        Ok(())
    }
}

/// The project of a document, for documents that keep nothing else parsed.
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
