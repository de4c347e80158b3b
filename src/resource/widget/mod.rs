//! Settings that the widget loads before the visitor is known.
//!
//! Only the official SDK and the reference server have this operation. Project settings that concern the team are left
//! out; everything else is shown as to visitors elsewhere.

pub(crate) mod api;
mod rules;
pub(crate) mod schema;

use poem_openapi::OpenApi;

use crate::http::Scoped;

/// All operations of this resource.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(api::Widgets)
}
