//! The user document. What only its owner's mailbox and the server know never leaves in an answer.

use poem_openapi::{Object, types::ToJSON};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    resource::project::model::Project,
    store::{Document, Term, Terms},
    world::{Entity, Id, JsonObject, Text, Timestamp, value::Secret},
};

/// An account.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, Object, Serialize, Deserialize, JsonSchema)]
#[oai(skip_serializing_if_is_none)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    /// Identifier.
    #[oai(rename = "_id")]
    #[serde(rename = "_id")]
    pub(crate) id: Id<Self>,
    /// E-mail address, in lower case; no two users have the same.
    pub(crate) email: Text,
    /// First name.
    pub(crate) firstname: Option<Text>,
    /// Last name.
    pub(crate) lastname: Option<Text>,
    /// Whether the e-mail address was verified.
    pub(crate) emailverified: bool,
    /// 100 active, 0 closed.
    #[serde(default = "active")]
    pub(crate) status: u16,
    /// Phone number in E.164 form.
    pub(crate) phone: Option<Text>,
    /// Free text about the user.
    pub(crate) description: Option<Text>,
    /// E-mail address to be shown to others.
    pub(crate) public_email: Option<Text>,
    /// Web site to be shown to others.
    pub(crate) public_website: Option<Text>,
    /// Custom attributes.
    pub(crate) attributes: Option<JsonObject>,
    /// When the account was created.
    #[oai(rename = "createdAt")]
    #[serde(rename = "createdAt")]
    pub(crate) created_at: Timestamp,
    /// When the account was changed last.
    #[oai(rename = "updatedAt")]
    #[serde(rename = "updatedAt")]
    pub(crate) updated_at: Timestamp,
    /// Version of the document.
    #[oai(rename = "__v")]
    #[serde(rename = "__v", default)]
    pub(crate) version: u32,
    /// Who has none cannot use Basic authentication.
    #[oai(skip)]
    pub(crate) password: Option<Secret>,
    /// The key that the password-reset mail would carry.
    #[oai(skip)]
    pub(crate) resetpswrequestid: Option<Secret>,
    /// What the verification mail would carry.
    #[oai(skip)]
    pub(crate) verification: Option<Verification>,
}

/// A code that proves that a mailbox is read.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Verification {
    pub(crate) code: Secret,
    pub(crate) expires: Timestamp,
}

fn active() -> u16 {
    User::ACTIVE
}

impl User {
    pub(crate) const ACTIVE: u16 = 100;

    pub(crate) fn by_email(email: &str) -> Term {
        Term::new("email", email)
    }

    pub(crate) fn by_reset_key(key: &str) -> Term {
        Term::new("resetpswrequestid", key)
    }

    pub(crate) fn by_verification_code(code: &str) -> Term {
        Term::new("verification.code", code)
    }

    pub(crate) fn by_phone(phone: &str) -> Term {
        Term::new("phone", phone)
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == Self::ACTIVE
    }
}

impl Document for User {
    type Id = Id<Self>;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn position(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.unique("email", &*self.email);
        if let Some(phone) = &self.phone {
            terms.unique("phone", &**phone);
        }
        if let Some(key) = &self.resetpswrequestid {
            terms.add("resetpswrequestid", key.reveal());
        }
        if let Some(verification) = &self.verification {
            terms.add("verification.code", verification.code.reveal());
        }
    }

    fn render(&self) -> Vec<u8> {
        self.to_json_string().into_bytes()
    }
}

impl Entity for User {
    fn project(&self) -> Option<Id<Project>> {
        None
    }

    fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
    }
}
