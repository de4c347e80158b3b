//! The credentials of recorded calls. A token is replaced by its account.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use super::{Kind, MOST, Placeholders};

/// The credentials of a recorded call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// `email:password`
    Basic(String),
    /// The value of the header.
    Header(String),
}

impl Placeholders {
    /// The credentials in an `Authorization` header: Basic ones, if the account is known.
    pub(crate) fn credentials(&mut self, header: &str) -> Credentials {
        let (scheme, given) = header.split_once(' ').unwrap_or(("", header));
        if scheme.eq_ignore_ascii_case("basic")
            && let Some(decoded) = base64::prelude::BASE64_STANDARD.decode(given.trim()).ok()
            && let Ok(decoded) = String::from_utf8(decoded)
            && let Some((email, password)) = decoded.split_once(':')
        {
            return Credentials::Basic(self.account(email, password));
        }
        let token = header.rsplit(' ').next().unwrap_or_default();
        if let Some(known) = self.signed_in.get(token) {
            return Credentials::Basic(known.clone());
        }
        if let Some(email) = email_of(token) {
            let email = self.of(Kind::Email, &email);
            let password = match self.passwords.get(&email) {
                Some(password) => password.clone(),
                None => self.of(Kind::Secret, &format!("password of {email}")),
            };
            return Credentials::Basic(format!("{email}:{password}"));
        }
        if token.starts_with("eyJ") {
            return Credentials::Header(self.text(header));
        }
        let secret = self.of(Kind::Secret, token);
        Credentials::Header(if scheme.is_empty() { secret } else { format!("{scheme} {secret}") })
    }

    /// The placeholders of an account's credentials.
    fn account(&mut self, email: &str, password: &str) -> String {
        let (email, password) = (self.field("email", email), self.of(Kind::Secret, password));
        self.passwords.insert(email.clone(), password.clone());
        format!("{email}:{password}")
    }

    /// Records the account of a token, before either is replaced.
    pub(crate) fn sign_in(&mut self, email: &str, password: &str, token: &str) {
        let account = self.account(email, password);
        let token = token.rsplit(' ').next().unwrap_or_default();
        if self.signed_in.len() < MOST {
            self.signed_in.insert(token.to_owned(), account);
        }
    }
}

/// The email address in the claims of a token.
fn email_of(token: &str) -> Option<String> {
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    claims["email"].as_str().filter(|email| email.contains('@')).map(str::to_owned)
}
