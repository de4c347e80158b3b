//! The stored file.

use std::borrow::Cow;

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Retain, Term, Terms},
    value::{Id, Text, Timestamp, primitive::from_text},
};

/// An uploaded file. Operations return only its content.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredFile {
    /// Identifier.
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Resource to which the file belongs.
    pub(crate) store: Store,
    /// Path of the file.
    pub(crate) path: Text,
    /// Content type.
    #[serde(rename = "contentType")]
    pub(crate) content_type: Text,
    /// When the file was uploaded.
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the file expires.
    #[serde(rename = "expiresAt")]
    pub(crate) expires_at: Option<Timestamp>,
    /// Content in Base64.
    pub(crate) content: Content,
}

/// The resources that store files, each in a separate namespace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Store {
    Files,
    Images,
}

/// Bytes, serialized as Base64.
#[derive(Clone, Debug)]
pub(crate) struct Content(pub(crate) Bytes);

impl Serialize for Content {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&BASE64_STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let decode = |text: &str| BASE64_STANDARD.decode(text).ok();
        from_text(deserializer, "bytes in Base64", decode).map(|bytes| Self(bytes.into()))
    }
}

impl JsonSchema for Content {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Content".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "contentEncoding": "base64"})
    }
}

/// The metadata that is available without reading the file.
pub(crate) struct Weight {
    pub(crate) bytes: usize,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Retain<StoredFile> for Weight {
    fn keep(file: StoredFile) -> Self {
        Self { bytes: file.content.0.len(), expires_at: file.expires_at }
    }
}

/// The index terms of stored files.
#[derive(Clone, Copy, Hash)]
enum StoredFileIndex {
    Path,
}

impl StoredFile {
    pub(crate) fn at(store: Store, path: &str) -> Term {
        Term::new(StoredFileIndex::Path, (store, path))
    }
}

impl Document for StoredFile {
    type Id = Id<Self>;
    type Retained = Weight;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.unique(StoredFileIndex::Path, "path", (self.store, &*self.path));
    }
}

impl Entity for StoredFile {
    /// None: files are accessible by path from every project.
    fn project(&self) -> Option<Id<Project>> {
        None
    }

    fn touch(&mut self, _: Timestamp) {}
}
