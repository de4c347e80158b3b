//! Callers and their memberships.

use std::sync::Arc;

use crate::{
    resource::{project::document::Project, team::document::Teammate, user::document::User},
    store::Doc,
    value::{Id, JsonObject, Role, Text},
};

/// An authenticated caller.
#[derive(Clone, Debug)]
pub(crate) enum Principal {
    /// A user with an account.
    User(Id<User>),
    /// A visitor without an account: anonymous, or certified by the customer's own system.
    Visitor(Visitor),
    /// A bot or a webhook receiver, with the token that it was sent.
    Service(Service),
}

/// The identity of a service, from its token.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// The ID of the bot or of the subscription.
    pub(crate) id: Text,
    pub(crate) name: Option<Text>,
    pub(crate) project: Id<Project>,
}

/// The identity of a visitor, from its token.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// A UUID, or the user's ID in the customer's system.
    pub(crate) id: Text,
    pub(crate) firstname: Option<Text>,
    pub(crate) lastname: Option<Text>,
    pub(crate) email: Option<Text>,
    /// The only project in which the token is valid; `None` if the sandbox issued it.
    pub(crate) project: Option<Id<Project>>,
    /// All claims of the token.
    pub(crate) claims: Arc<JsonObject>,
}

impl Visitor {
    /// The custom attributes.
    pub(crate) fn attributes(&self) -> Option<JsonObject> {
        self.claims.0.get("attributes")?.as_object().cloned().map(JsonObject)
    }
}

impl Principal {
    /// The ID shown in fields such as `createdBy`.
    pub(crate) fn id(&self) -> Text {
        match self {
            Self::User(id) => id.to_string().into(),
            Self::Visitor(visitor) => visitor.id.clone(),
            Self::Service(machine) => machine.id.clone(),
        }
    }
}

/// A principal as a member of a project.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) caller: Principal,
    pub(crate) membership: Arc<Doc<Teammate>>,
}

impl Actor {
    /// The ID shown in fields such as `createdBy`.
    pub(crate) fn id(&self) -> Text {
        self.caller.id()
    }

    /// The project of the membership.
    pub(crate) fn project(&self) -> Id<Project> {
        self.membership.value().id_project
    }

    pub(crate) fn role(&self) -> Role {
        self.membership.value().role
    }

    /// The user, if the actor is not a visitor or a service.
    pub(crate) fn user(&self) -> Option<Id<User>> {
        match self.caller {
            Principal::User(user) => Some(user),
            Principal::Visitor(_) | Principal::Service(_) => None,
        }
    }
}
