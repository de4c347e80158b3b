//! The identity and the read permissions of a connected client, checked again whenever permissions are revoked.

use super::{content, flaw::Flaw, topic::Topic, visibility::Visibility};
use crate::{
    identity::{Principal, authenticate},
    resource::{jwt::document::IssuedToken, user::document::User},
    state::State,
    value::{Id, Text},
};

/// A user's verified token.
pub(super) struct Pass {
    pub(super) user: Id<User>,
    /// The identifier by which the token can be revoked.
    pub(super) jti: Option<Text>,
}

impl Pass {
    /// The client's visibility in a project, if it may read the topic.
    pub(super) fn sight(&self, state: &State, topic: &Topic<'_>) -> Result<Visibility, Flaw> {
        let (project, caller) = (topic.project, Principal::User(self.user));
        if !self.is_valid(state) {
            return Err(Flaw::Unauthorized);
        }
        if !authenticate::is_active(state, project) {
            return Err(Flaw::UnknownProject);
        }
        authenticate::not_banned(state, project, &caller).map_err(|_| Flaw::NotAMember)?;
        let member = authenticate::membership(state, project, &caller).map_err(|_| Flaw::NotAMember)?;
        let sight = Visibility::of(self.user, member.value().role);
        let is_readable = content::is_readable(state, topic, self.user, sight);
        if is_readable { Ok(sight) } else { Err(Flaw::Hidden(topic.name.to_owned())) }
    }

    fn is_valid(&self, state: &State) -> bool {
        let user = state.tables.users.get(self.user);
        let revoked = self.jti.as_deref().map(IssuedToken::revoked);
        user.is_some_and(|user| user.value().is_active())
            && revoked.is_none_or(|revoked| state.tables.jwt_history.find(revoked).is_none())
    }
}
