//! Webhooks as the documents show them: one entry and one JSON Schema for each event, with an example that was told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::send;
use crate::{
    resource::{
        department::operator::{self as operator, Bots},
        subscription::{document::Subscription, payload},
    },
    state::event::{Commit, EventName, Subject},
    store::Doc,
    value::Timestamp,
};

/// The section of the reference. It is their own, so that generators do not mix them up with operations.
const TAG: &str = "Webhooks";

/// When an event happens.
fn when(name: EventName) -> &'static str {
    match name {
        EventName::RequestCreate => "A conversation was opened, in whichever way.",
        EventName::RequestUpdate => {
            "A conversation changed: its status, its participants, followers, notes, tags or attributes, its department, \
             or it was answered for the first time. Closing tells this first."
        }
        EventName::RequestClose => "A conversation was closed, also when it was closed already.",
        EventName::MessageCreate => {
            "Anybody wrote, the system too. It is also told as `message.create.channel.NAME`, by the channel of the \
             message, and as `message.create.request.channel.NAME`, by that of its conversation."
        }
        EventName::LeadCreate => "A lead was created, by the API or by a first message.",
        EventName::BotCreate => "A bot was created, copied or imported. It is also told as `faqbot.create`.",
        EventName::BotUpdate => {
            "A bot was changed, moved to the bin, published or trained. It is also told as `faqbot.update`."
        }
        EventName::BotDelete => "A bot was deleted for good. It is also told as `faqbot.delete`.",
        EventName::FaqCreate => "A faq was created or imported.",
        EventName::FaqUpdate => "A faq was changed.",
        EventName::FaqDelete => "A faq was deleted.",
        EventName::DepartmentCreate => "A department was created.",
        EventName::DepartmentUpdate => "A department was changed.",
        EventName::DepartmentDelete => "A department was deleted.",
        EventName::GroupCreate => "A group was created.",
        EventName::GroupUpdate => "A group was changed, enabled, disabled or moved to the bin.",
        EventName::GroupDelete => "A group was deleted for good.",
        EventName::TeammateInvite => "Somebody who has an account was added to the team.",
        EventName::TeammateUpdate => {
            "A membership was changed. It is also told as `project_user.update.agent` when it is one of the team."
        }
        EventName::TeammateDelete => "A teammate was removed; disabling one does not tell it.",
        EventName::ProjectCreate => "A project was created. Only subscriptions to all projects hear of it.",
        EventName::ProjectUpdate => "A project was changed.",
        EventName::ProjectDowngrade => "A project went back to the free plan.",
        EventName::ProjectDelete => "A project was deleted. Only subscriptions to all projects hear of it.",
        EventName::UserSignUp => "Somebody signed up. Only subscriptions to all projects hear of it.",
        EventName::EventEmit => "An event was posted. It is also told as `event.emit.NAME`, by the name of the event.",
        EventName::OperatorSelect => {
            "It is about to be chosen who serves a conversation. The API waits up to ten seconds for the answer: JSON with \
             `operators` replaces the choice, anything else leaves it as it is. It is told once."
        }
    }
}

/// The type of the payload, in the terms of the document.
fn payload_schema(name: EventName, own: &Own) -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let with = |name: &str, properties: Value| json!({"allOf": [reference(name), {"type": "object", "properties": properties}]});
    match name {
        EventName::RequestCreate | EventName::RequestUpdate => reference("PopulatedRequest"),
        EventName::RequestClose => {
            let messages = json!({"type": "array", "items": reference("Message"), "description": "All that was said."});
            with("PopulatedRequest", json!({"messages": messages}))
        }
        EventName::MessageCreate => reference("SentMessage"),
        EventName::LeadCreate => reference("Lead"),
        EventName::BotCreate | EventName::BotDelete => {
            let secret = json!({"type": "string", "description": "Secret that the bot signs its tokens with."});
            with("Bot", json!({"secret": secret}))
        }
        EventName::BotUpdate => reference("Bot"),
        EventName::FaqCreate | EventName::FaqUpdate | EventName::FaqDelete => reference("Faq"),
        EventName::DepartmentCreate | EventName::DepartmentUpdate | EventName::DepartmentDelete => {
            reference("Department")
        }
        EventName::GroupCreate | EventName::GroupUpdate | EventName::GroupDelete => reference("Group"),
        EventName::TeammateInvite | EventName::TeammateUpdate | EventName::TeammateDelete => own.member.clone(),
        EventName::ProjectCreate
        | EventName::ProjectUpdate
        | EventName::ProjectDowngrade
        | EventName::ProjectDelete => {
            let own = json!({"type": "string", "description": "The same as `_id`."});
            with("ProjectDetails", json!({"id_project": own}))
        }
        EventName::UserSignUp => reference("User"),
        EventName::EventEmit => own.emitted.clone(),
        EventName::OperatorSelect => reference("DepartmentOperators"),
    }
}

