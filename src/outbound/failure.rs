//! Reasons for a missing response.

use std::{error::Error, fmt, io};

use url::Url;

use super::BoxError;

/// The time limit of the request.
#[derive(Debug)]
pub(super) struct TimedOut;

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("operation timed out")
    }
}

impl Error for TimedOut {}

/// A failed request. Its sources are the causes.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    cause: Option<BoxError>,
}

impl Failure {
    fn new(what: String, cause: impl Into<BoxError>) -> Self {
        Self { what, cause: Some(cause.into()) }
    }

    /// The URL cannot be called.
    pub(super) fn url(url: &Url, why: &str) -> Self {
        Self::new(format!("builder error for url ({url})"), why)
    }

    /// The connection failed, or ended without a response.
    pub(super) fn send(url: &Url, cause: impl Into<BoxError>) -> Self {
        Self::new(format!("error sending request for url ({url})"), cause)
    }

    /// The response ended too early.
    pub(super) fn body(cause: impl Into<BoxError>) -> Self {
        Self::new("error decoding response body: request or response body error".to_owned(), cause)
    }

    /// The response is larger than `limit`, which is in whole MiB.
    #[cfg(feature = "cli")]
    pub(super) fn too_large(limit: usize) -> Self {
        Self { what: format!("the response is larger than {} MiB", limit >> 20), cause: None }
    }

    /// Whether a time limit of the request or of a connection caused it.
    #[cfg(feature = "cli")]
    pub(crate) fn is_timeout(&self) -> bool {
        causes(self).any(<dyn Error>::is::<TimedOut>) || is_timed_out(self)
    }

    /// The innermost cause.
    #[cfg(feature = "cli")]
    pub(crate) fn root(&self) -> &(dyn Error + 'static) {
        causes(self).last().unwrap_or(self)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}

/// An error and its causes.
pub(crate) fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Whether the time limit of a connection is among the causes.
pub(crate) fn is_timed_out(error: &(dyn Error + 'static)) -> bool {
    let mut errors = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>());
    errors.any(|error| error.kind() == io::ErrorKind::TimedOut)
}
