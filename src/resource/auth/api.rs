//! Authentication: how callers identify themselves, and how accounts and sessions come to be.

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
    /// Sign in
    ///
    /// Exchanges e-mail address and password for a token. JSON and forms are read.
    #[oai(path = "/auth/signin", method = "post", operation_id = "sign_in")]
    async fn sign_in(&self, anyone: CurrentSandbox, body: Body<Credentials>) -> Result<Reply<Session>> {
        rules::sign_in(&anyone.0, &body.0).map(|session| Reply::of(&session))
    }

    /// Sign up
    ///
    /// Creates an account. No token is answered: sign in with the new account.
    #[oai(path = "/auth/signup", method = "post", operation_id = "sign_up")]
    async fn sign_up(&self, anyone: CurrentSandbox, body: Body<NewUser>) -> Result<Reply<SignUpResult>> {
        anyone.0.write(None, |tx| rules::sign_up(tx, body.0)).map(|result| Reply::of(&result))
    }

    /// Sign in anonymously
    ///
    /// Makes a guest of a project and answers its token. Every call makes another guest.
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
    /// Signs in a user of your own system with a token that this system signed with the project's secret. The first
    /// sign-in makes the user a member of the project. A token with the role `agent`, `supervisor`, or `admin` signs in the
    /// teammate with its e-mail address instead, and creates the account if there is none. An existing account must belong to
    /// this project alone, with at most the role of the token (otherwise 403).
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
    /// Makes a reset key. No mail is sent: the key stands in the exported state, in the user.
    #[oai(path = "/auth/requestresetpsw", method = "put", operation_id = "request_password_reset")]
    async fn request_password_reset(
        &self,
        anyone: CurrentSandbox,
        body: Body<ResetRequest>,
    ) -> Result<Reply<ResetRequestResult>> {
        anyone.0.write(None, |tx| rules::request_password_reset(tx, &body.0)).map(|result| Reply::of(&result))
    }

    /// Check a reset key
    ///
    /// Tells whether a key can still be used.
    #[oai(path = "/auth/checkpswresetkey/:key", method = "get", operation_id = "check_password_reset_key")]
    async fn check_password_reset_key(
        &self,
        anyone: CurrentSandbox,
        /// The reset key.
        key: Path<Text>,
    ) -> Result<Reply<ResetResult>> {
        rules::check_password_reset_key(&anyone.0.state(), &key).map(|result| Reply::of(&result))
    }

    /// Reset a password
    ///
    /// Sets a new password with a reset key, which can be used once. Tokens stay valid.
    #[oai(path = "/auth/resetpsw/:key", method = "put", operation_id = "reset_password")]
    async fn reset_password(
        &self,
        anyone: CurrentSandbox,
        /// The reset key.
        key: Path<Text>,
        body: Body<NewPassword>,
    ) -> Result<Reply<ResetResult>> {
        anyone.0.write(None, |tx| rules::reset_password(tx, &key, &body.0)).map(|result| Reply::of(&result))
    }

    /// Verify an e-mail address
    ///
    /// Uses the code that was made at sign-up, which is valid for 15 minutes.
    #[oai(path = "/auth/verifyemail/:user_id/:code", method = "put", operation_id = "verify_email")]
    async fn verify_email(
        &self,
        anyone: CurrentSandbox,
        /// Identifier of the user.
        user_id: Path<RawId<User>>,
        /// The verification code.
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
    /// What a page for signing up shows of the invitation that led to it. No credentials are needed.
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
    /// Generate the secret of a project
    ///
    /// Makes the secret with which your own system signs tokens for its users. It replaces the one before, so that
    /// tokens signed with that are refused from now on.
    #[oai(path = "/keys/generate", method = "post", operation_id = "generate_project_keys")]
    async fn generate(&self, member: Member<KeyHolder>) -> Result<Reply<ProjectKeys>> {
        member.scope.write(rules::generate_keys).map(|keys| Reply::of(&keys))
    }
}

pub(crate) struct ConnectionTest;

#[OpenApi(tag = "Section::Authentication")]
impl ConnectionTest {
    /// Test the credentials
    ///
    /// Zapier calls it when an account is connected.
    #[oai(path = "/testauth", method = "get", operation_id = "test_credentials")]
    async fn test(&self, _account: Account) -> Html<&'static str> {
        Html(r#"{"success":true}"#)
    }
}
