//! What calls send and receive.

use poem_openapi::Object;

use super::document::User;
use crate::{
    resource::removal::Removal,
    value::{Id, JsonObject, Text},
};

/// An account as its owner sees it.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Profile {
    /// Identifier.
    #[oai(rename = "_id")]
    pub(crate) id: Id<User>,
    /// E-mail address.
    pub(crate) email: Text,
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Whether the e-mail address was verified.
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

/// What everybody may know of a user.
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
    /// Web site.
    pub(crate) public_website: Option<Text>,
    /// E-mail address.
    pub(crate) public_email: Option<Text>,
    /// Free text about the user.
    pub(crate) description: Option<Text>,
}

/// Changes of the own account. What is absent or `null` stays as it is.
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
    /// E-mail address to be shown to others.
    pub(crate) public_email: Option<Text>,
    /// Web site to be shown to others.
    pub(crate) public_website: Option<Text>,
    /// Phone number in E.164 form; no two users have the same.
    #[oai(validator(pattern = r"^\+?[1-9]\d{1,14}$"))]
    pub(crate) phone: Option<Text>,
}

/// An account that was changed.
#[derive(Object)]
pub(crate) struct UserUpdated {
    /// Always true.
    pub(crate) success: bool,
    /// The account.
    #[oai(rename = "updatedUser")]
    pub(crate) updated_user: User,
}

/// An account that was removed.
#[derive(Object)]
pub(crate) struct UserRemoval {
    /// Always true.
    pub(crate) success: bool,
    /// What the removal did.
    pub(crate) user: Removal,
}

/// A new password, and the one before.
#[derive(Object)]
pub(crate) struct PasswordChange {
    /// The password until now.
    pub(crate) oldpsw: Text,
    /// The password from now on.
    #[oai(validator(min_length = 1))]
    pub(crate) newpsw: Text,
}

/// That a password was changed.
#[derive(Object)]
pub(crate) struct PasswordChanged {
    /// A line for people.
    pub(crate) message: Text,
}
