//! Contents of knowledge bases and their indexing.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Adding a content item returns the upsert result of the database: the item is in `value`.
//! - Adding the same source again replaces the item and moves it to the other knowledge base if that differs. Bulk
//!   additions only look in the one knowledge base.
//! - Updating a content item gives it a new identifier.
//! - Only `scrape_type` 0 and 4 are accepted for a single item; bulk additions store any.
//!
//! Nothing is fetched. A written item is new (-1), then queued, indexing, and indexed, according to the sandbox's clock:
//! its status is computed from the time of its last write, so no background task is needed.

pub(crate) mod api;
pub(crate) mod document;
mod index;
pub(super) mod rules;
pub(crate) mod schema;
pub(crate) mod sitemap;
pub(crate) mod upload;
