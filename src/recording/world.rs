//! The world of a recording: the documents in its responses, in their last recorded state.
//!
//! Documents are recognized by their fields, wherever they occur. Embedded documents, such as the lead of a
//! conversation in place of its ID, become separate documents. Accounts come from the credentials of the calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::{Map, Value, json};

use super::{Recorded, load};
use crate::{
    example::Exchange,
    http::path,
    state::{
        Tables,
        fixture::{self, FixtureError},
        problem::Problem,
    },
};

/// Maximum number of incomplete documents, which are omitted.
const INCOMPLETE: usize = 10_000;

/// The fields by which the documents of a collection are recognized, besides their ID: present fields, and absent ones.
/// The first match wins.
const SHAPES: [(&str, &[&str], &[&str]); 19] = [
    ("requests", &["request_id", "first_text"], &[]),
    ("messages", &["sender", "recipient", "id_project"], &[]),
    ("leads", &["lead_id", "id_project"], &[]),
    ("faqs", &["id_faq_kb", "id_project"], &[]),
    ("departments", &["routing", "default", "id_project"], &[]),
    ("project_users", &["role", "user_available", "id_project"], &[]),
    ("groups", &["members", "name", "id_project"], &[]),
    ("tags", &["tag", "id_project"], &[]),
    ("segments", &["filters", "match", "id_project"], &[]),
    ("subscriptions", &["target", "event", "secret", "id_project"], &[]),
    ("activities", &["actor", "verb", "target", "id_project"], &[]),
    ("bots", &["intentsEngine", "name", "id_project"], &[]),
    ("contents", &["namespace", "source", "type", "id_project"], &[]),
    ("answered_questions", &["namespace", "question", "answer", "id_project"], &[]),
    ("unanswered_questions", &["namespace", "question", "id_project"], &["answer"]),
    ("events", &["name", "project_user", "id_project"], &[]),
    ("canned_responses", &["text", "status", "id_project"], &["sender", "recipient"]),
    ("projects", &["name", "createdBy", "versions"], &["id_project"]),
    ("users", &["email"], &["id_project", "lead_id", "role"]),
];

/// Fields with copies of documents from another time.
const COPIES: [&str; 3] = ["snapshot", "actionObj", "object"];

pub(super) type Documents = BTreeMap<&'static str, Vec<Map<String, Value>>>;

/// The world of the recording in a directory, and the problems of incomplete documents, which are omitted.
pub(crate) fn world(directory: &Path) -> Result<(Tables, Vec<Problem>), FixtureError> {
    tables(build(&load(directory)?), &directory.display().to_string())
}

/// The tables of documents, without incomplete ones.
pub(super) fn tables(mut world: Documents, name: &str) -> Result<(Tables, Vec<Problem>), FixtureError> {
    let mut left_out = Vec::new();
    for _ in 0..INCOMPLETE {
        let error = match fixture::parse(name, &json!(world).to_string()) {
            Ok(tables) => return Ok((tables, left_out)),
            Err(error) => error,
        };
        // `/leads/3/…`
        let Some(found) = error.problems().first() else { return Err(error) };
        let mut place = found.pointer.split('/').skip(1);
        let (collection, index) = (place.next().unwrap_or_default(), place.next().and_then(|index| index.parse().ok()));
        let documents = world.get_mut(collection);
        match (documents, index) {
            (Some(documents), Some(index)) if index < documents.len() => {
                let document = documents.remove(index);
                let id = document.get("_id").or(document.get("id")).and_then(Value::as_str).unwrap_or_default();
                let problem = format!("the document is incomplete, and left out: {}", found.problem);
                left_out.push(Problem { file: name.to_owned(), pointer: format!("/{collection}/{id}"), problem });
            }
            _ => return Err(error),
        }
    }
    let problem = format!("more than {INCOMPLETE} documents are incomplete");
    Err(Problem { file: name.to_owned(), pointer: String::new(), problem }.into())
}

fn build(recording: &[Recorded]) -> Documents {
    let mut found = Found::default();
    for Recorded { exchange, .. } in recording {
        if (200..300).contains(&exchange.status) {
            let segments = segments(&exchange.request.path);
            if exchange.request.method == "DELETE" {
                found.remove(&segments);
            }
            if let Some(body) = &exchange.body {
                found.look(body, Seen::Current);
            }
            found.callers(exchange, &segments);
        }
    }
    found.complete()
}

/// The segments of a path without its version.
pub(super) fn segments(path: &str) -> Vec<&str> {
    let (_, own) = path::version(path.split('?').next().unwrap_or_default());
    own.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// The state of a document in a response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// The current one, which replaces earlier ones.
    Current,
    /// The current one, which does not replace earlier ones.
    #[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "only the program looks for beginnings"))]
    Earliest,
    /// One from another time.
    Copy,
}

