//! The result of permanent deletions.

use poem_openapi::Object;

use crate::http::Reply;

/// Result of a permanent deletion.
#[derive(Object)]
pub(crate) struct Removal {
    /// Number of matching objects.
    pub(crate) n: u32,
    /// 1 if the deletion succeeded.
    pub(crate) ok: u32,
    /// Number of removed objects.
    #[oai(rename = "deletedCount")]
    pub(crate) deleted_count: u32,
}

impl Removal {
    pub(crate) const ONE: Self = Self { n: 1, ok: 1, deleted_count: 1 };
    pub(crate) const NONE: Self = Self { n: 0, ok: 1, deleted_count: 0 };
}

/// The response to a permanent deletion of one object.
pub(crate) fn removed() -> Reply<Removal> {
    Reply::of(&Removal::ONE)
}
