//! The operations of an OpenAPI document, found by method and path.

use serde_json::Value;

use crate::http::path;

/// The operations of one or more documents.
#[derive(Default)]
pub(super) struct Operations(Vec<Operation>);

/// An operation, with the schemas of its document.
pub(super) struct Operation {
    pub(super) id: String,
    method: String,
    segments: Vec<String>,
    /// `/v1` for operations of the first version of the API, otherwise empty.
    version: &'static str,
    pub(super) node: Value,
    pub(super) schemas: std::sync::Arc<Value>,
}

impl Operations {
    /// Adds the operations of a document.
    pub(super) fn add(&mut self, document: &Value, version: &'static str) -> Result<(), String> {
        let paths = document["paths"].as_object().ok_or("expected an OpenAPI document: it has no `paths`")?;
        let schemas = std::sync::Arc::new(document["components"]["schemas"].clone());
        for (template, item) in paths {
            for (method, node) in
                item.as_object().into_iter().flatten().filter(|(_, node)| node["responses"].is_object())
            {
                let method = method.to_ascii_uppercase();
                let id = node["operationId"].as_str().map_or_else(|| format!("{method} {template}"), str::to_owned);
                let (_, own) = path::version(template);
                let segments = segments(own).map(str::to_owned).collect();
                self.0.push(Operation { id, method, segments, version, node: node.clone(), schemas: schemas.clone() });
            }
        }
        Ok(())
    }

    /// The operation of a call: the one with the most fixed segments of those that match.
    pub(super) fn find(&self, method: &str, target: &str) -> Option<&Operation> {
        let (version, own) = path::version(target.split('?').next().unwrap_or_default());
        let given: Vec<_> = segments(own).collect();
        let fits = |operation: &&Operation| {
            let version = version.filter(|version| *version == "/v1").unwrap_or_default();
            let is_own = |(known, given): (&String, &&str)| is_placeholder(known) || known.eq_ignore_ascii_case(given);
            (operation.version.is_empty() || operation.version == version)
                && operation.method.eq_ignore_ascii_case(method)
                && operation.segments.len() == given.len()
                && operation.segments.iter().zip(&given).all(is_own)
        };
        let fixed = |operation: &&Operation| {
            let fixed = operation.segments.iter().filter(|segment| !is_placeholder(segment)).count();
            (!operation.version.is_empty(), fixed)
        };
        self.0.iter().filter(fits).max_by_key(fixed)
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn is_placeholder(segment: &str) -> bool {
    segment.starts_with('{')
}

/// A method and path with a placeholder for everything that looks like an identifier.
pub(super) fn general(method: &str, target: &str) -> String {
    let (_, own) = path::version(target.split('?').next().unwrap_or_default());
    let general = |segment: &str| {
        let is_id = segment.len() > 12 && segment.bytes().any(|byte| byte.is_ascii_digit());
        if is_id || segment.bytes().all(|byte| byte.is_ascii_digit()) { "{id}".to_owned() } else { segment.to_owned() }
    };
    format!("{method} /{}", segments(own).map(general).collect::<Vec<_>>().join("/"))
}
