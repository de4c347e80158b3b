//! A file as it arrives: what its sender says of it, and its bytes.

use bytes::Bytes;

use super::primitive::Text;

/// A file that was sent, of which nothing is checked yet.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedFile {
    /// The last segment of the name that the sender gave: never a path.
    pub(crate) name: Text,
    /// The content type that the sender claims.
    pub(crate) claimed: Option<Text>,
    pub(crate) content: Bytes,
}

impl ReceivedFile {
    /// Takes what may be a path, in the spelling of any system, for the name at its end.
    pub(crate) fn new(name: &str, claimed: Option<&str>, content: Bytes) -> Self {
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|character| !character.is_control()).collect();
        Self { name: name.into(), claimed: claimed.map(Into::into), content }
    }
}