/// The documents and accounts found in the calls of a recording.
#[derive(Default)]
pub(super) struct Found {
    pub(super) documents: Documents,
    /// The password of each account, by email address.
    pub(super) passwords: BTreeMap<String, String>,
    /// The projects that accounts have called successfully.
    pub(super) members: BTreeSet<(String, String)>,
    /// The creators of documents, by email address.
    creators: BTreeMap<String, String>,
}

impl Found {
    /// Collects the documents in a value.
    pub(super) fn look(&mut self, value: &Value, seen: Seen) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.look(item, seen)),
            Value::Object(fields) => {
                for (name, value) in fields {
                    let seen = if COPIES.contains(&name.as_str()) { Seen::Copy } else { seen };
                    self.look(value, seen);
                }
                if let Some((name, key)) = kind(fields) {
                    self.add(name, key, fields, seen);
                }
            }
            _ => {}
        }
    }

    fn add(&mut self, name: &'static str, key: &str, fields: &Map<String, Value>, seen: Seen) {
        let all = self.documents.entry(name).or_default();
        match (all.iter_mut().find(|known| known.get(key) == fields.get(key)), seen) {
            (Some(known), Seen::Current) => {
                known.extend(fields.iter().map(|(name, value)| (name.clone(), value.clone())));
            }
            // Some responses contain only a part of a document.
            (Some(known), Seen::Earliest) if !known.contains_key("createdAt") => {
                for (name, value) in fields {
                    known.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
            (Some(_), Seen::Earliest | Seen::Copy) => {}
            (None, _) => all.push(fields.clone()),
        }
    }

    /// Removes the document at the path of a deletion.
    fn remove(&mut self, segments: &[&str]) {
        let named = segments.iter().rev().find(|segment| **segment != "physical").copied().unwrap_or_default();
        for documents in self.documents.values_mut() {
            documents.retain(|document| {
                let ids = ["_id", "id", "request_id"].map(|key| document.get(key).and_then(Value::as_str));
                !ids.contains(&Some(named))
            });
        }
    }

    /// Records the accounts of a successful call: that of its caller, and one that it signs in or up.
    pub(super) fn callers(&mut self, exchange: &Exchange, segments: &[&str]) {
        let request = &exchange.request;
        if let Some((email, password)) = request.basic.as_deref().and_then(|basic| basic.split_once(':')) {
            self.caller(email, password, segments, exchange.body.as_ref());
        }
        let sent = request.body.as_ref().unwrap_or(&Value::Null);
        if let (Some(email), Some(password)) = (sent["email"].as_str(), sent["password"].as_str())
            && segments.first() == Some(&"auth")
        {
            self.passwords.insert(email.to_owned(), password.to_owned());
        }
    }

    fn caller(&mut self, email: &str, password: &str, segments: &[&str], body: Option<&Value>) {
        self.passwords.insert(email.to_owned(), password.to_owned());
        let project = match segments {
            ["projects", project, ..] | [project, _, ..] => *project,
            _ => "",
        };
        if is_id(project) {
            self.members.insert((email.to_owned(), project.to_owned()));
        }
        if let Some(creator) = body.and_then(|body| body["createdBy"].as_str()).filter(|creator| is_id(creator)) {
            self.creators.entry(email.to_owned()).or_insert_with(|| creator.to_owned());
        }
    }

    /// The documents in stored form, with the accounts, members, and projects that the calls imply.
    pub(super) fn complete(mut self) -> Documents {
        self.add_users();
        self.add_projects();
        self.add_members();
        let schema = fixture::schema();
        for (name, documents) in &mut self.documents {
            let definition = definition(&schema, &schema["properties"][*name]["items"]);
            for document in documents {
                store(document, definition, &schema);
            }
        }
        self.documents
    }

    fn add_users(&mut self) {
        let users = self.documents.entry("users").or_default();
        for (number, (email, password)) in self.passwords.iter().enumerate() {
            if !users.iter().any(|user| user.get("email").is_some_and(|known| known == email)) {
                let id = self.creators.get(email).cloned().unwrap_or_else(|| format!("{:024x}", 0xacc0_0000 + number));
                users.retain(|user| user.get("_id").is_none_or(|known| *known != id));
                let Value::Object(user) = json!({"_id": id, "email": email}) else { continue };
                users.push(user);
            }
            let own = users.iter_mut().filter(|user| user.get("email").is_some_and(|known| known == email));
            own.for_each(|user| drop(user.insert("password".to_owned(), password.clone().into())));
        }
        for user in users {
            user.entry("emailverified").or_insert(true.into());
        }
    }

    /// Adds projects that documents belong to but that are in no response.
    fn add_projects(&mut self) {
        let named = self.documents.values().flatten().filter_map(|document| id_of(document.get("id_project")?));
        let mut named: BTreeSet<_> = named.chain(self.members.iter().map(|(_, project)| project.clone())).collect();
        let projects = self.documents.entry("projects").or_default();
        named.retain(|id| !projects.iter().any(|project| project.get("_id").is_some_and(|known| known == id)));
        for id in named {
            if let Value::Object(project) = json!({"_id": id, "id": id, "name": "Project", "createdBy": "system"}) {
                projects.push(project);
            }
        }
    }

    /// Adds memberships of callers that are in no response.
    fn add_members(&mut self) {
        let users = self.documents.get("users").cloned().unwrap_or_default();
        let members = self.documents.entry("project_users").or_default();
        for (number, (email, project)) in self.members.iter().enumerate() {
            let user = users.iter().find(|user| user.get("email").is_some_and(|known| known == email));
            let Some(user) = user.and_then(|user| user.get("_id")?.as_str()) else { continue };
            let is_own = |member: &Map<String, Value>| {
                let ids = [member.get("id_user"), member.get("id_project")].map(|id| id.and_then(id_of));
                ids == [Some(user.to_owned()), Some(project.clone())]
            };
            if !members.iter().any(is_own) {
                let id = format!("{:024x}", 0x3e3b_0000 + number);
                let member = json!({
                    "_id": id, "id": id, "id_project": project, "id_user": user, "role": "owner", "roleType": 1,
                    "user_available": true, "createdBy": user,
                });
                if let Value::Object(member) = member {
                    members.push(member);
                }
            }
        }
    }
}

/// The collection that a document belongs to, and the field that identifies it.
pub(super) fn kind(fields: &Map<String, Value>) -> Option<(&'static str, &'static str)> {
    let has = |name: &&str| fields.contains_key(*name);
    if !fields.get("_id").and_then(Value::as_str).is_some_and(is_id) {
        let is_namespace = ["id", "id_project", "hybrid", "preview_settings"].iter().all(has);
        return is_namespace.then_some(("namespaces", "id"));
    }
    let shape = SHAPES.iter().find(|(_, with, without)| with.iter().all(has) && !without.iter().any(has))?;
    Some((shape.0, "_id"))
}

fn is_id(text: &str) -> bool {
    path::is_object_id(text)
}

/// The ID in a field, or that of the document in its place.
fn id_of(value: &Value) -> Option<String> {
    value.as_str().or_else(|| value["_id"].as_str()).map(str::to_owned)
}

/// Resolves a reference in the fixture schema.
fn definition<'a>(schema: &'a Value, node: &'a Value) -> &'a Value {
    let name = node["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map_or(node, |name| &schema["$defs"][name])
}

/// Converts a document to its stored form: only its own fields, with IDs in place of other documents.
fn store(document: &mut Map<String, Value>, definition: &Value, schema: &Value) {
    for [from, to] in [["createdAt", "updatedAt"], ["updatedAt", "createdAt"]] {
        if let (None, Some(time)) = (document.get(to), document.get(from)) {
            document.insert(to.to_owned(), time.clone());
        }
    }
    for (name, value) in
        [("createdAt", "1970-01-01T00:00:00.000Z"), ("updatedAt", "1970-01-01T00:00:00.000Z"), ("createdBy", "system")]
    {
        document.entry(name).or_insert_with(|| value.into());
    }
    let Some(known) = definition["properties"].as_object() else { return };
    document.retain(|name, value| {
        let Some(node) = known.get(name) else { return false };
        if value.is_null() {
            return allows(node, "null", schema);
        }
        if value.is_object() && !allows(node, "object", schema) {
            *value = id_of(value).map_or(Value::Null, Value::from);
        }
        !value.is_null()
    });
}

/// Whether a property may have a type.
fn allows(node: &Value, kind: &str, schema: &Value) -> bool {
    let node = definition(schema, node);
    let is_of = |known: &Value| *known == *kind;
    let own = &node["type"];
    let parts = ["anyOf", "oneOf", "allOf"].into_iter().flat_map(|key| node[key].as_array().into_iter().flatten());
    let mut parts = parts.peekable();
    is_of(own)
        || own.as_array().is_some_and(|all| all.iter().any(is_of))
        || own.is_null() && parts.peek().is_none() && node["enum"].is_null()
        || parts.any(|part| allows(part, kind, schema))
}
