//! Files: what is uploaded to projects, to conversations and as avatars, kept in memory.
//!
//! Quirks, of the reference server unless said otherwise: everybody can read every file whose path they know; an avatar has one fixed path, whatever was sent; pictures uploaded by the older sibling, `image`,
//! are in a store of their own, in which reads look when this one has nothing. The documentation prints paths as they are, the
//! reference server encodes some of them: plain ones are answered, and both are understood.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod path;
pub(crate) mod rules;
pub(crate) mod schema;
mod thumbnail;
pub(crate) mod validate;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What is uploaded: assets of projects, files of conversations, avatars.
    Files,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::Files, Scoped::<_>::new(api::ProjectFiles))
}
