//! Derived fields, and the check for missing and unknown fields.

use serde_json::{Map, Value, json};

use super::{
    draft::{CONVERSATIONS, found},
    expand::Expansion,
    moment,
    shape::{self, Kind, Shape},
};
use crate::value::{Timestamp, id, suggest};

impl Expansion<'_> {
    /// A document with every field, as far as they are valid.
    pub(super) fn complete(&mut self, at: usize) -> Map<String, Value> {
        let mut fields = self.drafts[at].fields.clone();
        let is_partial = self.is_partial(at);
        self.resolve(at, &mut fields);
        self.derive(at, &mut fields, is_partial);
        self.reshape(at, &mut fields);
        self.check_names(at, &mut fields);
        self.check_missing(at, &fields);
        fields
    }

    /// Adds the fields that the server derives.
    fn derive(&mut self, at: usize, fields: &mut Map<String, Value>, is_partial: bool) {
        let (collection, project) = (self.drafts[at].collection, self.drafts[at].project);
        let shape = shape::of(collection.name);
        let id = self.drafts[at].id.clone();
        if collection.id() != "_id"
            && let Some(id) = fields.shift_remove("_id")
        {
            fields.entry(collection.id()).or_insert(id);
        }
        fields.entry(collection.id()).or_insert_with(|| json!(id));
        let owner = project.map_or_else(
            || self.owners.get(&at).filter(|_| collection.name == "projects").cloned(),
            |project| self.owners.get(&project).cloned(),
        );
        let owner = || json!(owner.clone().unwrap_or_else(|| "system".to_owned()));
        match collection.name {
            "users" => default(fields, "emailverified", || json!(true)),
            "projects" if is_partial => {
                default(fields, "ipFilterEnabled", || json!(false));
                default(fields, "ipFilter", || json!([]));
            }
            "bots" if is_partial => {
                let secret = || json!(id::uuid_of_name(&("secret", &id)).to_string());
                default(fields, "secret", secret);
                let slug = fields.get("name").and_then(Value::as_str).map(slug);
                default(fields, "slug", || json!(slug));
            }
            "faqs" if is_partial => {
                default(fields, "intent_id", || json!(id::uuid_of_name(&("intent", &id)).to_string()));
            }
            "leads" => {
                let lead_id = self.lead_id_of(at);
                default(fields, "lead_id", || json!(lead_id));
                default(fields, "createdBy", || json!("system"));
            }
            "project_users" => {
                let visitor = fields.get("uuid_user").cloned();
                default(fields, "createdBy", || visitor.unwrap_or_else(owner));
            }
            "requests" => self.derive_request(at, fields),
            "messages" => self.derive_message(at, fields),
            "subscriptions" if is_partial => {
                default(fields, "secret", || json!(id::uuid_of_name(&("secret", &id)).to_string()));
            }
            _ => {}
        }
        if shape.has("createdBy") {
            default(fields, "createdBy", owner);
        }
        // Documents without a date are created in the order of the file.
        let after = i64::try_from(self.drafts.len() - at).unwrap_or(i64::MAX);
        let created = Timestamp::from_milliseconds(self.start.milliseconds() - after);
        default(fields, "createdAt", || json!(created));
        if shape.has("updatedAt") {
            // An invalid date is reported once.
            let created = fields["createdAt"].as_str().and_then(|text| moment::parse(text, self.now));
            default(fields, "updatedAt", || json!(created.unwrap_or(self.now)));
        }
    }

    fn derive_request(&mut self, at: usize, fields: &mut Map<String, Value>) {
        let request_id = self.request_id_of(at);
        default(fields, "request_id", || json!(request_id));
        if !fields.contains_key("ticket_id") {
            let last = self.drafts[at].project.map(|project| self.tickets.entry(project).or_default());
            let next = last.map_or(1, |last| {
                *last += 1;
                *last
            });
            fields.insert("ticket_id".to_owned(), json!(next));
        }
        let is_served = fields.get("participants").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        let is_closed = fields.contains_key("closed_at");
        let status = if is_closed { 1000 } else { 100 + 100 * u16::from(is_served) };
        default(fields, "status", || json!(status));
        default(fields, "first_text", || {
            let first = self.drafts.iter().find(|draft| draft.parent == Some((at, "recipient")));
            first.and_then(|draft| draft.fields.get("text")).cloned().unwrap_or_else(|| json!(""))
        });
        if fields.contains_key("createdBy") {
            return;
        }
        let lead = fields.get("lead").and_then(Value::as_str).map(str::to_owned);
        let lead = lead.and_then(|id| self.with_id("leads", &id));
        let creator = lead.map_or_else(|| "system".to_owned(), |lead| self.lead_id_of(lead));
        fields.insert("createdBy".to_owned(), json!(creator));
    }

    fn derive_message(&mut self, at: usize, fields: &mut Map<String, Value>) {
        let Some(sender) = fields.get("sender").and_then(Value::as_str).map(str::to_owned) else { return };
        default(fields, "createdBy", || json!(sender));
        if fields.contains_key("senderFullname") {
            return;
        }
        let project = self.drafts[at].project;
        let name = self.drafts.iter().enumerate().find_map(|(other, draft)| match draft.collection.name {
            "users" if draft.id == sender => draft.collection.names_of(&draft.fields).pop(),
            "bots" if sender.strip_prefix("bot_") == Some(&draft.id) => {
                Some(draft.fields.get("name")?.as_str()?.to_owned())
            }
            "leads" if draft.project == project && self.lead_id_of(other) == sender => {
                Some(draft.fields.get("fullname")?.as_str()?.to_owned())
            }
            _ => None,
        });
        if let Some(name) = name {
            fields.insert("senderFullname".to_owned(), json!(name));
        }
    }

    /// Converts dates, texts, and nested objects to the full form.
    fn reshape(&mut self, at: usize, fields: &mut Map<String, Value>) {
        let (now, id) = (self.now, self.drafts[at].id.clone());
        let around = fields.clone();
        let mut problems = Vec::new();
        let source = &self.sources[self.drafts[at].origin.source];
        let draft = &self.drafts[at];
        shape::of(draft.collection.name).visit(fields, "", &mut |kind, shape, value, pointer| match kind {
            Kind::Date => match value.as_str().and_then(|text| moment::parse(text, now)) {
                Some(moment) => *value = json!(moment),
                None if value.is_null() => {}
                None => problems.push((pointer.to_owned(), format!("{}, found {}", moment::EXPECTED, found(value)))),
            },
            Kind::Text if value.is_number() || value.is_boolean() => {
                if let Some(text) = source.written(&draft.pointer(pointer)) {
                    *value = json!(text);
                }
            }
            Kind::Text => {}
            Kind::Part => complete_part(shape, value, &around, &format!("{id}{pointer}")),
        });
        for (pointer, problem) in problems {
            // An invalid date is replaced, so that it is reported once.
            if let Some(value) = pointer_mut(fields, &pointer) {
                *value = json!(now);
            }
            self.problem(at, &pointer, &problem);
        }
    }

    /// Removes and reports fields that are not in the full form.
    fn check_names(&mut self, at: usize, fields: &mut Map<String, Value>) {
        let collection = self.drafts[at].collection;
        let shape = shape::of(collection.name);
        let unknown: Vec<_> = fields.keys().filter(|field| !shape.has(field)).cloned().collect();
        for field in unknown {
            fields.shift_remove(&field);
            let aliases = collection.aliases.iter().chain(collection.nested).map(|(name, _)| *name);
            let extras = match collection.name {
                "projects" => &["owner", "team", CONVERSATIONS, "handle"][..],
                "users" => &["name", "handle"],
                _ => &["handle"],
            };
            let known: Vec<_> = shape.fields().chain(aliases).chain(extras.iter().copied()).collect();
            let hint = suggest::closest(&field, known.iter().copied());
            let hint = hint.map_or_else(
                || format!("; expected one of `{}`", known.join("`, `")),
                |name| format!("; did you mean `{name}`?"),
            );
            self.problem(at, &field, &format!("unknown field `{field}`{hint}"));
        }
    }

    fn check_missing(&mut self, at: usize, fields: &Map<String, Value>) {
        let collection = self.drafts[at].collection;
        let missing: Vec<_> =
            shape::of(collection.name).required().filter(|field| !fields.contains_key(*field)).collect();
        for field in missing {
            // An invalid reference was removed.
            if self.drafts[at].is_broken && self.drafts[at].fields.contains_key(field) {
                continue;
            }
            let problem = match field {
                "id_project" if self.has_wrong_type(at, fields) && self.projects().is_empty() => continue,
                "id_project" => self.missing_project(),
                field => format!("missing field `{field}`"),
            };
            self.problem(at, "", &problem);
        }
    }

    /// The problem of a document or a conversation without a project.
    pub(super) fn missing_project(&self) -> String {
        /// Maximum number of projects named in the message.
        const NAMED: usize = 5;
        let drafts = self.projects().iter().map(|at| &self.drafts[*at]);
        let names: Vec<_> = drafts
            .filter_map(|draft| draft.collection.names_of(&draft.fields).into_iter().next())
            .take(NAMED)
            .collect();
        if names.is_empty() {
            return "missing field `project`: the world has no project".to_owned();
        }
        format!("missing field `project`: expected one of the projects, such as `{}`", names.join("`, `"))
    }

    /// Whether the document has a field of another type, which is reported instead of the missing project.
    fn has_wrong_type(&self, at: usize, fields: &Map<String, Value>) -> bool {
        let id = fields.get(self.drafts[at].collection.id());
        id.is_some_and(|id| !id.is_string())
    }
}

