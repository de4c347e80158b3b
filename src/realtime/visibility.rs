//! Which requests of a project somebody sees.

use crate::{
    resource::{project::document::Project, request::document::Request, user::document::User},
    store::{Doc, Term},
    value::{Id, Role},
};

/// The requests that a member sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Visibility {
    /// All of them.
    All,
    /// Those that the user serves or could have served.
    Team(Id<User>),
    /// Those that the user serves.
    Own(Id<User>),
}

impl Visibility {
    pub(super) fn of(user: Id<User>, role: Role) -> Self {
        if role >= Role::Admin {
            Self::All
        } else if role.is_team() {
            Self::Team(user)
        } else {
            Self::Own(user)
        }
    }

    /// What the requests that are seen can be found by; nothing when that is any.
    pub(super) fn term(self, project: Id<Project>) -> Option<Term> {
        match self {
            Self::All => None,
            Self::Team(user) => Some(Request::with("seen_by", project, true, &user.to_string())),
            Self::Own(user) => Some(Request::with("participant", project, true, &user.to_string())),
        }
    }

    pub(super) fn sees(self, request: &Doc<Request>) -> bool {
        match self {
            Self::All => true,
            Self::Team(user) => {
                let request = request.value();
                request.participants_agents.contains(&user) || request.agents.contains(&user)
            }
            Self::Own(user) => request.value().participants_agents.contains(&user),
        }
    }
}
