//! Responses with two content types, and streamed responses.

use bytes::Bytes;
use poem::{IntoResponse, Response};
use poem_openapi::{
    ApiResponse,
    registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry},
};

/// One of two responses with the same status.
pub(crate) enum Either<A, B> {
    This(A),
    That(B),
}

impl<A: IntoResponse, B: IntoResponse> IntoResponse for Either<A, B> {
    fn into_response(self) -> Response {
        match self {
            Self::This(answer) => answer.into_response(),
            Self::That(answer) => answer.into_response(),
        }
    }
}

impl<A: ApiResponse, B: ApiResponse> ApiResponse for Either<A, B> {
    fn meta() -> MetaResponses {
        let (mut meta, other) = (A::meta(), B::meta());
        for (response, other) in meta.responses.iter_mut().zip(other.responses) {
            response.content.extend(other.content);
        }
        meta
    }

    fn register(registry: &mut Registry) {
        A::register(registry);
        B::register(registry);
    }
}

/// A response of server-sent events: one line of JSON per event, and `[DONE]` at the end.
pub(crate) struct EventStream(pub(crate) Vec<Bytes>);

impl IntoResponse for EventStream {
    fn into_response(self) -> Response {
        let done = Bytes::from_static(b"[DONE]");
        let events = self.0.into_iter().chain([done]).map(|data| [b"data: ", &data[..], b"\n\n"].concat());
        Response::builder().content_type("text/event-stream").body(events.collect::<Vec<_>>().concat())
    }
}

impl ApiResponse for EventStream {
    fn meta() -> MetaResponses {
        // The events have no schema.
        let anything = MetaSchemaRef::Inline(Box::new(MetaSchema::ANY));
        let content = vec![MetaMediaType { content_type: "text/event-stream", schema: anything }];
        let done = MetaResponse {
            description: "Success.",
            status: Some(200),
            status_range: None,
            content,
            headers: Vec::new(),
        };
        MetaResponses { responses: vec![done] }
    }

    fn register(_: &mut Registry) {}
}
