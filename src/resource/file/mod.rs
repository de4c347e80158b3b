//! Files: project assets, files of conversations, and avatars, kept in memory.
//!
//! Quirks of the reference server:
//! - Every file can be read by anyone who knows its path.
//! - An avatar has one fixed path, regardless of the name and type of the upload.
//! - Images uploaded through the older resource, `image`, are in a separate store, which reads of files fall back to.
//! - The documentation shows plain paths, the reference server encodes some of them. Responses contain plain paths;
//!   requests can use either form.

pub(crate) mod api;
pub(crate) mod document;
pub(crate) mod path;
pub(crate) mod rules;
pub(crate) mod schema;
#[cfg(feature = "images")]
mod thumbnail;
#[cfg(not(feature = "images"))]
mod thumbnail {
    //! Without the feature `images`, no thumbnails are made, as for content that is not an image.

    use std::{future::ready, sync::Arc};

    use bytes::Bytes;

    use crate::runtime::memory::Memory;

    pub(super) fn of(_: Bytes, _: &Arc<Memory>) -> impl Future<Output = Option<Bytes>> {
        ready(None)
    }
}
pub(crate) mod validate;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the API reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// Uploads: project assets, files of conversations, and avatars.
    Files,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    (api::Files, Scoped::<_>::new(api::ProjectFiles))
}
