//! Placeholders for secrets and personal data. The same value always gets the same placeholder, so that exchanges still
//! refer to each other.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use regex::{Captures, Regex};
use serde_json::Value;

use crate::recorder::redact;

/// Maximum number of placeholders of one kind. Further values share one.
const MOST: usize = 1_000_000;

/// Minimum length of a name that is replaced within other texts.
const SHORTEST: usize = 3;

/// The names of fields with the name of a person, in lowercase.
const NAMES: [&str; 10] = [
    "firstname",
    "lastname",
    "fullname",
    "senderfullname",
    "recipientfullname",
    "requesterfullname",
    "requester_fullname",
    "sender_fullname",
    "userfullname",
    "username",
];

/// The names of fields with other personal data, in lowercase, and their kinds.
const FIELDS: [(&str, Kind); 8] = [
    ("phone", Kind::Phone),
    ("phonenumber", Kind::Phone),
    ("phone_number", Kind::Phone),
    ("mobile", Kind::Phone),
    ("streetaddress", Kind::Street),
    ("ip", Kind::Address),
    ("ipaddress", Kind::Address),
    ("ip_address", Kind::Address),
];

/// Names given by the API itself.
const NOT_PERSONAL: [&str; 5] = ["guest", "system", "bot", "chatbot", "anonymous"];

/// A kind of value that is replaced.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Kind {
    Id,
    LongId,
    Uuid,
    Email,
    Phone,
    /// A word of a name.
    Name,
    Street,
    Address,
    Token,
    Secret,
}

/// The placeholders so far.
#[derive(Default)]
pub(crate) struct Placeholders {
    known: HashMap<(Kind, String), String>,
    counts: HashMap<Kind, usize>,
    /// The words of the names so far, which are also replaced in texts.
    names: HashSet<String>,
    /// The credentials of tokens, as placeholders.
    signed_in: HashMap<String, String>,
    /// The password of each account, both as placeholders.
    passwords: HashMap<String, String>,
}

/// The credentials of a recorded call.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Credentials {
    /// `email:password`
    Basic(String),
    /// The value of the header.
    Header(String),
}

impl Placeholders {
    /// Replaces a body, in which `name` is the field that the value belongs to.
    pub(crate) fn value(&mut self, name: &str, value: &mut Value) {
        match value {
            Value::String(text) if name.is_empty() => *text = self.unparsed(text),
            Value::String(text) => *text = self.field(name, text),
            Value::Number(_) | Value::Array(_) | Value::Object(_) if redact::is_secret(name) => {
                *value = self.of(Kind::Secret, &value.to_string()).into();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(name, item)),
            Value::Object(fields) => {
                // The names of bots are not personal, and are not replaced elsewhere.
                let sender = fields.get("sender").and_then(Value::as_str);
                let is_of_bot = sender.is_some_and(|sender| sender.starts_with("bot_"));
                for (name, value) in fields.iter_mut().filter(|(name, _)| !is_of_bot || *name != "senderFullname") {
                    self.value(name, value);
                }
                if fields.keys().any(|key| key.len() >= 24 && self.text(key) != **key) {
                    let old = std::mem::take(fields);
                    fields.extend(old.into_iter().map(|(key, value)| (self.text(&key), value)));
                }
            }
            _ => {}
        }
    }

    /// Replaces a text that is not JSON, such as truncated JSON, and masks possible secrets in it.
    pub(crate) fn unparsed(&mut self, text: &str) -> String {
        match redact::body(text.as_bytes()) {
            Some(Value::String(masked)) => self.text(&masked),
            _ => self.text(text),
        }
    }

    /// Replaces the value of a field, parameter, or form field.
    pub(crate) fn field(&mut self, name: &str, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let lower = name.to_ascii_lowercase();
        if NAMES.contains(&&*lower) && !text.contains('@') {
            return self.name(text);
        }
        if let Some((_, kind)) = FIELDS.iter().find(|(known, _)| *known == lower) {
            return self.of(*kind, text);
        }
        if redact::is_secret(name) && !text.contains("eyJ") {
            return self.of(Kind::Secret, text);
        }
        self.text(text)
    }

