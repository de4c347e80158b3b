//! What calls send and receive.

use poem_openapi::Object;

use crate::value::{JsonObject, Text};

/// A token that was signed with the secret of the project.
#[derive(Object)]
pub(crate) struct TestToken {
    /// True.
    pub(crate) success: bool,
    /// The word `JWT`, a blank and the token: a value for the `Authorization` header.
    pub(crate) token: Text,
}

/// What a token says.
#[derive(Object)]
pub(crate) struct DecodedToken {
    /// Its claims.
    pub(crate) decoded: JsonObject,
}
