//! Tags: the names and colours that a project offers for its requests and leads.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Requests and leads hold copies of tags; nothing that happens here changes those.
//! - A name is there once in a project. Who creates it again gets the tag that is there, unchanged.
//! - Pages have 40 tags, whatever `limit` says.
//! - Deleting removes for good and answers how many were removed.

pub(crate) mod api;
pub(crate) mod model;
mod rules;
