//! Whose parameters are told.

use super::model::ChatbotParameters;
use crate::{
    resource::{
        project::model::Project,
        request::{model::Request, rules::find},
    },
    world::{
        Error, Id, Result, State, Tx,
        error::{Kind, Words},
    },
};

/// What the bot stored during the conversation.
pub(super) fn get(state: &State, project: Id<Project>, request_id: &str) -> Result<ChatbotParameters> {
    // The project is the third part of an id that Tiledesk makes, and the API looks no further for whom it belongs to.
    if request_id.split('-').nth(2) != Some(&project.to_string()) {
        let words = Words::Message("Request does not belong to the project".into());
        return Err(Error::new(Kind::SignInFailed, words));
    }
    let request = find(state, project, request_id).ok_or(Error::OBJECT_NOT_FOUND)?;
    Ok(ChatbotParameters(request.value().into_owned().chatbot_parameters.unwrap_or_default()))
}

/// Replaces what the bot stored; nobody is told.
pub(crate) fn set(tx: &mut Tx, request_id: &str, new: ChatbotParameters) -> Result<ChatbotParameters> {
    let mut request: Request = tx.find(Request::by_request_id(request_id)).ok_or(Error::OBJECT_NOT_FOUND)?;
    request.chatbot_parameters = Some(new.0.clone());
    tx.put(request)?;
    Ok(new)
}
