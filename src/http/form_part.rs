//! The parts of multipart forms. Forms are parsed here only.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{FutureExt, stream};
use multer::{Field, Multipart};

/// Maximum number of parts in a form, files and fields together, because splitting a form is not interruptible.
pub(crate) const PARTS: usize = 1_000;

/// Why a form cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FormError {
    /// The content type is no multipart form, or has no boundary.
    #[error("{}", content_type(.1, .0))]
    ContentType(multer::Error, String),
    #[error("parse: {0}")]
    Part(multer::Error),
    #[error("io: {0}")]
    Content(multer::Error),
    #[error("it has more than {PARTS} parts")]
    TooManyParts,
}

fn content_type(given: &str, error: &multer::Error) -> String {
    match error {
        multer::Error::NoMultipart => {
            let essence = given.split(';').next().unwrap_or_default().trim();
            format!("invalid content type `{essence}`, expect: `multipart/form-data`")
        }
        multer::Error::DecodeContentType(_) => "expect content type `multipart/form-data`".to_owned(),
        other => format!("parse: {other}"),
    }
}

/// The parts of a form, in their order.
pub(crate) struct Parts {
    form: Multipart<'static>,
    count: usize,
}

/// A part whose content has not been read yet.
pub(crate) struct Part(Field<'static>);

impl Parts {
    /// The parts of a complete form.
    pub(crate) fn of(content_type: &str, body: Bytes) -> Result<Self, FormError> {
        let boundary = multer::parse_boundary(content_type);
        let boundary = boundary.map_err(|error| FormError::ContentType(error, content_type.to_owned()))?;
        let form = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
        Ok(Self { form, count: 0 })
    }

    pub(crate) fn next(&mut self) -> Result<Option<Part>, FormError> {
        let part = self.form.next_field().now_or_never().expect("the whole form is in memory");
        let Some(part) = part.map_err(FormError::Part)? else { return Ok(None) };
        self.count += 1;
        if self.count > PARTS { Err(FormError::TooManyParts) } else { Ok(Some(Part(part))) }
    }
}

impl Part {
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.name()
    }

    pub(crate) fn file_name(&self) -> Option<&str> {
        self.0.file_name()
    }

    /// The content type with its parameters.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.0.content_type().map(AsRef::as_ref)
    }

    /// The content type without parameters.
    pub(crate) fn essence(&self) -> Option<&str> {
        Some(self.0.content_type()?.essence_str())
    }

    pub(crate) fn content(self) -> Result<Bytes, FormError> {
        self.0.bytes().now_or_never().expect("the whole form is in memory").map_err(FormError::Content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=x";

    #[test]
    fn parts_are_read_in_their_order() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\nContent-Disposition: form-data; \
                    name=\"b\"; filename=\"b.txt\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n2\r\n--x--\r\n";
        let mut parts = Parts::of(TYPE, body.into()).expect("a form");
        let first = parts.next().expect("a part").expect("there is one");
        assert_eq!((first.name(), first.file_name(), first.content_type()), (Some("a"), None, None));
        assert_eq!(first.content().expect("its content"), "1");
        let second = parts.next().expect("a part").expect("there is one");
        assert_eq!((second.name(), second.file_name()), (Some("b"), Some("b.txt")));
        assert_eq!((second.content_type(), second.essence()), (Some("text/plain; charset=utf-8"), Some("text/plain")));
        assert_eq!(second.content().expect("its content"), "2");
        assert!(parts.next().expect("the end").is_none());
    }

    #[test]
    fn what_is_no_form_is_refused_with_a_reason() {
        for (given, expected) in [
            ("multipart/form-data", "parse: multipart boundary not found in Content-Type"),
            (
                "multipart/form-data-x; a=b",
                "invalid content type `multipart/form-data-x`, expect: `multipart/form-data`",
            ),
            ("multipart/form-data; =", "expect content type `multipart/form-data`"),
        ] {
            let refused = Parts::of(given, Bytes::new()).err().map(|error| error.to_string());
            assert_eq!(refused.as_deref(), Some(expected), "{given}");
        }
        let mut parts =
            Parts::of(TYPE, "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1".into()).expect("a form");
        let part = parts.next().expect("a part").expect("there is one");
        let refused = part.content().expect_err("it is incomplete").to_string();
        assert_eq!(refused, "io: field \"a\" received with incomplete data");
    }

    #[test]
    fn a_form_has_at_most_a_thousand_parts() {
        let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
        let mut parts = Parts::of(TYPE, (part.repeat(PARTS + 1) + "--x--\r\n").into()).expect("a form");
        for _ in 0..PARTS {
            assert!(parts.next().expect("a part").is_some());
        }
        assert!(matches!(parts.next(), Err(FormError::TooManyParts)));
    }
}
