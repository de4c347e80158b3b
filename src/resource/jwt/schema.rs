//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// A test token signed with the secret of the project.
#[derive(Object)]
pub(crate) struct TestToken {
    /// Always `true`.
    pub(crate) success: bool,
    /// `JWT`, a space, and the token: a value for the `Authorization` header.
    pub(crate) token: Text,
}

/// A decoded token.
#[derive(Object)]
pub(crate) struct DecodedToken {
    /// Claims of the token.
    pub(crate) decoded: JsonObject,
}
