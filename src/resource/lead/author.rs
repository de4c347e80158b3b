//! The author on whose behalf a conversation is opened.

use crate::{identity::authenticate::Identity, resource::team::document::Teammate, value::Text};

/// The author on whose behalf a conversation is opened.
pub(crate) struct Author {
    pub(crate) identity: Identity,
    pub(crate) member: Teammate,
}

impl Author {
    /// Overrides the name and the email address with those that a request body gives.
    pub(crate) fn named(mut self, fullname: Option<Text>, email: Option<Text>) -> Self {
        self.identity.fullname = fullname.or(self.identity.fullname);
        self.identity.email = email.or(self.identity.email);
        self
    }
}
