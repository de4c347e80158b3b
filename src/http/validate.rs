//! The contract: validates requests in strict mode and responses in self-check mode against the exported document.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, OnceLock},
};

use jsonschema::Validator;
use poem::http::{HeaderMap, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::{
    body::MEDIA_TYPE,
    multipart::{MULTIPART, multipart},
    path::is_first_version,
    problem::ProblemDetail,
};
use crate::{
    json_schema::validate::{self, Shape},
    recorder::entry::Entry,
    value::{
        error::{Location, Violation},
        json,
        query::{Part, Place},
        suggest,
    },
};

/// Additional validation of a body. Returns pointers and details.
pub(crate) type Check = fn(&Value) -> Vec<(&'static str, String)>;

const FORM: &str = "application/x-www-form-urlencoded";

/// The style of object parameters.
const DEEP_OBJECT: &str = "deepObject";

/// A query parameter that every operation with credentials reads but none documents.
const CREDENTIALS: &str = "secret_token";

/// The operations of the exported documents.
pub(crate) struct Contract {
    operations: HashMap<String, OperationSchema>,
    first_version: HashMap<String, OperationSchema>,
}

/// The document to validate a call against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    Current,
    /// Version 1 of the API.
    First,
}

impl Edition {
    /// The edition for a version prefix.
    pub(super) fn of(version: Option<&str>) -> Self {
        if version == Some("/v1") { Self::First } else { Self::Current }
    }
}

fn details(violations: Vec<Violation>) -> Vec<ProblemDetail> {
    violations.into_iter().map(ProblemDetail::from).collect()
}

/// A form as an object of strings.
fn form(body: &[u8]) -> Value {
    let fields = form_urlencoded::parse(body);
    Value::Object(fields.map(|(name, text)| (name.into_owned(), Value::String(text.into_owned()))).collect())
}

/// The contract of an operation.
pub(crate) struct OperationSchema {
    /// Path of the operation, with placeholders in braces.
    pub(crate) path: String,
    pub(crate) method: String,
    /// The operation's node in the document.
    pub(crate) node: Value,
    schemas: Arc<Value>,
    body: OnceLock<Option<Validator>>,
    /// Multipart forms have a separate schema.
    form: OnceLock<Option<Validator>>,
    query: OnceLock<BTreeMap<String, Validator>>,
    answers: OnceLock<HashMap<u16, Option<Validator>>>,
    /// Validation of bodies beyond the schema.
    check: Option<Check>,
}

impl Contract {
    /// The operations of two OpenAPI 3.1 documents.
    pub(crate) fn new(current: &Value, first_version: &Value) -> Self {
        Self { operations: rules(current), first_version: rules(first_version) }
    }

    /// Adds a check beyond the schema for the bodies of some operations.
    pub(crate) fn checking(mut self, operations: &[&str], check: Check) -> Self {
        for operation in operations {
            self.operations.entry((*operation).to_owned()).and_modify(|rules| rules.check = Some(check));
        }
        self
    }

    /// An operation of either document; the current one takes precedence.
    pub(crate) fn of(&self, operation: &str) -> Option<&OperationSchema> {
        self.operations.get(operation).or_else(|| self.first_version.get(operation))
    }

    /// The query parameters of a call that are unknown to its operation and therefore ignored.
    pub(crate) fn ignored(&self, call: &Entry) -> Vec<String> {
        let query = call.request.query();
        let rules = call.operation.get().filter(|_| !query.is_empty()).and_then(|operation| self.of(operation));
        rules.map(|rules| rules.ignored(query)).unwrap_or_default()
    }

    pub(crate) fn in_edition(&self, edition: Edition, operation: &str) -> Option<&OperationSchema> {
        match edition {
            Edition::Current => self.operations.get(operation),
            Edition::First => self.first_version.get(operation),
        }
    }

    /// The contract for a call: version 1 if the path names it and its document has the operation, otherwise `of`.
    pub(crate) fn of_call(&self, operation: &str, path: &str) -> Option<&OperationSchema> {
        let first = || self.first_version.get(operation);
        is_first_version(path).then(first).flatten().or_else(|| self.of(operation))
    }

    /// All operations of both documents.
    pub(crate) fn all(&self) -> impl Iterator<Item = &OperationSchema> {
        let first_version = self.first_version.iter().filter(|(id, _)| !self.operations.contains_key(*id));
        self.operations.values().chain(first_version.map(|(_, rules)| rules))
    }
}

/// The operations of a document by ID.
fn rules(document: &Value) -> HashMap<String, OperationSchema> {
    let schemas = Arc::new(document["components"]["schemas"].clone());
    let paths = document["paths"].as_object().into_iter().flatten();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, node)| (path, method, node))
    });
    let rules = operations.filter_map(|(path, method, node)| {
        let rules = OperationSchema {
            path: path.clone(),
            method: method.to_ascii_uppercase(),
            node: node.clone(),
            schemas: schemas.clone(),
            body: OnceLock::new(),
            form: OnceLock::new(),
            query: OnceLock::new(),
            answers: OnceLock::new(),
            check: None,
        };
        Some((node["operationId"].as_str()?.to_owned(), rules))
    });
    rules.collect()
}

