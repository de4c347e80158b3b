//! Compares the responses of a recording, operation by operation and field by field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    Finding, Kind,
    operation::{Operation, Operations, general},
    schema::Allowed,
    shape::Shape,
};
use crate::{example::Exchange, recording::Recorded};

/// Maximum number of values named in a finding.
const NAMED: usize = 5;

/// The responses of an operation with one status.
struct Responses<'a> {
    operation: &'a Operation,
    status: u16,
    recorded: Shape,
    documented: Shape,
}

/// The differences in a recording.
pub(super) fn compare(
    recording: &[Recorded],
    operations: &Operations,
    documented: &BTreeMap<String, Exchange>,
) -> Vec<Finding> {
    let (mut findings, mut responses) = (Vec::new(), BTreeMap::<(&str, u16), Responses<'_>>::new());
    for Recorded { file, exchange } in recording {
        let (request, status) = (&exchange.request, exchange.status);
        let Some(operation) = operations.find(&request.method, &request.path) else {
            // Rejecting an undocumented operation is expected.
            if ![404, 405, 501].contains(&status) {
                let name = general(&request.method, &request.path);
                let printed =
                    documented.values().any(|known| general(&known.request.method, &known.request.path) == name);
                let documentation = if printed { "an exchange" } else { "" }.to_owned();
                let (recorded, file) = (status.to_string(), file.clone());
                let (kind, document) = (Kind::UndocumentedOperation, String::new());
                findings.push(Finding {
                    operation: name,
                    place: String::new(),
                    kind,
                    documentation,
                    document,
                    recorded,
                    file,
                });
            }
            continue;
        };
        let known = responses.entry((&operation.id, status)).or_insert_with(|| Responses {
            operation,
            status,
            recorded: Shape::default(),
            documented: of_documentation(operation, status, documented),
        });
        if let Some(status) = undocumented_status(operation, status) {
            let (documentation, place) = (known.documented.told(), exchange.status.to_string());
            let documentation = if documentation.is_empty() { "" } else { "an exchange" }.to_owned();
            let (kind, recorded, file) = (Kind::Status, place.clone(), file.clone());
            let operation = operation.id.clone();
            findings.push(Finding { operation, place, kind, documentation, document: status, recorded, file });
        }
        // Bodies that are not JSON have no shape.
        if let Some(body) = exchange.body.as_ref().filter(|_| exchange.content_type.is_none()) {
            known.recorded.add(body, file, "", &|_| false);
        }
    }
    for response in responses.values() {
        response.compare(&mut findings);
    }
    let mut seen = std::collections::BTreeSet::new();
    findings.retain(|finding| seen.insert(finding.id()));
    findings
}

/// The documented statuses of an operation, unless this status is one of them.
fn undocumented_status(operation: &Operation, status: u16) -> Option<String> {
    let documented = operation.node["responses"].as_object()?;
    let range = format!("{}XX", status / 100);
    let is_known =
        |known: &String| *known == status.to_string() || known.eq_ignore_ascii_case(&range) || known == "default";
    let listed = || documented.keys().cloned().collect::<Vec<_>>().join(", ");
    (!documented.keys().any(is_known)).then(listed)
}

/// The documented shape, without elided parts and defects.
fn of_documentation(operation: &Operation, status: u16, documented: &BTreeMap<String, Exchange>) -> Shape {
    let mut shape = Shape::default();
    for (name, exchange) in documented {
        let is_own = name.split('.').next() == Some(operation.id.as_str()) && exchange.status == status;
        // The reference server is not the documentation.
        if let Some(body) = exchange.body.as_ref().filter(|_| is_own && exchange.source != "the reference server") {
            let is_left_out =
                |at: &str| exchange.elided.iter().any(|known| known == at) || exchange.defects.contains_key(at);
            shape.add(body, name, "", &is_left_out);
        }
    }
    shape
}

impl Responses<'_> {
    fn compare(&self, findings: &mut Vec<Finding>) {
        let Self { operation, status, recorded, documented } = self;
        let node = &operation.node["responses"];
        let status_node = [status.to_string(), format!("{}XX", status / 100), "default".to_owned()];
        let node = status_node.iter().map(|key| &node[key.as_str()]).find(|node| node.is_object());
        let schema =
            node.map(|node| &node["content"]["application/json"]["schema"]).filter(|schema| schema.is_object());
        let place = Place { operation: &operation.id, at: status.to_string() };
        let schemas: Vec<_> = schema.into_iter().collect();
        place.compare(recorded, Some(documented), &schemas, &operation.schemas, findings);
    }
}