fn default(fields: &mut Map<String, Value>, field: &str, value: impl FnOnce() -> Value) {
    if !fields.contains_key(field) {
        fields.insert(field.to_owned(), value());
    }
}

/// Completes an object in a document: a text stands for its main field.
fn complete_part(shape: Shape, value: &mut Value, around: &Map<String, Value>, name: &str) {
    if let Value::String(text) = value
        && let Some(field) = ["tag", "text", "name"].into_iter().find(|field| shape.has(field))
    {
        *value = Value::Object(Map::from_iter([(field.to_owned(), json!(text))]));
    }
    let Value::Object(part) = value else { return };
    for field in shape.required() {
        match field {
            "_id" => default(part, field, || json!(id::of_name::<()>(&name).to_string())),
            "createdAt" | "updatedAt" | "createdBy" => {
                if let Some(value) = around.get(field) {
                    default(part, field, || value.clone());
                }
            }
            _ => {}
        }
    }
}

fn pointer_mut<'a>(fields: &'a mut Map<String, Value>, pointer: &str) -> Option<&'a mut Value> {
    let (first, rest) =
        pointer.trim_start_matches('/').split_once('/').unwrap_or((pointer.trim_start_matches('/'), ""));
    let value = fields.get_mut(first)?;
    if rest.is_empty() { Some(value) } else { value.pointer_mut(&format!("/{rest}")) }
}

/// A name in a path.
fn slug(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("-")
}
