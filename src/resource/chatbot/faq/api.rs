//! FAQs: the questions that a bot recognizes, with their answers.

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
    /// List the FAQs of bots
    ///
    /// Lists the FAQs of a bot or of the whole project, each with its bot embedded. Agents get only the FAQs available
    /// to them, with fewer fields and without the bot.
    ///
    /// Returns the FAQs, oldest first, or by relevance for a text search.
    #[oai(path = "/faq", method = "get", operation_id = "list_faqs")]
    async fn list(
        &self,
        member: Member<Agent>,
        filter: Filter<FaqFilter>,
    ) -> Result<Reply<Vec<OneOf<Populated<Faq>, FaqSummary>>>> {
        Ok(Reply::new(member.scope.read(|state| rules::list(state, &member.actor, &filter.0))))
    }

    /// Create an FAQ
    ///
    /// Adds a question and its answer to a bot, in the bot's language, and emits `faq.create`. A name or UUID that
    /// another FAQ of the bot has returns 409. The project's bots and subscriptions can also call this operation.
    ///
    /// Returns the created FAQ.
    #[oai(path = "/faq", method = "post", operation_id = "create_faq")]
    async fn create(&self, member: Member<AdminOrProgram>, body: Body<NewFaq>) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::create(tx, &member.actor, body.0)))
    }
}

pub(crate) struct FaqDetails;

#[OpenApi(tag = "Section::Chatbots")]
impl FaqDetails {
    /// Get an FAQ
    ///
    /// The project's bots and subscriptions can also call this operation.
    ///
    /// Returns the FAQ.
    #[oai(path = "/faq/:faq_id", method = "get", operation_id = "get_faq")]
    async fn get(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the FAQ.
        faq_id: Path<RawId<Faq>>,
    ) -> Result<Reply<Faq>> {
        respond::get(&member.scope, &faq_id)
    }

    /// Update an FAQ
    ///
    /// Updates the given fields and emits `faq.update`. Fields that are absent or `null` keep their value. A missing
    /// `id_faq_kb` returns 422, and a name or UUID that another FAQ of the bot has returns 409. The project's bots and
    /// subscriptions can also call this operation.
    ///
    /// Returns the updated FAQ.
    #[oai(path = "/faq/:faq_id", method = "put", operation_id = "update_faq")]
    async fn update(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the FAQ, or `intentId` followed by the UUID of the intent.
        faq_id: Path<RawId<Faq>>,
        body: Body<FaqPatch>,
    ) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::update(tx, &faq_id, body.0)))
    }

    /// Delete an FAQ
    ///
    /// Permanently deletes the FAQ and emits `faq.delete`. The project's bots and subscriptions can also call this
    /// operation.
    ///
    /// Returns the deleted FAQ.
    #[oai(path = "/faq/:faq_id", method = "delete", operation_id = "delete_faq")]
    async fn delete(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the FAQ, or `intentId` followed by the UUID of the intent.
        faq_id: Path<RawId<Faq>>,
        query: Filter<FaqRemoval>,
    ) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::delete(tx, &faq_id, &query.0)))
    }

    /// Update the attributes of an FAQ
    ///
    /// Merges the body into the attributes: each key overwrites the attribute of that name, and other attributes keep
    /// their value. Emits `faq.update`. The project's bots and subscriptions can also call this operation.
    ///
    /// Returns the updated FAQ.
    #[oai(path = "/faq/:faq_id/attributes", method = "patch", operation_id = "update_faq_attributes")]
    async fn update_attributes(
        &self,
        member: Member<AdminOrProgram>,
        /// Identifier of the FAQ.
        faq_id: Path<RawId<Faq>>,
        body: Body<JsonObject>,
    ) -> Result<Reply<Faq>> {
        respond::reply(member.scope.write(|tx| rules::update_attributes(tx, &faq_id, body.0)))
    }
}
