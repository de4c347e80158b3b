//! Events: what applications tell each other by way of a project.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - Posting an event stores it and tells it: to subscriptions to `event.emit` and to `event.emit.NAME`, and to the topic of
//!   the member who posted it. The documentation takes that second name for the name of the event.
//! - Events vanish an hour after they were posted.
//! - `status` is always `stardard`, the reference server's spelling.
//! - The member is an identifier in answers, and an object, with the user inside, in what is told.
//! - The fake raises `request.fully_abandoned` itself, by the system and without a member. What else the reference server
//!   raises comes from engines that the fake has not: the chat (`typing.start`) and the bots (`faqbot.answer_not_found`).

pub(crate) mod api;
pub(crate) mod model;
pub(crate) mod rules;

use poem_openapi::{OpenApi, Tags};

use crate::http::Scoped;

/// The section of the reference.
#[derive(Tags)]
pub(crate) enum Section {
    /// What applications tell each other.
    Events,
}

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::CustomEvents)
}
