//! Converts handwritten documents to documents with every field: names become identifiers, dates become absolute, and
//! derivable fields are added.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::{
    collection::Collection,
    draft::{Draft, Origin, Script, found},
    hours,
    names::{Names, is_id},
    shape,
    source::Source,
};
use crate::{
    state::problem::Problem,
    value::{Timestamp, id},
};

/// Documents on their way to the full form.
pub(super) struct Expansion<'a> {
    pub(super) sources: &'a [Source],
    pub(super) drafts: Vec<Draft>,
    pub(super) names: Names,
    pub(super) problems: Vec<Problem>,
    pub(super) now: Timestamp,
    /// The latest creation time of documents without a date.
    pub(super) start: Timestamp,
    /// The identifier of a project's owner, by the project's draft.
    pub(super) owners: HashMap<usize, String>,
    /// The drafts of the projects.
    projects: Vec<usize>,
    /// The drafts by collection and identifier.
    by_id: HashMap<(&'static str, String), usize>,
    /// The last ticket number of a project, by its draft.
    pub(super) tickets: HashMap<usize, u64>,
    /// The ticket numbers of conversations, by the drafts of their projects.
    pub(super) taken: HashSet<(usize, u32)>,
}

impl<'a> Expansion<'a> {
    /// Prepares the documents, which then have identifiers and can be found by name. The projects of `scripts` stay the
    /// same ones.
    pub(super) fn new(
        sources: &'a [Source],
        drafts: Vec<Draft>,
        scripts: &mut [Script],
        (now, start): (Timestamp, Timestamp),
    ) -> Self {
        let mut all = Self {
            sources,
            drafts,
            names: Names::default(),
            problems: Vec::new(),
            now,
            start,
            owners: HashMap::new(),
            projects: Vec::new(),
            by_id: HashMap::new(),
            tickets: HashMap::new(),
            taken: HashSet::new(),
        };
        for at in 0..all.drafts.len() {
            all.rename(at);
            all.write_team(at);
        }
        all.merge_overrides(scripts);
        let projects = all.drafts.iter().enumerate().filter(|(_, draft)| draft.collection.name == "projects");
        all.projects = projects.map(|(at, _)| at).collect();
        all.identify(|collection| collection.name == "projects" || collection.name == "users");
        all.names = Names::new(&all.drafts);
        for at in 0..all.drafts.len() {
            all.drafts[at].project = all.project_of(at);
        }
        all.names = Names::new(&all.drafts);
        all.find_owners();
        all.derive_departments();
        all.identify(|_| true);
        let ids = all.drafts.iter().enumerate().map(|(at, draft)| ((draft.collection.name, draft.id.clone()), at));
        all.by_id = ids.collect();
        all.names = Names::new(&all.drafts);
        for draft in all.drafts.iter().filter(|draft| draft.collection.name == "requests") {
            let last = draft.project.map(|project| all.tickets.entry(project).or_default());
            let ticket = draft.fields.get("ticket_id").and_then(Value::as_u64);
            if let (Some(last), Some(ticket)) = (last, ticket) {
                *last = ticket.max(*last);
            }
            let ticket = ticket.and_then(|ticket| u32::try_from(ticket).ok());
            all.taken.extend(draft.project.zip(ticket));
        }
        all
    }

    /// The document with an identifier.
    pub(super) fn with_id(&self, collection: &'static str, id: &str) -> Option<usize> {
        self.by_id.get(&(collection, id.to_owned())).copied()
    }

    /// Records a problem at a field of a document.
    pub(super) fn problem(&mut self, at: usize, field: &str, problem: &str) {
        let draft = &mut self.drafts[at];
        draft.is_broken = true;
        let pointer = draft.pointer(field);
        self.problems.push(self.sources[draft.origin.source].problem(&pointer, problem));
    }

