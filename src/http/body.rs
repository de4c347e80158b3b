//! Request bodies: JSON or forms, parsed as leniently as the imitated API does, with errors in its words.

use std::{io, sync::Arc};

use bytes::Bytes;
use futures_util::StreamExt;
use poem::{
    Request, RequestBody,
    http::{Method, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry},
    types::{ParseFromJSON, Type},
};
use serde_json::{Map, Value};

use super::{
    chunks::Chunks,
    coercion,
    context::{RequestContext, is_strict, known_body, note},
    drain::is_overdue,
    encoding,
};
use crate::{
    json_schema::validate::{self, Fields},
    runtime::memory::Charge,
    state::World,
    value::{
        Decimal, Error, JsonObject, Result,
        error::{ErrorBody, ErrorKind, Location},
        json,
    },
};

/// The media type of JSON bodies.
pub(super) const MEDIA_TYPE: &str = "application/json";

/// Maximum body size in bytes, as in the reference server.
pub(super) const LIMIT: usize = 512_000;

/// Minimum content length in bytes for which the whole buffer is allocated at once.
const LARGE: usize = 1 << 20;

/// A parsed body: JSON or a form.
pub(crate) struct Body<T>(pub(crate) T);

impl<'a, T: ParseFromJSON + Type + 'static> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = |content_type| MetaMediaType { content_type, schema: T::schema_ref() };
        let required = !Fields::of::<T>().all_optional();
        Some(MetaRequest { description: None, content: vec![content("application/json")], required })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let Some(kind) = kind(request)? else {
            refuse_unread(request, body, MEDIA_TYPE).await?;
            return Ok(Self(parse(Reading::of(request), || Ok(Value::Object(Map::new())))?));
        };
        let bytes = read(request, body, LIMIT).await?;
        let value = || value::<T>(kind, &bytes).inspect(|value| note(request, value));
        Ok(Self(parse(Reading::of(request), value)?))
    }
}

/// A body of any content type as text, such as a world in the fixture format.
pub(crate) struct Upload(pub(crate) String, #[expect(dead_code, reason = "held while the text is")] Charge);

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let json = MetaMediaType { content_type: "application/json", schema: JsonObject::schema_ref() };
        Some(MetaRequest { description: None, content: vec![json], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let limit = RequestContext::of(request).sandbox.memory.largest_world();
        let (bytes, charge) = read_charged(request, body, limit).await?;
        let text = String::from_utf8(bytes.into());
        let text = text.unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Ok(Self(text, charge))
    }
}

/// Maximum size of an `Anything` body in bytes.
const ANY_LIMIT: usize = 16 << 20;

/// A body of any content type, or none.
pub(crate) struct Anything(pub(crate) Bytes);

impl<'a> ApiExtractor<'a> for Anything {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        let json = MetaMediaType { content_type: "application/json", schema };
        Some(MetaRequest { description: None, content: vec![json], required: false })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(read(request, body, ANY_LIMIT).await?))
    }
}

#[derive(Clone, Copy)]
pub(super) enum BodyKind {
    Json,
    Form,
}

/// The kind of body declared by the content type, if supported.
pub(super) fn kind(request: &Request) -> Result<Option<BodyKind>> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(content_type) = content_type else { return Ok(None) };
    let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    let essence = essence.trim();
    let kind = if is_json(essence) {
        BodyKind::Json
    } else if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        BodyKind::Form
    } else {
        return Ok(None);
    };
    match charset(parameters)
        .filter(|charset| !["utf-8", "utf8"].iter().any(|known| charset.eq_ignore_ascii_case(known)))
    {
        None => Ok(Some(kind)),
        Some(other) => {
            let text = format!("Unsupported charset \"{other}\" in the Content-Type header: expected utf-8.");
            Err(Error::new(ErrorKind::Unsupported, ErrorBody::Plain(text.into())))
        }
    }
}

/// Whether a media type is JSON by the definition of the WHATWG MIME sniffing standard.
fn is_json(essence: &str) -> bool {
    // Fast path for the usual media type.
    essence.eq_ignore_ascii_case(MEDIA_TYPE) || {
        let essence = essence.to_ascii_lowercase();
        essence == "text/json" || essence.ends_with("+json")
    }
}

