//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{Text, lenient::Required};

/// A note to add.
#[derive(Object)]
pub(crate) struct NewNote {
    /// Text of the note.
    pub(crate) text: Required<Text>,
}
