//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{Text, lenient::Required};

/// A note to be added.
#[derive(Object)]
pub(crate) struct NewNote {
    /// The note.
    pub(crate) text: Required<Text>,
}
