//! Responses that never end: server-sent events.

use std::fmt::Display;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use poem::{Body, IntoResponse, Response, http::header};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

/// A stream of server-sent events.
pub(crate) struct EventStream(Body);

impl EventStream {
    /// Takes the rendered events, which are sent as they arrive.
    pub(crate) fn new(events: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self(Body::from_bytes_stream(events.map(Ok::<_, std::io::Error>)))
    }
}

/// Renders an event. JSON has no line breaks.
pub(crate) fn event(out: &mut Vec<u8>, id: impl Display, name: &str, json: &[u8]) {
    out.extend_from_slice(format!("id: {id}\nevent: {name}\ndata: ").as_bytes());
    out.extend_from_slice(json);
    out.extend_from_slice(b"\n\n");
}

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let response = Response::builder().content_type("text/event-stream; charset=utf-8");
        response.header(header::CACHE_CONTROL, "no-store").body(self.0)
    }
}

impl ApiResponse for EventStream {
    fn meta() -> MetaResponses {
        // Some tools validate the whole stream and others each event: no schema suits both.
        let schema = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        let content = vec![MetaMediaType { content_type: "text/event-stream", schema }];
        let (description, headers) = ("Server-sent events.", Vec::new());
        MetaResponses {
            responses: vec![MetaResponse { description, status: Some(200), status_range: None, content, headers }],
        }
    }

    fn register(_: &mut Registry) {}
}
