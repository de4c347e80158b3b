//! A file as received: the sender's metadata, and the bytes.

use bytes::Bytes;

use super::primitive::Text;

/// An uploaded file, not yet validated.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedFile {
    /// The last segment of the file name sent; never a path.
    pub(crate) name: Text,
    /// The content type claimed by the sender.
    pub(crate) claimed: Option<Text>,
    pub(crate) content: Bytes,
}

impl ReceivedFile {
    /// Strips directories (in Unix or Windows notation) and control characters from the name.
    pub(crate) fn new(name: &str, claimed: Option<&str>, content: Bytes) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|character| !character.is_control()).collect();
        Self { name: name.into(), claimed: claimed.map(Into::into), content }
    }
}
