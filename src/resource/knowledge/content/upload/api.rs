//! Many contents at once.

use poem_openapi::OpenApi;

use super::{
    model::{FaqContentsUpload, NewPages, PagesUpload},
    rules,
};
use crate::{
    http::{AdminOrProgram, Filter, Form, FormOr, Member, Reply},
    resource::knowledge::{
        Section,
        content::model::{Content, NamespaceQuery},
    },
    world::Result,
};

pub(crate) struct Uploads;

#[OpenApi(tag = "Section::Contents")]
impl Uploads {
    /// Add several pages
    ///
    /// Adds the pages of up to 300 addresses to a knowledge base, or queues those that it has already once more. Instead
    /// of the list a text file with one address a line can be sent, as a multipart form.
    #[oai(path = "/kb/multi", method = "post", operation_id = "create_url_contents")]
    async fn add_pages(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceQuery>,
        body: FormOr<PagesUpload, NewPages>,
    ) -> Result<Reply<Vec<Content>>> {
        member.scope.write(|tx| rules::add_pages(tx, &filter.0, body.0)).map(Reply::new)
    }

    /// Add questions and answers from a CSV file
    ///
    /// Each row of the file, a question and its answer, becomes a content of the kind `faq`. Questions that the knowledge
    /// base has already are replaced.
    #[oai(path = "/kb/csv", method = "post", operation_id = "create_faq_contents_from_csv")]
    async fn add_faqs(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceQuery>,
        body: Form<FaqContentsUpload>,
    ) -> Result<Reply<Vec<Content>>> {
        member.scope.write(|tx| rules::add_faqs(tx, &filter.0, body.0)).map(Reply::new)
    }
}
