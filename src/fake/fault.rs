//! Faults in code.

use std::time::Duration;

use http::Method;
use serde_json::{Map, Value, json};

/// A fault to inject into matching calls: an effect, and conditions for the calls (default: all).
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::Request;
/// use tiledesk_mock::{Fake, Fault};
///
/// let fake = Fake::builder().start()?;
/// let sandbox = fake.default_sandbox();
/// sandbox.inject(&Fault::status(429).retry_after(Duration::from_secs(30)).for_operation("list_departments").nth(2))?;
/// let call = || Request::get("/v3/5b55e806c93dde00143163dd/departments").body(Bytes::new());
/// assert_eq!(sandbox.client().send_blocking(call()?).status(), 200);
/// let refused = sandbox.client().send_blocking(call()?);
/// assert_eq!(refused.status(), 429);
/// assert_eq!(refused.headers()["retry-after"], "30");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    rule: Map<String, Value>,
    pattern: Map<String, Value>,
    effect: Map<String, Value>,
}

fn milliseconds(delay: Duration) -> u64 {
    u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)
}

impl Fault {
    fn of(effect: &str, value: Value) -> Self {
        let effect = Map::from_iter([(effect.to_owned(), value)]);
        Self { rule: Map::new(), pattern: Map::new(), effect }
    }

    fn preset(name: &str) -> Self {
        Self { rule: Map::from_iter([("preset".to_owned(), json!(name))]), pattern: Map::new(), effect: Map::new() }
    }

    /// Preset: some calls fail, drawn from the seed.
    #[must_use]
    pub fn flaky() -> Self {
        Self::preset("flaky")
    }

    /// Preset: responses are delayed.
    #[must_use]
    pub fn slow() -> Self {
        Self::preset("slow")
    }

    /// Preset: every call fails.
    #[must_use]
    pub fn down() -> Self {
        Self::preset("down")
    }

    /// An error response with this status (400 to 599) and the API's own body for it.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of("status", json!(status))
    }

    /// A delay before the response.
    #[must_use]
    pub fn delay(delay: Duration) -> Self {
        Self::of("delay", json!(milliseconds(delay)))
    }

    /// A connection reset before the call has any effect.
    #[must_use]
    pub fn reset_before() -> Self {
        Self::of("reset", json!("before"))
    }

    /// A connection reset after the call took effect, instead of the response.
    #[must_use]
    pub fn reset_after() -> Self {
        Self::of("reset", json!("after"))
    }

    /// A response that is truncated after this many bytes of its body.
    #[must_use]
    pub fn truncate_body(bytes: u32) -> Self {
        Self::of("cut", json!(bytes))
    }

    /// A response with invalid JSON.
    #[must_use]
    pub fn malformed() -> Self {
        Self::of("malformed", json!(true))
    }

    /// A response with another content type.
    #[must_use]
    pub fn content_type(content_type: &str) -> Self {
        Self::of("contentType", json!(content_type))
    }

    /// Also delays the response.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.effect.insert("delay".to_owned(), json!(milliseconds(delay)));
        self
    }

    /// Adds up to this much to the delay, drawn from the seed.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Duration) -> Self {
        self.effect.insert("jitter".to_owned(), json!(milliseconds(jitter)));
        self
    }

    /// Replaces the JSON body of an error response.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.effect.insert("body".to_owned(), body);
        self
    }

    /// Adds `Retry-After`, in whole seconds, to an error response.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.effect.insert("retryAfter".to_owned(), json!(delay.as_secs()));
        self
    }

    /// Applies to calls of this operation only, such as `get_lead`.
    #[must_use]
    pub fn for_operation(mut self, operation: &str) -> Self {
        self.pattern.insert("operation".to_owned(), json!(operation));
        self
    }

    /// Applies to calls whose path matches this glob only.
    #[must_use]
    pub fn for_path(mut self, glob: &str) -> Self {
        self.pattern.insert("path".to_owned(), json!(glob));
        self
    }

    /// Applies to calls with this method only.
    #[must_use]
    pub fn for_method(mut self, method: &Method) -> Self {
        self.pattern.insert("method".to_owned(), json!(method.as_str()));
        self
    }

    /// Applies to calls with a header whose value matches this glob only. All named headers must match.
    #[must_use]
    pub fn for_header(mut self, name: &str, glob: &str) -> Self {
        self.among("headers", name, json!(glob));
        self
    }

    /// Applies to calls whose JSON body has this value at this JSON pointer only. All named pointers must match.
    #[must_use]
    pub fn for_body(mut self, pointer: &str, value: Value) -> Self {
        self.among("body", pointer, value);
        self
    }

    fn among(&mut self, part: &str, name: &str, value: Value) {
        let part = self.pattern.entry(part).or_insert_with(|| json!({}));
        part[name] = value;
    }

    /// Applies to the nth matching call only (1-based).
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.rule.insert("nth".to_owned(), json!(nth));
        self
    }

    /// Applies to the first `times` matching calls only.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.rule.insert("times".to_owned(), json!(times));
        self
    }

    /// Applies with this probability (0 to 1), drawn from the seed.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.rule.insert("probability".to_owned(), json!(probability));
        self
    }

    /// The fault as the control API accepts it.
    pub(super) fn to_json(&self) -> Value {
        let mut fault = self.rule.clone();
        fault.insert("match".to_owned(), Value::Object(self.pattern.clone()));
        if !self.effect.is_empty() {
            fault.insert("effect".to_owned(), Value::Object(self.effect.clone()));
        }
        Value::Object(fault)
    }
}
