//! Forms with files: the parts are the fields of a struct, as JSON bodies are.

use bytes::Bytes;
use poem::{FromRequest, Request, RequestBody, http::header, web::Multipart};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::{Map, Value, json};

use super::{
    body::{self, malformed, parse},
    schema::Fields,
};
use crate::world::{
    Error, Result, Text,
    error::{Kind, Words},
};

/// Most bytes of a form with files, as the reference server has it for each file.
const LIMIT: usize = 1_024_000;

const TYPE: &str = "multipart/form-data";

/// The fields of a form with files. A body of another type counts as an empty form.
pub(crate) struct Form<T>(pub(crate) T);

/// A document: the body itself in JSON, or a file in a form that holds it.
pub(crate) struct JsonFile<T>(pub(crate) T);

/// The part of a form that holds a document.
const DOCUMENT: &str = "uploadFile";

/// The text that a file holds.
pub(crate) struct FileText(Text);

impl FileText {
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<'a, T: ParseFromJSON + Type + 'static> ApiExtractor<'a> for Form<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = vec![MetaMediaType { content_type: TYPE, schema: T::schema_ref() }];
        Some(MetaRequest { description: None, content, required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let parts = if is_form(request) { parts(request, body).await? } else { Vec::new() };
        let fields = Fields::of::<T>();
        let object: Map<_, _> = parts
            .into_iter()
            .map(|(name, text)| {
                let value = fields.typed(&name, text);
                (name, value)
            })
            .collect();
        Ok(Self(parse(|| Ok(Value::Object(object.clone())))?))
    }
}

impl<'a, T: ParseFromJSON + Type + 'static> ApiExtractor<'a> for JsonFile<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let file = MetaSchema {
            format: Some("binary"),
            description: Some("The document in JSON."),
            ..MetaSchema::new("string")
        };
        let form = MetaSchema {
            properties: vec![(DOCUMENT, MetaSchemaRef::Inline(Box::new(file)))],
            required: vec![DOCUMENT],
            ..MetaSchema::new("object")
        };
        let form = MetaMediaType { content_type: TYPE, schema: MetaSchemaRef::Inline(Box::new(form)) };
        let json = MetaMediaType { content_type: "application/json", schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![json, form], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !is_form(request) {
            return Ok(Self(body::Body::<T>::from_request(request, body, options).await?.0));
        }
        let parts = parts(request, body).await?;
        let file = parts.into_iter().find(|(name, _)| name == DOCUMENT).map(|(_, text)| text);
        let file = file.ok_or_else(|| malformed(format!("The form holds no {DOCUMENT}.")))?;
        Ok(Self(parse(|| body::json(file.as_bytes()))?))
    }
}

fn is_form(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(TYPE)
}

/// The parts of a form: names and texts.
async fn parts(request: &Request, body: &mut RequestBody) -> Result<Vec<(String, String)>> {
    let bytes: Bytes = body::read(body, LIMIT).await.map_err(|error| match error.kind {
        Kind::TooLarge => {
            let body = json!({"err": "Content Too Large", "limit_file_size": LIMIT});
            Error::new(Kind::TooLarge, Words::Own(body))
        }
        _ => error,
    })?;
    let unreadable = |error: &dyn std::fmt::Display| malformed(format!("The form could not be read: {error}."));
    let mut whole = RequestBody::new(bytes.into());
    let mut form =
        <Multipart as FromRequest>::from_request(request, &mut whole).await.map_err(|error| unreadable(&error))?;
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await.map_err(|error| unreadable(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|error| unreadable(&error))?;
        let text = String::from_utf8(bytes).map_err(|_| malformed(format!("The part {name} is not UTF-8.")))?;
        parts.push((name, text));
    }
    Ok(parts)
}

impl Type for FileText {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> std::borrow::Cow<'static, str> {
        "string(binary)".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema { format: Some("binary"), ..MetaSchema::new("string") }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for FileText {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        Text::parse_from_json(value).map(Self).map_err(ParseError::propagate)
    }
}

impl ToJSON for FileText {
    fn to_json(&self) -> Option<Value> {
        self.0.to_json()
    }
}
