//! The JSON Schema of worlds, for editors. It accepts both forms, because the handwritten form extends the full one.

use serde_json::{Map, Value, json};

use super::{collection::Collection, draft::CONVERSATIONS, moment};
use crate::state::fixture;

/// The JSON Schema of worlds.
pub(crate) fn schema() -> Value {
    let mut schema = fixture::schema();
    let mut worlds = Map::new();
    worlds.insert("$schema".to_owned(), json!({"description": "Where editors find this schema.", "type": "string"}));
    worlds
        .insert("extends".to_owned(), json!({"description": "The world to which this one adds.", "const": "default"}));
    worlds.insert(
        CONVERSATIONS.to_owned(),
        of_any(&json!({"$ref": "#/$defs/Conversation"}), "Conversations as dialogues."),
    );
    for collection in Collection::all() {
        let property = &schema["properties"][collection.name];
        let description = property["description"].as_str().unwrap_or_default().to_owned();
        let item = property["items"].clone();
        worlds.insert(collection.name.to_owned(), of_any(&item, &description));
        if let Some(name) = item["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            let nested: Vec<_> =
                collection.nested.iter().map(|(name, _)| (*name, schema["properties"][*name].clone())).collect();
            relax(&mut schema["$defs"][name], collection, &nested);
        }
    }
    for (_, definition) in schema["$defs"].as_object_mut().into_iter().flatten() {
        relax_dates(definition);
    }
    for name in ["RequestTag", "Note", "Channel", "ProjectChannel"] {
        let definition = schema["$defs"][name].take();
        schema["$defs"][name] =
            json!({"anyOf": [{"description": "Its main field alone.", "type": "string"}, definition]});
    }
    schema["$defs"]["Conversation"] = conversation();
    schema["properties"] = Value::Object(worlds);
    schema["title"] = json!("World");
    schema["description"] = json!("A world: the documents of each collection, and conversations as dialogues.");
    schema
}

/// A collection: an array, or an object with handles as keys.
fn of_any(item: &Value, description: &str) -> Value {
    json!({"description": description, "anyOf": [
        {"type": "array", "items": item},
        {"type": "object", "additionalProperties": item},
        {"type": "null"},
    ]})
}

/// Makes fields optional, and adds short names and nested collections.
fn relax(definition: &mut Value, collection: &Collection, nested: &[(&'static str, Value)]) {
    let Some(definition) = definition.as_object_mut() else { return };
    definition.shift_remove("required");
    let Some(fields) = definition.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (path, _) in collection.references {
        let (field, is_list) = path.split_once("[]").map_or((*path, false), |(field, _)| (field, true));
        let Some(schema) = fields.get_mut(field).and_then(Value::as_object_mut) else { continue };
        // Names are accepted, too.
        schema.shift_remove("pattern");
        if is_list && let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) {
            items.shift_remove("pattern");
        }
    }
    for (short, field) in collection.aliases {
        if !fields.contains_key(*short) {
            let schema = fields.get(*field).cloned().unwrap_or_default();
            fields.insert((*short).to_owned(), schema);
        }
    }
    for (name, property) in nested {
        let description = property["description"].as_str().unwrap_or_default();
        fields.insert((*name).to_owned(), of_any(&property["items"], description));
    }
    fields.insert(
        "handle".to_owned(),
        json!({"description": "The name by which other documents refer to this one.", "type": "string"}),
    );
    match collection.name {
        "users" => {
            fields.insert("name".to_owned(), json!({"description": "First and last name.", "type": "string"}));
        }
        "projects" => {
            let team = json!({"description": "Users and their roles.", "type": "object", "additionalProperties": {"type": "string"}});
            fields
                .insert("owner".to_owned(), json!({"description": "The user who owns the project.", "type": "string"}));
            fields.insert("team".to_owned(), team);
            fields.insert(
                CONVERSATIONS.to_owned(),
                of_any(&json!({"$ref": "#/$defs/Conversation"}), "Conversations as dialogues."),
            );
            let hours = json!({"description": "Operating hours: days such as `mon-fri` with times such as `09:00-18:00`, and a `timezone`; or the JSON text of the full form.", "type": ["object", "string", "null"]});
            fields.insert("operatingHours".to_owned(), hours);
        }
        _ => {}
    }
}

/// Dates can be relative.
fn relax_dates(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("format").is_some_and(|format| format == "date-time") {
                fields.shift_remove("format");
                fields.insert("examples".to_owned(), json!(["2026-11-29", "2026-11-29T14:30:00Z", "-3d 2h"]));
            }
            fields.values_mut().for_each(relax_dates);
        }
        Value::Array(all) => all.iter_mut().for_each(relax_dates),
        _ => {}
    }
}

fn conversation() -> Value {
    let text = |description: &str| json!({"description": description, "type": "string"});
    let names = |description: &str| json!({"description": description, "type": "array", "items": {"type": "string"}});
    json!({
        "description": "A conversation as a dialogue. The rules of the API derive the request, its messages, and everything else.",
        "type": "object",
        "properties": {
            "handle": text("The name by which other documents refer to the conversation."),
            "project": text("Project, if there are several."),
            "lead": text("Lead who opens the conversation."),
            "visitor": {
                "description": "Visitor who opens the conversation, as a name, as `Name <email>`, or as an object.",
                "anyOf": [
                    {"type": "string"},
                    {"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "email": {"type": "string"}}, "additionalProperties": false},
                ],
            },
            "at": text(&format!("When the conversation starts: {}.", moment::EXPECTED.trim_start_matches("expected "))),
            "department": text("Department that serves the conversation."),
            "participants": names("Who serves the conversation, instead of those whom the department selects."),
            "followers": names("Teammates who follow the conversation."),
            "request_id": text("Identifier of the conversation for clients."),
            "ticket_id": {"description": "Ticket number (default: in the order of time).", "type": "integer", "minimum": 1},
            "ids": {"description": "Number after which the identifiers of its documents count (default: derived from `request_id`).", "type": "string", "pattern": "^[0-9a-fA-F]{16}$"},
            "attributes": {"description": "Custom attributes.", "type": "object"},
            "channel": {"description": "Channel.", "type": ["string", "object"]},
            "email": text("Email address of the lead."),
            "language": text("Language code."),
            "location": {"description": "Location of the visitor.", "type": "object"},
            "preflight": {"description": "Whether the conversation is opened before the visitor writes.", "type": "boolean"},
            "priority": text("Priority."),
            "senderFullname": text("Name of the visitor."),
            "sourcePage": text("Page from which the conversation came."),
            "subject": text("Subject."),
            "userAgent": text("User agent of the visitor's browser."),
            "dialogue": {
                "description": "Who says what, and when: `visitor`, a user, or a bot, and a pause such as `+2m` after the line before; or an action.",
                "type": "array",
                "minItems": 1,
                "items": {"type": ["object", "string"]},
            },
        },
        "required": ["dialogue"],
        "additionalProperties": false,
    })
}
