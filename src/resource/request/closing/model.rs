//! How a request is closed.

use poem_openapi::Object;

/// How a request is closed.
#[derive(Object, Default)]
pub(crate) struct Closing {
    /// True closes a closed request once more.
    pub(crate) force: Option<bool>,
}
