//! Calls without a socket.

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
/// let answer = fake.client().send_blocking(call);
/// assert_eq!(answer.status(), 401, "nobody said who calls");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    pub(super) endpoint: Arc<BoxEndpoint<'static, poem::Response>>,
    pub(super) runtime: Handle,
    /// The sandbox to which calls are led that name none.
    pub(super) sandbox: Option<HeaderValue>,
}

impl Client {
    /// Answers a call. Its URI is a path; a body of JSON needs its `Content-Type`, as everywhere.
    ///
    /// A connection that a fault resets is the status 502.
    ///
    /// # Panics
    ///
    /// When the fake was stopped.
    pub async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (endpoint, request) = (self.endpoint.clone(), self.led(request));
        let answer = self.runtime.spawn(async move { call(&endpoint, request).await });
        answer.await.expect("the fake is running, and catches panics of its own")
    }

    /// The same, where nothing can be awaited: not inside of an async runtime.
    ///
    /// # Panics
    ///
    /// When the fake was stopped, or when it is called inside of an async runtime of tokio.
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
