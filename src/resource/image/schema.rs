//! What is asked about images.

use poem_openapi::Object;

use crate::value::Text;

/// Whose avatar it is, and whether one that is there is replaced.
#[derive(Object)]
pub(crate) struct AvatarFilter {
    /// Identifier of a chatbot whose avatar it is; the caller's own without it.
    pub(crate) bot_id: Option<Text>,
    /// Any value: an avatar that is there already is replaced.
    pub(crate) force: Option<Text>,
}
