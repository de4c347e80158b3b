//! From tables back to documents as people write them: without whatever the server derives, with names for references.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{
    Checks, Reading,
    collection::{Collection, Target},
    draft::{Draft, Gathered},
    expand::{Expansion, derived_id},
    names::is_id,
    parse_written, shape,
    source::Source,
};
use crate::{
    state::{Tables, snapshot},
    value::Timestamp,
};

/// Fields that are computed from others.
const COMPUTED: [&str; 8] = [
    "id",
    "requester_id",
    "participantsAgents",
    "participantsBots",
    "hasBot",
    "roleType",
    "isAuthenticated",
    "snapshot",
];

/// A document that is written with all its fields, by its collection and its identifier.
type Whole = HashSet<(&'static str, String)>;

/// The world in the form for people. Loading it gives the same documents.
pub(crate) fn short(tables: &Tables) -> Value {
    let full: Value = serde_json::from_slice(&tables.export()).expect("an export is JSON");
    let source = Source::of("state", full);
    let mut gathered = Gathered::default();
    gathered.add(0, &source);
    let moment = Timestamp::from_milliseconds(0);
    let sources = [source];
    let all = Expansion::new(&sources, gathered.drafts, (moment, moment));
    let mut whole = Whole::new();
    // Whatever would not be read as it was is written as it is, until nothing is left to shorten.
    loop {
        let written = write(&all, &whole);
        let wrong = different(tables, &written, moment);
        let before = whole.len();
        whole.extend(wrong);
        if whole.len() == before {
            return written;
        }
    }
}

/// The documents that the written world would change. A document that it would add is blamed on its project.
fn different(tables: &Tables, written: &Value, now: Timestamp) -> Whole {
    let reading = Reading { now, checks: Checks::Lenient };
    let Ok(loaded) = parse_written(written.clone(), reading) else {
        return Collection::all().flat_map(|collection| ids(tables, collection)).collect();
    };
    let mut wrong = Whole::new();
    for (name, difference) in snapshot::difference(tables, &loaded.tables) {
        let Some(collection) = Collection::named(name) else { continue };
        let id = |document: &Value| document[collection.id()].as_str().map(str::to_owned);
        let removed =
            difference.removed.iter().filter_map(id).chain(difference.changed.into_iter().map(|changed| changed.id));
        wrong.extend(removed.map(|id| (collection.name, id)));
        let projects = difference.added.iter().filter_map(|document| document["id_project"].as_str());
        wrong.extend(projects.map(|project| ("projects", project.to_owned())));
    }
    wrong
}

fn ids(tables: &Tables, collection: &'static Collection) -> Vec<(&'static str, String)> {
    let full: Value = serde_json::from_slice(&tables.export()).expect("an export is JSON");
    let all = full[collection.name].as_array().cloned().unwrap_or_default();
    all.iter().filter_map(|document| Some((collection.name, document[collection.id()].as_str()?.to_owned()))).collect()
}

/// Writes all documents, those of a project inside of it.
fn write(all: &Expansion, whole: &Whole) -> Value {
    let mut written: Vec<Option<Map<String, Value>>> =
        (0..all.drafts.len()).map(|at| Some(shorten(all, whole, at))).collect();
    let mut world = Map::new();
    // Inner documents come after those around them.
    for at in (0..all.drafts.len()).rev() {
        let draft = &all.drafts[at];
        let Some((around, field)) = around(all, whole, at) else { continue };
        let Some(mut fields) = written[at].take() else { continue };
        fields.shift_remove(field);
        fields.shift_remove("id_project");
        let outer = written[around].as_mut().expect("what is around a document is written after it");
        let list = outer.entry(draft.collection.name).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.insert(0, Value::Object(fields));
        }
    }
    for (at, fields) in written.into_iter().enumerate() {
        let Some(fields) = fields else { continue };
        let list = world.entry(all.drafts[at].collection.name).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(Value::Object(fields));
        }
    }
    Value::Object(world)
}

