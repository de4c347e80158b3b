//! Faqs: what a bot answers to what.

use poem_openapi::OpenApi;

use super::{
    document::Faq,
    rules,
    schema::{FaqFilter, FaqPatch, FaqRemoval, FaqSummary, NewFaq},
};
use crate::{
    http::{AdminOrProgram, Agent, Body, Filter, Member, Path, Reply, respond},
    json_schema::{OneOf, Populated},
    resource::chatbot::Section,
    value::{JsonObject, RawId, Result},
};

pub(crate) struct Faqs;

#[OpenApi(tag = "Section::Chatbots")]
impl Faqs {
    /// List faqs
    ///
    /// The faqs of a bot, or those of the whole project, oldest first, each with its bot inside. Agents get those that are
    /// available to them, and less of each.
    #[oai(path = "/faq", method = "get", operation_id = "list_faqs")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<FaqFilter>,
    ) -> Result<Reply<Vec<OneOf<Populated<Faq>, FaqSummary>>>> {
        Ok(Reply::new(member.scope.read(|state| rules::list(state, &member.actor, &filter.0))))
    }

    /// Create a faq
    ///
    /// Adds a question with its answer to a bot.
    #[oai(path = "/faq", method = "post", operation_id = "create_faq")]
    async fn create(&self, member: Member<AdminOrProgram>, body: Body<NewFaq>) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor, body.0)))
    }
}

pub(crate) struct FaqDetails;

#[OpenApi(tag = "Section::Chatbots")]
impl FaqDetails {
    /// Get a faq
    ///
    /// One question with its answer.
    #[oai(path = "/faq/:faq_id", method = "get", operation_id = "get_faq")]
    async fn get(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the faq.
        faq_id: Path<RawId<Faq>>,
    ) -> Result<Reply<Faq>> {
        respond::get(&member.scope, &faq_id)
    }

    /// Update a faq
    ///
    /// Changes the fields that are given; what is absent or `null` stays as it is.
    #[oai(path = "/faq/:faq_id", method = "put", operation_id = "update_faq")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the faq, or `intentId` and the UUID of the intent.
        faq_id: Path<RawId<Faq>>,
        body: Body<FaqPatch>,
    ) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &faq_id, body.0)))
    }

    /// Delete a faq
    ///
    /// Removes the question with its answer for good.
    #[oai(path = "/faq/:faq_id", method = "delete", operation_id = "delete_faq")]
    async fn delete(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the faq, or `intentId` and the UUID of the intent.
        faq_id: Path<RawId<Faq>>,
        query: Filter<FaqRemoval>,
    ) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &faq_id, &query.0)))
    }

    /// Update the attributes of a faq
    ///
    /// Each key of the body overwrites that attribute; the others stay.
    #[oai(path = "/faq/:faq_id/attributes", method = "patch", operation_id = "update_faq_attributes")]
    async fn update_attributes(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the faq.
        faq_id: Path<RawId<Faq>>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::update_attributes(tx, &faq_id, body.0)))
    }
}
