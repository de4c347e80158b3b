//! Personal data: the fields that contain it, and the parts of names and phone numbers.

use std::net::IpAddr;

use super::Kind;

/// Endings of the names of fields with the name of a person, in lowercase and without punctuation.
const NAMES: [&str; 16] = [
    "firstname",
    "lastname",
    "fullname",
    "surname",
    "middlename",
    "familyname",
    "givenname",
    "nickname",
    "username",
    "displayname",
    "customername",
    "contactname",
    "clientname",
    "visitorname",
    "leadname",
    "personname",
];

/// Endings of the names of fields with phone numbers.
const PHONES: [&str; 8] =
    ["phone", "phonenumber", "mobile", "mobilenumber", "telephonenumber", "whatsapp", "whatsappnumber", "faxnumber"];

/// Endings of the names of fields with postal addresses.
const ADDRESSES: [&str; 4] = ["address", "street", "addressline", "addressline1"];

/// The names of fields with IP addresses.
const IP: [&str; 4] = ["ip", "ipaddress", "clientip", "remoteip"];

/// The personal data in a field, according to the field's name.
pub(super) fn personal(name: &str, text: &str) -> Option<Kind> {
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    let ends = |all: &[&str]| all.iter().any(|ending| name.ends_with(ending));
    if IP.contains(&&*name) {
        Some(Kind::Address)
    } else if ends(&PHONES) {
        Some(Kind::Phone)
    } else if ends(&NAMES) {
        // Addresses of accounts are recognized by their format.
        (!text.contains('@')).then_some(Kind::Name)
    } else if ends(&ADDRESSES) {
        let is_ip = text.parse::<IpAddr>().is_ok();
        let is_postal = !text.contains('@') && !text.contains("://");
        is_postal.then_some(if is_ip { Kind::Address } else { Kind::Street })
    } else {
        None
    }
}

/// The words of a name: everything between spaces, hyphens, apostrophes, and other punctuation.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && !is_mark(letter)).filter(|word| !word.is_empty())
}

/// Whether a character combines with the preceding letter.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

/// Whether a letter belongs to a script without spaces between words, or with suffixes of names.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1100}'..='\u{11ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

/// The digits of a phone number without the prefix of international calls and without leading zeros.
pub(super) fn digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').to_owned()
}
