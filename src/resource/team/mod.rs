//! The team: the memberships of users in a project, with role and availability. Visitors are members too.

pub(crate) mod model;
