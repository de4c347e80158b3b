//! Placeholders for secrets and personal data. The same value always gets the same placeholder, so that exchanges still
//! refer to each other.

mod credentials;
mod personal;
mod table;

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex::{Captures, Regex};
use serde_json::{Map, Value};

pub(crate) use self::credentials::Credentials;
use self::{
    personal::{digits, is_unspaced, personal, words},
    table::{cells, plain, rows},
};
use crate::recorder::redact;

/// Maximum number of placeholders of one kind. Further values share one.
const MOST: usize = 1_000_000;

/// The characters to encode in a segment of a path.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

/// Minimum length of a name in lowercase that is replaced within other texts. Shorter ones are common words.
const SHORTEST: usize = 3;

/// Maximum length in characters of a name in a script without spaces.
const LONGEST: usize = 8;

/// Minimum number of digits, without leading zeros, of a phone number that is recognized with and without its prefix.
const DIGITS: usize = 7;

/// Maximum number of digits of a phone number with its prefix.
const MOST_DIGITS: usize = 15;

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
    /// The phone numbers so far, as digits by their last digits. They are also replaced in texts.
    phones: HashMap<String, Vec<String>>,
    /// The credentials of tokens, as placeholders.
    signed_in: HashMap<String, String>,
    /// The password of each account, both as placeholders.
    passwords: HashMap<String, String>,
}

