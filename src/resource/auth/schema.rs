//! Request and response bodies of sign-in, sign-up, and password recovery.

use poem_openapi::Object;

use crate::{
    resource::{
        project::document::Project,
        user::{document::User, schema::Profile},
    },
    value::{Id, JsonObject, Text, Timestamp},
};

/// The credentials of a user.
#[derive(Object)]
pub(crate) struct Credentials {
    /// Email address (case-insensitive).
    #[oai(validator(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"))]
    pub(crate) email: Text,
    /// Password.
    #[oai(validator(min_length = 1))]
    pub(crate) password: Text,
}

/// The session of a user.
#[derive(Object)]
pub(crate) struct Session {
    /// Always `true`.
    pub(crate) success: bool,
    /// `JWT`, a space, and the token: the value for the `Authorization` header.
    pub(crate) token: Text,
    /// User who signed in.
    pub(crate) user: Profile,
}

/// An account to create.
#[derive(Object)]
pub(crate) struct NewUser {
    /// Email address.
    #[oai(validator(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"))]
    pub(crate) email: Text,
    /// Password.
    pub(crate) password: Option<Text>,
    /// First name.
    #[oai(validator(min_length = 1))]
    pub(crate) firstname: Text,
    /// Last name.
    #[oai(validator(min_length = 1))]
    pub(crate) lastname: Text,
    /// Phone number in E.164 form.
    #[oai(validator(pattern = r"^\+?[1-9]\d{1,14}$"))]
    pub(crate) phone: Option<Text>,
}

/// The result of a sign-up.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct SignUpResult {
    /// Whether the account was created.
    pub(crate) success: bool,
    /// Human-readable message.
    pub(crate) msg: Text,
    /// New user; absent if no account was created.
    pub(crate) user: Option<User>,
}

/// An anonymous visitor to sign in.
#[derive(Object)]
pub(crate) struct NewVisitor {
    /// Identifier of the project.
    pub(crate) id_project: Id<Project>,
    /// First name (default `guest#` followed by four characters of the identifier).
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Email address. Not validated.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// The session of a visitor.
#[derive(Object)]
pub(crate) struct VisitorSession {
    /// Always `true`.
    pub(crate) success: bool,
    /// `JWT`, a space, and the token: the value for the `Authorization` header.
    pub(crate) token: Text,
    /// User who signed in.
    pub(crate) user: VisitorUser,
}

/// The visitor of a session.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct VisitorUser {
    /// Identifier (UUID).
    #[oai(rename = "_id")]
    pub(crate) id: Text,
    /// First name.
    pub(crate) firstname: Text,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Email address.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Same value as `_id`.
    #[oai(rename = "id")]
    pub(crate) same_id: Text,
    /// Full name.
    #[oai(rename = "fullName")]
    pub(crate) full_name: Text,
    /// Always `false`: email addresses of visitors are not verified.
    pub(crate) emailverified: Option<bool>,
    /// When the visitor signed in.
    #[oai(rename = "createdAt")]
    pub(crate) created_at: Option<Timestamp>,
    /// When the visitor signed in.
    #[oai(rename = "updatedAt")]
    pub(crate) updated_at: Option<Timestamp>,
    /// Document version, always 0.
    #[oai(rename = "__v")]
    pub(crate) version: Option<u32>,
}

/// Options for a sign-in with a custom token.
#[derive(Object)]
pub(crate) struct CustomSignIn {
    /// Identifier of the project to join, if the token's audience does not name one.
    pub(crate) id_project: Option<Text>,
}

/// The session of a user who signed in with a custom token.
#[derive(Object)]
pub(crate) struct CustomSession {
    /// Always `true`.
    pub(crate) success: bool,
    /// Token as sent; for teammates, a new token issued by Tiledesk.
    pub(crate) token: Text,
    /// Claims of the token; for teammates, the user.
    pub(crate) user: JsonObject,
}

/// A request for a password reset.
#[derive(Object)]
pub(crate) struct ResetRequest {
    /// Email address of the user.
    pub(crate) email: Text,
}

/// The result of a request for a password reset.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ResetRequestResult {
    /// Whether the user exists.
    pub(crate) success: bool,
    /// Human-readable message.
    pub(crate) message: Option<Text>,
    /// Error message.
    pub(crate) msg: Option<Text>,
}

/// A new password to set.
#[derive(Object)]
pub(crate) struct NewPassword {
    /// New password.
    #[oai(validator(min_length = 1))]
    pub(crate) password: Text,
}

/// The result of checking or using a reset key.
#[derive(Object)]
pub(crate) struct ResetResult {
    /// Human-readable message.
    pub(crate) message: Text,
    /// User to whom the key belongs.
    pub(crate) user: User,
}

/// The verification status to set.
#[derive(Object)]
pub(crate) struct EmailVerification {
    /// Whether the email address is verified (default `true`).
    pub(crate) emailverified: Option<bool>,
}

/// The secret of a project.
#[derive(Object)]
pub(crate) struct ProjectKeys {
    /// Secret with which your own system signs tokens for its users. Returned only when it is generated.
    #[oai(rename = "jwtSecret")]
    pub(crate) jwt_secret: Text,
}

/// The confirmation that a verification email was requested.
#[derive(Object)]
pub(crate) struct VerificationSent {
    /// Always `true`.
    pub(crate) success: bool,
    /// Human-readable message.
    pub(crate) message: Text,
}
