//! Rules for invitations and their conversion into memberships.

use bytes::Bytes;
use serde_json::json;

use super::document::PendingInvitation;
use crate::{
    identity::{Actor, authenticate},
    render,
    resource::{
        activity::member as activity,
        project::document::Project,
        team::{
            authority::{may_change, may_grant},
            document::{MemberStatus, Teammate},
            rules::show,
            schema::NewInvitation,
        },
        user::document::User,
    },
    state::{State, Tx, event::EventName},
    value::{
        Error, Id, Result,
        error::{ErrorBody, ErrorKind, Location, Violation},
    },
};

/// A user with an account becomes a teammate immediately; anyone else gets an invitation that waits until they sign up.
pub(in crate::resource::team) fn invite(tx: &mut Tx, by: &Actor, new: &NewInvitation) -> Result<Bytes> {
    let project = tx.project();
    let email = match (new.email.given(), new.role) {
        (Some(email), _) => email.to_lowercase(),
        (None, None) => return Err(role_required()),
        (None, Some(_)) => {
            let (field, location) = ("email".into(), Location::Body);
            let violation = Violation { value: None, field, location, reason: None, msg: None };
            return Err(Error::new(ErrorKind::Invalid, ErrorBody::Fields(vec![violation])));
        }
    };
    let user = authenticate::user_by_email(tx.state(), &email).map(|user| user.value().id);
    let Some(user) = user else { return invite_by_mail(tx, by, &email, new) };
    if by.id() == user.to_string().into() {
        let text = "Forbidden. It is not allowed to invite oneself";
        return Err(Error::forbidden(ErrorBody::msg(text.into()).with("code", 4_000)));
    }
    let known = tx.find::<Teammate>(Teammate::of_user(project, user));
    if known.as_ref().is_some_and(|known| known.is_active() && known.role.is_team()) {
        return Err(Error::forbidden(ErrorBody::msg("Forbidden. User is already a member".into()).with("code", 4_001)));
    }
    let role = new.role.ok_or_else(role_required)?.0;
    may_grant(tx.state(), by, role)?;
    known.as_ref().map_or(Ok(()), |known| may_change(tx.state(), by, known))?;
    let id = tx.new_id();
    // Departs: A removed member who is invited again is restored; the reference server adds a second membership.
    let mut member = known.unwrap_or_else(|| Teammate::new(id, project, role, by.id(), tx.now()));
    member.id_user = Some(user);
    member.role = role;
    member.user_available = new.user_available.unwrap_or(true);
    member.status = MemberStatus::Active;
    member.trashed = false;
    let member = tx.put(member)?;
    tx.emit(EventName::TeammateInvite, &member);
    activity::invited(tx, by, &member)?;
    Ok(show(tx.state(), &member))
}

fn role_required() -> Error {
    Error::new(ErrorKind::SoftFailure, ErrorBody::msg("Role is required.".into()).with("code", 405))
}

fn invite_by_mail(tx: &mut Tx, by: &Actor, email: &str, new: &NewInvitation) -> Result<Bytes> {
    let project = tx.project();
    let role = new.role.ok_or_else(role_required)?.0;
    may_grant(tx.state(), by, role)?;
    if let Some(known) = tx.find::<PendingInvitation>(PendingInvitation::to_project(project, email)) {
        let text = "Pending Invitation already exist."; // sic
        let body = json!({"success": false, "msg": text, "pendinginvitation": [known]});
        return Ok(body.to_string().into());
    }
    let (id, now) = (tx.new_id(), tx.now());
    let invitation = tx.put(PendingInvitation {
        id,
        email: email.into(),
        role,
        id_project: project,
        created_by: by.id(),
        created_at: now,
        updated_at: now,
        version: 0,
    })?;
    activity::invited_by_mail(tx, by, &invitation, new.user_available)?;
    let mut body = render::json::Object::new(br#"{"msg":"User not found, save invite in pending "}"#, 400); // sic
    body.field("pendingInvitation", invitation.json());
    Ok(body.end())
}

/// The pending invitations of a project, oldest first.
pub(in crate::resource::team) fn pending(state: &State, project: Id<Project>) -> Bytes {
    let invitations = state.tables.pending_invitations.with(PendingInvitation::of_project(project));
    render::json::array(invitations.map(|invitation| invitation.json()))
}

/// Converts the invitations of a new user into memberships.
pub(crate) fn accept_invitations(tx: &mut Tx, user: &User) -> Result<()> {
    while let Some(invitation) = tx.find::<PendingInvitation>(PendingInvitation::of_email(&user.email)) {
        let id = tx.new_id();
        let mut member = Teammate::new(id, invitation.id_project, invitation.role, invitation.created_by, tx.now());
        member.id_user = Some(user.id);
        tx.put(member)?;
        tx.remove_by_id(invitation.id)?;
    }
    Ok(())
}
