//! Rules for open accounts.

use super::{
    document::{User, Verification},
    schema::{PasswordChange, PublicUser, UserPatch, UserRemoval, UserUpdated},
};
use crate::{
    identity::Principal,
    resource::{jwt::document::IssuedToken, removal::Removal, team::document::Teammate},
    state::{State, Tx},
    value::{
        Error, RawId, Result, Timestamp,
        error::{ErrorBody, ErrorKind},
        patch::overwrite,
        primitive::Secret,
    },
};

/// When the next verification code expires.
pub(crate) fn next_expiry(state: &State, now: Timestamp) -> Option<Timestamp> {
    let codes =
        state.tables.users.iter().filter_map(|user| user.value().verification.as_ref().map(|code| code.expires));
    codes.filter(|end| now < *end).min()
}

/// The account of the caller. Visitors have none.
pub(crate) fn get(state: &State, caller: &Principal) -> Result<User> {
    let Principal::User(id) = caller else { return Err(Error::OBJECT_NOT_FOUND) };
    state.tables.users.get(*id).map(|user| user.value().into_owned()).ok_or(Error::OBJECT_NOT_FOUND)
}

pub(super) fn update(tx: &mut Tx, caller: &Principal, patch: UserPatch) -> Result<UserUpdated> {
    let mut user = get(tx.state(), caller)?;
    overwrite(&mut user.firstname, patch.firstname);
    overwrite(&mut user.lastname, patch.lastname);
    overwrite(&mut user.attributes, patch.attributes);
    overwrite(&mut user.description, patch.description);
    overwrite(&mut user.public_email, patch.public_email);
    overwrite(&mut user.public_website, patch.public_website);
    overwrite(&mut user.phone, patch.phone);
    updated(tx, user)
}

fn updated(tx: &mut Tx, user: User) -> Result<UserUpdated> {
    let user = tx.put(user)?;
    Ok(UserUpdated { success: true, updated_user: user.value().into_owned() })
}

pub(super) fn delete(tx: &mut Tx, caller: &Principal) -> Result<UserUpdated> {
    let mut user = get(tx.state(), caller)?;
    user.status = User::CLOSED;
    user.firstname = Some("anonymized".into());
    user.lastname = Some("anonymized".into());
    user.email = format!("{}@tiledesk.com", tx.new_uuid()).into();
    updated(tx, user)
}

pub(super) fn delete_physically(tx: &mut Tx, caller: &Principal) -> Result<UserRemoval> {
    let user = get(tx.state(), caller)?.id;
    tx.remove_by_id(user)?;
    let memberships = tx.state().tables.project_users.with(Teammate::memberships(user)).map(|member| member.value().id);
    for member in memberships.collect::<Vec<_>>() {
        tx.remove_by_id(member)?;
    }
    let tokens =
        tx.state().tables.jwt_history.with(IssuedToken::of_owner(&user.to_string())).map(|token| token.value().id);
    for token in tokens.collect::<Vec<_>>() {
        tx.remove_by_id(token)?;
    }
    Ok(UserRemoval { success: true, user: Removal::ONE })
}

pub(super) fn change_password(tx: &mut Tx, caller: &Principal, new: &PasswordChange) -> Result<()> {
    let mut user = get(tx.state(), caller)?;
    if !user.password.as_ref().is_some_and(|known| known.is(&new.oldpsw)) {
        return Err(Error::new(ErrorKind::SignInFailed, ErrorBody::msg("Current password is invalid.".into())));
    }
    if new.oldpsw == new.newpsw {
        return Err(Error::forbidden(ErrorBody::message(
            "The new password must be different from the previous one.".into(),
        )));
    }
    user.password = Some(Secret::new(&*new.newpsw));
    tx.put(user).map(drop)
}

pub(super) fn resend_verification(tx: &mut Tx, caller: &Principal) -> Result<()> {
    let mut user = get(tx.state(), caller)?;
    user.verification = Some(Verification::new(tx.new_uuid(), tx.now()));
    tx.put(user).map(drop)
}

pub(super) fn public(state: &State, id: &RawId<User>) -> Result<PublicUser> {
    let id = id.id().ok_or_else(|| Error::not_found(ErrorBody::msg("User id not found".into())))?;
    let user = state.tables.users.get(id).ok_or(Error::OBJECT_NOT_FOUND)?.value();
    Ok(PublicUser {
        id,
        firstname: user.firstname.clone(),
        lastname: user.lastname.clone(),
        public_website: user.public_website.clone(),
        public_email: user.public_email.clone(),
        description: user.description.clone(),
    })
}
