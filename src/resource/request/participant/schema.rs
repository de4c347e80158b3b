//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::Text;

/// A participant or follower to add.
#[derive(Object)]
pub(crate) struct NewParticipant {
    /// Identifier of the member. For a participant, the identifier of a user, or `bot_` followed by that of a bot; for
    /// a follower, the identifier of a teammate.
    #[oai(validator(min_length = 1))]
    pub(crate) member: Text,
}

/// The bot that replaces all participants, identified by one of the fields.
#[derive(Object)]
pub(crate) struct BotReplacement {
    /// Identifier of the bot.
    pub(crate) id: Option<Text>,
    /// Name of the bot.
    pub(crate) name: Option<Text>,
    /// Slug of the bot.
    pub(crate) slug: Option<Text>,
}
