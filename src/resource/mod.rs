//! The resources of the API, one folder each: `document` (the stored document), `schema` (request and response shapes),
//! `api` (operations and their reference documentation), `rules` (invariants and effects, independent of HTTP).
//!
//! A resource consists of its folder, its `mod` line here, and its entry in the list of [`crate::state::tables`], which
//! generates `operations` for all resources.

pub(crate) mod activity;
pub(crate) mod analytics;
pub(crate) mod auth;
pub(crate) mod canned_response;
pub(crate) mod chatbot;
pub(crate) mod conversation;
pub(crate) mod department;
pub(crate) mod email;
pub(crate) mod entity;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod image;
pub(crate) mod jwt;
pub(crate) mod knowledge;
pub(crate) mod label;
pub(crate) mod lead;
pub(crate) mod message;
mod not_implemented;
pub(crate) mod period;
pub(crate) mod project;
pub(crate) mod removal;
pub(crate) mod request;
pub(crate) mod segment;
pub(crate) mod subscription;
pub(crate) mod tag;
pub(crate) mod team;
mod undocumented;
pub(crate) mod user;
pub(crate) mod widget;

use poem_openapi::OpenApi;

pub(crate) use self::{not_implemented::UNBUILT, undocumented::UNDOCUMENTED};
use crate::{
    http::{Alias, Aliases, Scoped},
    state::tables::resources,
};

// Departs: These operations need no credentials, as on the reference server, although the documentation requires an
// authenticated user for every call:
resources!(operations);

/// Additional paths under which operations are served.
pub(crate) const ALIASES: &[Alias] = chatbot::alias::Names::ALL;

/// Operations that differ in the first version of the API.
pub(crate) fn first_version() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(request::v1::FirstVersionRequests)
}
