//! Filters for the calls of a journal.

use globset::GlobMatcher;
use poem_openapi::Object;
use serde_json::Value;

use crate::{
    control::{check_method, check_operation, fault::glob},
    http::{Problem, ProblemDetail},
    recorder::{entry::Entry, journal::Remembered, redact},
    state::Sandbox,
    value::{Text, json},
};

const REFUSED: &str = "The request is invalid.";

/// Filters that all have to match. Passwords and tokens in bodies are masked and cannot be matched.
#[derive(Object, Default)]
pub(super) struct CallFilter {
    /// Only calls of this operation, such as `get_lead`.
    pub(super) operation: Option<Text>,
    /// Only calls with this HTTP method (case-insensitive).
    pub(super) method: Option<Text>,
    /// Only calls whose path as sent matches this glob: `*` matches anything except a slash, `**` matches anything.
    pub(super) path: Option<Text>,
    /// Only calls with this response status. Calls without a response never match.
    #[oai(validator(minimum(value = "100"), maximum(value = "599")))]
    pub(super) status: Option<u16>,
    /// Only forwarded calls that violate the contract (`true`), or only calls that do not (`false`).
    pub(super) violations: Option<bool>,
    /// Only calls of this client (exact `User-Agent`).
    pub(super) client: Option<Text>,
    /// Only calls whose body has a value at this JSON pointer.
    pub(super) pointer: Option<Text>,
    /// Expected value at `pointer`, as JSON or as plain text.
    pub(super) value: Option<Text>,
    /// Only calls with a number greater than this.
    #[oai(validator(maximum(value = "9007199254740991")))]
    pub(super) after: Option<u64>,
}

/// A validated filter.
pub(super) struct Wanted {
    filter: CallFilter,
    path: Option<GlobMatcher>,
}

impl Wanted {
    pub(super) fn new(filter: CallFilter) -> Result<Self, Problem> {
        let mut wrong = Vec::new();
        let mut say = |pointer: &str, detail: String| {
            wrong.push(ProblemDetail { pointer: pointer.into(), detail: detail.into() });
        };
        for (pointer, checked) in [
            ("/query/operation", filter.operation.as_deref().map(check_operation)),
            ("/query/method", filter.method.as_deref().map(check_method)),
        ] {
            if let Some(Err(detail)) = checked {
                say(pointer, detail);
            }
        }
        if filter.value.is_some() && filter.pointer.is_none() {
            say("/query/pointer", "`value` requires `pointer`, a JSON pointer into the body".to_owned());
        }
        if filter.pointer.as_ref().is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
            say("/query/pointer", "expected a JSON pointer such as /fullname".to_owned());
        }
        let path = filter.path.as_deref().map(glob).transpose();
        let path = path.unwrap_or_else(|error| {
            say("/query/path", error.to_string());
            None
        });
        if wrong.is_empty() { Ok(Self { filter, path }) } else { Err(Problem::bad(REFUSED, wrong)) }
    }

    pub(super) fn fits(&self, call: &Entry) -> bool {
        let wanted = &self.filter;
        let body = || wanted.pointer.as_deref().is_none_or(|pointer| self.fits_body(pointer, call.body()));
        wanted.operation.as_deref().is_none_or(|wanted| call.operation.get().is_some_and(|known| *known == wanted))
            && wanted.method.as_deref().is_none_or(|wanted| call.request.method.as_str().eq_ignore_ascii_case(wanted))
            && self.path.as_ref().is_none_or(|glob| glob.is_match(call.request.path()))
            && wanted.status.is_none_or(|wanted| call.answer.get().is_some_and(|answer| answer.status == wanted))
            && wanted.violations.is_none_or(|wanted| wanted != call.violations().is_empty())
            && wanted.client.as_deref().is_none_or(|wanted| call.request.head.get("user-agent") == Some(wanted))
            && wanted.after.is_none_or(|after| call.number > after)
            && body()
    }

    fn fits_body(&self, pointer: &str, body: &[u8]) -> bool {
        let Ok(mut body) = json::read(body) else { return false };
        redact::json(&mut body);
        let Some(found) = body.pointer(pointer) else { return false };
        self.filter.value.as_deref().is_none_or(|wanted| {
            found.as_str() == Some(wanted) || serde_json::from_str::<Value>(wanted).is_ok_and(|wanted| *found == wanted)
        })
    }

    pub(super) fn of(&self, sandbox: &Sandbox) -> Remembered {
        let Remembered { mut calls, dropped } = sandbox.journal.remembered();
        calls.retain(|call| self.fits(call));
        Remembered { calls, dropped }
    }

    /// The calls after the filter's `after` that do not match.
    pub(super) fn others(&self, sandbox: &Sandbox) -> Remembered {
        let Remembered { mut calls, dropped } = sandbox.journal.remembered();
        let after = self.filter.after.unwrap_or_default();
        calls.retain(|call| call.number > after && !self.fits(call));
        Remembered { calls, dropped }
    }

    /// At most `limit` matching calls, and the total number of matches: with `after` the first ones, otherwise the
    /// latest.
    pub(super) fn limited(&self, sandbox: &Sandbox, limit: Option<u32>) -> (usize, Remembered) {
        let mut found = self.of(sandbox);
        let (count, limit) = (found.calls.len(), limit.map_or(usize::MAX, |limit| limit as usize));
        match self.filter.after {
            Some(_) => found.calls.truncate(limit),
            None => drop(found.calls.drain(..count.saturating_sub(limit))),
        }
        (count, found)
    }
}
