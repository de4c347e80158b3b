//! What calls send and receive.

use std::borrow::Cow;

use poem_openapi::{
    Object,
    registry::{MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::Value;

use super::document::{Matching, Segment, SegmentFilter};
use crate::value::Text;

/// The same as callers write it: the documentation prints it in capitals, too.
pub(crate) struct MatchingWord(pub(crate) Matching);

/// A segment to be created.
#[derive(Object)]
pub(crate) struct NewSegment {
    /// Name of the segment.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Text,
    /// Whether all filters have to hold (the default), or any of them.
    #[oai(rename = "match")]
    pub(crate) matching: Option<MatchingWord>,
    /// What its leads have in common.
    pub(crate) filters: Option<Vec<SegmentFilter>>,
}

/// Changes of a segment. What is absent or `null` stays as it is.
#[derive(Object)]
pub(crate) struct SegmentPatch {
    /// Name of the segment.
    #[oai(validator(min_length = 1))]
    pub(crate) name: Option<Text>,
    /// Whether all filters have to hold, or any of them.
    #[oai(rename = "match")]
    pub(crate) matching: Option<MatchingWord>,
    /// What its leads have in common, replaced as a whole.
    pub(crate) filters: Option<Vec<SegmentFilter>>,
}

/// A page of segments.
#[derive(Object)]
pub(crate) struct SegmentPage {
    /// Most segments of a page.
    #[oai(rename = "perPage")]
    per_page: u32,
    /// Segments on all pages.
    count: u64,
    /// The segments of this page.
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
