//! Users: the accounts behind credentials, independent of projects.

use poem_openapi::OpenApi;

use super::{
    Section,
    document::User,
    rules,
    schema::{PasswordChange, PasswordChanged, Profile, PublicUser, UserPatch, UserRemoval, UserUpdated},
};
use crate::{
    http::{Account, Body, CurrentSandbox, Path, Reply},
    resource::{
        auth::schema::VerificationSent,
        email::{self, schema::NewLoginEmail},
    },
    value::{RawId, Result},
};

pub(crate) struct Users;

#[OpenApi(tag = "Section::User")]
impl Users {
    /// Get the own account
    ///
    /// The user whose credentials the call shows. Visitors have no account.
    #[oai(path = "/users", method = "get", operation_id = "get_current_user")]
    async fn get(&self, account: Account) -> Result<Reply<Profile>> {
        rules::get(&account.sandbox.state(), &account.caller).map(|user| Reply::of(&Profile::from(&user)))
    }

    /// Update the own account
    ///
    /// Changes the fields that are given; what is absent or `null` stays as it is. E-mail address and password cannot be
    /// changed here.
    #[oai(path = "/users", method = "put", operation_id = "update_current_user")]
    async fn update(&self, account: Account, body: Body<UserPatch>) -> Result<Reply<UserUpdated>> {
        account.sandbox.write(None, |tx| rules::update(tx, &account.caller, body.0)).map(|user| Reply::of(&user))
    }

    /// Close the own account
    ///
    /// Makes the account anonymous. Its credentials are worth nothing from then on; its memberships stay.
    #[oai(path = "/users", method = "delete", operation_id = "delete_current_user")]
    async fn delete(&self, account: Account) -> Result<Reply<UserUpdated>> {
        account.sandbox.write(None, |tx| rules::delete(tx, &account.caller)).map(|user| Reply::of(&user))
    }

    /// Remove the own account
    ///
    /// Removes the account for good.
    #[oai(path = "/users/physical", method = "delete", operation_id = "delete_current_user_physically")]
    async fn delete_physically(&self, account: Account) -> Result<Reply<UserRemoval>> {
        account
            .sandbox
            .write(None, |tx| rules::delete_physically(tx, &account.caller))
            .map(|removal| Reply::of(&removal))
    }

    /// Change the own password
    ///
    /// Needs the old one. Tokens stay valid.
    #[oai(path = "/users/changepsw", method = "put", operation_id = "change_password")]
    async fn change_password(&self, account: Account, body: Body<PasswordChange>) -> Result<Reply<PasswordChanged>> {
        account.sandbox.write(None, |tx| rules::change_password(tx, &account.caller, &body.0))?;
        Ok(Reply::of(&PasswordChanged { message: "Password change successful".into() }))
    }

    /// Make another verification code
    ///
    /// The code is valid for 15 minutes. No mail is sent: it stands in the exported state, in the user.
    #[oai(path = "/users/resendverifyemail", method = "get", operation_id = "resend_verification_email")]
    async fn resend_verification(&self, account: Account) -> Result<Reply<VerificationSent>> {
        account.sandbox.write(None, |tx| rules::resend_verification(tx, &account.caller))?;
        Ok(Reply::of(&VerificationSent { success: true, message: "Verify email successfully sent".into() }))
    }

    /// Mail a link to a chatbot or a knowledge base
    ///
    /// No mail is sent: it stands in the exported state, under `emails`.
    #[oai(path = "/users/loginemail", method = "post", operation_id = "send_login_email")]
    async fn send_login(&self, account: Account, body: Body<NewLoginEmail>) -> Result<Reply<VerificationSent>> {
        account.sandbox.write(None, |tx| email::rules::send_login(tx, &account.caller, body.0))?;
        Ok(Reply::of(&VerificationSent { success: true, message: "Sending email...".into() }))
    }
}

pub(crate) struct PublicUsers;

#[OpenApi(tag = "Section::User")]
impl PublicUsers {
    /// Get the card of a user
    ///
    /// What everybody may know of a user. No credentials are needed.
    #[oai(path = "/users_util/:user_id", method = "get", operation_id = "get_public_user")]
    async fn get(
        &self,
        anyone: CurrentSandbox,
        /// Identifier of the user.
        user_id: Path<RawId<User>>,
    ) -> Result<Reply<PublicUser>> {
        rules::public(&anyone.0.state(), &user_id).map(|user| Reply::of(&user))
    }
}
