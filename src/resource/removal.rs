//! What a physical removal answers.

use poem_openapi::Object;

use crate::http::Reply;

/// What a physical removal answers.
#[derive(Object)]
pub(crate) struct Removal {
    /// Objects that were found.
    pub(crate) n: u32,
    /// 1 when the removal worked.
    pub(crate) ok: u32,
    /// Objects that were removed.
    #[oai(rename = "deletedCount")]
    pub(crate) deleted_count: u32,
}

impl Removal {
    pub(crate) const ONE: Self = Self { n: 1, ok: 1, deleted_count: 1 };
    pub(crate) const NONE: Self = Self { n: 0, ok: 1, deleted_count: 0 };
}

/// The answer to a removal for good.
pub(crate) fn removed() -> Reply<Removal> {
    Reply::of(&Removal::ONE)
}
