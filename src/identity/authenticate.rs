//! Authentication: the identity of the caller, and their access to a project.

use std::{net::IpAddr, sync::Arc};

use super::{
    principal::{Principal, Service},
    token,
};
use crate::{
    resource::{
        project::{address_filter::AddressFilter, document::Project},
        team::document::Teammate,
        user::document::User,
    },
    state::{Sandbox, State},
    store::Doc,
    value::{
        Error, Id, JsonObject, Result, Role, Text, Timestamp,
        error::{ErrorBody, ErrorKind},
    },
};

/// The credentials of a call.
pub(crate) enum Credentials<'a> {
    /// Of a user.
    Password { email: &'a str, password: &'a str },
    /// Without the prefix `JWT`.
    Token(&'a str),
}

/// The project named in a path, if it exists and is active.
pub(crate) fn project(state: &State, text: &str) -> Result<Id<Project>> {
    Id::<Project>::parse(text).filter(|id| is_active(state, *id)).ok_or_else(|| unknown_project(text))
}

/// The error for a path that names no active project.
pub(crate) fn unknown_project(text: &str) -> Error {
    // The database behind the real API accepts any 12 characters as an ID.
    let well_formed = Id::<Project>::parse(text).is_some() || text.chars().count() == 12;
    let words = if well_formed { "Project not found with id" } else { "Invalid project id" };
    Error::new(ErrorKind::Malformed, ErrorBody::bare("error", format!("{words}: {text}").into()))
}

/// The project named in a path, unless its address filters reject the caller.
pub(crate) fn enter(state: &State, text: &str, address: impl FnOnce() -> IpAddr) -> Result<Id<Project>> {
    let id = project(state, text)?;
    let Some(project) = state.tables.projects.get(id).map(|project| project.value()) else { return Ok(id) };
    let is_filtered = project.ip_filter_enabled == Some(true) || project.ip_filter_deny_enabled;
    let refusal = is_filtered.then(|| project.refuses(address()));
    match refusal.flatten() {
        None => Ok(id),
        Some(AddressFilter::Allow) => Err(barred("error project ip filter")),
        Some(AddressFilter::Deny) => Err(barred("error project deny ip filter")),
    }
}

/// The error for a caller whose address the project does not allow.
pub(crate) fn barred(text: &'static str) -> Error {
    Error::new(ErrorKind::Banned, ErrorBody::bare("err", text.into()))
}

/// Whether a project exists and is not deleted.
pub(crate) fn is_active(state: &State, project: Id<Project>) -> bool {
    state.tables.projects.get(project).is_some_and(|project| project.value().is_active())
}

/// Whether a project has any bans.
pub(crate) fn bans_anybody(state: &State, project: Id<Project>) -> bool {
    let project = state.tables.projects.get(project);
    project.is_some_and(|project| !project.value().banned_users.is_empty())
}

/// Fails if the caller is banned from the project.
//
// Departs: A ban also applies to Basic authentication; the reference server checks only tokens.
pub(crate) fn not_banned(state: &State, project: Id<Project>, caller: &Principal) -> Result<()> {
    let bans = |id: &str| state.tables.projects.get(project).is_some_and(|project| project.value().bans(id));
    if bans_anybody(state, project) && bans(&caller.id()) {
        return Err(barred("error projectBanUserFilter by id"));
    }
    Ok(())
}

/// Authenticates a caller.
pub(crate) fn authenticate(sandbox: &Sandbox, state: &State, credentials: &Credentials<'_>) -> Result<Principal> {
    match credentials {
        Credentials::Token(text) => token::caller(state, token::verify(sandbox, state, text)?),
        Credentials::Password { email, password } => {
            let user = user_by_email(state, email).ok_or(Error::UNAUTHENTICATED)?;
            let user = user.value();
            match &user.password {
                Some(known) if !password.is_empty() && known.is(password) => Ok(Principal::User(user.id)),
                _ => Err(Error::UNAUTHENTICATED),
            }
        }
    }
}

/// The active user with an email address, ignoring case.
pub(crate) fn user_by_email<'a>(state: &'a State, email: &str) -> Option<&'a Arc<Doc<User>>> {
    let user = state.tables.users.find(User::by_email(email));
    user.filter(|user| user.value().is_active())
}

/// The caller's active membership in a project.
pub(crate) fn membership(state: &State, project: Id<Project>, caller: &Principal) -> Result<Arc<Doc<Teammate>>> {
    let term = match caller {
        Principal::User(user) => Teammate::of_user(project, *user),
        // A project's secret certifies visitors for that project only, even if they have the same ID elsewhere.
        Principal::Visitor(visitor) if visitor.project.is_some_and(|own| own != project) => {
            return Err(Error::NOT_A_MEMBER);
        }
        Principal::Visitor(visitor) => Teammate::of_visitor(project, &visitor.id),
        Principal::Service(machine) => return machine_membership(project, machine),
    };
    let member = state.tables.project_users.find(term).filter(|member| member.value().is_active());
    member.cloned().ok_or(Error::NOT_A_MEMBER)
}

/// Services have no membership; in their own project they have the rights of an agent.
fn machine_membership(project: Id<Project>, machine: &Service) -> Result<Arc<Doc<Teammate>>> {
    let id = Id::parse(&machine.id).filter(|_| machine.project == project).ok_or(Error::NOT_A_MEMBER)?;
    let start = Timestamp::from_milliseconds(0);
    Ok(Arc::new(Doc::new(Teammate::new(id, project, Role::Agent, machine.id.clone(), start))))
}

/// The known attributes of a caller.
pub(crate) struct Identity {
    pub(crate) id: Text,
    pub(crate) fullname: Option<Text>,
    pub(crate) email: Option<Text>,
    pub(crate) phone: Option<Text>,
    pub(crate) attributes: Option<JsonObject>,
}

pub(crate) fn identity(state: &State, caller: &Principal) -> Identity {
    match caller {
        Principal::User(id) => identity_of_user(state, *id),
        Principal::Service(machine) => Identity {
            id: machine.id.clone(),
            fullname: machine.name.clone(),
            email: None,
            phone: None,
            attributes: None,
        },
        Principal::Visitor(visitor) => {
            let name = |name: &Option<Text>| name.as_ref().map(Text::as_str).unwrap_or_default().to_owned();
            let is_named = visitor.firstname.is_some() || visitor.lastname.is_some();
            Identity {
                id: visitor.id.clone(),
                // Like the API, keeps the separating space even if there is no last name.
                fullname: is_named.then(|| format!("{} {}", name(&visitor.firstname), name(&visitor.lastname)).into()),
                email: visitor.email.clone(),
                phone: None,
                attributes: visitor.attributes(),
            }
        }
    }
}

pub(crate) fn identity_of_user(state: &State, id: Id<User>) -> Identity {
    let user = state.tables.users.get(id).map(|user| user.value());
    Identity {
        id: id.to_string().into(),
        fullname: user.as_ref().map(|user| user.full_name()),
        email: user.as_ref().map(|user| user.email.clone()),
        phone: user.as_ref().and_then(|user| user.phone.clone()),
        attributes: user.as_ref().and_then(|user| user.attributes.clone()),
    }
}
