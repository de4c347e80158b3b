//! What the widget asks for before a visitor is known.
//!
//! Only the official SDK and the reference server know this operation. The settings of the project that concern the team are
//! left out, and everything is as visitors see it elsewhere.

pub(crate) mod api;
mod rules;
pub(crate) mod schema;

use poem_openapi::OpenApi;

use crate::http::Scoped;

/// All operations.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::Widgets)
}
