//! Where a request is to go.

use poem_openapi::Object;

use crate::world::Text;

/// A department to which a request is to be given.
#[derive(Object)]
pub(crate) struct Route {
    /// Identifier of the department; the default one when it is missing.
    pub(crate) departmentid: Option<Text>,
    /// True leaves the department's bot out.
    pub(crate) nobot: Option<bool>,
    /// Has no effect: the answer always holds what the request refers to.
    pub(crate) no_populate: Option<bool>,
}
