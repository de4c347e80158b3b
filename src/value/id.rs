//! Identifiers and their generation.
//!
//! Generation is deterministic: the same seed and the same calls produce the same IDs.

use std::{
    borrow::Cow,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
};

use poem_openapi::{
    registry::{MetaSchema, MetaSchemaRef},
    types::{ParseError, ParseFromJSON, ParseFromParameter, ParseResult, ToJSON, Type},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use siphasher::sip128::SipHasher24;

use super::{
    primitive::{Text, from_text},
    timestamp::Timestamp,
};

const PATTERN: &str = "^[0-9a-fA-F]{24}$";

/// The identifier of a document of type `T`: 12 bytes, printed as 24 hexadecimal digits.
pub(crate) struct Id<T>([u8; 12], PhantomData<fn() -> T>);

/// An identifier as given in a path. It may match no document, or be invalid.
pub(crate) struct RawId<T>(Text, PhantomData<fn() -> T>);

/// The value of each hexadecimal digit, and [`NO_DIGIT`] for all other bytes. Every call parses several IDs.
static DIGITS: [u8; 256] = {
    let (mut digits, mut value) = ([NO_DIGIT; 256], 0);
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        digits[b"0123456789ABCDEF"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

const NO_DIGIT: u8 = 0xff;

impl<T> Id<T> {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mut bytes, mut all) = ([0; 12], 0);
        if text.len() != 24 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let (high, low) = (DIGITS[usize::from(pair[0])], DIGITS[usize::from(pair[1])]);
            all |= high | low;
            *byte = high << 4 | low & 0x0f;
        }
        (all <= 0x0f).then_some(Self(bytes, PhantomData))
    }

    /// The number with which a generated ID ends, and the second in which it was generated.
    pub(crate) fn parts(self) -> (u64, u32) {
        let (mut number, mut seconds) = ([0; 8], [0; 4]);
        number.copy_from_slice(&self.0[4..]);
        seconds.copy_from_slice(&self.0[..4]);
        (u64::from_be_bytes(number), u32::from_be_bytes(seconds))
    }

    /// Derives the identifier of a subdocument by flipping one bit, so that it collides with no document's ID.
    pub(crate) fn of_subdocument(mut self) -> Self {
        self.0[4] ^= 0x80;
        self
    }
}

impl<T> RawId<T> {
    pub(crate) fn new(text: impl Into<Text>) -> Self {
        Self(text.into(), PhantomData)
    }

    pub(crate) fn id(&self) -> Option<Id<T>> {
        Id::parse(self.0.as_str())
    }

    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// An ID generator: a counter, offset by the seed of the run.
#[derive(Clone, Debug)]
pub(crate) struct IdSource {
    seed: u64,
    next: u64,
}

impl IdSource {
    /// Creates a generator. Different purposes produce different IDs from the same seed.
    pub(crate) fn new(seed: u64, purpose: &str) -> Self {
        Self { seed: derive(seed, &purpose), next: 0 }
    }

    /// Creates a generator whose IDs end with this number and those after it.
    pub(crate) fn starting_at(number: u64) -> Self {
        Self { seed: number, next: 0 }
    }

    /// Changes the sequence so that it avoids the IDs already generated for restored documents, from which `salt` is
    /// derived. A `salt` of 0 leaves it unchanged.
    pub(crate) fn salted(self, salt: u64) -> Self {
        if salt == 0 { self } else { Self { seed: derive(self.seed, &salt), ..self } }
    }

    fn next(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Generates an ID: 4 bytes of seconds since 1970, then 8 bytes that increase by one per ID.
    pub(crate) fn id<T>(&mut self, now: Timestamp) -> Id<T> {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&seconds(now.seconds()).to_be_bytes());
        let rest = self.seed.wrapping_add(self.next());
        bytes[4..].copy_from_slice(&rest.to_be_bytes());
        Id(bytes, PhantomData)
    }

