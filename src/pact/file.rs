//! Pact files, versions 3 and 4.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::matcher::Rules;

/// A consumer's expectations of a provider.
pub(super) struct Pact {
    pub(super) consumer: String,
    pub(super) interactions: Vec<Interaction>,
    /// Interactions that are not HTTP.
    pub(super) others: Vec<String>,
}

/// A request, and the response that the consumer expects.
pub(super) struct Interaction {
    pub(super) description: String,
    /// Names and parameters of the provider states.
    pub(super) states: Vec<(String, Value)>,
    pub(super) request: Message,
    pub(super) response: Message,
    /// Whether the provider does not have to honor it yet.
    pub(super) is_pending: bool,
}

/// A request or a response.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Body,
    pub(super) rules: Rules,
    /// The generators as written in the file.
    pub(super) generators: Value,
}

/// A body.
#[derive(Clone)]
pub(super) enum Body {
    /// Any body, because none is specified.
    Any,
    /// An empty one.
    Empty,
    Json(Value),
    Text(Vec<u8>),
}

impl Pact {
    /// Reads a pact. Errors name the invalid part.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: Value = serde_json::from_str(text).map_err(|error| format!("invalid JSON: {error}"))?;
        let metadata = &file["metadata"];
        let version = ["/pactSpecification/version", "/pact-specification/version", "/pactSpecificationVersion"];
        let version = version.iter().find_map(|pointer| metadata.pointer(pointer)?.as_str());
        let version =
            version.ok_or("/metadata/pactSpecification/version is missing; expected a pact of version 3 or 4")?;
        let major = version.split('.').next().unwrap_or_default();
        if !matches!(major, "3" | "4") {
            return Err(format!("/metadata/pactSpecification/version: expected 3 or 4, got {version}"));
        }
        let consumer = file["consumer"]["name"].as_str().ok_or("/consumer/name is missing")?.to_owned();
        let Some(all) = file["interactions"].as_array() else {
            // A pact with messages only.
            let messages = file["messages"].as_array().ok_or("/interactions is missing")?;
            let others = messages.iter().map(|one| described(one).to_owned()).collect();
            return Ok(Self { consumer, interactions: Vec::new(), others });
        };
        let (mut interactions, mut others) = (Vec::new(), Vec::new());
        for (index, one) in all.iter().enumerate() {
            if major == "4" && one["type"] != "Synchronous/HTTP" {
                others.push(described(one).to_owned());
                continue;
            }
            let read = interaction(one).map_err(|why| format!("/interactions/{index}{why}"))?;
            interactions.push(read);
        }
        Ok(Self { consumer, interactions, others })
    }
}

fn described(one: &Value) -> &str {
    one["description"].as_str().unwrap_or("without a description")
}

fn interaction(one: &Value) -> Result<Interaction, String> {
    let states = match (&one["providerStates"], &one["providerState"]) {
        (Value::Array(states), _) => states
            .iter()
            .filter_map(|state| Some((state["name"].as_str()?.to_owned(), state["params"].clone())))
            .collect(),
        (_, Value::String(name)) => vec![(name.clone(), Value::Null)],
        _ => Vec::new(),
    };
    let at = |part: &str| {
        let part = part.to_owned();
        move |why: String| format!("/{part}{why}")
    };
    Ok(Interaction {
        description: described(one).to_owned(),
        states,
        request: message(&one["request"]).map_err(at("request"))?,
        response: message(&one["response"]).map_err(at("response"))?,
        is_pending: one["pending"] == true,
    })
}

fn message(node: &Value) -> Result<Message, String> {
    if !node.is_object() {
        return Err(": expected an object".to_owned());
    }
    let status = match &node["status"] {
        Value::Null => 200,
        status => status.as_u64().and_then(|status| u16::try_from(status).ok()).ok_or("/status: expected a number")?,
    };
    let headers = pairs(&node["headers"]).into_iter().map(|(name, values)| (name, values.join(", "))).collect();
    Ok(Message {
        method: node["method"].as_str().unwrap_or("GET").to_ascii_uppercase(),
        path: node["path"].as_str().unwrap_or("/").to_owned(),
        query: query(&node["query"]),
        status,
        body: body(node)?,
        headers,
        generators: node["generators"].clone(),
        rules: Rules::read(&node["matchingRules"]).map_err(|why| format!("/matchingRules{why}"))?,
    })
}

/// A map whose values are strings or lists of them.
fn pairs(node: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values = |value: &Value| match value {
        Value::Array(all) => all.iter().map(text).collect(),
        one => vec![text(one)],
    };
    node.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), values(value))).collect()
}

fn query(node: &Value) -> Vec<(String, String)> {
    match node {
        Value::String(query) => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        node => {
            let all: BTreeMap<_, _> = pairs(node).into_iter().collect();
            all.into_iter().flat_map(|(name, values)| values.into_iter().map(move |one| (name.clone(), one))).collect()
        }
    }
}

/// The body: in version 3 the value itself, in version 4 its content with a type and an encoding.
fn body(node: &Value) -> Result<Body, String> {
    let Some(body) = node.get("body") else { return Ok(Body::Any) };
    let version_4 = body.as_object().filter(|body| {
        body.contains_key("content")
            && body.keys().all(|key| ["content", "contentType", "encoded", "contentTypeHint"].contains(&key.as_str()))
    });
    let headers = pairs(&node["headers"]);
    let declared = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let declared = declared.and_then(|(_, values)| values.first().cloned());
    let Some(version_4) = version_4 else {
        let is_json = declared.is_none_or(|kind| kind.contains("json"));
        return Ok(match body {
            Value::Null => Body::Empty,
            Value::String(text) if !is_json => Body::Text(text.clone().into_bytes()),
            value => Body::Json(value.clone()),
        });
    };
    let kind = version_4.get("contentType").and_then(Value::as_str).map(str::to_owned).or(declared);
    let is_json = kind.is_some_and(|kind| kind.contains("json"));
    match (&version_4["content"], version_4.get("encoded")) {
        (Value::Null, _) => Ok(Body::Empty),
        (Value::String(text), Some(Value::Bool(true) | Value::String(_))) => {
            let bytes =
                BASE64_STANDARD.decode(text).map_err(|error| format!("/body/content: invalid Base64: {error}"))?;
            match serde_json::from_slice(&bytes) {
                Ok(value) if is_json => Ok(Body::Json(value)),
                _ => Ok(Body::Text(bytes)),
            }
        }
        (Value::String(text), _) if !is_json => Ok(Body::Text(text.clone().into_bytes())),
        (value, _) => Ok(Body::Json(value.clone())),
    }
}
