//! What is sent to sign in and to recover access, and what is answered.

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
    /// E-mail address, in upper or lower case.
    #[oai(validator(pattern = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"))]
    pub(crate) email: Text,
    /// Password.
    #[oai(validator(min_length = 1))]
    pub(crate) password: Text,
}

/// A session of a user.
#[derive(Object)]
pub(crate) struct Session {
    /// True.
    pub(crate) success: bool,
    /// The word `JWT`, a blank and the token: a value for the `Authorization` header.
    pub(crate) token: Text,
    /// Who signed in.
    pub(crate) user: Profile,
}

/// An account to be created.
#[derive(Object)]
pub(crate) struct NewUser {
    /// E-mail address.
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

/// The answer to a sign-up.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct SignUpResult {
    /// Whether the account was created.
    pub(crate) success: bool,
    /// What happened.
    pub(crate) msg: Text,
    /// The new user, when there is one.
    pub(crate) user: Option<User>,
}

/// A visitor who wants to stay anonymous.
#[derive(Object)]
pub(crate) struct NewVisitor {
    /// Project that is visited.
    pub(crate) id_project: Id<Project>,
    /// First name; made up when it is missing.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// E-mail address. It is not checked.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
}

/// A session of a visitor.
#[derive(Object)]
pub(crate) struct VisitorSession {
    /// True.
    pub(crate) success: bool,
    /// The word `JWT`, a blank and the token: a value for the `Authorization` header.
    pub(crate) token: Text,
    /// Who signed in.
    pub(crate) user: VisitorUser,
}

/// The visitor of a session.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct VisitorUser {
    /// Identifier: a UUID.
    #[oai(rename = "_id")]
    pub(crate) id: Text,
    /// First name.
    pub(crate) firstname: Text,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// E-mail address.
    pub(crate) email: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// The same as `_id`.
    #[oai(rename = "id")]
    pub(crate) same_id: Text,
    /// First and last name.
    #[oai(rename = "fullName")]
    pub(crate) full_name: Text,
    /// False: nobody verifies the address of a visitor.
    pub(crate) emailverified: Option<bool>,
    /// When the visitor signed in.
    #[oai(rename = "createdAt")]
    pub(crate) created_at: Option<Timestamp>,
    /// When the visitor signed in.
    #[oai(rename = "updatedAt")]
    pub(crate) updated_at: Option<Timestamp>,
    /// 0.
    #[oai(rename = "__v")]
    pub(crate) version: Option<u32>,
}

/// What a sign-in with a custom token may add.
#[derive(Object)]
pub(crate) struct CustomSignIn {
    /// Project to join, for tokens whose audience names none.
    pub(crate) id_project: Option<Text>,
}

/// A session of a user of the customer's own system.
#[derive(Object)]
pub(crate) struct CustomSession {
    /// True.
    pub(crate) success: bool,
    /// The token as it was sent, or one of Tiledesk's for members of the team.
    pub(crate) token: Text,
    /// The claims of the token, or the user for members of the team.
    pub(crate) user: JsonObject,
}

/// Whose password is to be reset.
#[derive(Object)]
pub(crate) struct ResetRequest {
    /// E-mail address of the user.
    pub(crate) email: Text,
}

/// The answer to a request for a password reset.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct ResetRequestResult {
    /// Whether there is such a user.
    pub(crate) success: bool,
    /// What happened.
    pub(crate) message: Option<Text>,
    /// What went wrong.
    pub(crate) msg: Option<Text>,
}

/// The new password.
#[derive(Object)]
pub(crate) struct NewPassword {
    /// New password.
    #[oai(validator(min_length = 1))]
    pub(crate) password: Text,
}

/// The answer to the use of a reset key.
#[derive(Object)]
pub(crate) struct ResetResult {
    /// What happened.
    pub(crate) message: Text,
    /// The user.
    pub(crate) user: User,
}

/// What becomes of the mark that an e-mail address was verified.
#[derive(Object)]
pub(crate) struct EmailVerification {
    /// The mark; true when it is missing.
    pub(crate) emailverified: Option<bool>,
}

/// The secret of a project.
#[derive(Object)]
pub(crate) struct ProjectKeys {
    /// Signs the tokens with which your own system certifies its users. It is shown only here.
    #[oai(rename = "jwtSecret")]
    pub(crate) jwt_secret: Text,
}

/// That a verification code was made.
#[derive(Object)]
pub(crate) struct VerificationSent {
    /// Always true.
    pub(crate) success: bool,
    /// A line for people.
    pub(crate) message: Text,
}
