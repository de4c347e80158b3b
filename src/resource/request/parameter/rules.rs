//! Whose parameters are told.

use super::model::ChatbotParameters;
use crate::{
    resource::request::{authority::may_reach, model::Request},
    world::{
        Actor, Error, Result, State, Tx,
        error::{Kind, Words},
    },
};

/// What the bot stored during the conversation.
pub(super) fn get(state: &State, by: &Actor, request_id: &str) -> Result<ChatbotParameters> {
    // Departs: chatbot parameters are served for every request of the project, whatever its identifier; the reference server
    // serves only those whose identifier contains that of the project.
    let request = state.tables.requests.find(Request::by_request_id(request_id)).ok_or(Error::OBJECT_NOT_FOUND)?;
    if request.kept().project != by.project() {
        let words = Words::Message("Request does not belong to the project".into());
        return Err(
            Error::new(Kind::SignInFailed, words).because("The request must be one of the project of the path.")
        );
    }
    may_reach(state, by, request_id)?;
    Ok(ChatbotParameters(request.value().into_owned().chatbot_parameters.unwrap_or_default()))
}

/// Replaces what the bot stored; nobody is told.
pub(crate) fn set(tx: &mut Tx, request_id: &str, new: ChatbotParameters) -> Result<ChatbotParameters> {
    let mut request: Request = tx.find(Request::by_request_id(request_id)).ok_or(Error::OBJECT_NOT_FOUND)?;
    request.chatbot_parameters = Some(new.0.clone());
    tx.put(request)?;
    Ok(new)
}