    /// Replaces short names of fields, and fields that stand for several fields.
    fn rename(&mut self, at: usize) {
        let draft = &mut self.drafts[at];
        let mut fields = Map::new();
        for (name, value) in std::mem::take(&mut draft.fields) {
            let field = draft.collection.field(&name);
            let renamed = draft.collection.aliases.iter().find(|(short, _)| *short == name);
            if let Some((_, field)) = renamed.filter(|(_, field)| !fields.contains_key(*field)) {
                draft.written.push((*field, name.clone()));
            }
            fields.insert(field.to_owned(), value);
        }
        if draft.collection.name == "users" {
            if let Some(Value::String(name)) = fields.get("name").cloned() {
                let (first, last) = name.trim().rsplit_once(' ').unwrap_or((name.trim(), ""));
                fields.shift_remove("name");
                fields.entry("firstname").or_insert_with(|| json!(first));
                if !last.is_empty() {
                    fields.entry("lastname").or_insert_with(|| json!(last));
                }
            }
            if let Some(handle) = draft.handle.as_ref().filter(|_| !fields.contains_key("email")) {
                fields.insert("email".to_owned(), json!(format!("{}@example.com", handle.to_lowercase())));
            }
        }
        draft.fields = fields;
        for (field, problem) in hours::write(&mut self.drafts[at]) {
            self.problem(at, &field, &problem);
        }
    }

    /// Converts the `owner` and the `team` of a project to members.
    fn write_team(&mut self, at: usize) {
        if self.drafts[at].collection.name != "projects" {
            return;
        }
        let mut members = Vec::new();
        if let Some(owner) = self.drafts[at].fields.shift_remove("owner") {
            members.push(("owner".to_owned(), owner, json!("owner")));
        }
        match self.drafts[at].fields.shift_remove("team") {
            None => {}
            Some(Value::Object(team)) => {
                members.extend(team.into_iter().map(|(user, role)| (format!("team/{user}"), json!(user), role)));
            }
            Some(other) => {
                self.problem(
                    at,
                    "team",
                    &format!("expected an object of users and their roles, found {}", found(&other)),
                );
            }
        }
        let collection = Collection::named("project_users").expect("it is in the list");
        for (pointer, user, role) in members {
            let origin = Origin { pointer: self.drafts[at].pointer(&pointer), ..self.drafts[at].origin.clone() };
            let fields = Map::from_iter([("id_user".to_owned(), user), ("role".to_owned(), role)]);
            // The value itself was written, not a field of it.
            let written = vec![("id_user", String::new()), ("role", String::new())];
            let parent = Some((at, "id_project"));
            self.drafts.push(Draft { parent, written, ..Draft::new(collection, origin, fields) });
        }
    }

    /// Merges documents into those with the same identifier in an extended world.
    fn merge_overrides(&mut self, scripts: &mut [Script]) {
        let base = self.sources.iter().position(|source| source.name == super::BASE);
        let Some(base) = base else { return };
        let known: HashMap<_, _> = (self.drafts.iter().enumerate())
            .filter(|(_, draft)| draft.origin.source == base)
            .filter_map(|(at, draft)| Some(((draft.collection.name, explicit_id(draft)?.to_owned()), at)))
            .collect();
        let mut moved = vec![None; self.drafts.len()];
        for (at, moved) in moved.iter_mut().enumerate() {
            let draft = &self.drafts[at];
            let Some(id) = explicit_id(draft).filter(|_| draft.origin.source != base) else { continue };
            let Some(earlier) = known.get(&(draft.collection.name, id.to_owned())) else { continue };
            *moved = Some(*earlier);
            let Draft { fields, origin, handle, written, .. } = &self.drafts[at];
            let (fields, origin, handle, written) = (fields.clone(), origin.clone(), handle.clone(), written.clone());
            let target = &mut self.drafts[*earlier];
            target.fields.extend(fields);
            (target.origin, target.handle, target.written) = (origin, handle, written);
        }
        self.remove(&moved, scripts);
    }

