//! What calls send and receive.

use poem_openapi::Object;

use crate::value::Text;

/// Somebody to be added.
#[derive(Object)]
pub(crate) struct NewParticipant {
    /// Identifier of a user, or `bot_` and the identifier of a bot.
    #[oai(validator(min_length = 1))]
    pub(crate) member: Text,
}

/// The bot that is to serve a request instead of all others: one of the three names it.
#[derive(Object)]
pub(crate) struct BotReplacement {
    /// Identifier of the bot.
    pub(crate) id: Option<Text>,
    /// Name of the bot.
    pub(crate) name: Option<Text>,
    /// Name of the bot for addresses.
    pub(crate) slug: Option<Text>,
}
