//! The requests of a project that a member sees.

use crate::{
    resource::{
        project::document::Project,
        request::{document::Request, index::RequestIndex},
        user::document::User,
    },
    store::{Doc, Term},
    value::{Id, Role},
};

/// The requests that a member sees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Visibility {
    /// All requests.
    All,
    /// Requests that the user serves or was eligible to serve.
    Team(Id<User>),
    /// Requests that the user serves.
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

    /// The index term of the visible requests; `None` for all.
    pub(super) fn term(self, project: Id<Project>) -> Option<Term> {
        match self {
            Self::All => None,
            Self::Team(user) => Some(Request::with(RequestIndex::SeenBy, project, true, &user.to_string())),
            Self::Own(user) => Some(Request::with(RequestIndex::Participant, project, true, &user.to_string())),
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
