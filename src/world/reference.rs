//! References: names and handles become identifiers.

use serde_json::{Map, Value, json};

use super::{
    collection::{Collection, Target},
    draft::Draft,
    expand::{Expansion, request_id},
    names::is_id,
};
use crate::value::id;

/// The result of resolving a reference.
enum Resolved {
    Known(String),
    /// The text is kept.
    Kept,
}

impl Expansion<'_> {
    /// Replaces the names in the references of a document by identifiers.
    pub(super) fn resolve(&mut self, at: usize, fields: &mut Map<String, Value>) {
        let draft = &self.drafts[at];
        if let Some((parent, field)) = draft.parent.filter(|(_, field)| !fields.contains_key(*field)) {
            let id = match draft.collection.references.iter().find(|(name, _)| *name == field) {
                Some((_, Target::Conversation)) => self.request_id_of(parent),
                _ => self.drafts[parent].id.clone(),
            };
            fields.insert(field.to_owned(), json!(id));
        }
        for (path, target) in draft.collection.references {
            let (field, inner) = path.split_once("[]").map_or((*path, None), |(field, inner)| (field, Some(inner)));
            if *path == "id_project" {
                if let Some(project) = self.drafts[at].project {
                    fields.insert(field.to_owned(), json!(self.drafts[project].id));
                } else if fields.get(field).and_then(Value::as_str).is_some_and(|text| !is_id(text)) {
                    // The problem has already been reported.
                    fields.shift_remove(field);
                }
                continue;
            }
            let Some(mut value) = fields.get_mut(field).map(Value::take) else { continue };
            match (&mut value, inner) {
                (Value::Array(all), Some(inner)) => {
                    let mut kept = Vec::new();
                    for (index, mut element) in std::mem::take(all).into_iter().enumerate() {
                        let inner = inner.trim_start_matches('.');
                        let pointer = format!("{field}/{index}/{inner}");
                        let place = if inner.is_empty() { Some(&mut element) } else { element.get_mut(inner) };
                        let is_known =
                            place.is_none_or(|place| self.replace(at, pointer.trim_end_matches('/'), *target, place));
                        if is_known {
                            kept.push(element);
                        }
                    }
                    *all = kept;
                }
                (value, _) => {
                    if !self.replace(at, field, *target, value) {
                        fields.shift_remove(field);
                        continue;
                    }
                }
            }
            fields.insert(field.to_owned(), value);
        }
    }

    /// Replaces a name by an identifier. Returns `false` after recording a problem.
    fn replace(&mut self, at: usize, field: &str, target: Target, value: &mut Value) -> bool {
        let Value::String(name) = value else { return true };
        match self.resolved(self.drafts[at].project, target, name) {
            Ok(Resolved::Kept) => true,
            Ok(Resolved::Known(id)) => {
                *value = Value::String(id);
                true
            }
            Err(problem) => {
                self.problem(at, field, &problem);
                false
            }
        }
    }

    /// The identifier that a name in a project stands for.
    pub(super) fn reference(&self, project: Option<usize>, target: Target, name: &str) -> Result<String, String> {
        self.resolved(project, target, name).map(|resolved| match resolved {
            Resolved::Known(id) => id,
            Resolved::Kept => name.to_owned(),
        })
    }

    fn resolved(&self, project: Option<usize>, target: Target, name: &str) -> Result<Resolved, String> {
        let collection = |name: &str| Collection::named(name).expect("references lead to collections");
        let get = |name_of: &str| self.names.get(&self.drafts, collection(name_of), project, name);
        let find = |name_of: &str| self.names.find(&self.drafts, collection(name_of), project, name);
        let known = |found: usize| Resolved::Known(self.drafts[found].id.clone());
        let bot = |found: usize| Resolved::Known(format!("bot_{}", self.drafts[found].id));
        // A handle is never a plain text.
        let text = |name_of: &str| {
            if name.starts_with('@') { find(name_of).map(known) } else { Ok(Resolved::Kept) }
        };
        match target {
            Target::Participant if is_id(name.strip_prefix("bot_").unwrap_or(name)) => Ok(Resolved::Kept),
            _ if is_id(name) || name == "system" => Ok(Resolved::Kept),
            Target::Document("project_users") => match get("project_users") {
                Some(member) => Ok(known(member)),
                None => {
                    self.member(project, name).map(Resolved::Known).ok_or(()).or_else(|()| find("users").map(known))
                }
            },
            Target::Document(collection) => find(collection).map(known),
            Target::Participant => match get("users").map(known).or_else(|| get("bots").map(bot)) {
                Some(resolved) => Ok(resolved),
                None => find("users").map(known),
            },
            Target::Sender => {
                let lead = || get("leads").map(|lead| Resolved::Known(self.lead_id_of(lead)));
                let resolved = get("users").map(known).or_else(lead).or_else(|| get("bots").map(bot));
                resolved.map_or_else(|| text("users"), Ok)
            }
            Target::Conversation => {
                let request = get("requests").map(|request| Resolved::Known(self.request_id_of(request)));
                // Direct messages have users as recipients.
                request.or_else(|| get("users").map(known)).map_or_else(|| text("requests"), Ok)
            }
            Target::Author => get("users").map(known).map_or_else(|| text("users"), Ok),
        }
    }

    /// The membership of a user.
    fn member(&self, project: Option<usize>, name: &str) -> Option<String> {
        let user = self.user(name)?;
        let is_of_user = |draft: &&Draft| {
            let own = draft.fields.get("id_user").and_then(Value::as_str);
            draft.collection.name == "project_users"
                && draft.project == project
                && own.and_then(|own| self.user(own)).as_ref() == Some(&user)
        };
        self.drafts.iter().find(is_of_user).map(|draft| draft.id.clone())
    }

    /// The `lead_id` of a lead.
    pub(super) fn lead_id_of(&self, at: usize) -> String {
        let own = self.drafts[at].fields.get("lead_id").and_then(Value::as_str);
        own.map_or_else(|| id::uuid_of_name(&("lead", &self.drafts[at].id)).to_string(), str::to_owned)
    }

    /// The client-side identifier of a conversation.
    pub(super) fn request_id_of(&self, at: usize) -> String {
        let draft = &self.drafts[at];
        let own = draft.fields.get("request_id").and_then(Value::as_str);
        let project = draft.project.map(|project| &*self.drafts[project].id).unwrap_or_default();
        own.map_or_else(|| request_id(project, &draft.id), str::to_owned)
    }
}
