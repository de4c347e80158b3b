//! In-process calls.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use poem::endpoint::BoxEndpoint;
use tokio::runtime::Handle;

use crate::http::call;

/// Calls a fake in process: no socket, no HTTP client, any async runtime or none.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use tiledesk_mock::Fake;
///
/// let fake = Fake::builder().start()?;
/// let call = Request::get("/v3/5b55e806c93dde00143163dd/leads").body(Bytes::new())?;
/// let response = fake.client().send_blocking(call);
/// assert_eq!(response.status(), 401, "no credentials");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(super) endpoint: Arc<BoxEndpoint<'static, poem::Response>>,
    pub(super) runtime: Handle,
    /// Sandbox of calls that do not name one.
    pub(super) sandbox: Option<HeaderValue>,
}

impl Client {
    /// Sends a request. Its URI is a path; a JSON body needs a `Content-Type`.
    ///
    /// A connection reset by a fault appears as status 502.
    ///
    /// # Panics
    ///
    /// If the fake has stopped.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (endpoint, request) = (self.endpoint.clone(), self.led(request));
        let answer = self.runtime.spawn(async move { call(&endpoint, request).await });
        answer.await.expect("the fake is running and catches its panics")
    }

    /// Sends a request and blocks until the response. Not for use inside an async runtime.
    ///
    /// # Panics
    ///
    /// If the fake has stopped, or if called inside a tokio runtime.
    #[must_use]
    pub fn send_blocking(&self, request: Request<Bytes>) -> Response<Bytes> {
        let request = self.led(request);
        self.runtime.block_on(call(&self.endpoint, request))
    }

    fn led(&self, mut request: Request<Bytes>) -> Request<Bytes> {
        if let Some(sandbox) = &self.sandbox {
            request.headers_mut().entry("x-sandbox").or_insert_with(|| sandbox.clone());
        }
        request
    }
}