/// The types of payloads that no operation answers.
struct Own {
    emitted: Value,
    member: Value,
}

impl Own {
    fn new(components: &Value) -> Self {
        Self {
            emitted: emitted(components["CustomEvent"].clone()),
            member: member(components["PopulatedTeammate"].clone()),
        }
    }
}

fn envelope_schema(name: EventName, own: &Own) -> Value {
    json!({
        "type": "object",
        "required": ["timestamp", "payload", "hook", "token"],
        "properties": {
            "timestamp": {"type": "integer", "description": "When it happened, in milliseconds since 1970."},
            "payload": payload_schema(name, own),
            "hook": {"$ref": "#/components/schemas/WebhookSubscription"},
            "token": {"type": "string", "description": "Lets the receiver call the API back, after the word `JWT`."},
        },
    })
}

/// An event as it is told, which no operation answers: with the member and the caller inside.
fn emitted(mut event: Value) -> Value {
    event["properties"]["project_user"] = json!({
        "allOf": [{"$ref": "#/components/schemas/PopulatedTeammate"}],
        "description": "The member of the project who posted it, unless it was a program.",
    });
    event["properties"]["user"] =
        json!({"type": "object", "additionalProperties": true, "description": "Who posted it, as they were then."});
    event["properties"]["id"] = json!({"type": "string", "description": "The same as `_id`."});
    event["title"] = "EmittedEvent".into();
    event
}

/// A teammate as events show it: with the names of the user only.
fn member(mut teammate: Value) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    teammate["properties"]["id_user"] = json!({
        "type": "object",
        "required": ["_id"],
        "properties": {
            "_id": text("Identifier."),
            "firstname": text("First name."),
            "lastname": text("Last name."),
            "email": text("E-mail address. Updates leave it out."),
        },
        "description": "The user, unless the member is a visitor.",
    });
    teammate["title"] = "NamedTeammate".into();
    teammate
}

/// What may be answered.
fn responses(name: EventName) -> Value {
    if name == EventName::OperatorSelect {
        let operators = json!({"type": "array", "items": {"$ref": "#/components/schemas/Operator"}});
        let schema = json!({"type": "object", "properties": {"operators": operators}});
        let example = json!({"operators": [{"id_user": "5aaa99024c3b110014b478f0"}]});
        let media = json!({"schema": schema, "examples": {"one": {"value": example}}});
        return json!({"2XX": {
            "description": "Whoever is named gets the conversation; without `operators` the choice stands.",
            "content": {"application/json": media},
        }});
    }
    json!({
        "2XX": {"description": "It was heard."},
        "5XX": {"description": "It is told twice more, after two and four seconds."},
    })
}

