//! Responses: rendered bytes, typed for the document.

use std::{marker::PhantomData, sync::Arc};

use bytes::Bytes;
use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::{ParseFromJSON, ToJSON, Type},
};

use super::streamed;
use crate::{
    store::{Doc, Document},
    value::JsonObject,
};

/// The content type of all JSON responses.
pub(crate) const JSON: &str = "application/json; charset=utf-8";

/// A successful response with a `T` as JSON.
pub(crate) struct Reply<T, const STATUS: u16 = 200>(Content, PhantomData<fn() -> T>);

enum Content {
    Whole(Bytes),
    /// Already rendered parts.
    Parts(Vec<Bytes>),
    /// Parts rendered while they are sent.
    Streamed(Box<dyn Iterator<Item = Bytes> + Send>),
}

impl<T: ParseFromJSON + ToJSON, const STATUS: u16> Reply<T, STATUS> {
    /// Takes rendered bytes. Debug builds check that they are exactly the JSON of a `T`, which makes every test a
    /// schema test.
    pub(crate) fn new(body: Bytes) -> Self {
        if cfg!(debug_assertions) {
            let sent: serde_json::Value = serde_json::from_slice(&body).expect("a response is JSON");
            let read = T::parse_from_json(Some(sent.clone()))
                .unwrap_or_else(|error| panic!("response is not a {}: {}\n{sent:#}", T::name(), error.into_message()));
            assert_eq!(read.to_json(), Some(sent), "response has more or fewer fields than a {}", T::name());
        }
        Self(Content::Whole(body), PhantomData)
    }

    /// Takes the rendered parts of a long response.
    pub(crate) fn in_parts(parts: Vec<Bytes>) -> Self {
        Self(Content::Parts(parts), PhantomData)
    }

    /// Takes the list at the end of a long response item by item, and the JSON before and after it.
    pub(crate) fn listed(
        start: String,
        items: impl Iterator<Item = Vec<u8>> + Send + 'static,
        end: &'static str,
    ) -> Self {
        Self(Content::Streamed(streamed::array(start, items, end)), PhantomData)
    }

    /// Renders a value that is not a stored document.
    pub(crate) fn of(value: &T) -> Self {
        Self::new(value.to_json_string().into())
    }
}

impl<T: Document + ParseFromJSON + ToJSON, const STATUS: u16> From<Arc<Doc<T>>> for Reply<T, STATUS> {
    fn from(doc: Arc<Doc<T>>) -> Self {
        Self::new(doc.to_json())
    }
}

impl<T: Send, const STATUS: u16> IntoResponse for Reply<T, STATUS> {
    fn into_response(self) -> Response {
        let (body, length) = match self.0 {
            Content::Whole(body) => (poem::Body::from(body), None),
            Content::Parts(parts) => {
                let length: usize = parts.iter().map(Bytes::len).sum();
                (streamed::body(Box::new(parts.into_iter())), Some(length))
            }
            Content::Streamed(parts) => (streamed::body(parts), None),
        };
        let mut response = Response::from(body);
        if let Some(length) = length {
            response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        }
        response.set_status(StatusCode::from_u16(STATUS).expect("operations have valid statuses"));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
        response
    }
}

impl<T: Type, const STATUS: u16> ApiResponse for Reply<T, STATUS> {
    fn meta() -> MetaResponses {
        let content = vec![MetaMediaType { content_type: "application/json", schema: T::schema_ref() }];
        let done = MetaResponse {
            description: "Success.",
            status: Some(STATUS),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![done] }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A response that also has the secret of a subscription in a header.
pub(crate) struct WithHookSecret<T>(Reply<T>, HeaderValue);

impl<T: ParseFromJSON + ToJSON> WithHookSecret<T> {
    pub(crate) fn new(body: Bytes, secret: &str) -> Self {
        Self(Reply::new(body), HeaderValue::from_str(secret).unwrap_or(HeaderValue::from_static("")))
    }
}

impl<T: Send> IntoResponse for WithHookSecret<T> {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.headers_mut().insert("x-hook-secret", self.1);
        response
    }
}

impl<T: Type> ApiResponse for WithHookSecret<T> {
    fn meta() -> MetaResponses {
        let mut meta = Reply::<T>::meta();
        meta.responses[0].headers.push(MetaHeader {
            name: "x-hook-secret".into(),
            description: Some("Secret of the subscription.".into()),
            required: true,
            deprecated: false,
            schema: String::schema_ref(),
        });
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

fn text(content_type: &'static str) -> MetaMediaType {
    MetaMediaType { content_type, schema: String::schema_ref() }
}

/// The documentation of a response that is not JSON of a single type.
fn success(description: &'static str, content: Vec<MetaMediaType>) -> MetaResponses {
    let headers = Vec::new();
    MetaResponses {
        responses: vec![MetaResponse { description, status: Some(200), status_range: None, content, headers }],
    }
}

/// A report in one of several formats.
pub(crate) struct Rendered {
    pub(crate) content_type: &'static str,
    pub(crate) text: String,
}

impl IntoResponse for Rendered {
    fn into_response(self) -> Response {
        let response = Response::builder().content_type(self.content_type);
        // HTML is the only report type that could execute anything, so it may only use inline styles.
        let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.header(header::CONTENT_SECURITY_POLICY, policy).body(self.text)
    }
}

impl ApiResponse for Rendered {
    fn meta() -> MetaResponses {
        let json = MetaMediaType { content_type: "application/json", schema: JsonObject::schema_ref() };
        let content = vec![json, text("application/xml"), text("text/markdown"), text("text/html")];
        success("The report.", content)
    }

    fn register(_: &mut Registry) {}
}

/// A successful CSV response.
pub(crate) enum Csv {
    Utf8(Vec<u8>),
    /// UTF-8 as well, but the content type does not name the encoding.
    Unlabeled(Vec<u8>),
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let (content_type, table) = match self {
            Self::Utf8(table) => ("text/csv; charset=utf-8", table),
            Self::Unlabeled(table) => ("text/csv", table),
        };
        Response::builder().content_type(content_type).body(table)
    }
}

impl ApiResponse for Csv {
    fn meta() -> MetaResponses {
        success("A header row and one row for each object.", vec![text("text/csv")])
    }

    fn register(_: &mut Registry) {}
}

/// A successful plain text response.
pub(crate) struct PlainText(pub(crate) String);

impl IntoResponse for PlainText {
    fn into_response(self) -> Response {
        Response::builder().content_type("text/plain; charset=utf-8").body(self.0)
    }
}

impl ApiResponse for PlainText {
    fn meta() -> MetaResponses {
        success("The text.", vec![text("text/plain")])
    }

    fn register(_: &mut Registry) {}
}
