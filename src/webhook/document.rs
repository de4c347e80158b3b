//! Webhooks in the exported documents: an entry and a JSON Schema per event, with a recorded example.

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

/// The tag of webhooks, separate so that generators do not mistake them for operations.
const TAG: &str = "Webhooks";

/// The schemas of payloads that no operation returns.
const EMITTED_EVENT: &str = "EmittedEvent";
const NAMED_TEAMMATE: &str = "NamedTeammate";

/// When an event is sent.
fn when(name: EventName) -> &'static str {
    match name {
        EventName::RequestCreate => "A conversation was opened, through any channel or operation.",
        EventName::RequestUpdate => {
            "A conversation changed: its status, participants, followers, notes, tags, attributes, or department, or \
             it got its first response. Closing a conversation sends this event first."
        }
        EventName::RequestClose => "A conversation was closed, even if it was already closed.",
        EventName::MessageCreate => {
            "A message was sent, by a person or by the system. Also sent as `message.create.channel.NAME`, where NAME \
             is the message's channel, and as `message.create.request.channel.NAME`, where NAME is the conversation's."
        }
        EventName::LeadCreate => "A lead was created, through the API or by a first message.",
        EventName::BotCreate => "A bot was created, copied, or imported. Also sent as `faqbot.create`.",
        EventName::BotUpdate => {
            "A bot was changed, moved to the trash, published, or trained. Also sent as `faqbot.update`."
        }
        EventName::BotDelete => "A bot was permanently deleted. Also sent as `faqbot.delete`.",
        EventName::FaqCreate => "An FAQ was created or imported.",
        EventName::FaqUpdate => "An FAQ was changed.",
        EventName::FaqDelete => "An FAQ was deleted.",
        EventName::DepartmentCreate => "A department was created.",
        EventName::DepartmentUpdate => "A department was changed.",
        EventName::DepartmentDelete => "A department was deleted.",
        EventName::GroupCreate => "A group was created.",
        EventName::GroupUpdate => "A group was changed, enabled, disabled, or moved to the trash.",
        EventName::GroupDelete => "A group was permanently deleted.",
        EventName::TeammateInvite => "A user with an account was added to the team.",
        EventName::TeammateUpdate => {
            "A membership was changed. Also sent as `project_user.update.agent` if it is a teammate's."
        }
        EventName::TeammateDelete => "A teammate was removed. Disabling a teammate does not send it.",
        EventName::ProjectCreate => "A project was created. Sent only to subscriptions to all projects.",
        EventName::ProjectUpdate => "A project was changed.",
        EventName::ProjectDowngrade => "A project went back to the free plan.",
        EventName::ProjectDelete => "A project was deleted. Sent only to subscriptions to all projects.",
        EventName::UserSignUp => "A user signed up. Sent only to subscriptions to all projects.",
        EventName::EventEmit => "An event was posted. Also sent as `event.emit.NAME`, where NAME is the event's name.",
        EventName::OperatorSelect => {
            "The agents of a conversation are about to be selected. The API waits up to 10 seconds for the response: \
             JSON with `operators` replaces the selection, anything else leaves it as it is. Sent once, never retried."
        }
    }
}

/// The schema of the payload.
fn payload_schema(name: EventName) -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let with = |name: &str, properties: Value| json!({"allOf": [reference(name), {"type": "object", "properties": properties}]});
    match name {
        EventName::RequestCreate | EventName::RequestUpdate => reference("PopulatedRequest"),
        EventName::RequestClose => {
            let messages = json!({"type": "array", "items": reference("Message"), "description": "All messages."});
            with("PopulatedRequest", json!({"messages": messages}))
        }
        EventName::MessageCreate => reference("SentMessage"),
        EventName::LeadCreate => reference("Lead"),
        EventName::BotCreate | EventName::BotDelete => {
            let secret = json!({"type": "string", "description": "Secret with which the bot signs its tokens."});
            with("Bot", json!({"secret": secret}))
        }
        EventName::BotUpdate => reference("Bot"),
        EventName::FaqCreate | EventName::FaqUpdate | EventName::FaqDelete => reference("Faq"),
        EventName::DepartmentCreate | EventName::DepartmentUpdate | EventName::DepartmentDelete => {
            reference("Department")
        }
        EventName::GroupCreate | EventName::GroupUpdate | EventName::GroupDelete => reference("Group"),
        EventName::TeammateInvite | EventName::TeammateUpdate | EventName::TeammateDelete => reference(NAMED_TEAMMATE),
        EventName::ProjectCreate
        | EventName::ProjectUpdate
        | EventName::ProjectDowngrade
        | EventName::ProjectDelete => {
            let own = json!({"type": "string", "description": "Same as `_id`."});
            with("ProjectDetails", json!({"id_project": own}))
        }
        EventName::UserSignUp => reference("User"),
        EventName::EventEmit => reference(EMITTED_EVENT),
        EventName::OperatorSelect => reference("DepartmentOperators"),
    }
}