    /// Removes drafts that have moved, and updates the references to parents and projects.
    fn remove(&mut self, moved: &[Option<usize>], scripts: &mut [Script]) {
        let mut place = Vec::with_capacity(moved.len());
        let mut kept = 0;
        for target in moved {
            place.push(kept);
            kept += usize::from(target.is_none());
        }
        let new = |at: usize| place[moved[at].unwrap_or(at)];
        let mut at = 0;
        self.drafts.retain_mut(|draft| {
            draft.parent = draft.parent.map(|(parent, field)| (new(parent), field));
            at += 1;
            moved[at - 1].is_none()
        });
        for script in scripts {
            script.project = script.project.map(new);
        }
    }

    /// Gives the documents of collections their identifiers, unless they have one.
    fn identify(&mut self, concerns: impl Fn(&Collection) -> bool) {
        let mut seen: HashMap<(&str, String, String), u32> = HashMap::new();
        for at in 0..self.drafts.len() {
            let draft = &self.drafts[at];
            if !concerns(draft.collection) || !draft.id.is_empty() {
                continue;
            }
            let project = draft.project.map(|project| self.drafts[project].id.clone()).unwrap_or_default();
            let name = self.name_for_id(at);
            let times = seen.entry((draft.collection.name, project.clone(), name.clone())).or_default();
            *times += 1;
            let derived = derived_id(draft.collection, &project, &name, *times);
            let is_default = draft.fields.get("default") == Some(&Value::Bool(true));
            self.drafts[at].id = match explicit_id(draft) {
                Some(id) => id.to_owned(),
                // The first knowledge base of a project has the project's identifier.
                None if draft.collection.name == "namespaces" && is_default => project,
                None => derived,
            };
        }
    }

    /// The text that the identifier of a document is derived from: its handle, or else its name.
    pub(super) fn name_for_id(&self, at: usize) -> String {
        let draft = &self.drafts[at];
        let text = |field: &str| draft.fields.get(field).and_then(Value::as_str);
        let own = || match draft.collection.name {
            "project_users" => {
                let user = text("id_user").map(|name| self.user(name).unwrap_or_else(|| name.to_lowercase()));
                text("uuid_user").map(str::to_owned).or(user)
            }
            "faqs" => {
                let bot =
                    draft.parent.map(|(bot, _)| self.name_for_id(bot)).or_else(|| text("id_faq_kb").map(str::to_owned));
                Some(format!("{} {}", bot.unwrap_or_default(), draft.collection.names_of(&draft.fields).first()?))
            }
            _ => draft.collection.names_of(&draft.fields).first().cloned(),
        };
        draft.handle.clone().or_else(own).unwrap_or_default()
    }

    /// The project of a document: the one that it names, that of the enclosing document, or the only one.
    fn project_of(&mut self, at: usize) -> Option<usize> {
        let draft = &self.drafts[at];
        if !draft.collection.has_project() {
            return None;
        }
        let collection = Collection::named("projects").expect("it is in the list");
        match draft.fields.get("id_project").cloned() {
            Some(Value::String(id)) if is_id(&id) => {
                self.projects().iter().copied().find(|at| self.drafts[*at].id.eq_ignore_ascii_case(&id))
            }
            Some(Value::String(name)) => match self.names.find(&self.drafts, collection, None, &name) {
                Ok(project) => Some(project),
                Err(problem) => {
                    self.problem(at, "id_project", &problem);
                    None
                }
            },
            Some(_) => None,
            None => {
                let around = draft.parent.and_then(|(parent, _)| {
                    if self.drafts[parent].collection.name == "projects" {
                        Some(parent)
                    } else {
                        self.drafts[parent].project
                    }
                });
                around.or_else(|| self.only_project())
            }
        }
    }

    /// The drafts of the projects.
    pub(super) fn projects(&self) -> &[usize] {
        &self.projects
    }

