//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{Text, lenient::Required};

/// An uploaded or deleted file.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UploadedFile {
    /// Human-readable message.
    pub(crate) message: Text,
    /// Path with which to read or delete the file.
    pub(crate) filename: Text,
    /// Path of the thumbnail (200 × 200 pixels); absent if there is none.
    pub(crate) thumbnail: Option<Text>,
}

/// Lifetime of an asset.
#[derive(Object)]
pub(crate) struct AssetFilter {
    /// Seconds after which the file expires (default never). 0 means never.
    pub(crate) expiration: Option<i64>,
}

/// The owner of an avatar.
#[derive(Object)]
pub(crate) struct PhotoFilter {
    /// Identifier of the chatbot to which the avatar belongs (default the caller).
    pub(crate) bot_id: Option<Text>,
}

/// The file to read.
#[derive(Object)]
pub(crate) struct FileFilter {
    /// Path of the file, as returned by its upload.
    pub(crate) path: Required<Text>,
    /// Any value returns the file as an attachment.
    pub(crate) as_attachment: Option<Text>,
}

/// A file identified by its path.
#[derive(Object)]
pub(crate) struct FilePath {
    /// Path of the file, as returned by its upload.
    pub(crate) path: Required<Text>,
}
