//! Authentication: sign-in, sign-up, password recovery, and the secrets of projects.

use poem_openapi::{OpenApi, payload::Html};

use super::{
    Section, rules,
    schema::{
        Credentials, CustomSession, CustomSignIn, EmailVerification, NewPassword, NewUser, NewVisitor, ProjectKeys,
        ResetRequest, ResetRequestResult, ResetResult, Session, SignUpResult, VisitorSession,
    },
};
use crate::{
    http::{Account, Body, CurrentSandbox, KeyHolder, Member, Path, Reply, TokenBearer},
    resource::{team::invitation::document::PendingInvitation, user::document::User},
    value::{Error, RawId, Result, Text},
};

pub(crate) struct SignIn;

#[OpenApi(tag = "Section::Authentication")]
impl SignIn {
    /// Sign in with a password
    ///
    /// Exchanges an email address and a password for a token. The body can be JSON or a form. Wrong credentials return
    /// 401.
    ///
    /// Returns the token and the user.
    #[oai(path = "/auth/signin", method = "post", operation_id = "sign_in")]
    async fn sign_in(&self, anyone: CurrentSandbox, body: Body<Credentials>) -> Result<Reply<Session>> {
        rules::sign_in(&anyone.0, &body.0).map(|session| Reply::of(&session))
    }

    /// Sign up a user
    ///
    /// Creates an account, turns its pending invitations into memberships, and emits `user.signup`. No token is issued:
    /// sign in with the new account. An email address or phone number that is already registered returns 403. A missing
    /// password returns 200 with `success: false`.
    ///
    /// Returns the new user.
    #[oai(path = "/auth/signup", method = "post", operation_id = "sign_up")]
    async fn sign_up(&self, anyone: CurrentSandbox, body: Body<NewUser>) -> Result<Reply<SignUpResult>> {
        anyone.0.write(None, |tx| rules::sign_up(tx, body.0)).map(|result| Reply::of(&result))
    }

    /// Sign in anonymously
    ///
    /// Creates a guest in a project and issues a token. Every call creates another guest. A project that does
    /// not exist returns 404.
    ///
    /// Returns the token and the guest.
    #[oai(path = "/auth/signinAnonymously", method = "post", operation_id = "sign_in_anonymously")]
    async fn sign_in_anonymously(
        &self,
        anyone: CurrentSandbox,
        body: Body<NewVisitor>,
    ) -> Result<Reply<VisitorSession>> {
        rules::sign_in_anonymously(&anyone.0, body.0).map(|session| Reply::of(&session))
    }

    /// Sign in with a custom token
    ///
    /// Signs in a user of your own system with a token that your system signed with the project's secret. The first
    /// sign-in makes the user a member of the project. A token without an audience returns 400.
    ///
    /// A token with the role `agent`, `supervisor`, or `admin` signs in the teammate with its email address instead,
    /// and creates the account if it does not exist. An existing account must belong to this project alone, with at
    /// most the role of the token (otherwise 403).
    ///
    /// Returns the token as sent with its claims, or, for teammates, a new token with the user.
    #[oai(path = "/auth/signinWithCustomToken", method = "post", operation_id = "sign_in_with_custom_token")]
    async fn sign_in_with_custom_token(
        &self,
        bearer: TokenBearer,
        body: Body<CustomSignIn>,
    ) -> Result<Reply<CustomSession>> {
        let TokenBearer { sandbox, header, token } = &bearer;
        rules::sign_in_with_custom_token(sandbox, header, token, &body.0).map(|session| Reply::of(&session))
    }
}

pub(crate) struct Recovery;

#[OpenApi(tag = "Section::Authentication")]
impl Recovery {
    /// Request a password reset
    ///
    /// Creates a reset key, which replaces any previous one. An unknown email address returns 200 with `success:
    /// false`.
    ///
    /// Returns a confirmation message.
    #[oai(path = "/auth/requestresetpsw", method = "put", operation_id = "request_password_reset")]
    async fn request_password_reset(
        &self,
        anyone: CurrentSandbox,
        body: Body<ResetRequest>,
    ) -> Result<Reply<ResetRequestResult>> {
        anyone.0.write(None, |tx| rules::request_password_reset(tx, &body.0)).map(|result| Reply::of(&result))
    }

