//! Bulk additions: pages by URL, and questions with their answers from a CSV file.

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde_json::{Value, json};

use super::{
    document::{Content, ContentKind},
    rules::{self, Source},
    schema::{NamespaceQuery, Scraping},
};
use crate::{
    http::{AdminOrProgram, File, Filter, Form, FormOr, Member, Reply},
    resource::knowledge::{Section, namespace::plan},
    state::Tx,
    value::{Error, Result, Text, error::ErrorBody},
};

/// Pages to add.
#[derive(Object)]
pub(crate) struct NewPages {
    /// URLs of the pages (maximum 300).
    pub(crate) list: Vec<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// A file of pages to add.
#[derive(Object)]
pub(crate) struct PagesUpload {
    /// Text file with one URL per line.
    #[oai(rename = "uploadFile")]
    file: File,
    #[oai(flatten)]
    scraping: Scraping,
}

impl TryFrom<PagesUpload> for NewPages {
    type Error = Error;

    fn try_from(upload: PagesUpload) -> Result<Self, Error> {
        let lines = upload.file.text().lines().map(str::trim).filter(|line| !line.is_empty());
        Ok(Self { list: lines.map(Text::from).collect(), scraping: upload.scraping })
    }
}

/// A file of questions and answers to add.
#[derive(Object)]
pub(crate) struct FaqContentsUpload {
    /// CSV file without a header: questions in the first column, answers in the second.
    #[oai(rename = "uploadFile")]
    pub(crate) file: File,
    /// Column delimiter (default `;`).
    #[oai(validator(max_length = 1))]
    pub(crate) delimiter: Option<Text>,
    /// Tags, as a JSON array.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether chunks are indexed together with their context.
    pub(crate) situated_context: Option<bool>,
}

pub(crate) struct Uploads;

#[OpenApi(tag = "Section::Contents")]
impl Uploads {
    /// Add several pages
    ///
    /// Adds up to 300 pages to a knowledge base; pages that it already contains are queued for indexing again. The URLs
    /// can also be uploaded as a text file with one URL per line, in a multipart form. More than 300 URLs, or exceeding
    /// the plan's limit on contents, return 403.
    ///
    /// Returns the added contents, each once.
    #[oai(path = "/kb/multi", method = "post", operation_id = "create_url_contents")]
    async fn add_pages(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceQuery>,
        body: FormOr<PagesUpload, NewPages>,
    ) -> Result<Reply<Vec<Content>>> {
        member.scope.write(|tx| add_pages(tx, &filter.0, body.0)).map(Reply::new)
    }

    /// Add questions from a CSV file
    ///
    /// Each row, a question and its answer, becomes a content item of the kind `faq`. Questions that the knowledge base
    /// already contains are replaced. Exceeding the plan's limit on contents returns 403.
    ///
    /// Returns the added contents, each once.
    #[oai(path = "/kb/csv", method = "post", operation_id = "create_faq_contents_from_csv")]
    async fn add_faqs(
        &self,
        member: Member<AdminOrProgram>,
        filter: Filter<NamespaceQuery>,
        body: Form<FaqContentsUpload>,
    ) -> Result<Reply<Vec<Content>>> {
        member.scope.write(|tx| add_faqs(tx, &filter.0, body.0)).map(Reply::new)
    }
}

/// Maximum number of pages per call.
const MOST: usize = 300;

fn add_pages(tx: &mut Tx, query: &NamespaceQuery, new: NewPages) -> Result<Bytes> {
    let named = rules::named(tx, query)?;
    if new.list.len() > MOST {
        let text = "Too many urls. Can't index more than 300 urls at a time.";
        return Err(Error::forbidden(ErrorBody::error(text.into())));
    }
    plan::contents(tx, new.list.len())?;
    let scraping = new.scraping.sent_for(ContentKind::Url);
    rules::keep_all(tx, named, new.list.into_iter().map(Source::page).collect(), &scraping)
}

fn add_faqs(tx: &mut Tx, query: &NamespaceQuery, upload: FaqContentsUpload) -> Result<Bytes> {
    let named = rules::named(tx, query)?;
    let faqs = faqs(upload.file.text(), upload.delimiter.as_ref())?;
    plan::contents(tx, faqs.len())?;
    let (tags, situated_context) = (upload.tags, upload.situated_context);
    rules::keep_all(tx, named, faqs, &Scraping { tags, situated_context, ..Scraping::default() })
}

/// Parses the rows of a file without a header: a question and its answer each.
fn faqs(file: &str, delimiter: Option<&Text>) -> Result<Vec<Source>> {
    let delimiter = match delimiter.map(|delimiter| delimiter.as_bytes()) {
        None => b';',
        Some([byte]) => *byte,
        Some(_) => {
            let value = json!(delimiter.map(Text::as_str));
            return Err(Error::invalid("delimiter", value, "expected a single ASCII character"));
        }
    };
    let mut rows =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(file.as_bytes());
    let mut faqs = Vec::new();
    for (at, row) in rows.records().enumerate() {
        let refused = |reason: String| Error::invalid("uploadFile", Value::Null, format!("row {}: {reason}", at + 1));
        let row = row.map_err(|error| refused(error.to_string()))?;
        let (question, answer) = match (row.get(0).map(str::trim), row.get(1).map(str::trim)) {
            (Some(question), Some(answer)) if !question.is_empty() => (question, answer),
            _ => return Err(refused("expected a question and an answer".to_owned())),
        };
        let content = Some(format!("{question}\n{answer}").into());
        faqs.push(Source { name: question.into(), kind: ContentKind::Faq, source: question.into(), content });
    }
    Ok(faqs)
}