/// The document inside of which a document is written, and the field that refers to it.
fn around(all: &Expansion, whole: &Whole, at: usize) -> Option<(usize, &'static str)> {
    let draft = &all.drafts[at];
    if is_whole(whole, draft) {
        return None;
    }
    let text = |field: &str| draft.fields.get(field).and_then(Value::as_str);
    let inner = match draft.collection.name {
        "messages" => {
            let requests = Collection::named("requests").expect("it is in the list");
            let request = all.names.get(&all.drafts, requests, draft.project, text("recipient")?);
            request.map(|request| (request, "recipient"))
        }
        "faqs" => all.with_id("bots", text("id_faq_kb")?).map(|bot| (bot, "id_faq_kb")),
        _ => None,
    };
    // A document that is written as a whole is not in its project.
    let inner = inner.filter(|(around, _)| !is_whole(whole, &all.drafts[*around]));
    inner.or_else(|| draft.project.map(|project| (project, "id_project")))
}

fn is_whole(whole: &Whole, draft: &Draft) -> bool {
    whole.contains(&(draft.collection.name, draft.id.clone()))
}

/// A document without what the server derives.
fn shorten(all: &Expansion, whole: &Whole, at: usize) -> Map<String, Value> {
    let draft = &all.drafts[at];
    let mut fields = draft.fields.clone();
    if is_whole(whole, draft) {
        return fields;
    }
    let is_same = |fields: &Map<String, Value>, one: &str, other: &str| {
        fields.get(one).is_some() && fields.get(one) == fields.get(other)
    };
    if is_same(&fields, "last_login_at", "createdAt") {
        fields.shift_remove("last_login_at");
    }
    if is_same(&fields, "updatedAt", "createdAt") {
        fields.shift_remove("updatedAt");
    }
    let shape = shape::of(draft.collection.name);
    fields.retain(|name, value| {
        let is_computed = COMPUTED.contains(&&**name) && (name != "snapshot" || *value == json!({}));
        let is_computed = is_computed && !(draft.collection.name == "namespaces" && name == "id");
        !is_computed && shape.default(name) != Some(&*value)
    });
    let creator = match draft.collection.name {
        "leads" => Some("system".to_owned()),
        "messages" => fields.get("sender").and_then(Value::as_str).map(str::to_owned),
        "requests" => {
            let lead = fields.get("lead").and_then(Value::as_str);
            lead.and_then(|lead| all.with_id("leads", lead)).map(|lead| all.lead_id_of(lead))
        }
        "project_users" if fields.contains_key("uuid_user") => fields["uuid_user"].as_str().map(str::to_owned),
        "projects" => all.owners.get(&at).cloned(),
        _ => draft.project.and_then(|project| all.owners.get(&project)).cloned(),
    };
    if creator.is_some() && fields.get("createdBy").and_then(Value::as_str) == creator.as_deref() {
        fields.shift_remove("createdBy");
    }
    if is_derived(all, at) {
        fields.shift_remove(draft.collection.id());
    }
    for (path, target) in draft.collection.references {
        let (field, inner) = path.split_once("[]").map_or((*path, None), |(field, inner)| (field, Some(inner)));
        match (fields.get_mut(field), inner) {
            (Some(Value::Array(elements)), Some("")) => elements.iter_mut().for_each(|id| rename(all, at, *target, id)),
            (Some(value), None) if *path != "id_project" => rename(all, at, *target, value),
            _ => {}
        }
    }
    fields
}

/// Whether the identifier of a document would be derived, too.
fn is_derived(all: &Expansion, at: usize) -> bool {
    let draft = &all.drafts[at];
    let project = draft.project.map(|project| &*all.drafts[project].id).unwrap_or_default();
    draft.id == derived_id(draft.collection, project, &all.name_for_id(at), 1)
}

/// Replaces an identifier by the name of its document, if that is unique.
fn rename(all: &Expansion, at: usize, target: Target, value: &mut Value) {
    let Some(id) = value.as_str() else { return };
    let project = all.drafts[at].project;
    let (id, kind) = match target {
        Target::Document(collection) => (id, collection),
        Target::Participant if id.starts_with("bot_") => (&id[4..], "bots"),
        Target::Participant | Target::Author | Target::Sender => (id, "users"),
        Target::Conversation => return,
    };
    let Some(collection) = Collection::named(kind) else { return };
    let Some(found) = all.with_id(kind, id) else { return };
    let mut names = collection.names_of(&all.drafts[found].fields);
    if kind == "users" {
        // Names read better than email addresses.
        names.reverse();
    }
    let is_clear = |name: &&String| {
        let same = all.reference(project, target, name).is_ok_and(|known| value == &json!(known));
        !is_id(name) && !name.starts_with('@') && *name != "system" && same
    };
    if let Some(name) = names.iter().find(is_clear) {
        *value = json!(name);
    }
}