    pub(crate) fn uuid(&mut self) -> uuid::Uuid {
        let number = self.next();
        let mut hasher = SipHasher24::new_with_keys(self.seed, number);
        b"uuid".hash(&mut hasher);
        let bits = siphasher::sip128::Hasher128::finish128(&hasher).as_u128();
        uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

/// The seconds since 1970 with which an ID begins. IDs that were generated before 1970 or after 2106 begin with the first
/// or the last second that fits.
pub(crate) fn seconds(since_1970: i64) -> u32 {
    u32::try_from(since_1970.max(0)).unwrap_or(u32::MAX)
}

/// The ID of a document that a fixture refers to by name. The same name has the same ID in every run.
pub(crate) fn of_name<T>(name: &impl Hash) -> Id<T> {
    let mut bytes = [0; 12];
    bytes.copy_from_slice(&hash(name).to_be_bytes()[..12]);
    Id(bytes, PhantomData)
}

/// Like [`of_name`], for identifiers that clients choose.
pub(crate) fn uuid_of_name(name: &impl Hash) -> uuid::Uuid {
    uuid::Builder::from_random_bytes(hash(&("uuid", name)).to_be_bytes()).into_uuid()
}

fn hash(what: &impl Hash) -> u128 {
    let mut hasher = SipHasher24::new();
    what.hash(&mut hasher);
    siphasher::sip128::Hasher128::finish128(&hasher).as_u128()
}

/// Formats an ID.
fn digits(text: &mut [u8; 24], id: [u8; 12]) -> &str {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (pair, byte) in text.chunks_exact_mut(2).zip(id) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    std::str::from_utf8(text).expect("hexadecimal digits are ASCII")
}

/// A pseudorandom number derived from the seed and `what`.
pub(crate) fn derive(seed: u64, what: &impl Hash) -> u64 {
    let mut hasher = siphasher::sip::SipHasher24::new_with_keys(seed, 0);
    what.hash(&mut hasher);
    hasher.finish()
}

// Implemented by hand because derives would require the same traits of `T`, which is only a marker.
impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> Hash for Id<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(digits(&mut [0; 24], self.0))
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<T> Serialize for Id<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(digits(&mut [0; 24], self.0))
    }
}

impl<'de, T> Deserialize<'de> for Id<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer, "24 hexadecimal digits", Self::parse)
    }
}

impl<T> JsonSchema for Id<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": PATTERN})
    }
}

impl<T> Type for Id<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string(id)".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema { pattern: Some(PATTERN.into()), ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T> ParseFromJSON for Id<T> {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => {
                Self::parse(&text).ok_or_else(|| ParseError::custom("expected 24 hexadecimal digits"))
            }
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl<T> ToJSON for Id<T> {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

impl<T> Type for RawId<T> {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Id::<T>::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        Id::<T>::schema_ref()
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl<T> ParseFromParameter for RawId<T> {
    fn parse_from_parameter(value: &str) -> ParseResult<Self> {
        Ok(Self(value.into(), PhantomData))
    }
}

impl<T> From<Text> for RawId<T> {
    fn from(text: Text) -> Self {
        Self(text, PhantomData)
    }
}

impl<T> fmt::Display for RawId<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_24_hexadecimal_digits_are_an_id() {
        let id = Id::<()>::parse("0123456789abcdefABCDEF00").expect("24 digits");
        assert_eq!(id.0, [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0x00]);
        for text in ["", "0123456789abcdefABCDEF0", "0123456789abcdefABCDEF000", "0123456789abcdefABCDEF0g"] {
            assert!(Id::<()>::parse(text).is_none(), "{text}");
        }
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_hexdigit()) {
            let text = format!("{}{}", char::from(byte), "0".repeat(24 - char::from(byte).len_utf8()));
            assert!(Id::<()>::parse(&text).is_none(), "{byte:#04x}");
        }
    }
}