    /// Replaces the words of a person's name.
    fn name(&mut self, text: &str) -> String {
        let words = text.split(' ').map(|word| {
            let plain = word.split('#').next().unwrap_or_default().to_ascii_lowercase();
            if word.is_empty() || NOT_PERSONAL.contains(&&*plain) {
                return word.to_owned();
            }
            if word.chars().count() >= SHORTEST && self.names.len() < MOST {
                self.names.insert(word.to_owned());
            }
            self.of(Kind::Name, word)
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// Replaces IDs, email addresses, phone numbers, tokens, and known names in a text.
    pub(crate) fn text(&mut self, text: &str) -> String {
        static FOUND: LazyLock<Regex> = LazyLock::new(|| {
            let token = r"(?<token>eyJ[\w-]+\.[\w-]+\.[\w-]*)";
            let email = r"(?<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)";
            let uuid = r"(?<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})";
            let phone = r"(?<phone>\+[0-9][0-9 ().-]{6,}[0-9])";
            let word = r"(?<word>[\p{L}\p{N}]+)";
            Regex::new(&[token, email, uuid, phone, word].join("|")).expect("the expression is valid, as a test shows")
        });
        let is_prose = text.contains(' ');
        let replaced = FOUND.replace_all(text, |found: &Captures<'_>| {
            let whole = &found[0];
            let kind = [("token", Kind::Token), ("email", Kind::Email), ("uuid", Kind::Uuid), ("phone", Kind::Phone)];
            if let Some((_, kind)) = kind.into_iter().find(|(name, _)| found.name(name).is_some()) {
                return self.of(kind, whole);
            }
            let is_hex = whole.bytes().all(|byte| byte.is_ascii_hexdigit());
            match whole.len() {
                24 if is_hex => self.of(Kind::Id, whole),
                32 if is_hex => self.of(Kind::LongId, whole),
                _ if is_prose && self.names.contains(whole) => self.of(Kind::Name, whole),
                _ => whole.to_owned(),
            }
        });
        replaced.into_owned()
    }

    /// The placeholder of a value.
    fn of(&mut self, kind: Kind, value: &str) -> String {
        let key = if kind == Kind::Email { value.to_lowercase() } else { value.to_owned() };
        if let Some(known) = self.known.get(&(kind, key.clone())) {
            return known.clone();
        }
        let count = self.counts.entry(kind).or_default();
        if *count >= MOST {
            return format!("{kind:?}").to_lowercase();
        }
        *count += 1;
        let number = *count;
        let placeholder = match kind {
            // The time in the first digits orders documents.
            Kind::Id => format!("{}{number:016x}", value[..8].to_ascii_lowercase()),
            Kind::LongId => format!("{number:032x}"),
            Kind::Uuid => format!("00000000-0000-4000-8000-{number:012x}"),
            Kind::Email => format!("user{number}@example.com"),
            Kind::Phone => format!("+1555{number:07}"),
            Kind::Name => format!("Name{number}"),
            Kind::Street => format!("{number} Example Street"),
            Kind::Address => format!("192.0.2.{}", number % 256),
            Kind::Token => format!("token{number}"),
            Kind::Secret => format!("secret{number}"),
        };
        self.known.insert((kind, key), placeholder.clone());
        // Placeholders map to themselves, so that replacing twice changes nothing.
        self.known.insert((kind, placeholder.clone()), placeholder.clone());
        placeholder
    }

    /// Replaces a path and query.
    pub(crate) fn target(&mut self, target: &str) -> String {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let path = redact::secret_segments(path, |segment| self.of(Kind::Secret, segment));
        let segments = path.split('/').map(|segment| self.text(segment));
        let path = segments.collect::<Vec<_>>().join("/");
        let Some(query) = query else { return path };
        format!("{path}?{}", self.form(query))
    }

    /// Replaces a URL-encoded form.
    pub(crate) fn form(&mut self, form: &str) -> String {
        let mut shown = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(form.as_bytes()) {
            let value = self.field(&name, &value);
            shown.append_pair(&name, &value);
        }
        shown.finish()
    }

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

#[cfg(test)]
mod tests {
    use base64::prelude::BASE64_STANDARD;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_value_gets_the_same_placeholder_wherever_it_is() {
        let mut placeholders = Placeholders::default();
        let mut body = json!({
            "_id": "5c81593adf767b0017d1aa66", "firstname": "Ada", "lastname": "Lovelace", "fullname": "Ada Lovelace",
            "email": "Ada@Example.org", "phone": "0171 234", "text": "Ada: call +49 171 2345678 or write ada@example.org",
            "request_id": "support-group-5c81593adf767b0017d1aa66-82c16d3b10dc4abba2326a5d7611b022",
            "password": "hunter2", "status": 100, "senderFullname": "Guest", "participants": ["5c81593adf767b0017d1aa66"],
            "map": {"5c81593adf767b0017d1aa66": true}, "empty": "", "none": null,
        });
        placeholders.value("", &mut body);
        let id = "5c81593a0000000000000001";
        let expected = json!({
            "_id": id, "firstname": "Name1", "lastname": "Name2", "fullname": "Name1 Name2",
            "email": "user1@example.com", "phone": "+15550000001", "text": "Name1: call +15550000002 or write user1@example.com",
            "request_id": format!("support-group-{id}-00000000000000000000000000000001"),
            "password": "secret1", "status": 100, "senderFullname": "Guest", "participants": [id],
            "map": {id: true}, "empty": "", "none": null,
        });
        assert_eq!(body, expected);
        assert_eq!(
            placeholders.target("/v3/5c81593adf767b0017d1aa66/leads?email=ada%40example.org&token=x"),
            format!("/v3/{id}/leads?email=user1%40example.com&token=secret2")
        );
        assert_eq!(placeholders.target("/auth/resetpsw/hunter2"), "/auth/resetpsw/secret1");
        let mut message = json!({"sender": "bot_5c81593adf767b0017d1aa66", "senderFullname": "Helper Bot"});
        placeholders.value("", &mut message);
        assert_eq!(message, json!({"sender": format!("bot_{id}"), "senderFullname": "Helper Bot"}));
        let before = body.clone();
        placeholders.value("", &mut body);
        assert_eq!(body, before, "placeholders stay");
    }

    #[test]
    fn tokens_stand_for_the_account_that_signed_in() {
        let mut placeholders = Placeholders::default();
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"email":"ada@example.org"}"#);
        let token = format!("eyJh.{claims}.s");
        let basic = |text: &str| Credentials::Basic(text.to_owned());
        assert_eq!(placeholders.credentials(&format!("JWT {token}")), basic("user1@example.com:secret1"));
        placeholders.sign_in("ada@example.org", "hunter2", "JWT eyJa.e30.x");
        assert_eq!(placeholders.credentials("JWT eyJa.e30.x"), basic("user1@example.com:secret2"));
        let header = format!("Basic {}", BASE64_STANDARD.encode("ada@example.org:hunter2"));
        assert_eq!(placeholders.credentials(&header), basic("user1@example.com:secret2"));
        assert_eq!(placeholders.credentials("JWT eyJb.e30.y"), Credentials::Header("JWT token1".to_owned()));
        assert_eq!(placeholders.credentials("opaque"), Credentials::Header("secret3".to_owned()));
    }
}
