//! Defaults and index terms of bots, and the bot whose intents respond.

use super::document::{Bot, Hidden};
use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, render},
    value::{Id, Text, Timestamp},
};

/// Path of the built-in engine. It has no host, because the engine is part of this server.
const ENGINE: &str = "/modules/tilebot/ext/";

/// The index terms of bots.
#[derive(Clone, Copy, Hash)]
enum BotIndex {
    Project,
    Slug,
    Name,
    RootId,
}

impl Bot {
    pub(crate) const INTERNAL: &'static str = "internal";
    pub(crate) const EXTERNAL: &'static str = "external";
    pub(crate) const TILEBOT: &'static str = "tilebot";
    /// A type that lists omit by default.
    pub(crate) const IDENTITY: &'static str = "identity";

    /// An internal bot with default values.
    pub(crate) fn new(id: Id<Self>, name: Text, project: Id<Project>, by: Text, now: Timestamp) -> Self {
        Self {
            id,
            name,
            kind: Self::INTERNAL.into(),
            subtype: None,
            external: None,
            slug: None,
            description: None,
            url: None,
            webhook_url: None,
            webhook_enabled: false,
            language: "en".into(),
            trashed: false,
            trashed_at: None,
            public: false,
            certified: false,
            certified_tags: Vec::new(),
            main_category: None,
            title: None,
            short_description: None,
            tags: Vec::new(),
            score: 0,
            intents_engine: "none".into(),
            trained: true,
            agents_available: Some(false),
            modified: None,
            root_id: None,
            release_note: None,
            published_by: None,
            published_at: None,
            attributes: None,
            id_project: project,
            created_by: by,
            created_at: now,
            updated_at: now,
            version: 0,
            secret: None,
        }
    }

    /// The URL of the built-in engine for a bot.
    pub(crate) fn engine_url(bot: Id<Self>) -> Text {
        format!("{ENGINE}{bot}").into()
    }

    /// The URL to which messages are sent, unless it is the built-in engine.
    pub(crate) fn outside_url(&self) -> Option<&Text> {
        self.url.as_ref().filter(|url| !url.starts_with(ENGINE))
    }

    /// Whether this type of bot has intents.
    pub(crate) fn has_intents(&self) -> bool {
        matches!(&*self.kind, Self::INTERNAL | Self::TILEBOT)
    }

    /// The bot whose intents respond for this one: the latest published copy, or the bot itself. `None` if messages are
    /// sent to an outside URL, or if the type has no intents.
    pub(crate) fn voice(&self) -> Option<Id<Self>> {
        if !self.has_intents() || self.outside_url().is_some() {
            return None;
        }
        let published = self.url.as_ref().and_then(|url| Id::parse(url.strip_prefix(ENGINE)?));
        Some(published.unwrap_or(self.id))
    }

    /// The bots of a project that are soft-deleted, or those that are not.
    pub(crate) fn of_project(project: Id<Project>, trashed: bool) -> Term {
        Term::new(BotIndex::Project, (project, trashed))
    }

    pub(crate) fn by_slug(project: Id<Project>, slug: &str) -> Term {
        Term::new(BotIndex::Slug, (project, slug))
    }

    pub(crate) fn by_name(project: Id<Project>, name: &str) -> Term {
        Term::new(BotIndex::Name, (project, false, name))
    }

    /// The published copies of a bot.
    pub(crate) fn copies_of(root: Id<Self>) -> Term {
        Term::new(BotIndex::RootId, root)
    }
}

impl Document for Bot {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(BotIndex::Project, (self.id_project, self.trashed));
        terms.add(BotIndex::Name, (self.id_project, self.trashed, &*self.name));
        if let Some(slug) = &self.slug {
            terms.unique(BotIndex::Slug, "slug", (self.id_project, &**slug));
        }
        if let Some(root) = self.root_id {
            terms.add(BotIndex::RootId, root);
        }
    }

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden { secret: self.secret.as_ref() })
    }
}

impl Entity for Bot {
    fn project(&self) -> Option<Id<Project>> {
        Some(self.id_project)
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    fn normalize(&mut self) {
        self.external = Some(&*self.kind == Self::EXTERNAL);
    }
}
