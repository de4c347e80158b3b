//! Index terms of a content item, and its indexing state over time.

use serde::Serialize;

use super::document::{Content, ContentKind, ScrapeOptions};
use crate::{
    resource::{entity::Entity, knowledge::namespace::document::Namespace, project::document::Project},
    store::{Document, Full, Term, Terms, render, words},
    value::{Id, Text, Timestamp},
};

/// Stored as the last field. Responses compute the status from the time instead.
#[derive(Serialize)]
struct Hidden {
    status: i16,
}

/// The index terms of contents.
#[derive(Clone, Copy, Hash)]
enum ContentIndex {
    Project,
    Namespace,
    Kind,
    Status,
    Source,
    Sitemap,
    Word,
    Tag,
}

impl Content {
    pub(crate) const NEW: i16 = -1;
    pub(crate) const QUEUED: i16 = 100;
    pub(crate) const INDEXING: i16 = 200;
    pub(crate) const INDEXED: i16 = 300;
    pub(crate) const FAILED: i16 = 400;

    /// Milliseconds after the last write at which a content item reaches each status. The documentation's examples take
    /// between one and two seconds.
    const STEPS: [(i64, i16); 3] = [(1_500, Self::INDEXED), (1_000, Self::INDEXING), (500, Self::QUEUED)];

    /// The indexing state at `now`.
    pub(crate) fn status_at(&self, now: Timestamp) -> i16 {
        if self.status != Self::NEW {
            return self.status;
        }
        let age = now.milliseconds() - self.updated_at.milliseconds();
        let step = Self::STEPS.iter().find(|(after, _)| age >= *after);
        step.map_or(Self::NEW, |(_, status)| *status)
    }

    /// Whether questions are answered from the content.
    pub(crate) fn is_found(&self, namespace: &Namespace, now: Timestamp) -> bool {
        let deleted = namespace.index_deleted_at.is_some_and(|deleted| self.updated_at <= deleted);
        !deleted && self.status_at(now) == Self::INDEXED
    }

    /// The text from which questions are answered. Nothing is fetched, so pages and files contribute only their name.
    pub(crate) fn text(&self) -> &str {
        self.content.0.as_deref().filter(|content| !content.is_empty()).unwrap_or(&self.name)
    }

    pub(crate) fn of_project(project: Id<Project>) -> Term {
        Term::new(ContentIndex::Project, project)
    }

    pub(crate) fn of_namespace(namespace: Id<Namespace>) -> Term {
        Term::new(ContentIndex::Namespace, namespace)
    }

    pub(crate) fn of_kind(namespace: Id<Namespace>, kind: ContentKind) -> Term {
        Term::new(ContentIndex::Kind, (namespace, kind))
    }

    /// Contents stored with this status. Those that advance with the clock are stored with [`Self::NEW`].
    pub(crate) fn of_status(namespace: Id<Namespace>, status: i16) -> Term {
        Term::new(ContentIndex::Status, (namespace, status))
    }

    pub(crate) fn of_source(project: Id<Project>, kind: ContentKind, source: &str) -> Term {
        Term::new(ContentIndex::Source, (project, kind, source))
    }

    pub(crate) fn of_sitemap(sitemap: Id<Self>) -> Term {
        Term::new(ContentIndex::Sitemap, sitemap)
    }

    pub(crate) fn with_word(namespace: Id<Namespace>, word: &str) -> Term {
        Term::new(ContentIndex::Word, (namespace, word))
    }

    pub(crate) fn with_tag(namespace: Id<Namespace>, tag: &str) -> Term {
        Term::new(ContentIndex::Tag, (namespace, tag))
    }
}

impl Document for Content {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    /// Lists show the most recently changed contents first.
    fn sort_key(&self) -> i64 {
        self.updated_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(ContentIndex::Project, self.id_project);
        terms.add(ContentIndex::Namespace, self.namespace);
        terms.add(ContentIndex::Kind, (self.namespace, self.kind));
        terms.add(ContentIndex::Status, (self.namespace, self.status));
        terms.add(ContentIndex::Source, (self.id_project, self.kind, &*self.source));
        if let Some(sitemap) = self.sitemap_origin_id {
            terms.add(ContentIndex::Sitemap, sitemap);
        }
        for word in [&self.name].into_iter().chain(&self.content.0).flat_map(|text| words(text)) {
            terms.add(ContentIndex::Word, (self.namespace, &*word));
        }
        for tag in self.tags.iter().flatten() {
            terms.add(ContentIndex::Tag, (self.namespace, &**tag));
        }
    }

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden { status: self.status })
    }
}

impl Entity for Content {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}

impl ScrapeOptions {
    pub(super) fn whole_page() -> Self {
        Self { tags_to_extract: vec![Text::from("body")], unwanted_tags: Vec::new(), unwanted_classnames: Vec::new() }
    }
}
