//! Who calls, and what they may do.

use std::sync::Arc;

use crate::{
    resource::{project::document::Project, team::document::Teammate, user::document::User},
    store::Doc,
    value::{Id, JsonObject, Role, Text},
};

/// An authenticated caller.
#[derive(Clone, Debug)]
pub(crate) enum Principal {
    /// Somebody with an account.
    User(Id<User>),
    /// A visitor without one: anonymous, or certified by the customer's own system.
    Visitor(Visitor),
    /// A bot or the receiver of a webhook, with the token that it was sent.
    Service(Service),
}

/// What a token says of a program.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// That of the bot or of the subscription.
    pub(crate) id: Text,
    pub(crate) name: Option<Text>,
    pub(crate) project: Id<Project>,
}

/// What a token says of a visitor.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// A UUID, or whatever the customer's system calls its user.
    pub(crate) id: Text,
    pub(crate) firstname: Option<Text>,
    pub(crate) lastname: Option<Text>,
    pub(crate) email: Option<Text>,
    /// The only project in which the token is valid; none when the sandbox itself issued it.
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
    /// What `createdBy` and the like show.
    pub(crate) fn id(&self) -> Text {
        match self {
            Self::User(id) => id.to_string().into(),
            Self::Visitor(visitor) => visitor.id.clone(),
            Self::Service(machine) => machine.id.clone(),
        }
    }
}

/// Who acts in a project.
#[derive(Clone)]
pub(crate) struct Actor {
    pub(crate) caller: Principal,
    pub(crate) membership: Arc<Doc<Teammate>>,
}

impl Actor {
    /// What `createdBy` and the like show.
    pub(crate) fn id(&self) -> Text {
        self.caller.id()
    }

    /// The project in which the actor is a member.
    pub(crate) fn project(&self) -> Id<Project> {
        self.membership.value().id_project
    }

    pub(crate) fn role(&self) -> Role {
        self.membership.value().role
    }

    /// The user, unless it is a visitor or a program.
    pub(crate) fn user(&self) -> Option<Id<User>> {
        match self.caller {
            Principal::User(user) => Some(user),
            Principal::Visitor(_) | Principal::Service(_) => None,
        }
    }
}
