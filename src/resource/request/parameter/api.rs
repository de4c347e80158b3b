//! What a bot stored during a conversation.

use poem_openapi::OpenApi;

use super::{model::ChatbotParameters, rules};
use crate::{
    http::{Guest, Member, Path, Reply},
    resource::request::Section,
    world::{Result, Text},
};

pub(crate) struct Parameters;

#[OpenApi(tag = "Section::Requests")]
impl Parameters {
    /// Get the chatbot parameters of a request
    ///
    /// What the bot stored during the conversation, by name. Visitors read only those of conversations that they opened (otherwise
    /// 403).
    #[oai(
        path = "/requests/:request_id/chatbot/parameters",
        method = "get",
        operation_id = "get_request_chatbot_parameters"
    )]
    async fn get(
        &self,
        member: Member<Guest>,
        /// Your own identifier of the request.
        request_id: Path<Text>,
    ) -> Result<Reply<ChatbotParameters>> {
        let parameters = member.scope.read(|state| rules::get(state, &member.actor, &request_id));
        parameters.map(|parameters| Reply::of(&parameters))
    }
}
