//! What many contents are made of.

use poem_openapi::Object;

use crate::{
    http::File,
    resource::knowledge::content::model::Scraping,
    world::{Error, Text},
};

/// Pages to be added.
#[derive(Object)]
pub(crate) struct NewPages {
    /// Addresses of the pages, at most 300.
    pub(crate) list: Vec<Text>,
    #[oai(flatten)]
    pub(crate) scraping: Scraping,
}

/// Pages to be added, sent as a file.
#[derive(Object)]
pub(crate) struct PagesUpload {
    /// A text file with one address a line.
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

/// Questions with their answers to be added, sent as a file.
#[derive(Object)]
pub(crate) struct FaqContentsUpload {
    /// A CSV file without a header: questions in the first column, answers in the second.
    #[oai(rename = "uploadFile")]
    pub(crate) file: File,
    /// What separates the columns; a semicolon when it is missing.
    #[oai(validator(max_length = 1))]
    pub(crate) delimiter: Option<Text>,
    /// Tags, as an array in JSON.
    pub(crate) tags: Option<Vec<Text>>,
    /// Whether the pieces are indexed with what they are about.
    pub(crate) situated_context: Option<bool>,
}