/// A location in the responses of an operation.
struct Place<'a> {
    operation: &'a str,
    /// Status and pointer.
    at: String,
}

impl Place<'_> {
    fn inner(&self, name: &str) -> Self {
        let separator = if self.at.contains('/') { "/" } else { " /" };
        Self { operation: self.operation, at: format!("{}{separator}{name}", self.at) }
    }

    fn finding(&self, kind: Kind, [documentation, document, recorded]: [String; 3], file: &str) -> Finding {
        let (operation, place, file) = (self.operation.to_owned(), self.at.clone(), file.to_owned());
        Finding { operation, place, kind, documentation, document, recorded, file }
    }

    fn compare(
        &self,
        recorded: &Shape,
        documented: Option<&Shape>,
        schemas: &[&Value],
        named: &Value,
        findings: &mut Vec<Finding>,
    ) {
        let allowed = Allowed::of(schemas, named);
        let printed = documented.map(Shape::told).unwrap_or_default();
        for (kind, file) in &recorded.types {
            // Without a schema, the documentation decides.
            let is_printed = || documented.is_none_or(|shape| shape.types.is_empty() || shape.types.contains_key(kind));
            let is_allowed = if schemas.is_empty() { is_printed() } else { allowed.allows(kind) };
            if !is_allowed {
                let difference = if *kind == "null" { Kind::Nullability } else { Kind::Type };
                let told = [printed.clone(), allowed.told(), (*kind).to_owned()];
                findings.push(self.finding(difference, told, file));
            }
        }
        if let Some(values) = &allowed.values {
            let unknown: Vec<_> = recorded.values.iter().filter(|(value, _)| !values.contains(*value)).collect();
            if let Some((_, file)) = unknown.first() {
                let list =
                    |values: Vec<&String>| values.into_iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
                let told = [
                    String::new(),
                    list(values.iter().collect()),
                    list(unknown.iter().map(|(value, _)| *value).collect()),
                ];
                findings.push(self.finding(Kind::Enum, told, file));
            }
        }
        if recorded.objects > 0 {
            self.compare_fields(recorded, documented, &allowed, named, findings);
        }
        if let Some(items) = &recorded.items {
            let documented = documented.and_then(|shape| shape.items.as_deref());
            self.inner("*").compare(items, documented, &allowed.items, named, findings);
        }
    }

    fn compare_fields(
        &self,
        recorded: &Shape,
        documented: Option<&Shape>,
        allowed: &Allowed<'_>,
        named: &Value,
        findings: &mut Vec<Finding>,
    ) {
        let file = recorded.types.get("object").map_or("", String::as_str);
        let printed = |name: &str| documented.and_then(|shape| shape.fields.get(name)).map(|(_, shape)| shape);
        for (name, (_, shape)) in &recorded.fields {
            let place = self.inner(name);
            let schemas = allowed.fields.get(name.as_str()).unwrap_or(&allowed.others);
            let is_named = !allowed.fields.is_empty() && !allowed.is_open;
            // Most objects of the API repeat their `_id` as `id`; the document declares it once.
            if schemas.is_empty() && is_named && name == "id" && recorded.fields.contains_key("_id") {
                continue;
            }
            if schemas.is_empty() && is_named {
                let file = shape.types.values().next().map_or(file, String::as_str);
                let documentation = printed(name).map(Shape::told).unwrap_or_default();
                findings.push(place.finding(Kind::Extra, [documentation, String::new(), shape.told()], file));
            } else {
                place.compare(shape, printed(name), schemas, named, findings);
            }
        }
        let required = allowed.required.iter().flatten().map(|name| (*name, true));
        let documented =
            documented.into_iter().flat_map(|shape| shape.fields.keys()).map(|name| (name.as_str(), false));
        for (name, is_required) in required.chain(documented) {
            let count = recorded.fields.get(name).map_or(0, |(count, _)| *count);
            // Documented fields may be absent from some objects; required ones may not.
            if count == 0 || is_required && count < recorded.objects {
                let documentation = printed(name).map(Shape::told).unwrap_or_default();
                let document = allowed.fields.get(name).map(|schemas| Allowed::of(schemas, named).told());
                let document = document.map(|told| if is_required { format!("{told}, required") } else { told });
                let told = format!("absent from {} of {} objects", recorded.objects - count, recorded.objects);
                let told = [documentation, document.unwrap_or_default(), told];
                findings.push(self.inner(name).finding(Kind::Missing, told, file));
            }
        }
    }
}
