//! The stored history entry of an issued token.

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Term, Terms},
    value::{Id, Text, Timestamp},
};

/// A token issued at sign-in. The token itself is not stored.
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IssuedToken {
    /// Identifier of the entry.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Identifier of the token (its `jti` claim).
    pub(crate) jti: Text,
    /// Kind of token (its `sub` claim): `user` or `guest`.
    #[serde(default = "user")]
    pub(crate) sub: Text,
    /// User or visitor to whom the token was issued.
    pub(crate) id_user: Text,
    /// Whether the token was revoked.
    #[serde(default)]
    pub(crate) revoked: bool,
    /// Time of issue.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of revocation; the time of issue until then.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
}

fn user() -> Text {
    "user".into()
}

/// The index terms of issued tokens.
#[derive(Clone, Copy, Hash)]
enum IssuedTokenIndex {
    Owner,
    Jti,
    Revoked,
}

impl IssuedToken {
    /// Tokens issued to a user or visitor.
    pub(crate) fn of_owner(owner: &str) -> Term {
        Term::new(IssuedTokenIndex::Owner, owner)
    }

    /// The token with a `jti`.
    pub(crate) fn by_jti(jti: &str) -> Term {
        Term::new(IssuedTokenIndex::Jti, jti)
    }

    /// The token with a `jti`, if it was revoked.
    pub(crate) fn revoked(jti: &str) -> Term {
        Term::new(IssuedTokenIndex::Revoked, jti)
    }
}

impl Document for IssuedToken {
    type Id = Id<Self>;
    type Retained = ();

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.add(IssuedTokenIndex::Owner, &*self.id_user);
        terms.unique(IssuedTokenIndex::Jti, "jti", &*self.jti);
        if self.revoked {
            terms.add(IssuedTokenIndex::Revoked, &*self.jti);
        }
    }
}

impl Entity for IssuedToken {
    fn project(&self) -> Option<Id<Project>> {
        None
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    const GIVES_RIGHTS: bool = true;

    fn ends_rights(&self, after: Option<&Self>) -> bool {
        after.is_some_and(|after| after.revoked && !self.revoked)
    }
}
