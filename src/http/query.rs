//! Query parameters: a struct's properties are the documented parameters of a list, including paging.

use std::{borrow::Cow, cell::LazyCell, ops::Deref};

use poem::Request;
use poem_openapi::{
    ApiExtractor, ApiExtractorType, Enum, ExtractParamOptions, Object,
    registry::{MetaParamIn, MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::{Map, Value};

use crate::{
    json_schema::validate::{self, Fields},
    state::query::{Page, skip},
    store::{Direction, Order},
    value::{
        Error, Text,
        error::{ErrorBody, ErrorKind, Location},
        query::{self, Part, Place},
    },
};

/// The query parameters of an operation. As in the real API, unknown and empty ones are ignored, and the first of
/// repeated ones wins unless they are lists. `a[]=x` and `a[0]=x` are read as `a=x`.
pub(crate) struct Filter<T>(pub(crate) T);

impl<'a, T: ParseFromJSON + Type + 'static> ApiExtractor<'a> for Filter<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::Parameter];

    type ParamType = T;
    type ParamRawType = T::RawValueType;

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn param_in() -> Option<MetaParamIn> {
        Some(MetaParamIn::Query)
    }

    fn param_schema_ref() -> Option<MetaSchemaRef> {
        Some(MetaSchemaRef::Inline(Box::new(Registry::new().create_fake_schema::<T>())))
    }

    async fn from_request(
        request: &'a Request,
        _: &mut poem::RequestBody,
        _: ExtractParamOptions<T>,
    ) -> poem::Result<Self> {
        Ok(Self(parse(request.uri().query().unwrap_or_default())?))
    }
}

fn parse<T: ParseFromJSON + Type + 'static>(query: &str) -> Result<T, Error> {
    // Lazy, because most lists are requested without any parameters.
    let fields = LazyCell::new(Fields::of::<T>);
    let mut object = Map::new();
    for (name, text) in query::pairs(query) {
        let Part { name, place } = Part::of(&name);
        match (place, object.get_mut(name)) {
            _ if !fields.has(name) => {}
            (Place::Property(key), _) if fields.is_object(name) => {
                let properties = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
                properties.as_object_mut().map(|all| all.insert(key.to_owned(), Value::String(text.into_owned())));
            }
            (Place::Property(_), _) => {}
            _ if text.is_empty() => {}
            (_, None) => drop(object.insert(name.to_owned(), fields.typed(name, text.into_owned()))),
            (_, Some(Value::Array(list))) => list.push(Value::String(text.into_owned())),
            (_, Some(Value::String(known))) if fields.is_named(name, COMMAS) => *known = format!("{known},{text}"),
            (_, Some(_)) => {}
        }
    }
    let value = Value::Object(object);
    T::parse_from_json(Some(value.clone())).map_err(|error| {
        let violations = validate::violations::<T>(&value, Location::Query, &error.into_message());
        Error::new(ErrorKind::Invalid, ErrorBody::Fields(violations))
    })
}

/// Several values in one string, separated by commas. The parameter can be repeated instead.
#[derive(Debug)]
pub(crate) struct Commas(Text);

/// Marks the schema of `Commas`. It is not exported.
const COMMAS: &str = "Commas";

impl Deref for Commas {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Type for Commas {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        Text::name()
    }

    fn schema_ref() -> MetaSchemaRef {
        let schema = MetaSchema { rust_typename: Some(COMMAS), ..MetaSchema::new("string") };
        MetaSchemaRef::Inline(Box::new(schema))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for Commas {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Text::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for Commas {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}

/// Paging and sorting of lists.
#[derive(Object, Clone, Debug, Default)]
pub(crate) struct Pagination {
    #[oai(flatten)]
    pages: SortedPage,
    /// Page size; 0 returns all results.
    limit: Option<u32>,
}

/// Page number and sorting, for lists with a fixed page size.
#[derive(Object, Clone, Debug, Default)]
pub(crate) struct SortedPage {
    /// Page number, counted from 0 (default 0).
    page: Option<u32>,
    /// Field to sort by.
    #[oai(rename = "sortField")]
    sort_field: Option<Text>,
    /// Alias of `sortField`, which takes precedence.
    sort: Option<Text>,
    /// Sort direction: `1` for ascending or `-1` (default) for descending order.
    direction: Option<SortDirection>,
}

/// Spellings of the two sort directions.
#[derive(Enum, Clone, Copy, Debug)]
#[oai(rename_all = "lowercase")]
pub(crate) enum SortDirection {
    #[oai(rename = "1")]
    Up,
    #[oai(rename = "-1")]
    Down,
    Asc,
    Ascending,
    Desc,
    Descending,
}

impl Pagination {
    /// A page of a list that replaces a `limit` above `most` with the default page size.
    pub(crate) fn page_or_default(&self, default: u32, most: u32) -> Page {
        self.pages.page(self.limit.filter(|limit| *limit <= most).unwrap_or(default))
    }

    /// A page of a list that reduces a `limit` above `most` to `most`.
    pub(crate) fn clamped(&self, default: u32, most: u32) -> Page {
        self.pages.page(self.limit.map_or(default, |limit| limit.min(most)))
    }

    /// A page of a list with this default page size.
    pub(crate) fn page(&self, default: u32) -> Page {
        self.pages.page(self.limit.unwrap_or(default))
    }

    /// The requested `limit`.
    pub(crate) fn limit(&self) -> Option<u32> {
        self.limit
    }
}

impl SortedPage {
    /// A page of a list with this page size; 0 for all results.
    pub(crate) fn page(&self, per_page: u32) -> Page {
        let limit = if per_page == 0 { usize::MAX } else { per_page as usize };
        let direction = match self.direction {
            Some(SortDirection::Up | SortDirection::Asc | SortDirection::Ascending) => Direction::Ascending,
            None | Some(SortDirection::Down | SortDirection::Desc | SortDirection::Descending) => Direction::Descending,
        };
        let order = match self.sort_field.as_deref().or(self.sort.as_deref()) {
            None | Some("createdAt") => Order::Default(direction),
            Some(field) => Order::Field(field.to_owned(), direction),
        };
        Page { per_page, skip: skip(self.page, per_page), limit, order }
    }
}