impl Placeholders {
    /// Learns the names and phone numbers in a body, so that they are also replaced in texts that precede it.
    pub(crate) fn learn(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => match personal(name, text) {
                Some(Kind::Name) => words(text).for_each(|word| self.learn_name(word)),
                Some(Kind::Phone) => drop(self.number(text)),
                _ => {}
            },
            Value::Array(items) => items.iter().for_each(|item| self.learn(name, item)),
            Value::Object(fields) => {
                let is_of_bot = is_of_bot(fields);
                let own = fields.iter().filter(|(name, _)| !is_of_bot || *name != "senderFullname");
                own.for_each(|(name, value)| self.learn(name, value));
            }
            _ => {}
        }
    }

    /// Replaces a body, in which `name` is the field that the value belongs to.
    pub(crate) fn value(&mut self, name: &str, value: &mut Value) {
        match value {
            Value::String(text) if name.is_empty() => *text = self.unparsed(text),
            Value::String(text) => *text = self.field(name, text),
            Value::Number(_) | Value::Array(_) | Value::Object(_) if redact::is_secret(name) => {
                *value = self.of(Kind::Secret, &value.to_string()).into();
            }
            Value::Number(number) if personal(name, "") == Some(Kind::Phone) => {
                let placeholder = self.phone(&number.to_string());
                *value = digits(&placeholder).parse::<u64>().map_or(Value::Null, Value::from);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(name, item)),
            Value::Object(fields) => {
                let is_of_bot = is_of_bot(fields);
                // All parts of a postal address are personal.
                let is_address = personal(name, "") == Some(Kind::Street);
                for (name, value) in fields.iter_mut().filter(|(name, _)| !is_of_bot || *name != "senderFullname") {
                    match value {
                        Value::String(text) if is_address && !text.is_empty() && personal(name, text).is_none() => {
                            *text = self.of(Kind::Street, text);
                        }
                        value => self.value(name, value),
                    }
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
        match personal(name, text) {
            Some(Kind::Name) => self.name(text),
            Some(Kind::Phone) => self.phone(text),
            Some(kind) => self.of(kind, text),
            None if redact::is_secret(name) && !text.contains("eyJ") => self.of(Kind::Secret, text),
            None => self.text(text),
        }
    }

    /// Replaces the words of a person's name. Everything else, such as a hyphen or a single letter, stays.
    fn name(&mut self, text: &str) -> String {
        let (mut replaced, mut rest) = (String::new(), text);
        for word in words(text) {
            let at = rest.find(word).unwrap_or_default();
            let (before, after) = (&rest[..at], &rest[at + word.len()..]);
            // The API numbers its guests, as in `guest#1a2b`.
            let is_number = before.ends_with('#');
            replaced.push_str(before);
            let is_initial = word.chars().count() == 1 && !word.chars().any(is_unspaced);
            if is_initial || is_number || NOT_PERSONAL.contains(&&*word.to_lowercase()) {
                replaced.push_str(word);
            } else {
                self.learn_name(word);
                replaced += &self.of(Kind::Name, word);
            }
            rest = after;
        }
        replaced + rest
    }

    fn learn_name(&mut self, word: &str) {
        let count = word.chars().count();
        let is_distinct = count >= SHORTEST || count > 1 && !word.chars().all(char::is_lowercase);
        if is_distinct && !NOT_PERSONAL.contains(&&*word.to_lowercase()) && self.names.len() < MOST {
            self.names.insert(word.to_owned());
        }
    }

    /// Replaces a phone number, in whatever format.
    fn phone(&mut self, text: &str) -> String {
        let number = self.number(text);
        if number.is_empty() { self.of(Kind::Phone, text) } else { self.of(Kind::Phone, &number) }
    }

    /// The known form of a phone number, which may have a longer or shorter prefix; otherwise, its digits, which are
    /// then known.
    fn number(&mut self, text: &str) -> String {
        let own = digits(text);
        if let Some(known) = self.known_number(&own) {
            return known;
        }
        if own.len() >= DIGITS && self.phones.len() < MOST {
            self.phones.entry(own[own.len() - DIGITS..].to_owned()).or_default().push(own.clone());
        }
        own
    }

    fn known_number(&self, own: &str) -> Option<String> {
        let last = own.len().checked_sub(DIGITS).map(|at| &own[at..])?;
        let similar = self.phones.get(last)?;
        similar.iter().find(|known| known.ends_with(own) || own.ends_with(known.as_str())).cloned()
    }

    /// Replaces IDs, email addresses, phone numbers, tokens, secrets in URLs, and known names in a text.
    pub(crate) fn text(&mut self, text: &str) -> String {
        static FOUND: LazyLock<Regex> = LazyLock::new(|| {
            let token = r"(?<token>eyJ[\w-]+\.[\w-]+\.[\w-]*)";
            let user = r"(?<user>://[^/?#\s@]*@)";
            let pair = r"(?<pair>[?&][^=&\s#]+=[^&\s#]*)";
            let email = r"(?<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)";
            let uuid = r"(?<uuid>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})";
            let phone = r"(?<phone>(?:\+|\(\+?|\b)[0-9][0-9 ()./-]{5,}[0-9]\b)";
            let word = r"(?<word>[\p{Alphabetic}\p{N}\x{300}-\x{36f}]+)";
            Regex::new(&[token, user, pair, email, uuid, phone, word].join("|"))
                .expect("the expression is valid, as a test shows")
        });
        let is_prose = text.contains(' ');
        let replaced = FOUND.replace_all(text, |found: &Captures<'_>| {
            let whole = &found[0];
            let kind = [("token", Kind::Token), ("email", Kind::Email), ("uuid", Kind::Uuid)];
            if let Some((_, kind)) = kind.into_iter().find(|(name, _)| found.name(name).is_some()) {
                self.of(kind, whole)
            } else if found.name("user").is_some() {
                format!("://{}@", self.of(Kind::Secret, &whole[3..whole.len() - 1]))
            } else if found.name("pair").is_some() {
                self.pair(whole)
            } else if found.name("phone").is_some() {
                self.possible_number(whole)
            } else {
                self.word(whole, is_prose)
            }
        });
        replaced.into_owned()
    }

    /// Replaces a parameter of a URL in a text, including its leading `?` or `&`.
    fn pair(&mut self, pair: &str) -> String {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = if redact::is_secret_parameter(&name[1..]) && !value.is_empty() && !value.contains("eyJ") {
            self.of(Kind::Secret, value)
        } else {
            self.text(value)
        };
        format!("{name}={value}")
    }

    /// Replaces digits in a text if they are a phone number: a known one, or one with an international prefix.
    fn possible_number(&mut self, text: &str) -> String {
        let own = digits(text);
        let is_id = own.len() > MOST_DIGITS;
        let is_international = text.starts_with(['+', '(']) && text.contains('+') && own.len() > DIGITS
            || text.starts_with("00") && own.len() >= 9;
        if !is_id && (is_international || self.known_number(&own).is_some()) {
            return self.phone(text);
        }
        // IDs may consist of digits, and names of numbers are words.
        let parts = text.split_inclusive(|letter: char| !letter.is_ascii_digit());
        let parts = parts.map(|part| match part.char_indices().last() {
            Some((at, last)) if !last.is_ascii_digit() => self.word(&part[..at], false) + &part[at..],
            _ => self.word(part, false),
        });
        parts.collect::<Vec<_>>().concat()
    }

    /// Replaces a word of a text if it is an ID or a known name.
    fn word(&mut self, word: &str, is_prose: bool) -> String {
        let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        match word.len() {
            24 if is_hex => return self.of(Kind::Id, word),
            32 if is_hex => return self.of(Kind::LongId, word),
            _ => {}
        }
        // Values of the API that are no texts are in lowercase.
        if self.names.contains(word) && (is_prose || !word.starts_with(char::is_lowercase)) {
            return self.of(Kind::Name, word);
        }
        if self.names.is_empty() || !word.chars().any(is_unspaced) {
            return word.to_owned();
        }
        let letters: Vec<_> = word.chars().collect();
        let (mut replaced, mut at) = (String::new(), 0);
        while at < letters.len() {
            let longest = (2..=LONGEST.min(letters.len() - at)).rev();
            let mut names = longest.map(|count| letters[at..at + count].iter().collect::<String>());
            if let Some(name) = names.find(|name| name.chars().any(is_unspaced) && self.names.contains(name)) {
                at += name.chars().count();
                replaced += &self.of(Kind::Name, &name);
            } else {
                replaced.push(letters[at]);
                at += 1;
            }
        }
        replaced
    }

    /// Replaces a table in CSV, whose first row has the names of the columns.
    pub(crate) fn csv(&mut self, text: &str) -> String {
        let separator = text.lines().next().filter(|head| head.contains(';')).map_or(',', |_| ';');
        let (mut replaced, mut names) = (String::new(), None);
        for row in rows(text) {
            let (row, end) = row.split_at(row.trim_end_matches(['\r', '\n']).len());
            let cells = cells(row, separator);
            let Some(names) = &names else {
                replaced.push_str(row);
                replaced.push_str(end);
                names = Some(cells.into_iter().map(plain).collect::<Vec<_>>());
                continue;
            };
            for (at, cell) in cells.into_iter().enumerate() {
                if at > 0 {
                    replaced.push(separator);
                }
                let value = plain(cell);
                let new = self.field(names.get(at).map_or("", String::as_str), &value);
                if new == value {
                    replaced.push_str(cell);
                } else if cell.starts_with('"') || new.contains([separator, '"', '\n']) {
                    replaced.extend(["\"", &new.replace('"', "\"\""), "\""]);
                } else {
                    replaced += &new;
                }
            }
            replaced.push_str(end);
        }
        replaced
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
        if kind == Kind::Phone {
            self.known.insert((kind, digits(&placeholder)), placeholder.clone());
        }
        self.known.insert((kind, placeholder.clone()), placeholder.clone());
        placeholder
    }

    /// Replaces a path and query.
    pub(crate) fn target(&mut self, target: &str) -> String {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let path = redact::secret_segments(path, |segment| self.of(Kind::Secret, segment));
        let segments = path.split('/').map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8_lossy();
            let replaced = self.text(&decoded);
            if replaced == decoded { segment.to_owned() } else { utf8_percent_encode(&replaced, SEGMENT).to_string() }
        });
        let path = segments.collect::<Vec<_>>().join("/");
        let Some(query) = query else { return path };
        format!("{path}?{}", self.form(query))
    }

    /// Replaces a URL-encoded form.
    pub(crate) fn form(&mut self, form: &str) -> String {
        let mut shown = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(form.as_bytes()) {
            let is_secret = redact::is_secret_parameter(&name) && !value.is_empty() && !value.contains("eyJ");
            let value = if is_secret { self.of(Kind::Secret, &value) } else { self.field(&name, &value) };
            shown.append_pair(&name, &value);
        }
        shown.finish()
    }
}

/// Whether fields are those of a bot's message. The names of bots are not personal, and are not replaced elsewhere.
fn is_of_bot(fields: &Map<String, Value>) -> bool {
    fields.get("sender").and_then(Value::as_str).is_some_and(|sender| sender.starts_with("bot_"))
}

#[cfg(test)]
mod tests;
