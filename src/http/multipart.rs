//! Multipart forms, and bodies that can alternatively be sent as one.

use std::{borrow::Cow, marker::PhantomData};

use bytes::Bytes;
use poem::{Request, RequestBody, http::header};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions, Object,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type},
};
use serde_json::{Map, Value, json};

use super::{
    body::{self, Body, Reading},
    form_part::{FormError, Parts},
};
use crate::{
    json_schema::validate::Fields,
    value::{
        Error, Result,
        error::{ErrorBody, ErrorKind},
    },
};

/// The content type of forms with files.
pub(crate) const MULTIPART: &str = "multipart/form-data";

/// Maximum form size in bytes where the reference server has no limit.
const LIMIT: usize = 16 << 20;

const REPEATED: &str = "the form has too many parts, or a repeated part";

/// A parsed multipart form. Bodies of other types count as forms without fields.
pub(crate) struct Form<T, const MOST: usize = LIMIT>(pub(crate) T);

/// A body of type `T`, or a multipart form of type `F` that is converted to one.
pub(crate) struct FormOr<F, T>(pub(crate) T, PhantomData<fn() -> F>);

/// A form with a JSON document.
#[derive(Object)]
pub(crate) struct DocumentUpload {
    /// JSON document.
    #[oai(rename = "uploadFile")]
    pub(crate) file: File,
}

/// An uploaded text file.
pub(crate) struct File(String);

impl File {
    pub(crate) fn text(&self) -> &str {
        self.0.trim_start_matches('\u{feff}')
    }

    /// Parses the file's JSON as a `T`.
    pub(crate) fn json<T: ParseFromJSON + Type + 'static>(&self) -> Result<T> {
        body::from_text(self.text())
    }
}

fn media_type<T: Type>() -> MetaMediaType {
    MetaMediaType { content_type: MULTIPART, schema: T::schema_ref() }
}

fn is_multipart(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|value| value.to_ascii_lowercase().starts_with(MULTIPART))
}

/// The fields of a form as an object. The first of repeated fields wins.
async fn fields<T: Type + 'static>(request: &Request, body: &mut RequestBody, most: usize) -> Result<Value> {
    let mut object = Map::new();
    if !is_multipart(request) {
        if body::kind(request)?.is_none() {
            body::refuse_unread(request, body, MULTIPART).await?;
        }
        return Ok(Value::Object(object));
    }
    let unreadable = |error: &dyn std::fmt::Display| body::malformed(format!("The body is not a valid form: {error}."));
    let whole = body::read(request, body, most).await.map_err(|error| match error.kind {
        ErrorKind::TooLarge => {
            let told = json!({"err": "Content Too Large", "limit_file_size": most});
            Error::new(ErrorKind::TooLarge, ErrorBody::Own(told))
        }
        _ => error,
    })?;
    let content_type = request.header(header::CONTENT_TYPE).unwrap_or_default();
    let mut form = Parts::of(content_type, whole).map_err(|error| unreadable(&error))?;
    let known = Fields::of::<T>();
    while let Some(part) = form.next().map_err(|error| unreadable(&error))? {
        let name = part.name().unwrap_or_default().to_owned();
        let content = part.content().map_err(|error| unreadable(&error))?;
        let text = String::from_utf8_lossy(&content).into_owned();
        if !text.is_empty() && !object.contains_key(&name) {
            let value = known.decoded(&name, text);
            object.insert(name, value);
        }
    }
    Ok(Value::Object(object))
}

impl<'a, T: ParseFromJSON + Type + 'static, const MOST: usize> ApiExtractor<'a> for Form<T, MOST> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest { description: None, content: vec![media_type::<T>()], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let fields = fields::<T>(request, body, MOST).await?;
        Ok(Self(body::parse(Reading::of(request), || Ok(fields.clone()))?))
    }
}

impl<'a, F, T> ApiExtractor<'a> for FormOr<F, T>
where
    F: ParseFromJSON + Type + 'static,
    T: ParseFromJSON + Type + TryFrom<F, Error = Error> + 'static,
{
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
        F::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let mut meta = Body::<T>::request_meta()?;
        meta.content.push(media_type::<F>());
        // One of the two bodies is required, but client generators cannot express that.
        meta.required = false;
        Some(meta)
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        if !is_multipart(request) {
            return Ok(Self(Body::from_request(request, body, options).await?.0, PhantomData));
        }
        let Form(form) = Form::<F>::from_request(request, body, options).await?;
        Ok(Self(T::try_from(form)?, PhantomData))
    }
}

/// The parts of a multipart form as an object. Parts whose schema is not a string contain JSON.
pub(crate) fn multipart<'a>(
    body: &[u8],
    content_type: &str,
    schema: impl Fn(&str) -> &'a Value,
) -> std::result::Result<Value, String> {
    let unreadable = |error: FormError| match error {
        FormError::ContentType(cause, _) | FormError::Part(cause) | FormError::Content(cause) => {
            format!("invalid form: {cause}")
        }
        FormError::TooManyParts => REPEATED.to_owned(),
    };
    let mut form = Parts::of(content_type, Bytes::copy_from_slice(body)).map_err(unreadable)?;
    let mut object = Map::new();
    while let Some(part) = form.next().map_err(unreadable)? {
        let (name, is_file) = (part.name().unwrap_or_default().to_owned(), part.file_name().is_some());
        let text = String::from_utf8_lossy(&part.content().map_err(unreadable)?).into_owned();
        let is_text = is_file || matches!(schema(&name)["type"].as_str(), None | Some("string"));
        let value = (!is_text).then(|| serde_json::from_str(&text).ok()).flatten().unwrap_or(Value::String(text));
        if object.insert(name, value).is_some() {
            return Err(REPEATED.to_owned());
        }
    }
    Ok(Value::Object(object))
}

impl Type for File {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = Self;

    fn name() -> Cow<'static, str> {
        "string(binary)".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
        Box::new(std::iter::once(self))
    }
}

impl ParseFromJSON for File {
    fn parse_from_json(value: Option<Value>) -> ParseResult<Self> {
        match value.unwrap_or_default() {
            Value::String(text) => Ok(Self(text)),
            other => Err(ParseError::expected_type(other)),
        }
    }
}

impl ToJSON for File {
    fn to_json(&self) -> Option<Value> {
        Some(Value::String(self.0.clone()))
    }
}
