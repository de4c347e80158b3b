//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{Text, lenient::Required};

/// Where an upload was stored.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct UploadedFile {
    /// That it worked.
    pub(crate) message: Text,
    /// Path of the file, by which it is read and deleted.
    pub(crate) filename: Text,
    /// Path of a picture of 200 x 200 pixels, where there is one.
    pub(crate) thumbnail: Option<Text>,
}

/// How long an asset is kept.
#[derive(Object)]
pub(crate) struct AssetFilter {
    /// Seconds after which the file is gone. Without it, or with 0, it stays.
    pub(crate) expiration: Option<i64>,
}

/// Whose avatar it is.
#[derive(Object)]
pub(crate) struct PhotoFilter {
    /// Identifier of a chatbot whose avatar it is; the caller's own without it.
    pub(crate) bot_id: Option<Text>,
}

/// Which file is read.
#[derive(Object)]
pub(crate) struct FileFilter {
    /// Path of the file, as its upload answered it.
    pub(crate) path: Required<Text>,
    /// Any value: the file is to be saved and not shown.
    pub(crate) as_attachment: Option<Text>,
}

/// Which file is meant.
#[derive(Object)]
pub(crate) struct FilePath {
    /// Path of the file, as its upload answered it.
    pub(crate) path: Required<Text>,
}
