//! File uploads and downloads.

use std::borrow::Cow;

use bytes::Bytes;
use poem::{
    IntoResponse, Request, RequestBody, Response,
    http::{HeaderValue, header},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

use super::{
    body,
    form_part::{FormError, Parts},
    multipart::MULTIPART,
};
use crate::value::{
    Error, Result, Text,
    error::{ErrorBody, ErrorKind},
    received_file::ReceivedFile,
};

/// Maximum size of a form with a file in bytes, regardless of the operation's limit.
const LIMIT: usize = 64 << 20;

/// Name of the only file part that a form may have.
const PART: &str = "file";

/// The file of a multipart form. As in the real API, bodies of other types count as forms without a file.
pub(crate) struct FileForm(pub(crate) Option<ReceivedFile>);

/// Schema name of the form in the document.
pub(crate) const FORM: &str = "FileForm";

impl<'a> ApiExtractor<'a> for FileForm {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_schema::<Self, _>(FORM.into(), |_| MetaSchema {
            description: Some("A form with a file."),
            required: vec![PART],
            properties: vec![(PART, MetaSchemaRef::Inline(Box::new(binary("File with its name."))))],
            ..MetaSchema::new("object")
        });
    }

    fn request_meta() -> Option<MetaRequest> {
        let schema = MetaSchemaRef::Reference(FORM.into());
        let form = MetaMediaType { content_type: MULTIPART, schema };
        Some(MetaRequest { description: None, content: vec![form], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let kind = request.header(header::CONTENT_TYPE).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with(MULTIPART) {
            return Ok(Self(None));
        }
        // Without a boundary, the body is not read.
        Parts::of(kind, Bytes::new()).map_err(|error| unreadable(&error))?;
        let read = body::read_charged(request, body, LIMIT).await.map_err(|error| match error.kind {
            ErrorKind::TooLarge => too_large(),
            ErrorKind::Malformed => malformed("Unexpected end of form", None),
            _ => error,
        });
        let (body, mut charge) = read?;
        // The parser copies the form to a buffer that doubles as it grows.
        charge.grow(2 * body.len())?;
        let file = file(kind, body)?;
        Ok(Self(file.map(|file| ReceivedFile { content: charge.hold(file.content), ..file })))
    }
}

fn binary(description: &'static str) -> MetaSchema {
    MetaSchema { format: Some("binary"), description: Some(description), ..MetaSchema::new("string") }
}

/// Reads the file of a form. Fields that are not files are ignored.
fn file(content_type: &str, body: Bytes) -> Result<Option<ReceivedFile>> {
    let mut form = Parts::of(content_type, body).map_err(|error| unreadable(&error))?;
    let mut file = None;
    while let Some(part) = form.next().map_err(|error| unreadable(&error))? {
        let Some(name) = part.file_name().map(str::to_owned) else { continue };
        if part.name() != Some(PART) || file.is_some() {
            return Err(malformed("Unexpected field", Some("LIMIT_UNEXPECTED_FILE")));
        }
        let claimed = part.essence().map(str::to_owned);
        let content = part.content().map_err(|error| unreadable(&error))?;
        file = Some(ReceivedFile::new(&name, claimed.as_deref(), content));
    }
    Ok(file)
}

fn unreadable(error: &FormError) -> Error {
    match error {
        FormError::ContentType(..) => malformed("Multipart: Boundary not found", None),
        FormError::Part(_) | FormError::Content(_) => malformed("Unexpected end of form", None),
        FormError::TooManyParts => malformed("Too many parts", Some("LIMIT_PART_COUNT")),
    }
}

/// An error with the text of the form parser that the reference server uses.
pub(super) fn malformed(text: &'static str, code: Option<&'static str>) -> Error {
    let words = match code {
        Some(code) => ErrorBody::error(text.into()).with("code", code),
        None => ErrorBody::error(text.into()),
    };
    Error::new(ErrorKind::Malformed, words)
}

/// The error for a file beyond the limit of the operation.
pub(super) fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, ErrorBody::error("File too large".into()).with("code", "LIMIT_FILE_SIZE"))
}

/// A file to download. No browser executes it in the server's origin.
pub(crate) struct Download {
    pub(crate) content: Bytes,
    /// Content type.
    pub(crate) kind: Text,
    /// Name to save the file under.
    pub(crate) name: Text,
    /// Whether to save the file even if a browser could display it.
    pub(crate) attached: bool,
}

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let mut response = Response::from(poem::Body::from(self.content));
        let kind = HeaderValue::from_str(&with_charset(&self.kind));
        let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        // Anyone can upload files, and they share the control API's origin, so browsers must not execute them.
        response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'"));
        if self.attached || !is_passive(&self.kind) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition(&self.name));
        }
        response
    }
}

/// The content type with a charset if it is text, as the reference server's framework adds it.
fn with_charset(kind: &str) -> Cow<'_, str> {
    let is_text = kind.starts_with("text/") || matches!(kind, "application/json" | "application/javascript");
    if is_text && !kind.contains("charset") { format!("{kind}; charset=utf-8").into() } else { kind.into() }
}

/// Whether browsers merely display content of this type. HTML, SVG, XML, scripts, and types not known to be passive are
/// always attachments.
fn is_passive(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.split_once('/') {
        Some(("image", subtype)) => !subtype.contains("svg") && !subtype.contains("xml"),
        Some(("audio" | "video", subtype)) => !subtype.contains("xml"),
        _ => matches!(&*essence, "text/plain" | "text/csv" | "text/markdown" | "application/json" | "application/pdf"),
    }
}

/// A `Content-Disposition` with the file name. A name that needs more than printable ASCII is given twice: replaced for
/// old clients, and in full as `filename*`.
fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(
            |character| {
                if matches!(character, ' '..='~') && !matches!(character, '"' | '\\') { character } else { '_' }
            },
        )
        .collect();
    let full: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let text = match full.replace('+', "%20") {
        _ if plain == name => format!("attachment; filename=\"{plain}\""),
        full => format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"),
    };
    HeaderValue::from_str(&text).expect("all but printable ASCII was replaced")
}

impl ApiResponse for Download {
    fn meta() -> MetaResponses {
        let media = |content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(binary("Content of the file."))),
        };
        let done = MetaResponse {
            description: "The file, with its content type.",
            status: Some(200),
            status_range: None,
            // Code generators expect a well-known type, although any type is possible.
            content: vec![media("application/octet-stream"), media("*/*")],
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![done] }
    }

    fn register(_: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_that_cannot_run_are_displayed() {
        for kind in
            ["image/png", "IMAGE/JPEG", "audio/mpeg", "video/mp4", "text/plain; charset=utf-8", "application/pdf"]
        {
            assert!(is_passive(kind), "{kind}");
        }
        for kind in [
            "text/html",
            "TEXT/HTML ; charset=utf-8",
            "application/xhtml+xml",
            "image/svg+xml",
            "image/svg",
            "text/xml",
            "application/xml",
            "text/javascript",
            "application/ecmascript",
            "multipart/x-mixed-replace",
            "message/rfc822",
            "application/octet-stream",
            "text/x-other",
            "text",
            "",
        ] {
            assert!(!is_passive(kind), "{kind}");
        }
    }

    #[test]
    fn the_name_of_an_attachment_cannot_break_out_of_its_header() {
        assert_eq!(disposition("document.pdf"), "attachment; filename=\"document.pdf\"");
        assert_eq!(
            disposition("a \"b\"\r\nx: é"),
            "attachment; filename=\"a _b___x: _\"; filename*=UTF-8''a%20%22b%22%0D%0Ax%3A%20%C3%A9"
        );
    }
}
