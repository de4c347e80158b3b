//! Contents of knowledge bases, and how far they are indexed.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Adding a content answers as the database does: the content is in `value`.
//! - Adding the same source once more replaces the content, and takes it to the other knowledge base when that differs.
//!   Adding several at once looks at the one knowledge base only.
//! - Updating a content gives it another identifier.
//! - Only `scrape_type` 0 and 4 are taken from a single content; adding several stores any.
//!
//! Nothing is fetched. A content that is written is new (-1), then queued, being indexed and indexed, by the clock of the
//! fake: what it shows follows from the moment of the last write, so that nothing has to happen in between.

pub(crate) mod api;
pub(crate) mod document;
mod index;
pub(super) mod rules;
pub(crate) mod schema;
pub(crate) mod sitemap;
pub(crate) mod upload;
