//! Links between operations: which operations can use the response of another.

use serde_json::{Map, Value, json};

/// Links creation to reading, updating, and deleting the created resource, and deletion to reading.
pub(super) fn add(document: &mut Value) {
    let paths = document["paths"].clone();
    let all: Vec<_> = paths.as_object().into_iter().flatten().collect();
    for (path, item) in &all {
        for (own_path, own) in &all {
            let Some((parent, placeholder)) = own_path.rsplit_once("/{") else { continue };
            let Some(name) = placeholder.strip_suffix('}').filter(|_| parent == *path) else { continue };
            let created = match name {
                // Requests are identified by the ID that their creator chose, languages by name.
                "request_id" => "$response.body#/request_id",
                "lang" => "$response.body#/lang",
                "content_id" => "$response.body#/value/_id",
                _ if shows(document, &item["post"], "_id") => "$response.body#/_id",
                _ => "$response.body#/id",
            };
            // Some paths list by one ID and update by another.
            let reads = own["get"]["operationId"].as_str().is_some_and(|id| !id.starts_with("list_"));
            let link = |node: &Value, own_id: &str| {
                let parameters = node["parameters"].as_array().into_iter().flatten();
                let mut kept: Map<_, _> = parameters
                    .filter(|parameter| parameter["in"] == "path" && parameter["name"] != name)
                    .filter_map(|parameter| parameter["name"].as_str())
                    .map(|name| (name.to_owned(), json!(format!("$request.path.{name}"))))
                    .collect();
                kept.insert(name.to_owned(), json!(own_id));
                json!({"operationId": node["operationId"], "parameters": kept})
            };
            if item["post"]["responses"]["200"].is_object() {
                let known = |method: &&&str| own[**method].is_object() && (**method != "get" || reads);
                for method in ["get", "put", "delete"].iter().filter(known) {
                    document["paths"][*path]["post"]["responses"]["200"]["links"][format!("{method}It")] =
                        link(&own[*method], created);
                }
            }
            if own["delete"]["responses"]["200"].is_object() && reads {
                document["paths"][*own_path]["delete"]["responses"]["200"]["links"]["getIt"] =
                    link(&own["get"], &format!("$request.path.{name}"));
            }
        }
    }
}

/// Whether the response of an operation has a property.
fn shows(document: &Value, node: &Value, property: &str) -> bool {
    let schema = &node["responses"]["200"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    document["components"]["schemas"][name]["properties"][property].is_object()
}

/// Removes links to operations that are not in the document.
pub(super) fn drop_links(document: &mut Value, has: impl Fn(&str) -> bool) {
    let items = document["paths"].as_object_mut().into_iter().flatten();
    let operations = items.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten());
    let answers = operations.flat_map(|(_, node)| node["responses"].as_object_mut().into_iter().flatten());
    for (_, answer) in answers {
        let Some(answer) = answer.as_object_mut() else { continue };
        let Some(links) = answer.get_mut("links").and_then(Value::as_object_mut) else { continue };
        links.retain(|_, link| link["operationId"].as_str().is_some_and(&has));
        if links.is_empty() {
            answer.remove("links");
        }
    }
}
