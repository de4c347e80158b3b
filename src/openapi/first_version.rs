//! The document of version 1: only what its pages document, without later additions.

use serde_json::{Map, Value, json};

use super::{export, links};
use crate::example::Example;

/// An operation as documented in version 1.
struct Printed {
    id: &'static str,
    query: &'static [&'static str],
    /// Replaces the description, if it differs from later versions.
    description: Option<&'static str>,
}

const PRINTED: [Printed; 8] = [
    Printed { id: "sign_in", query: &[], description: None },
    Printed { id: "get_project_root", query: &[], description: Some("The project with its settings.") },
    Printed { id: "list_departments", query: &[], description: None },
    Printed { id: "list_first_version_requests", query: &["sortField", "direction", "page"], description: None },
    Printed { id: "get_first_version_request", query: &["sortField", "direction", "page"], description: None },
    Printed {
        id: "list_leads",
        query: &["sortField", "direction", "email", "page"],
        description: Some("Leads of the project, newest first, paginated."),
    },
    Printed { id: "get_lead", query: &[], description: None },
    Printed { id: "create_lead", query: &[], description: Some("Adds a lead to the project.") },
];

/// The fields of a new lead.
const LEAD: [&str; 3] = ["email", "lead_id", "fullname"];

/// Path parameters that version 1 calls `id`.
const RENAMED: [&str; 2] = ["lead_id", "request_id"];

/// Error statuses that signing in does not return.
const NOT_OF_SIGN_IN: [&str; 2] = ["404", "409"];

const FORM: &str = "application/x-www-form-urlencoded";

fn printed(id: &str) -> Option<&'static Printed> {
    PRINTED.iter().find(|printed| printed.id == id)
}

/// Whether the document shows an example: those from its own pages, errors of the operations on them, and the JSON body
/// that signing in accepts as well.
pub(super) fn shows(example: &Example) -> bool {
    let Some(printed) = printed(&example.operation) else { return false };
    if !example.is_shown {
        return true;
    }
    if printed.id == "sign_in" {
        return !NOT_OF_SIGN_IN.contains(&&*example.status.to_string());
    }
    if example.status < 300 {
        return example.path.starts_with("/v1/");
    }
    let query = example.path.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).all(|(name, _)| printed.query.contains(&&*name))
}

/// Reduces a document to the operations that the pages document.
pub(super) fn keep(mut document: Value, examples: &[Example]) -> Value {
    if let Some(paths) = document["paths"].as_object_mut() {
        for (_, item) in paths.iter_mut() {
            let Some(item) = item.as_object_mut() else { continue };
            item.retain(|_, node| {
                let known = node["operationId"].as_str().and_then(printed);
                known.inspect(|printed| adapt(node, printed)).is_some()
            });
        }
        paths.retain(|_, item| item.as_object().is_some_and(|item| !item.is_empty()));
        *paths = std::mem::take(paths).into_iter().map(|(path, item)| (rename(&path), item)).collect();
    }
    let sign_in = &mut document["paths"]["/auth/signin"]["post"];
    for status in NOT_OF_SIGN_IN {
        sign_in["responses"].as_object_mut().map(|responses| responses.shift_remove(status));
    }
    add_form(sign_in, examples);
    let lead = &mut document["components"]["schemas"]["NewLead"];
    lead["properties"].as_object_mut().into_iter().for_each(|fields| fields.retain(|name, _| LEAD.contains(&&**name)));
    lead["required"] = json!(["lead_id"]);
    let lead_id = &mut lead["properties"]["lead_id"];
    lead_id["type"] = json!("string");
    lead_id["description"] = json!("Your own identifier.");
    lead_id.as_object_mut().map(|lead_id| lead_id.shift_remove("nullable"));
    require_bodies(&mut document);
    links::drop_links(&mut document, |operation| printed(operation).is_some());
    export::drop_unused(&mut document);
    document
}

/// Requires the bodies whose schema has required properties.
fn require_bodies(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for node in export::operation_nodes(document) {
        let Some(body) = node.get_mut("requestBody") else { continue };
        let schema = &body["content"]["application/json"]["schema"];
        let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
        if name.is_some_and(|name| schemas[name]["required"].as_array().is_some_and(|fields| !fields.is_empty())) {
            body["required"] = json!(true);
        }
    }
}

fn adapt(node: &mut Value, printed: &Printed) {
    if let Some(description) = printed.description {
        // The role follows the description, as a paragraph.
        let role =
            node["description"].as_str().and_then(|text| text.rsplit_once("\n\n")).map(|(_, role)| role.to_owned());
        node["description"] = json!(role.map_or(description.to_owned(), |role| format!("{description}\n\n{role}")));
    }
    if let Some(list) = node.get_mut("parameters").and_then(Value::as_array_mut) {
        list.retain(|parameter| {
            parameter["in"] != "query" || printed.query.iter().any(|name| parameter["name"] == *name)
        });
        for parameter in list.iter_mut().filter(|parameter| parameter["in"] == "path") {
            if RENAMED.iter().any(|name| parameter["name"] == *name) {
                parameter["name"] = json!("id");
            }
        }
    }
    let responses = node["responses"].as_object_mut().into_iter().flatten();
    let links = responses.filter_map(|(_, response)| response.get_mut("links")?.as_object_mut()).flatten();
    for (_, link) in links {
        let Some(parameters) = link.get_mut("parameters").and_then(Value::as_object_mut) else { continue };
        let renamed = |name: String| if RENAMED.contains(&&*name) { "id".to_owned() } else { name };
        *parameters = std::mem::take(parameters).into_iter().map(|(name, value)| (renamed(name), value)).collect();
    }
}

fn rename(path: &str) -> String {
    RENAMED.iter().fold(path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), "{id}"))
}

/// Adds the form that the pages use for signing in, and that later versions still accept.
pub(super) fn add_form(sign_in: &mut Value, examples: &[Example]) {
    let of_form = |example: &&Example| example.request.as_ref().is_some_and(|(kind, _)| kind == FORM);
    let example = examples.iter().filter(|example| example.operation == "sign_in").find(of_form);
    let text = example.and_then(|example| example.request.as_ref()?.1.as_str()).unwrap_or_default();
    let fields = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| (name.into_owned(), json!(value)));
    let fields = Value::Object(fields.collect::<Map<_, _>>());
    let content = &mut sign_in["requestBody"]["content"];
    content[FORM] = json!({"schema": content["application/json"]["schema"], "examples": {"form": {"summary": "Form", "value": fields}}});
}
