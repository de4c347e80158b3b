//! A response that browsers save as a file.

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, header},
};
use poem_openapi::{
    ApiResponse,
    registry::{MetaHeader, MetaResponses, Registry},
    types::Type,
};

/// A response and the file name to save it under.
pub(crate) struct Attachment<R> {
    pub(crate) name: String,
    pub(crate) answer: R,
}

impl<R: IntoResponse> IntoResponse for Attachment<R> {
    fn into_response(self) -> Response {
        let mut response = self.answer.into_response();
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{}\"", self.name));
        let disposition = disposition.unwrap_or(HeaderValue::from_static("attachment"));
        response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
        response
    }
}

impl<R: ApiResponse> ApiResponse for Attachment<R> {
    fn meta() -> MetaResponses {
        let mut meta = R::meta();
        for response in &mut meta.responses {
            response.headers.push(MetaHeader {
                name: "Content-Disposition".into(),
                description: Some("File name.".into()),
                required: true,
                deprecated: false,
                schema: String::schema_ref(),
            });
        }
        meta
    }

    fn register(registry: &mut Registry) {
        R::register(registry);
    }
}
