//! Request bodies, query parameters, and response shapes.

use poem_openapi::Object;

use super::document::User;
use crate::{
    resource::removal::Removal,
    value::{Id, JsonObject, Text},
};

/// The account of the caller.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Profile {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
    /// Email address.
    pub(crate) email: Text,
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Whether the email address was verified.
    pub(crate) emailverified: bool,
}

impl From<&User> for Profile {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            email: user.email.clone(),
            firstname: user.firstname.clone(),
            lastname: user.lastname.clone(),
            emailverified: user.emailverified,
        }
    }
}

/// Public profile of a user.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct PublicUser {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Public website.
    pub(crate) public_website: Option<Text>,
    /// Public email address.
    pub(crate) public_email: Option<Text>,
    /// Free text about the user.
    pub(crate) description: Option<Text>,
}

/// Changes to the account of the caller. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct UserPatch {
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Custom attributes, replaced as a whole.
    pub(crate) attributes: Option<JsonObject>,
    /// Free text about the user.
    pub(crate) description: Option<Text>,
    /// Public email address.
    pub(crate) public_email: Option<Text>,
    /// Public website.
    pub(crate) public_website: Option<Text>,
    /// Phone number in E.164 format. Unique.
    #[oai(validator(pattern = r"^\+?[1-9]\d{1,14}$"))]
    pub(crate) phone: Option<Text>,
}

/// An updated account.
#[derive(Object)]
pub(crate) struct UserUpdated {
    /// Always `true`.
    pub(crate) success: bool,
    /// The account.
    #[oai(rename = "updatedUser")]
    pub(crate) updated_user: User,
}

/// Result of deleting an account.
#[derive(Object)]
pub(crate) struct UserRemoval {
    /// Always `true`.
    pub(crate) success: bool,
    /// Result of the deletion.
    pub(crate) user: Removal,
}

/// A change of the password.
#[derive(Object)]
pub(crate) struct PasswordChange {
    /// Current password.
    pub(crate) oldpsw: Text,
    /// New password.
    #[oai(validator(min_length = 1))]
    pub(crate) newpsw: Text,
}

/// Confirmation that the password was changed.
#[derive(Object)]
pub(crate) struct PasswordChanged {
    /// Human-readable message.
    pub(crate) message: Text,
}
