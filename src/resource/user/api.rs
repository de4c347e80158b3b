//! Operations on users: accounts, independent of projects.

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
    /// Get the current user
    ///
    /// Visitors have no account (404).
    ///
    /// Returns the account of the caller.
    #[oai(path = "/users", method = "get", operation_id = "get_current_user")]
    async fn get(&self, account: Account) -> Result<Reply<Profile>> {
        rules::get(&account.sandbox.state(), &account.caller).map(|user| Reply::of(&Profile::from(&user)))
    }

    /// Update the current user
    ///
    /// Changes the given fields. Fields that are absent or `null` keep their value. The email address and the password
    /// cannot be changed here.
    ///
    /// Returns the updated account.
    #[oai(path = "/users", method = "put", operation_id = "update_current_user")]
    async fn update(&self, account: Account, body: Body<UserPatch>) -> Result<Reply<UserUpdated>> {
        account.sandbox.write(None, |tx| rules::update(tx, &account.caller, body.0)).map(|user| Reply::of(&user))
    }

    /// Close the current account
    ///
    /// Anonymizes the account, whose credentials are rejected from then on. Memberships are kept.
    ///
    /// Returns the closed account.
    #[oai(path = "/users", method = "delete", operation_id = "delete_current_user")]
    async fn delete(&self, account: Account) -> Result<Reply<UserUpdated>> {
        account.sandbox.write(None, |tx| rules::delete(tx, &account.caller)).map(|user| Reply::of(&user))
    }

    /// Delete the current account permanently
    ///
    /// Removes the account with its memberships and its token history.
    ///
    /// Returns the number of removed objects.
    #[oai(path = "/users/physical", method = "delete", operation_id = "delete_current_user_physically")]
    async fn delete_physically(&self, account: Account) -> Result<Reply<UserRemoval>> {
        account
            .sandbox
            .write(None, |tx| rules::delete_physically(tx, &account.caller))
            .map(|removal| Reply::of(&removal))
    }

    /// Change the password
    ///
    /// Requires the current password (otherwise 401). The new password must be different (otherwise 403). Issued tokens
    /// remain valid.
    ///
    /// Returns a confirmation.
    #[oai(path = "/users/changepsw", method = "put", operation_id = "change_password")]
    async fn change_password(&self, account: Account, body: Body<PasswordChange>) -> Result<Reply<PasswordChanged>> {
        account.sandbox.write(None, |tx| rules::change_password(tx, &account.caller, &body.0))?;
        Ok(Reply::of(&PasswordChanged { message: "Password change successful".into() }))
    }

    /// Resend the verification email
    ///
    /// Creates a new verification code, which is valid for 15 minutes.
    ///
    /// Returns a confirmation.
    // No mail is sent: the code is in the exported state of the user.
    #[oai(path = "/users/resendverifyemail", method = "get", operation_id = "resend_verification_email")]
    async fn resend_verification(&self, account: Account) -> Result<Reply<VerificationSent>> {
        account.sandbox.write(None, |tx| rules::resend_verification(tx, &account.caller))?;
        Ok(Reply::of(&VerificationSent { success: true, message: "Verify email successfully sent".into() }))
    }

    /// Send a login email
    ///
    /// Sends the caller a link to a chatbot or a knowledge base. A body without `id_project`, or with neither `bot_id`
    /// nor `namespace_id`, returns 400.
    ///
    /// Returns a confirmation.
    // No mail is sent: it is in the exported state, under `emails`.
    #[oai(path = "/users/loginemail", method = "post", operation_id = "send_login_email")]
    async fn send_login(&self, account: Account, body: Body<NewLoginEmail>) -> Result<Reply<VerificationSent>> {
        account.sandbox.write(None, |tx| email::rules::send_login(tx, &account.caller, body.0))?;
        Ok(Reply::of(&VerificationSent { success: true, message: "Sending email...".into() }))
    }
}

pub(crate) struct PublicUsers;

#[OpenApi(tag = "Section::User")]
impl PublicUsers {
    /// Get the profile of a user
    ///
    /// Contains only public data. Requires no credentials.
    ///
    /// Returns the public profile of the user.
    #[oai(path = "/users_util/:user_id", method = "get", operation_id = "get_public_user")]
    async fn get(
        &self,
        anyone: CurrentSandbox,
        /// Identifier of the user (`_id`).
        user_id: Path<RawId<User>>,
    ) -> Result<Reply<PublicUser>> {
        rules::public(&anyone.0.state(), &user_id).map(|user| Reply::of(&user))
    }
}
