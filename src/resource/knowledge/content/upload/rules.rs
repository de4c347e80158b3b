//! What must hold of many contents.

use bytes::Bytes;
use serde_json::{Value, json};

use super::model::{FaqContentsUpload, NewPages};
use crate::{
    resource::knowledge::{
        content::{
            model::{ContentKind, NamespaceQuery, Scraping},
            rules::{self, Source},
        },
        namespace::plan,
    },
    world::{Error, Result, Text, Tx, error::Words},
};

/// Most pages of one call.
const MOST: usize = 300;

pub(super) fn add_pages(tx: &mut Tx, query: &NamespaceQuery, new: NewPages) -> Result<Bytes> {
    let named = rules::named(tx, query)?;
    if new.list.len() > MOST {
        let text = "Too many urls. Can't index more than 300 urls at a time.";
        return Err(Error::forbidden(Words::Error(text.into())));
    }
    plan::contents(tx, new.list.len())?;
    let scraping = new.scraping.sent_for(ContentKind::Url);
    rules::keep_all(tx, named, new.list.into_iter().map(Source::page).collect(), &scraping)
}

pub(super) fn add_faqs(tx: &mut Tx, query: &NamespaceQuery, upload: FaqContentsUpload) -> Result<Bytes> {
    let named = rules::named(tx, query)?;
    let faqs = faqs(upload.file.text(), upload.delimiter.as_ref())?;
    plan::contents(tx, faqs.len())?;
    let (tags, situated_context) = (upload.tags, upload.situated_context);
    rules::keep_all(tx, named, faqs, &Scraping { tags, situated_context, ..Scraping::default() })
}

/// The rows of a file without a header: a question and its answer each.
fn faqs(file: &str, delimiter: Option<&Text>) -> Result<Vec<Source>> {
    let delimiter = match delimiter.map(|delimiter| delimiter.as_bytes()) {
        None => b';',
        Some([byte]) => *byte,
        Some(_) => {
            let value = json!(delimiter.map(Text::as_str));
            return Err(Error::invalid("delimiter", value, "expected a character of ASCII"));
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
