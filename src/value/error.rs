//! Errors in domain terms. `http/error.rs` maps them to statuses and bodies.

use std::borrow::Cow;

use serde_json::Value;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: its kind, and the body that the API sends for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) words: ErrorBody,
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
    /// A known caller whom no other credentials would help.
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

/// The body shapes that the API uses for errors.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ErrorBody {
    /// `{"success":false,"msg":"…"}`
    Msg(Cow<'static, str>),
    /// `{"success":false,"error":"…"}`
    Error(Cow<'static, str>),
    /// `{"success":false,"message":"…"}`
    Message(Cow<'static, str>),
    /// `{"success":false,"error":"…","error_code":10005}`
    ErrorCode(Cow<'static, str>, u32),
    /// `{"success":false,"message":"…","error_code":13001}`
    MessageCode(Cow<'static, str>, u32),
    /// `{"success":false,"error":"…","plan_limit":50}`
    PlanLimit(&'static str, u32),
    /// `{"success":false,"error":"…","code":"LIMIT_FILE_SIZE"}`
    ErrorName(Cow<'static, str>, &'static str),
    /// `{"success":false,"msg":"…","error_code":10001}`
    MsgCode(Cow<'static, str>, u32),
    /// `{"success":false,"msg":"…","code":4000}`
    MsgNumber(Cow<'static, str>, u32),
    /// `{"success":false,"msg":"…","err":null}`
    MsgErr(Cow<'static, str>),
    /// `{"success":false,"msg":"…","err":{"name":"…","message":"…"}}`
    MsgCause { msg: &'static str, name: &'static str, message: &'static str },
    /// `{"success":false,"message":"…","err":"…"}`
    MessageErr(Cow<'static, str>, Cow<'static, str>),
    /// `{"msg":"…"}`
    BareMsg(Cow<'static, str>),
    /// `{"error":"…"}`
    BareError(Cow<'static, str>),
    /// `{"err":"…"}`
    BareErr(Cow<'static, str>),
    /// `{"err":"Request entity too large","limit":512000}`
    Limit(usize),
    /// `{"errors":[…]}`
    Fields(Vec<Violation>),
    /// `{"errors":["…"]}`
    Texts(&'static [&'static str]),
    /// A body that a single operation uses, including its misspelled field names.
    Own(Value),
    /// `text/plain`
    Plain(Cow<'static, str>),
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
    pub(crate) const FORBIDDEN: Self = Self::new(ErrorKind::Forbidden, ErrorBody::Msg(Cow::Borrowed("Unauthorized.")));
    pub(crate) const NOT_A_MEMBER: Self =
        Self::new(ErrorKind::Forbidden, ErrorBody::Msg(Cow::Borrowed("you dont belong to the project."))); // sic
    pub(crate) const ROLE_TOO_LOW: Self =
        Self::new(ErrorKind::Forbidden, ErrorBody::Msg(Cow::Borrowed("you dont have the required role."))); // sic
    pub(crate) const OBJECT_NOT_FOUND: Self =
        Self::new(ErrorKind::NotFound, ErrorBody::Msg(Cow::Borrowed("Object not found.")));
    pub(crate) const INTERNAL: Self = Self::new(ErrorKind::Internal, ErrorBody::BareErr(Cow::Borrowed("error")));

    pub(crate) const fn new(kind: ErrorKind, words: ErrorBody) -> Self {
        Self { kind, words, rule: None }
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

    pub(crate) fn malformed(words: ErrorBody) -> Self {
        Self::new(ErrorKind::Malformed, words)
    }

    pub(crate) fn declined(msg: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::SoftFailure, ErrorBody::Msg(msg.into()))
    }

    pub(crate) fn forbidden(words: ErrorBody) -> Self {
        Self::new(ErrorKind::Forbidden, words)
    }

    pub(crate) fn not_found(words: ErrorBody) -> Self {
        Self::new(ErrorKind::NotFound, words)
    }
}