/// Adds the webhooks to a document of OpenAPI 3.1.
pub(crate) fn add(document: &mut Value, examples: &BTreeMap<&'static str, Value>) {
    let own = Own::new(&document["components"]["schemas"]);
    let webhooks = EventName::ALL.iter().map(|name| {
        let id = name.as_str().replace('.', "_").to_lowercase();
        let mut media = json!({"schema": envelope_schema(*name, &own)});
        if let Some(example) = examples.get(name.as_str()) {
            media["examples"] = json!({"told": {"value": example}});
        }
        let post = json!({
            "operationId": format!("on_{id}"),
            "summary": name.as_str(),
            "description": when(*name),
            "tags": [TAG],
            "security": [],
            "parameters": [{
                "name": "x-hook-secret",
                "in": "header",
                "required": true,
                "description": "The secret of the subscription.",
                "schema": {"type": "string"},
            }],
            "requestBody": {"required": true, "content": {"application/json": media}},
            "responses": responses(*name),
        });
        (name.as_str(), json!({"post": post}))
    });
    // As references: generators stumble over those that are written out in place.
    let (mut entries, mut items) = (Map::new(), Map::new());
    for (name, item) in webhooks {
        let key = name.replace('.', "_");
        entries.insert(name.to_owned(), json!({"$ref": format!("#/components/pathItems/{key}")}));
        items.insert(key, item);
    }
    document["webhooks"] = Value::Object(entries);
    document["components"]["pathItems"] = Value::Object(items);
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.push(json!({"name": TAG, "description": "What subscribers are told."}));
    }
}

/// The first of each event, as its subscription would be told.
pub(crate) fn examples(told: &[Commit]) -> BTreeMap<&'static str, Value> {
    let mut examples = BTreeMap::new();
    for Commit { state, events, .. } in told {
        let Some(known) = state.tables.subscriptions.iter().next() else { continue };
        for event in events {
            // The shortest example of a message is one in a conversation, as most of them are.
            if matches!(&event.subject, Subject::Message(message) if &*message.value().channel_type == "direct") {
                continue;
            }
            let name = event.name.as_str();
            examples.entry(name).or_insert_with(|| as_told(known, name, event.at, &payload::payload(state, event)));
        }
        let (name, department) = (EventName::OperatorSelect.as_str(), state.tables.departments.iter().next());
        if let (Some(department), Some(event)) = (department, events.first()) {
            let department = department.value();
            let choice = operator::choose(state, &department, Bots::First, None, event.at);
            let payload = operator::show(state, &department, &choice, event.at);
            examples.entry(name).or_insert_with(|| as_told(known, name, event.at, &payload));
        }
    }
    examples
}

/// What a subscription like `known` to the event is told.
fn as_told(known: &Doc<Subscription>, event: &str, at: Timestamp, payload: &[u8]) -> Value {
    let doc = Doc::new(Subscription { event: event.into(), ..known.value().into_owned() });
    let envelope = send::envelope(at, payload, doc.json(), &send::token(&doc, at));
    serde_json::from_slice(&envelope).expect("an envelope is JSON")
}

/// The JSON Schema of what each event tells, whole in itself.
pub(crate) fn schemas(document: &Value) -> Vec<(&'static str, Value)> {
    let components = &document["components"]["schemas"];
    let own = Own::new(components);
    let schemas = EventName::ALL.iter().map(|name| {
        let mut schema = envelope_schema(*name, &own);
        let (mut needed, mut looked_at) = (BTreeSet::new(), BTreeSet::new());
        references(&schema, &mut needed);
        while let Some(next) = needed.difference(&looked_at).next().cloned() {
            references(&components[&next], &mut needed);
            looked_at.insert(next);
        }
        let definitions: Map<_, _> = needed.iter().map(|name| (name.clone(), components[name].clone())).collect();
        schema["$defs"] = Value::Object(definitions);
        let text = schema.to_string().replace("#/components/schemas/", "#/$defs/");
        let mut whole = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": name.as_str(),
            "description": when(*name),
        });
        let schema: Map<_, _> = serde_json::from_str(&text).expect("it was JSON");
        whole.as_object_mut().expect("an object").extend(schema);
        (name.as_str(), whole)
    });
    schemas.collect()
}

/// The names of the components to which a schema refers.
fn references(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                names.extend(reference.strip_prefix("#/components/schemas/").map(str::to_owned));
            }
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, names)),
        _ => {}
    }
}