fn charset(parameters: &str) -> Option<&str> {
    parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

/// Rejects a nonempty body whose content type is not supported.
//
// Departs: A POST, PUT, or PATCH body whose Content-Type is missing, or is neither JSON nor a form, returns 400 with a
// line of plain text; the reference server ignores the body.
pub(super) async fn refuse_unread(request: &Request, body: &mut RequestBody, expected: &str) -> Result<()> {
    let writes = [Method::POST, Method::PUT, Method::PATCH].contains(request.method());
    if !writes || read(request, body, LIMIT).await?.is_empty() {
        return Ok(());
    }
    let text = match request.headers().get(header::CONTENT_TYPE) {
        None => format!("The request has a body and no Content-Type header: expected {expected}."),
        Some(other) => {
            let other = String::from_utf8_lossy(other.as_bytes());
            format!("Unsupported Content-Type \"{other}\": expected {expected}.")
        }
    };
    Err(malformed(text))
}

/// Reads a body of at most `limit` bytes.
pub(super) async fn read(request: &Request, body: &mut RequestBody, limit: usize) -> Result<Bytes> {
    if let Some(known) = known_body(request) {
        return (known.len() <= limit).then_some(known).ok_or_else(|| too_large(limit));
    }
    Ok(read_charged(request, body, limit).await?.0)
}

/// Reads a body of at most `limit` bytes, and returns it with its charge to the memory budget.
pub(super) async fn read_charged(request: &Request, body: &mut RequestBody, limit: usize) -> Result<(Bytes, Charge)> {
    let mut charge = RequestContext::of(request).sandbox.memory.reserve(0)?;
    let mut arriving = body.take().map_err(|_| Error::INTERNAL)?.into_bytes_stream();
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // Allocated by the declared length but charged by the bytes received: a client may claim any length.
    let mut parts = length.filter(|length| (LARGE..=limit).contains(length)).map_or_else(Chunks::default, Chunks::of);
    while let Some(part) = arriving.next().await {
        let part = part.map_err(|error| unreadable(&error))?;
        if parts.len() + part.len() > limit {
            return Err(too_large(limit));
        }
        charge.grow(part.len())?;
        parts.push(part);
    }
    Ok((parts.join(), charge))
}

/// The error for a body of more than `limit` bytes.
pub(super) fn too_large(limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge, ErrorBody::bare("err", "Request entity too large".into()).with("limit", limit))
}

/// The error for a body that did not arrive completely.
fn unreadable(error: &io::Error) -> Error {
    if is_overdue(error) {
        let text = "The body did not arrive within the time limit; see --body-timeout.";
        return Error::new(ErrorKind::Overdue, ErrorBody::Plain(text.into()));
    }
    let refusal = encoding::refusal(error).cloned();
    refusal.unwrap_or_else(|| malformed(format!("Failed to read the body: {error}.")))
}

fn value<T: Type + 'static>(kind: BodyKind, bytes: &[u8]) -> Result<Value> {
    match kind {
        _ if bytes.is_empty() => Ok(Value::Object(Map::new())),
        // Departs: JSON sent as a form, curl's default for `-d`, is parsed as JSON; the reference server finds no
        // fields in it.
        BodyKind::Form if looks_like_json(bytes) => json(bytes),
        BodyKind::Form => form::<T>(bytes),
        BodyKind::Json => json(bytes),
    }
}

/// Whether the body cannot be intended as a form, because no field name begins with `{` or `[`.
fn looks_like_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(json::BYTE_ORDER_MARK).unwrap_or(bytes);
    text.trim_ascii_start().starts_with(b"{") || text.trim_ascii_start().starts_with(b"[")
}

/// Parses JSON that must be an object or an array.
fn json(bytes: &[u8]) -> Result<Value> {
    match json::read(bytes) {
        Ok(mut value @ (Value::Object(_) | Value::Array(_))) => {
            if whole(&mut value, 0) <= json::NESTING {
                Ok(value)
            } else {
                Err(too_deep(bytes))
            }
        }
        Ok(_) => Err(malformed("The body is not valid: expected a JSON object or array at line 1 column 1.".into())),
        Err(_) if json::too_deep(bytes).is_some() => Err(too_deep(bytes)),
        Err(error) => Err(malformed(format!("The body is not valid JSON: {error}."))),
    }
}

