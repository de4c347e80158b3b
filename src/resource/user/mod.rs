//! Users: the accounts behind the credentials, independent of projects.

pub(crate) mod model;
