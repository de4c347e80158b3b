//! What can go wrong, in domain words. `http/error.rs` turns them into statuses and bodies.

use std::borrow::Cow;

use serde_json::Value;

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// A refusal: of what kind it is, and the words the API has for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Error {
    pub(crate) kind: ErrorKind,
    pub(crate) words: ErrorBody,
    /// The rule that was broken, where the kind of refusal does not say it.
    pub(crate) rule: Option<&'static str>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The API answers as if all were well, and says no in the body.
    SoftFailure,
    /// Cannot be read, or says something that makes no sense here.
    Malformed,
    /// Nobody we know. The caller is asked for credentials.
    Unauthenticated,
    /// The credentials of a sign-in call are wrong. Nobody is asked for others.
    SignInFailed,
    /// Somebody we know, whom no other credentials would help.
    Banned,
    Forbidden,
    NotFound,
    Conflict,
    TooLarge,
    /// The body did not arrive in time.
    Overdue,
    /// The memory budget is used up.
    OutOfMemory,
    /// Encoded in a way that is not supported.
    Unsupported,
    /// Readable, but some fields may not have these values.
    Invalid,
    Internal,
    /// Known of the imitated API, and not built.
    NotImplemented,
}

/// The bodies in which the API says no.
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
    /// A body that only one operation has, misspelt names included.
    Own(Value),
    /// `text/plain`
    Plain(Cow<'static, str>),
}

/// A field that may not have the value it was given.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// Absent when the field is.
    pub(crate) value: Option<Value>,
    /// The path of the field, with dots.
    pub(crate) field: String,
    pub(crate) location: Location,
    /// What is wrong with the value, where more is known than that.
    pub(crate) reason: Option<String>,
    /// The API's own message; `Invalid value` unless it has another.
    pub(crate) msg: Option<&'static str>,
}

/// Where a field was looked for.
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
        Self::new(ErrorKind::Forbidden, ErrorBody::Msg(Cow::Borrowed("you dont belong to the project.")));
    pub(crate) const ROLE_TOO_LOW: Self =
        Self::new(ErrorKind::Forbidden, ErrorBody::Msg(Cow::Borrowed("you dont have the required role.")));
    pub(crate) const OBJECT_NOT_FOUND: Self =
        Self::new(ErrorKind::NotFound, ErrorBody::Msg(Cow::Borrowed("Object not found.")));
    pub(crate) const INTERNAL: Self = Self::new(ErrorKind::Internal, ErrorBody::BareErr(Cow::Borrowed("error")));

    pub(crate) const fn new(kind: ErrorKind, words: ErrorBody) -> Self {
        Self { kind, words, rule: None }
    }

    /// The same refusal, explained by the rule that was broken.
    pub(crate) fn because(self, rule: &'static str) -> Self {
        Self { rule: Some(rule), ..self }
    }

    /// A field of the body may not have this value.
    pub(crate) fn invalid(field: impl Into<String>, value: Value, reason: impl Into<String>) -> Self {
        let (field, location, reason) = (field.into(), Location::Body, Some(reason.into()));
        Self::new(
            ErrorKind::Invalid,
            ErrorBody::Fields(vec![Violation { value: Some(value), field, location, reason, msg: None }]),
        )
    }

    /// A query parameter may not have this value.
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
