//! The recording: calls with the reference server's responses, and the actions between them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::support::root;

/// Reads a file of `tests/parity`.
pub(super) fn read<T: DeserializeOwned>(name: &str) -> T {
    let path = root().join("tests/parity").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The contents of `exchanges.json`.
#[derive(Deserialize)]
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Step {
    Call(Box<Call>),
    /// Milliseconds that the server needs to finish background work after a response.
    Wait {
        wait: u64,
    },
    Open {
        open: Open,
    },
    Send {
        send: Send,
    },
    /// A change of the plan that only the reference server needed.
    Plan {
        #[serde(rename = "plan")]
        _plan: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Call {
    pub(super) n: u32,
    pub(super) resource: String,
    pub(super) method: String,
    pub(super) path: String,
    /// A name in `credentials`, `none`, or the header value itself.
    #[serde(rename = "as")]
    pub(super) caller: String,
    pub(super) note: Option<String>,
    pub(super) request: Option<Body>,
    #[serde(default)]
    pub(super) save: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) credentials: BTreeMap<String, Credential>,
    pub(super) view: Option<View>,
    #[serde(default)]
    pub(super) headers: Vec<String>,
    /// How long the recording waited for the response.
    #[serde(rename = "timeout")]
    pub(super) _timeout: Option<u64>,
    pub(super) reference: Response,
}

impl Call {
    /// The name of the call in reported differences.
    pub(super) fn label(&self) -> String {
        let caller = if self.caller.len() > 20 { self.note.as_deref().unwrap_or_default() } else { &self.caller };
        format!("{} {} {} ({caller})", self.n, self.method, self.path)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Body {
    Json(Value),
    Form(Map<String, Value>),
    Multipart(Multipart),
    #[serde(untagged)]
    Text {
        text: String,
        #[serde(rename = "type")]
        content_type: Option<String>,
        /// Number of `x` that the character `…` in the text stands for.
        repeat: Option<usize>,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Multipart {
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Value>,
    #[serde(default)]
    pub(super) files: Vec<Upload>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Upload {
    pub(super) field: String,
    pub(super) filename: String,
    #[serde(rename = "type")]
    pub(super) content_type: String,
    pub(super) data: String,
    pub(super) encoding: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Credential {
    Basic { basic: [String; 2] },
    Token { token: String, prefix: Option<String> },
}

/// The part of a long response that is compared.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum View {
    FirstLine,
    Length,
    WithoutExpiry,
    LabelCounts,
    EventNames,
    Verbs,
    PageSize,
    Rows,
    Tickets,
    TicketPage,
    TicketCount,
}

/// The compared part of a response.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) content_type: Option<String>,
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "present")]
    pub(super) body: Option<Value>,
}

/// Distinguishes `null` from an absent field.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
pub(super) struct Open {
    pub(super) name: String,
    #[serde(rename = "as")]
    pub(super) caller: String,
    pub(super) topics: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Send {
    pub(super) socket: String,
    pub(super) frame: Value,
}

/// The contents of `webhooks.json`.
#[derive(Deserialize)]
pub(super) struct Webhooks {
    pub(super) deliveries: Vec<Delivery>,
}

/// One webhook call.
#[derive(Deserialize)]
pub(super) struct Delivery {
    pub(super) event: Option<String>,
    pub(super) headers: Value,
    pub(super) body: Value,
}

/// The contents of `frames.json`.
#[derive(Deserialize)]
pub(super) struct Frames {
    pub(super) frames: Vec<Frame>,
}

/// A message received by a realtime client: a frame, or the status of a rejected connection.
#[derive(Deserialize)]
pub(super) struct Frame {
    pub(super) socket: String,
    pub(super) refused: Option<u16>,
    #[serde(default)]
    pub(super) frame: Value,
}

/// Step numbers, written like `1,4-6`.
#[derive(Clone, Debug)]
pub(super) struct Numbers(BTreeSet<u32>);

impl Numbers {
    pub(super) fn contains(&self, number: u32) -> bool {
        self.0.contains(&number)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut numbers = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let parse = |text: &str| text.parse::<u32>().map_err(serde::de::Error::custom);
            numbers.extend(parse(first)?..=parse(last)?);
        }
        Ok(Self(numbers))
    }
}