fn envelope_schema(name: EventName) -> Value {
    json!({
        "type": "object",
        "required": ["timestamp", "payload", "hook", "token"],
        "properties": {
            "timestamp": {"type": "integer", "format": "int64", "description": "Time of the event, in milliseconds since 1970."},
            "payload": payload_schema(name),
            "hook": {"$ref": "#/components/schemas/WebhookSubscription"},
            "token": {"type": "string", "description": "Token for calls to the API (`Authorization: JWT …`)."},
        },
    })
}

/// An event as sent, which no operation returns: with the member and the caller embedded.
fn emitted(mut event: Value) -> Value {
    event["properties"]["project_user"] = json!({
        "allOf": [{"$ref": "#/components/schemas/PopulatedTeammate"}],
        "description": "Project member who posted the event. Absent if a bot or a subscription did.",
    });
    event["properties"]["user"] =
        json!({"type": "object", "additionalProperties": true, "description": "Caller, as of the event."});
    event["title"] = EMITTED_EVENT.into();
    event
}

/// A teammate as shown in events: with only the names and the email address of the user.
fn member(mut teammate: Value) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    teammate["properties"]["id_user"] = json!({
        "type": "object",
        "required": ["_id"],
        "properties": {
            "_id": text("Identifier."),
            "firstname": text("First name."),
            "lastname": text("Last name."),
            "email": text("Email address. Absent in updates."),
        },
        "description": "The member's user. Absent if the member is a visitor.",
    });
    teammate["title"] = NAMED_TEAMMATE.into();
    teammate
}

/// The receiver's possible responses.
fn responses(name: EventName) -> Value {
    if name == EventName::OperatorSelect {
        let operators = json!({"type": "array", "items": {"$ref": "#/components/schemas/Operator"}});
        let schema = json!({"type": "object", "properties": {"operators": operators}});
        let example = json!({"operators": [{"id_user": "5aaa99024c3b110014b478f0"}]});
        let media = json!({"schema": schema, "examples": {"one": {"summary": "One agent", "value": example}}});
        return json!({"2XX": {
            "description": "The named operators get the conversation; without `operators` the selection is unchanged.",
            "content": {"application/json": media},
        }});
    }
    json!({
        "2XX": {"description": "Acknowledged."},
        "5XX": {"description": "Retried twice, after 2 s and 4 s."},
    })
}

/// Adds the webhooks to an OpenAPI 3.1 document.
pub(crate) fn add(document: &mut Value, examples: &BTreeMap<&'static str, Value>) {
    let components = &mut document["components"]["schemas"];
    components[EMITTED_EVENT] = emitted(components["CustomEvent"].clone());
    components[NAMED_TEAMMATE] = member(components["PopulatedTeammate"].clone());
    let webhooks = EventName::ALL.iter().map(|name| {
        let id = name.as_str().replace('.', "_").to_lowercase();
        let mut media = json!({"schema": envelope_schema(*name)});
        if let Some(example) = examples.get(name.as_str()) {
            media["examples"] = json!({"told": {"summary": name.as_str(), "value": example}});
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
                "description": "Secret of the subscription.",
                "schema": {"type": "string"},
                "example": "3c0d8d5e-7e6f-4a7b-9c52-0f6a1d2b3c4d",
            }],
            "requestBody": {"required": true, "content": {"application/json": media}},
            "responses": responses(*name),
        });
        (name.as_str(), json!({"post": post}))
    });
    // As references, because code generators fail on inline path items here.
    let (mut entries, mut items) = (Map::new(), Map::new());
    for (name, item) in webhooks {
        let key = name.replace('.', "_");
        entries.insert(name.to_owned(), json!({"$ref": format!("#/components/pathItems/{key}")}));
        items.insert(key, item);
    }
    document["webhooks"] = Value::Object(entries);
    document["components"]["pathItems"] = Value::Object(items);
    if let Some(tags) = document["tags"].as_array_mut() {
        tags.push(json!({"name": TAG, "description": "Requests that the API sends to webhook subscribers."}));
    }
}

/// The first occurrence of each event, as sent to a subscription.
pub(crate) fn examples(told: &[Commit]) -> BTreeMap<&'static str, Value> {
    let mut examples = BTreeMap::new();
    for Commit { state, events, .. } in told {
        let Some(known) = state.tables.subscriptions.iter().next() else { continue };
        for event in events {
            // The example should be a message in a conversation, which is the usual kind.
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

/// The body sent to a subscription like `known`, but for this event.
fn as_told(known: &Doc<Subscription>, event: &str, at: Timestamp, payload: &[u8]) -> Value {
    let doc = Doc::new(Subscription { event: event.into(), ..known.value().into_owned() });
    let envelope = send::envelope(at, payload, doc.json(), &send::token(&doc, at));
    serde_json::from_slice(&envelope).expect("an envelope is JSON")
}

/// The self-contained JSON Schema of each event.
pub(crate) fn schemas(document: &Value) -> Vec<(&'static str, Value)> {
    let components = &document["components"]["schemas"];
    let schemas = EventName::ALL.iter().map(|name| {
        let mut schema = envelope_schema(*name);
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
        let schema: Map<_, _> = serde_json::from_str(&text).expect("replacing references keeps it JSON");
        whole.as_object_mut().expect("an object").extend(schema);
        (name.as_str(), whole)
    });
    schemas.collect()
}

/// Collects the names of the components that a schema refers to.
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
