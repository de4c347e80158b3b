//! Request bodies, query parameters, and response shapes.

use std::borrow::Cow;

use poem_openapi::{
    Object,
    registry::{MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::document::{Matching, Segment, SegmentFilter};
use crate::value::Text;

/// [`Matching`] as clients write it: the documentation also prints it in capitals.
pub(crate) struct MatchingWord(pub(crate) Matching);

/// A segment to create.
#[derive(Object)]
pub(crate) struct NewSegment {
    /// Name of the segment.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// How filters are combined: `all` (default) or `any` of them must match.
    #[oai(rename = "match")]
    pub(crate) matching: Option<MatchingWord>,
    /// Conditions that the leads satisfy (default: none).
    pub(crate) filters: Option<Vec<SegmentFilter>>,
}

/// Changes to a segment. Fields that are absent or `null` keep their value.
#[derive(Object)]
pub(crate) struct SegmentPatch {
    /// Name of the segment.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// How filters are combined: `all` or `any` of them must match.
    #[oai(rename = "match")]
    pub(crate) matching: Option<MatchingWord>,
    /// Conditions that the leads satisfy, replaced as a whole.
    pub(crate) filters: Option<Vec<SegmentFilter>>,
}

/// A page of segments.
#[derive(Object)]
pub(crate) struct SegmentPage {
    /// Page size.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Total number of segments.
    count: u64,
    /// The segments on this page.
    segments: Vec<Segment>,
}

impl Type for MatchingWord {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Matching::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        Matching::schema_ref()
    }

    fn register(registry: &mut Registry) {
        Matching::register(registry);
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for MatchingWord {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        let word = value.map(|value| value.as_str().map_or(value.clone(), |word| word.to_lowercase().into()));
        Matching::parse_from_json(word).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for MatchingWord {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}
