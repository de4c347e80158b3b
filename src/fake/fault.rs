//! What is to go wrong, said in code.

use http::Method;
use serde_json::{Map, Value, json};

/// Something that is to go wrong, with the calls that fit.
///
/// ```
/// use bytes::Bytes;
/// use http::Request;
/// use tiledesk_mock::{Fake, Fault};
///
/// let fake = Fake::builder().start()?;
/// let sandbox = fake.default_sandbox();
/// sandbox.add_fault(&Fault::status(429).retry_after(30).on("list_departments").nth(2))?;
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

impl Fault {
    fn of(effect: &str, value: Value) -> Self {
        let effect = Map::from_iter([(effect.to_owned(), value)]);
        Self { rule: Map::new(), pattern: Map::new(), effect }
    }

    /// A refusal with this status, from 400 to 599, in the API's own words.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of("status", json!(status))
    }

    /// A delay of so many milliseconds.
    #[must_use]
    pub fn delay(milliseconds: u32) -> Self {
        Self::of("delay", json!(milliseconds))
    }

    /// A connection that is reset before the call does anything.
    #[must_use]
    pub fn reset_before() -> Self {
        Self::of("reset", json!("before"))
    }

    /// A connection that is reset when the call has done everything, instead of an answer.
    #[must_use]
    pub fn reset_after() -> Self {
        Self::of("reset", json!("after"))
    }

    /// A connection that ends after so many bytes of the body.
    #[must_use]
    pub fn cut(bytes: u32) -> Self {
        Self::of("cut", json!(bytes))
    }

    /// An answer whose JSON cannot be read.
    #[must_use]
    pub fn malformed() -> Self {
        Self::of("malformed", json!(true))
    }

    /// An answer that claims another content type.
    #[must_use]
    pub fn content_type(content_type: &str) -> Self {
        Self::of("contentType", json!(content_type))
    }

    /// With this JSON body; only of a refusal.
    #[must_use]
    pub fn with_body(mut self, body: Value) -> Self {
        self.effect.insert("body".to_owned(), body);
        self
    }

    /// With `Retry-After`; only of a refusal.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.effect.insert("retryAfter".to_owned(), json!(seconds));
        self
    }

    /// Only calls of this operation, such as `get_lead`.
    #[must_use]
    pub fn on(mut self, operation: &str) -> Self {
        self.pattern.insert("operation".to_owned(), json!(operation));
        self
    }

    /// Only calls whose path fits this glob.
    #[must_use]
    pub fn on_path(mut self, glob: &str) -> Self {
        self.pattern.insert("path".to_owned(), json!(glob));
        self
    }

    /// Only calls with this method.
    #[must_use]
    pub fn on_method(mut self, method: &Method) -> Self {
        self.pattern.insert("method".to_owned(), json!(method.as_str()));
        self
    }

    /// Only calls with a header whose value fits this glob; each header that is named has to fit.
    #[must_use]
    pub fn on_header(mut self, name: &str, glob: &str) -> Self {
        self.among("headers", name, json!(glob));
        self
    }

    /// Only calls whose JSON body has this value at this pointer; each pointer that is named has to fit.
    #[must_use]
    pub fn on_body(mut self, pointer: &str, value: Value) -> Self {
        self.among("body", pointer, value);
        self
    }

    fn among(&mut self, part: &str, name: &str, value: Value) {
        let part = self.pattern.entry(part).or_insert_with(|| json!({}));
        part[name] = value;
    }

    /// Only the call that fits as so manieth, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u32) -> Self {
        self.rule.insert("nth".to_owned(), json!(nth));
        self
    }

    /// So many calls and no more.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.rule.insert("times".to_owned(), json!(times));
        self
    }

    /// Each call with this probability, from 0 to 1, drawn from the seed.
    #[must_use]
    pub fn probability(mut self, probability: f64) -> Self {
        self.rule.insert("probability".to_owned(), json!(probability));
        self
    }

    /// As the control API takes it.
    pub(super) fn told(&self) -> Value {
        let mut told = self.rule.clone();
        told.insert("match".to_owned(), Value::Object(self.pattern.clone()));
        told.insert("effect".to_owned(), Value::Object(self.effect.clone()));
        Value::Object(told)
    }
}
