//! The stored user. Secrets that only the server and the owner's mailbox know are never returned.

use std::borrow::Cow;

use poem_openapi::Object;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::{entity::Entity, project::document::Project},
    store::{Document, Full, Term, Terms, render},
    value::{Id, JsonObject, Text, Timestamp, primitive::Secret},
};

/// A user account.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// Email address, in lower case. Unique.
    pub(crate) email: Text,
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Whether the email address was verified.
    pub(crate) emailverified: bool,
    /// Status: 100 active, 0 closed.
    #[serde(default = "active")]
    pub(crate) status: u16,
    /// Phone number in E.164 format. Unique.
    pub(crate) phone: Option<Text>,
    /// Free text about the user.
    pub(crate) description: Option<Text>,
    /// Public email address.
    pub(crate) public_email: Option<Text>,
    /// Public website.
    pub(crate) public_website: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// Creation time.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// Time of the last change.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Accounts without a password cannot use Basic authentication.
    #[oai(skip)]
    pub(crate) password: Option<Secret>,
    /// Shown in the documentation but never returned, because the key is a secret.
    #[serde(skip)]
    pub(crate) resetpswrequestid: Option<Text>,
    /// Key that the password reset mail would contain.
    #[oai(skip)]
    #[serde(rename = "resetKey")]
    pub(crate) reset_key: Option<Secret>,
    /// Code that the verification mail would contain.
    #[oai(skip)]
    pub(crate) verification: Option<Verification>,
}

/// Stored as the last fields, hidden from responses because they are secrets.
#[serde_with::skip_serializing_none]
#[derive(Serialize)]
struct Hidden<'a> {
    password: Option<&'a Secret>,
    #[serde(rename = "resetKey")]
    reset_key: Option<&'a Secret>,
    verification: Option<&'a Verification>,
}

/// A code that proves access to a mailbox.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verification {
    pub(crate) code: Secret,
    pub(crate) expires: Timestamp,
}

impl Verification {
    pub(crate) fn new(code: String, now: Timestamp) -> Self {
        /// Validity of a code.
        const MILLISECONDS: i64 = 900_000;
        let expires = Timestamp::from_milliseconds(now.milliseconds() + MILLISECONDS);
        Self { code: Secret::new(code), expires }
    }
}

fn active() -> u16 {
    User::ACTIVE
}

/// The index terms of users.
#[derive(Clone, Copy, Hash)]
enum UserIndex {
    Email,
    ResetKey,
    VerificationCode,
    Phone,
}

impl User {
    pub(crate) const ACTIVE: u16 = 100;
    pub(crate) const CLOSED: u16 = 0;

    /// Ignores case.
    pub(crate) fn by_email(email: &str) -> Term {
        Term::new(UserIndex::Email, &*in_lowercase(email))
    }

    pub(crate) fn by_reset_key(key: &str) -> Term {
        Term::new(UserIndex::ResetKey, key)
    }

    pub(crate) fn by_verification_code(code: &str) -> Term {
        Term::new(UserIndex::VerificationCode, code)
    }

    pub(crate) fn by_phone(phone: &str) -> Term {
        Term::new(UserIndex::Phone, phone)
    }

    /// First and last name.
    pub(crate) fn full_name(&self) -> Text {
        let names: Vec<_> = [&self.firstname, &self.lastname].into_iter().flatten().map(Text::as_str).collect();
        names.join(" ").into()
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == Self::ACTIVE
    }
}

/// An email address in lowercase. Most addresses are. Sign-up lowercases all of Unicode, not only ASCII.
pub(crate) fn in_lowercase(email: &str) -> Cow<'_, str> {
    let is_lowercase = email.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
    if is_lowercase { Cow::Borrowed(email) } else { Cow::Owned(email.to_lowercase()) }
}

impl Document for User {
    type Id = Id<Self>;
    type Retained = Full<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.unique(UserIndex::Email, "email", &*in_lowercase(&self.email));
        if let Some(phone) = &self.phone {
            terms.unique(UserIndex::Phone, "phone", &**phone);
        }
        if let Some(key) = &self.reset_key {
            terms.add(UserIndex::ResetKey, key.reveal());
        }
        if let Some(verification) = &self.verification {
            terms.add(UserIndex::VerificationCode, verification.code.reveal());
        }
    }

    fn private_fields(&self) -> Vec<u8> {
        let (password, reset_key) = (self.password.as_ref(), self.reset_key.as_ref());
        render(&Hidden { password, reset_key, verification: self.verification.as_ref() })
    }
}

impl Entity for User {
    fn project(&self) -> Option<Id<Project>> {
        None
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }

    const GIVES_RIGHTS: bool = true;

    fn ends_rights(&self, after: Option<&Self>) -> bool {
        after.is_none_or(|after| self.is_active() && !after.is_active())
    }
}
