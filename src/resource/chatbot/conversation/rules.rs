//! What bots say in the conversations that they serve.

use crate::{
    resource::{
        chatbot::{faq::matching, model::Bot},
        message::model::Message,
        request::model::Request,
    },
    world::{Id, State, Text},
};

/// What hands a conversation over to the team.
const AGENT: &str = "\\agent";

/// What a bot has to say.
pub(crate) struct Answer {
    /// As a participant.
    pub(crate) sender: Text,
    pub(crate) name: Text,
    pub(crate) texts: Vec<Text>,
}

/// The answer of the first bot that serves the conversation and answers itself.
pub(crate) fn answer(state: &State, request: &Request, message: &Message) -> Option<Answer> {
    if request.status == Request::CLOSED {
        return None;
    }
    let text = message.text.as_deref().unwrap_or_default();
    let mut bots = request.participants_bots.iter().filter_map(|bot| state.tables.bots.get(*bot));
    let (bot, voice) = bots.find_map(|bot| Some((bot.value(), bot.value().voice()?)))?;
    let faq = matching::best(state, request.id_project, voice, text)?;
    let texts = faq.value().texts();
    Some(Answer { sender: participant(bot.id), name: bot.name.clone(), texts })
}

fn participant(bot: Id<Bot>) -> Text {
    format!("bot_{bot}").into()
}

/// Whether a message takes its conversation away from the bot that serves it.
pub(crate) fn calls_agent(request: &Request, message: &Message) -> bool {
    let text = message.text.as_deref().unwrap_or_default();
    request.has_bot && request.status != Request::CLOSED && text.split_whitespace().any(|word| word == AGENT)
}
