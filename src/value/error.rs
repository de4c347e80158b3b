//! Errors in domain terms. `http/error.rs` maps them to statuses and bodies.

use std::borrow::Cow;

use serde_json::Value;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: its kind, and the body that the API sends for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) body: ErrorBody,
    /// The rule that was broken, if the kind does not imply it.
    pub(crate) rule: Option<&'static str>,
}

/// The kinds of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// 200 with `success: false`.
    SoftFailure,
    /// Unparsable, or meaningless in this context.
    Malformed,
    /// Missing or unknown credentials. The response carries a challenge.
    Unauthenticated,
    /// Wrong credentials in a sign-in call. The response carries no challenge.
    SignInFailed,
    /// A known caller for whom other credentials would not help.
    Banned,
    Forbidden,
    NotFound,
    Conflict,
    TooLarge,
    /// The body did not arrive within the timeout.
    Overdue,
    /// The memory budget is exhausted.
    OutOfMemory,
    /// An unsupported content encoding or media type.
    Unsupported,
    /// Well-formed, but with field values that are not allowed.
    Invalid,
    Internal,
    /// Part of the imitated API, but not implemented.
    NotImplemented,
}

/// The body of an error response.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ErrorBody {
    /// `{"success":false,"msg":"…"}`
    Failure(Message),
    /// The same without `success`.
    Bare(Message),
    /// `{"errors":[…]}`
    Fields(Vec<Violation>),
    /// `{"errors":["…"]}`
    Texts(&'static [&'static str]),
    /// A body that a single operation uses, including its misspelled field names.
    Own(Value),
    /// `text/plain`
    Plain(Cow<'static, str>),
}

/// An error message in JSON.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    /// The field that holds the text: `msg`, `message`, `error`, or `err`.
    pub(crate) key: &'static str,
    pub(crate) text: Cow<'static, str>,
    /// At most one more field, such as an error code.
    pub(crate) extra: Option<Box<(&'static str, Value)>>,
}

impl Message {
    const fn new(key: &'static str, text: Cow<'static, str>) -> Self {
        Self { key, text, extra: None }
    }
}

impl ErrorBody {
    /// `{"success":false,"msg":"…"}`
    pub(crate) const fn msg(text: Cow<'static, str>) -> Self {
        Self::Failure(Message::new("msg", text))
    }

    /// `{"success":false,"error":"…"}`
    pub(crate) const fn error(text: Cow<'static, str>) -> Self {
        Self::Failure(Message::new("error", text))
    }

    /// `{"success":false,"message":"…"}`
    pub(crate) const fn message(text: Cow<'static, str>) -> Self {
        Self::Failure(Message::new("message", text))
    }

    /// `{"KEY":"…"}`
    pub(crate) const fn bare(key: &'static str, text: Cow<'static, str>) -> Self {
        Self::Bare(Message::new(key, text))
    }

    /// Adds a field to a message.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        if let Self::Failure(message) | Self::Bare(message) = &mut self {
            message.extra = Some(Box::new((name, value.into())));
        }
        self
    }
}

/// A field with a value that is not allowed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// Absent if the field is missing.
    pub(crate) value: Option<Value>,
    /// The dotted path of the field.
    pub(crate) field: String,
    pub(crate) location: Location,
    /// Why the value was rejected, if more is known than that it is invalid.
    pub(crate) reason: Option<String>,
    /// The API's message for this field (default `Invalid value`).
    pub(crate) msg: Option<&'static str>,
}

/// The part of the request that holds a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Body,
    Query,
}

impl Error {
    pub(crate) const UNAUTHENTICATED: Self =
        Self::new(ErrorKind::Unauthenticated, ErrorBody::Plain(Cow::Borrowed("Unauthorized")));
    pub(crate) const UNCHALLENGED: Self =
        Self::new(ErrorKind::SignInFailed, ErrorBody::Plain(Cow::Borrowed("Unauthorized")));
    pub(crate) const BAD_CREDENTIALS: Self =
        Self::new(ErrorKind::Malformed, ErrorBody::Plain(Cow::Borrowed("Bad Request")));
    pub(crate) const FORBIDDEN: Self = Self::new(ErrorKind::Forbidden, ErrorBody::msg(Cow::Borrowed("Unauthorized.")));
    pub(crate) const NOT_A_MEMBER: Self =
        Self::new(ErrorKind::Forbidden, ErrorBody::msg(Cow::Borrowed("you dont belong to the project."))); // sic
    pub(crate) const ROLE_TOO_LOW: Self =
        Self::new(ErrorKind::Forbidden, ErrorBody::msg(Cow::Borrowed("you dont have the required role."))); // sic
    pub(crate) const OBJECT_NOT_FOUND: Self =
        Self::new(ErrorKind::NotFound, ErrorBody::msg(Cow::Borrowed("Object not found.")));
    pub(crate) const INTERNAL: Self = Self::new(ErrorKind::Internal, ErrorBody::bare("err", Cow::Borrowed("error")));

    pub(crate) const fn new(kind: ErrorKind, body: ErrorBody) -> Self {
        Self { kind, body, rule: None }
    }

    /// Attaches the rule that was broken, as the explanation of this error.
    pub(crate) fn because(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// The error for a disallowed value in the body.
    pub(crate) fn invalid(field: impl Into<String>, value: Value, reason: impl Into<String>) -> Self {
        let (field, location, reason) = (field.into(), Location::Body, Some(reason.into()));
        Self::new(
            ErrorKind::Invalid,
            ErrorBody::Fields(vec![Violation { value: Some(value), field, location, reason, msg: None }]),
        )
    }

    /// The error for a disallowed value of a query parameter.
    pub(crate) fn invalid_parameter(field: &str, value: &str, reason: &str) -> Self {
        let violation = Violation {
            value: Some(value.into()),
            field: field.into(),
            location: Location::Query,
            reason: Some(reason.into()),
            msg: None,
        };
        Self::new(ErrorKind::Invalid, ErrorBody::Fields(vec![violation]))
    }

    /// The error for a unique field whose value another document has.
    pub(crate) fn duplicate(field: &str) -> Self {
        let text = format!("Another document already has this {field}.");
        Self::new(ErrorKind::Conflict, ErrorBody::msg(text.into()))
    }

    pub(crate) fn malformed(body: ErrorBody) -> Self {
        Self::new(ErrorKind::Malformed, body)
    }

    pub(crate) fn declined(msg: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::SoftFailure, ErrorBody::msg(msg.into()))
    }

    pub(crate) fn forbidden(body: ErrorBody) -> Self {
        Self::new(ErrorKind::Forbidden, body)
    }

    pub(crate) fn not_found(body: ErrorBody) -> Self {
        Self::new(ErrorKind::NotFound, body)
    }
}
