//! Query parameters.

use poem_openapi::Object;

use crate::value::Text;

/// The owner of an avatar, and whether to replace an existing one.
#[derive(Object)]
pub(crate) struct AvatarFilter {
    /// Identifier of the chatbot to which the avatar belongs (default the caller).
    pub(crate) bot_id: Option<Text>,
    /// Any value replaces an existing avatar.
    pub(crate) force: Option<Text>,
}
