//! Conditions that no index covers, evaluated on each request that matches the others.

use poem_openapi::{Enum, Object, types::ToJSON};
use serde_json::Value;

use crate::{resource::request::document::Request, store::Predicate, value::Text};

/// Conditions on fields by which requests are rarely filtered.
#[derive(Object, Default)]
pub(crate) struct Conditions {
    /// Only requests of this priority.
    priority: Option<Text>,
    /// `false` excludes test conversations; `true` has no effect.
    draft: Option<bool>,
    /// `true` lists only rated requests; `false` has no effect.
    rated: Option<bool>,
    /// Minutes from creation to closing. Has no effect without `duration_op`.
    #[oai(validator(minimum(value = "0")))]
    duration: Option<f64>,
    /// Comparison with `duration`: `gt` lists requests that took at least as long, `lt` those that took at most as
    /// long. Requests that were never closed have no duration.
    duration_op: Option<DurationOperator>,
    /// Only requests that are (`true`) or are not (`false`) assigned to agents automatically.
    #[oai(rename = "smartAssignment")]
    smart_assignment: Option<bool>,
    /// Only requests with this working status.
    #[oai(rename = "workingStatus")]
    working_status: Option<Text>,
    /// Only requests whose department had this routing when they were routed: `assigned` or `pooled`.
    snap_department_routing: Option<Text>,
    /// Only requests whose department was (`true`) or was not (`false`) the default one when they were routed.
    snap_department_default: Option<bool>,
    /// Only requests whose department had this bot when they were routed.
    snap_department_id_bot: Option<Text>,
    /// Only requests whose department had a bot (`true`) or had none (`false`) when they were routed.
    snap_department_id_bot_exists: Option<bool>,
    /// Only calls from this phone number: the attribute `caller_phone`.
    caller: Option<Text>,
    /// Only calls to this phone number: the attribute `called_phone`.
    called: Option<Text>,
    /// Only the call with this identifier: the attribute `call_id`.
    call_id: Option<Text>,
}

/// Comparisons of durations.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[oai(rename_all = "lowercase")]
enum DurationOperator {
    Gt,
    Lt,
}

impl Conditions {
    /// A predicate of all conditions, or `None` if there are none.
    pub(super) fn predicate(&self) -> Option<Predicate<'_, Request>> {
        self.has_any().then(|| Box::new(|request: &Request| self.hold(request)) as _)
    }

    fn has_any(&self) -> bool {
        let texts = [
            &self.priority,
            &self.working_status,
            &self.snap_department_routing,
            &self.snap_department_id_bot,
            &self.caller,
            &self.called,
            &self.call_id,
        ];
        let flags = [self.smart_assignment, self.snap_department_default, self.snap_department_id_bot_exists];
        texts.iter().any(|text| text.is_some())
            || flags.iter().any(Option::is_some)
            || self.draft == Some(false)
            || self.rated == Some(true)
            || (self.duration.is_some() && self.duration_op.is_some())
    }

    fn hold(&self, request: &Request) -> bool {
        let department = request.snapshot.department.as_ref();
        let bot = department.and_then(|department| department.id_bot.value()).map(|bot| bot.to_string().into());
        let routing = department.and_then(|department| department.routing.to_json()).and_then(text);
        let attribute = |name| request.attributes.as_ref().and_then(|attributes| attributes.0.get(name)).cloned();
        is(self.priority.as_ref(), Some(&request.priority))
            && (self.draft != Some(false) || request.draft != Some(true))
            && (self.rated != Some(true) || request.rating.is_some())
            && self.took(request.duration)
            && is(self.smart_assignment.as_ref(), Some(&request.smart_assignment))
            && is(self.working_status.as_ref(), request.working_status.as_ref())
            && is(self.snap_department_routing.as_ref(), routing.as_ref())
            && is(self.snap_department_default.as_ref(), department.map(|department| &department.default))
            && is(self.snap_department_id_bot.as_ref(), bot.as_ref())
            && is(self.snap_department_id_bot_exists.as_ref(), Some(&bot.is_some()))
            && is(self.caller.as_ref(), attribute("caller_phone").and_then(text).as_ref())
            && is(self.called.as_ref(), attribute("called_phone").and_then(text).as_ref())
            && is(self.call_id.as_ref(), attribute("call_id").and_then(text).as_ref())
    }

    /// Whether the duration of a request satisfies the comparison, bounds included.
    fn took(&self, duration: Option<i64>) -> bool {
        let (Some(minutes), Some(operator)) = (self.duration, self.duration_op) else { return true };
        #[expect(clippy::cast_precision_loss, reason = "durations are far below 2⁵³ milliseconds")]
        let duration = duration.map(|milliseconds| milliseconds as f64);
        let wanted = minutes * 60_000.0;
        duration.is_some_and(|duration| match operator {
            DurationOperator::Gt => duration >= wanted,
            DurationOperator::Lt => duration <= wanted,
        })
    }
}

/// Whether a field has the wanted value, if there is one.
fn is<T: PartialEq>(wanted: Option<&T>, value: Option<&T>) -> bool {
    wanted.is_none_or(|wanted| value == Some(wanted))
}

/// A value in the notation of a query: an attribute may be a number.
fn text(value: Value) -> Option<Text> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.into()),
        other => Some(other.to_string().into()),
    }
}