/// Turns `5.0` into `5`, because the real API has a single number type. Returns the number of nested levels, counted
/// from `level`.
fn whole(value: &mut Value, level: usize) -> usize {
    match value {
        Value::Number(number) => {
            if let Some(decimal) = number.as_f64().filter(|_| number.is_f64()).map(Decimal::from) {
                *value = decimal.number().into();
            }
            level
        }
        Value::Array(items) => items.iter_mut().map(|item| whole(item, level + 1)).max().unwrap_or(level + 1),
        Value::Object(object) => object.values_mut().map(|item| whole(item, level + 1)).max().unwrap_or(level + 1),
        _ => level,
    }
}

// Departs: JSON nested more than 64 levels deep returns 400; the reference server stores whatever its database accepts.
fn too_deep(bytes: &[u8]) -> Error {
    let pointer = json::too_deep(bytes).unwrap_or_default();
    malformed(format!("The body is nested too deeply at \"{pointer}\": expected at most {} levels.", json::NESTING))
}

/// Parses a form: `a[b]=1` is an object, `l[]=1` a list. All values are strings, which are converted to the type of the
/// field.
fn form<T: Type + 'static>(bytes: &[u8]) -> Result<Value> {
    let pairs: Vec<_> = bytes.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()).collect();
    let mut nested = Map::new();
    // The parser fails if there are no pairs.
    if !pairs.is_empty() {
        let reader = serde_qs::Config::new().max_depth(5).use_form_encoding(true);
        nested = reader
            .deserialize_bytes(&pairs.join(&b'&'))
            .map_err(|error| malformed(format!("The body is not a valid form: {error}.")))?;
    }
    let fields = Fields::of::<T>();
    Ok(Value::Object(
        nested
            .into_iter()
            .map(|(name, value)| match value {
                Value::String(text) => (name.clone(), fields.typed(&name, text)),
                value => (name, value),
            })
            .collect(),
    ))
}

// Departs: A malformed JSON body returns 400 with a line of plain text, after the credentials are checked; the
// reference server fails with 500 before it checks them.
pub(super) fn malformed(text: String) -> Error {
    Error::new(ErrorKind::Malformed, ErrorBody::Plain(text.into()))
}

/// Parses a `T` from the text of an uploaded file.
pub(super) fn from_text<T: ParseFromJSON + Type + 'static>(text: &str) -> Result<T> {
    parse(Reading::Coercing, || json(text.as_bytes()))
}

/// Parses a `T` from a value that code provides instead of a request.
pub(crate) fn from_value<T: ParseFromJSON + Type + 'static>(value: &Value) -> Result<T> {
    parse(Reading::AsDocumented, || Ok(value.clone()))
}

/// How to handle values that are not of the documented type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Convert them as the reference server does.
    Coercing,
    /// Reject them.
    AsDocumented,
}

impl Reading {
    /// Strict mode and the control API, which imitates nothing, do not coerce.
    pub(super) fn of(request: &Request) -> Self {
        let as_documented = is_strict(request) || request.data::<Arc<World>>().is_some();
        if as_documented { Self::AsDocumented } else { Self::Coercing }
    }
}

/// Parses a value. Parsing consumes it, so it is read again for coercion or for the error message.
pub(super) fn parse<T: ParseFromJSON + Type + 'static>(
    reading: Reading,
    value: impl Fn() -> Result<Value>,
) -> Result<T> {
    let mut error = match T::parse_from_json(Some(value()?)) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    let mut value = value()?;
    if reading == Reading::Coercing && coercion::coerce::<T>(&mut value) {
        match T::parse_from_json(Some(value.clone())) {
            Ok(parsed) => return Ok(parsed),
            Err(still) => error = still,
        }
    }
    // Departs: A field that is missing, or whose value the reference server cannot convert either, returns 422 and is
    // named; the reference server fails with 500 or 404, or never responds.
    let violations = validate::violations::<T>(&value, Location::Body, &error.into_message());
    Err(Error::new(ErrorKind::Invalid, ErrorBody::Fields(violations)))
}