impl OperationSchema {
    /// Everything undocumented in a call. The body is skipped if it is not completely known.
    pub(crate) fn problems(
        &self,
        method: &Method,
        query: &str,
        headers: &HeaderMap,
        body: Option<&[u8]>,
    ) -> Vec<ProblemDetail> {
        let mut all = self.query_problems(query);
        all.extend(body.into_iter().flat_map(|body| self.body_problems(method, headers, body)));
        all
    }

    /// The undocumented names in a query, which the operation ignores.
    fn ignored(&self, query: &str) -> Vec<String> {
        let mut all = Vec::new();
        for (name, _) in form_urlencoded::parse(query.as_bytes()) {
            let part = Part::of(&name);
            let known = self.query_nodes().find(|node| node["name"] == *part.name);
            let is_read = match part.place {
                Place::Property(_) => known.is_some_and(|node| node["style"] == DEEP_OBJECT),
                Place::Next | Place::At(_) => known.is_some() || part.name == CREDENTIALS,
            };
            if !is_read && !all.iter().any(|known: &String| *known == *name) {
                all.push(name.into_owned());
            }
        }
        all
    }

    fn query_problems(&self, query: &str) -> Vec<ProblemDetail> {
        let known = self.query.get_or_init(|| self.parameters());
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let mut all = Vec::new();
        for (at, (name, text)) in given.iter().enumerate() {
            let part = Part::of(name);
            let is_repeated = given[..at].iter().any(|(before, _)| before == name);
            let detail = match known.get(&**name) {
                None if !known.contains_key(part.name) => {
                    suggest::unknown("parameter", name, known.keys().map(String::as_str))
                }
                None if matches!(part.place, Place::Property(_)) && self.is_deep_object(part.name) => continue,
                None => format!("brackets are not documented; expected {}=…", part.name),
                Some(validator) if is_repeated && !validator.is_valid(&json!([text])) => {
                    "expected a single value".to_owned()
                }
                Some(validator) => {
                    // A number may be documented as a number or as a string.
                    let as_text = Value::String(text.to_string());
                    let as_json: Option<Value> = serde_json::from_str(text).ok();
                    let as_list = json!([text]);
                    let mut readings = [Some(as_text), as_json, Some(as_list)].into_iter().flatten();
                    if readings.any(|reading| validator.is_valid(&reading)) {
                        continue;
                    }
                    format!("the contract does not allow the value {text:?}")
                }
            };
            all.push(ProblemDetail { pointer: format!("/query/{name}").into(), detail: detail.into() });
        }
        let required = self.query_nodes().filter(|node| node["required"] == true);
        for name in required
            .filter_map(|node| node["name"].as_str())
            .filter(|name| !given.iter().any(|(given, _)| Part::of(given).name == *name))
        {
            let pointer = format!("/query/{name}").into();
            all.push(ProblemDetail { pointer, detail: "this parameter is required".into() });
        }
        all
    }

    /// Whether a parameter is written `name[key]=value`.
    fn is_deep_object(&self, name: &str) -> bool {
        self.query_nodes().any(|node| node["name"] == *name && node["style"] == DEEP_OBJECT)
    }

    fn query_nodes(&self) -> impl Iterator<Item = &Value> {
        self.node["parameters"].as_array().into_iter().flatten().filter(|node| node["in"] == "query")
    }

    fn parameters(&self) -> BTreeMap<String, Validator> {
        let named = self.query_nodes().filter_map(|node| {
            let validator = validator(&node["schema"], &self.schemas, Shape::AsDocumented)?;
            Some((node["name"].as_str()?.to_owned(), validator))
        });
        named.collect()
    }