    /// Check a password reset key
    ///
    /// Checks whether a reset key is still valid. An invalid key returns 404.
    ///
    /// Returns the user to whom the key belongs.
    #[oai(path = "/auth/checkpswresetkey/:key", method = "get", operation_id = "check_password_reset_key")]
    async fn check_password_reset_key(
        &self,
        anyone: CurrentSandbox,
        /// Reset key.
        key: Path<Text>,
    ) -> Result<Reply<ResetResult>> {
        rules::check_password_reset_key(&anyone.0.state(), &key).map(|result| Reply::of(&result))
    }

    /// Reset a password
    ///
    /// Sets a new password and invalidates the reset key, which can be used only once. Tokens stay valid. An invalid
    /// key returns 404.
    ///
    /// Returns the updated user.
    #[oai(path = "/auth/resetpsw/:key", method = "put", operation_id = "reset_password")]
    async fn reset_password(
        &self,
        anyone: CurrentSandbox,
        /// Reset key.
        key: Path<Text>,
        body: Body<NewPassword>,
    ) -> Result<Reply<ResetResult>> {
        anyone.0.write(None, |tx| rules::reset_password(tx, &key, &body.0)).map(|result| Reply::of(&result))
    }

    /// Verify an email address
    ///
    /// Marks the email address of a user as verified with the code created at sign-up, which is valid for 15 minutes. A
    /// code that is expired, invalid, or another user's returns 401.
    ///
    /// Returns the updated user.
    #[oai(path = "/auth/verifyemail/:user_id/:code", method = "put", operation_id = "verify_email")]
    async fn verify_email(
        &self,
        anyone: CurrentSandbox,
        /// Identifier of the user.
        user_id: Path<RawId<User>>,
        /// Verification code.
        code: Path<Text>,
        body: Body<EmailVerification>,
    ) -> Result<Reply<User>> {
        anyone.0.write(None, |tx| rules::verify_email(tx, &user_id, &code, &body.0)).map(Reply::from)
    }
}

pub(crate) struct Invitations;

#[OpenApi(tag = "Section::Authentication")]
impl Invitations {
    /// Get a pending invitation
    ///
    /// Used by the sign-up page to which an invitation links. Requires no credentials.
    ///
    /// Returns the pending invitation.
    #[oai(
        path = "/auth/pendinginvitationsnoauth/:pending_invitation_id",
        method = "get",
        operation_id = "get_pending_invitation"
    )]
    async fn get(
        &self,
        anyone: CurrentSandbox,
        /// Identifier of the invitation.
        pending_invitation_id: Path<RawId<PendingInvitation>>,
    ) -> Result<Reply<PendingInvitation>> {
        let state = anyone.0.state();
        state.find(None, &pending_invitation_id).cloned().map(Reply::from).ok_or(Error::OBJECT_NOT_FOUND)
    }
}

pub(crate) struct Keys;

#[OpenApi(tag = "Section::Authentication")]
impl Keys {
    /// Generate a project secret
    ///
    /// Generates the secret with which your own system signs tokens for its users. It replaces the previous secret:
    /// tokens signed with that one are rejected from then on. Bots and subscriptions cannot call this operation (403).
    ///
    /// Returns the new secret, which no other operation returns.
    #[oai(path = "/keys/generate", method = "post", operation_id = "generate_project_keys")]
    async fn generate(&self, member: Member<KeyHolder>) -> Result<Reply<ProjectKeys>> {
        member.scope.write(rules::generate_keys).map(|keys| Reply::of(&keys))
    }
}

pub(crate) struct ConnectionTest;

#[OpenApi(tag = "Section::Authentication")]
impl ConnectionTest {
    /// Test the caller's credentials
    ///
    /// Zapier calls this operation when an account is connected.
    ///
    /// Returns `{"success":true}`.
    #[oai(path = "/testauth", method = "get", operation_id = "test_credentials")]
    async fn test(&self, _account: Account) -> Html<&'static str> {
        Html(r#"{"success":true}"#)
    }
}