    /// The only project of the world, besides those of the world that it extends.
    pub(super) fn only_project(&self) -> Option<usize> {
        let base = self.sources.iter().position(|source| source.name == super::BASE);
        let mut own = self.projects.iter().filter(|at| Some(self.drafts[**at].origin.source) != base);
        match (own.next(), own.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// Finds the owners of projects. A partially written project belongs to its creator, or to the only user.
    fn find_owners(&mut self) {
        let members = Collection::named("project_users").expect("it is in the list");
        for at in 0..self.drafts.len() {
            if self.drafts[at].collection.name != "projects" {
                continue;
            }
            let is_owner = |draft: &&Draft| {
                draft.collection.name == members.name
                    && draft.project == Some(at)
                    && draft.fields.get("role") == Some(&json!("owner"))
            };
            let owner = self.drafts.iter().find(is_owner).and_then(|draft| draft.fields.get("id_user"));
            let creator = || self.drafts[at].fields.get("createdBy");
            let mut users = self.drafts.iter().filter(|draft| draft.collection.name == "users");
            let only = match (users.next(), users.next()) {
                (Some(only), None) => Some(json!(only.id)),
                _ => None,
            };
            let (has_owner, named) = (owner.is_some(), owner.or_else(creator).cloned().or(only));
            let Some(user) = named.as_ref().and_then(Value::as_str).and_then(|name| self.user(name)) else { continue };
            self.owners.insert(at, user.clone());
            if !has_owner && self.is_partial(at) && !self.is_member(at, &user) {
                let fields = Map::from_iter([("id_user".to_owned(), json!(user)), ("role".to_owned(), json!("owner"))]);
                let draft = Draft::new(members, self.drafts[at].origin.clone(), fields);
                self.drafts.push(Draft { project: Some(at), ..draft });
            }
        }
    }

    /// Whether a user belongs to the team of a project.
    pub(super) fn is_member(&self, project: usize, user: &str) -> bool {
        self.drafts.iter().filter(|draft| draft.project == Some(project)).any(|draft| {
            let member = draft.fields.get("id_user").and_then(Value::as_str);
            member.and_then(|member| self.user(member)).as_deref() == Some(user)
        })
    }

    pub(super) fn user(&self, name: &str) -> Option<String> {
        let users = Collection::named("users").expect("it is in the list");
        if is_id(name) {
            Some(name.to_owned())
        } else {
            self.names.get(&self.drafts, users, None, name).map(|at| self.drafts[at].id.clone())
        }
    }

    /// Adds the default department to partially written projects without departments.
    fn derive_departments(&mut self) {
        let departments = Collection::named("departments").expect("it is in the list");
        for at in 0..self.drafts.len() {
            let has_some = || {
                self.drafts.iter().any(|draft| draft.collection.name == departments.name && draft.project == Some(at))
            };
            if self.drafts[at].collection.name != "projects" || !self.is_partial(at) || has_some() {
                continue;
            }
            let fields = json!({"name": "Default Department", "routing": "assigned", "default": true});
            let fields = fields.as_object().cloned().unwrap_or_default();
            let draft = Draft::new(departments, self.drafts[at].origin.clone(), fields);
            self.drafts.push(Draft { project: Some(at), ..draft });
        }
    }

    /// Whether a document lacks fields of the full form, so that the server derives them.
    pub(super) fn is_partial(&self, at: usize) -> bool {
        let draft = &self.drafts[at];
        shape::of(draft.collection.name).required().any(|field| !draft.fields.contains_key(field))
    }
}

/// The identifier of a conversation that has a name.
pub(super) fn request_id(project: &str, name: &str) -> String {
    format!("support-group-{project}-{}", id::uuid_of_name(&("request", project, name)).simple())
}

/// The identifier of a document without one: the nth with its name in its project.
pub(super) fn derived_id(collection: &Collection, project: &str, name: &str, times: u32) -> String {
    id::of_name::<()>(&(collection.name, project, name, times)).to_string()
}

fn explicit_id(draft: &Draft) -> Option<&str> {
    let id = draft.fields.get(draft.collection.id()).or_else(|| draft.fields.get("_id"));
    id.and_then(Value::as_str)
}