    fn body_problems(&self, method: &Method, headers: &HeaderMap, body: &[u8]) -> Vec<ProblemDetail> {
        let problem =
            |pointer: &str, detail: String| vec![ProblemDetail { pointer: pointer.into(), detail: detail.into() }];
        let content = self.node["requestBody"]["content"].as_object();
        let Some(content) = content else {
            let unexpected = !body.is_empty() && body != b"{}";
            return if unexpected { problem("", "no body is documented".to_owned()) } else { Vec::new() };
        };
        let required = self.node["requestBody"]["required"] == true;
        if body.is_empty() {
            return if required { problem("", "the body is missing".to_owned()) } else { Vec::new() };
        }
        let writes = [Method::POST, Method::PUT, Method::PATCH].contains(method);
        let sent = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = sent.map(|kind| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
        let documented = || content.keys().map(String::as_str).collect::<Vec<_>>().join(" or ");
        let kind = match kind {
            Some(kind) if content.contains_key(&kind) => kind,
            Some(kind) => return problem("/header/content-type", format!("expected {}, got {kind}", documented())),
            None if writes => {
                return problem("/header/content-type", format!("missing; expected {}", documented()));
            }
            None => MEDIA_TYPE.to_owned(),
        };
        let value = match &*kind {
            MEDIA_TYPE => json::read(body).map_err(|error| format!("invalid JSON: {error}")),
            FORM => Ok(form(body)),
            MULTIPART => {
                multipart(body, sent.unwrap_or_default(), |name| self.property(&content[&kind]["schema"], name))
            }
            _ => return Vec::new(),
        };
        let value = match value {
            Ok(value) => value,
            Err(detail) => return problem("", detail),
        };
        // URL-encoded forms are documented with the schema of the JSON body, multipart forms with a separate one.
        let schema = &content[&kind]["schema"];
        let validators = if kind == MULTIPART { &self.form } else { &self.body };
        let validator = validators.get_or_init(|| validator(schema, &self.schemas, Shape::Closed));
        let mut all = validator
            .as_ref()
            .map(|validator| details(validate::advised(validator, &value, schema, &self.schemas)))
            .unwrap_or_default();
        let further = self.check.map(|check| check(&value)).unwrap_or_default().into_iter();
        all.extend(further.map(|(pointer, detail)| ProblemDetail { pointer: pointer.into(), detail: detail.into() }));
        all
    }

    /// The schema of a property.
    fn property<'a>(&'a self, schema: &'a Value, name: &str) -> &'a Value {
        let reference = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        &reference.map_or(schema, |reference| &self.schemas[reference])["properties"][name]
    }

    fn body_validator(&self) -> Option<&Validator> {
        let schema = &self.node["requestBody"]["content"]["application/json"]["schema"];
        self.body.get_or_init(|| validator(schema, &self.schemas, Shape::Closed)).as_ref()
    }

    /// A documented example body that is valid in strict mode.
    pub(crate) fn example(&self) -> Option<&Value> {
        let examples = self.node["requestBody"]["content"]["application/json"]["examples"].as_object()?;
        let mut bodies = examples.values().map(|example| &example["value"]);
        bodies.find(|body| self.body_validator().is_none_or(|validator| validator.is_valid(body)))
    }

    /// Everything undocumented in a response. The body is skipped if it is not completely known.
    pub(crate) fn deviations(&self, status: StatusCode, content_type: &str, body: Option<&[u8]>) -> Vec<ProblemDetail> {
        let answers = self.answers.get_or_init(|| {
            let documented = self.node["responses"].as_object().into_iter().flatten();
            let documented = documented.filter_map(|(status, node)| {
                let schema = &node["content"]["application/json"]["schema"];
                Some((status.parse().ok()?, validator(schema, &self.schemas, Shape::AsDocumented)))
            });
            documented.collect()
        });
        let problem =
            |pointer: &str, detail: String| vec![ProblemDetail { pointer: pointer.into(), detail: detail.into() }];
        let Some(validator) = answers.get(&status.as_u16()) else {
            return problem("/status", format!("status {} is not documented", status.as_u16()));
        };
        let kind = content_type.split(';').next().unwrap_or_default();
        let content = &self.node["responses"][status.as_str()]["content"];
        let any =
            content.as_object().is_some_and(|content| content.contains_key("*/*") || content.contains_key("image/*"));
        if !any && content[kind].is_null() {
            return problem("/header/content-type", format!("{kind} is not documented for this status"));
        }
        match (validator, kind, body) {
            (Some(validator), "application/json", Some(body)) => match serde_json::from_slice(body) {
                Ok(value) => details(validate::problems(validator, &value, Location::Body)),
                Err(error) => problem("", format!("invalid JSON: {error}")),
            },
            _ => Vec::new(),
        }
    }
}

/// The validator of a schema, together with only the schemas that it refers to.
fn validator(schema: &Value, schemas: &Value, shape: Shape) -> Option<Validator> {
    if schema.is_null() {
        return None;
    }
    let mut reached = Map::new();
    reach(schema, schemas, &mut reached);
    let mut whole = json!({"allOf": [schema], "components": {"schemas": reached}});
    if shape == Shape::Closed {
        validate::close(&mut whole["allOf"][0]);
        for (_, schema) in whole["components"]["schemas"].as_object_mut().into_iter().flatten() {
            validate::close(schema);
        }
    }
    jsonschema::validator_for(&whole).map_err(|error| tracing::error!(%error, "invalid schema in the document")).ok()
}

fn reach(node: &Value, schemas: &Value, reached: &mut Map<String, Value>) {
    match node {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next());
            if let Some(name) = name.filter(|name| !reached.contains_key(*name)) {
                reached.insert(name.to_owned(), schemas[name].clone());
                reach(&schemas[name], schemas, reached);
            }
            object.values().for_each(|part| reach(part, schemas, reached));
        }
        Value::Array(parts) => parts.iter().for_each(|part| reach(part, schemas, reached)),
        _ => {}
    }
}
