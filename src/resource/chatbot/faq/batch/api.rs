//! Many faqs at once: lists of changes, and CSV.

use poem_openapi::OpenApi;

use super::{
    model::{BatchDone, FaqExport, FaqOperations, FaqUpload, UploadDone},
    rules,
};
use crate::{
    http::{AdminOrProgram, Body, Csv, Filter, Form, Member, Reply},
    resource::chatbot::Section,
    world::Result,
};

/// Most bytes of an upload, as the reference server has it.
const MOST_BYTES: usize = 1_024_000;

pub(crate) struct FaqBatches;

#[OpenApi(tag = "Section::Chatbots")]
impl FaqBatches {
    /// Change several faqs
    ///
    /// Creates, changes and removes faqs of a bot in one call. What is not possible is left out and not told.
    #[oai(path = "/faq/ops_update", method = "post", operation_id = "bulk_update_faqs")]
    async fn operate(&self, member: Member<AdminOrProgram>, body: Body<FaqOperations>) -> Result<Reply<BatchDone>> {
        member.scope.write(|tx| rules::operate(tx, &member.actor, &body.0)).map(|done| Reply::of(&done))
    }

    /// Upload faqs as CSV
    ///
    /// Adds one faq a row to a bot. Rows with the name or the UUID of a known one are left out.
    #[oai(path = "/faq/uploadcsv", method = "post", operation_id = "upload_faq_csv")]
    async fn upload(
        &self,
        member: Member<AdminOrProgram>,
        body: Form<FaqUpload, MOST_BYTES>,
    ) -> Result<Reply<UploadDone>> {
        member.scope.write(|tx| rules::upload(tx, &member.actor, &body.0)).map(|done| Reply::of(&done))
    }

    /// Export faqs as CSV
    ///
    /// The faqs of a bot, or those of the whole project, oldest first.
    #[oai(path = "/faq/csv", method = "get", operation_id = "export_faq_csv")]
    async fn export(&self, member: Member<AdminOrProgram>, query: Filter<FaqExport>) -> Result<Csv> {
        let scope = &member.scope;
        Ok(Csv::Utf8(scope.read(|state| rules::csv(state, scope.project, &query.0))))
    }
}
