//! Documents in the handwritten form: without derived fields, and with names for references.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::world::{
    collection::{Collection, Target},
    dialogue::Transcript,
    draft::{CONVERSATIONS, Draft},
    expand::{Expansion, derived_id, request_id},
    names::is_id,
    shape,
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

/// The documents that are written with all their fields, by collection and identifier.
pub(super) type Whole = HashSet<(&'static str, String)>;

/// The documents to write, and their forms.
pub(super) struct Writing<'a> {
    pub(super) all: &'a Expansion<'a>,
    /// The documents that are written with all their fields.
    pub(super) whole: &'a Whole,
    /// The conversations that are written as dialogues.
    pub(super) dialogues: &'a [Transcript],
    /// The drafts that are not written, because they follow from dialogues or are left out.
    pub(super) hidden: HashSet<usize>,
    /// Fields of members as they were before the dialogues.
    pub(super) before: HashMap<usize, Map<String, Value>>,
}

fn is_same(fields: &Map<String, Value>, one: &str, other: &str) -> bool {
    fields.get(one).is_some() && fields.get(one) == fields.get(other)
}

fn shorten_sign_in(member: &mut Map<String, Value>) {
    if is_same(member, "last_login_at", "createdAt") {
        member.shift_remove("last_login_at");
    }
}

/// Removes the defaults from the copies of documents in a snapshot, and what is derived from the agents.
fn shorten_copies(snapshot: &mut Value) {
    let shorten = |copy: &mut Value, collection: &str| {
        let Some(fields) = copy.as_object_mut() else { return };
        fields.retain(|name, value| shape::of(collection).default(name) != Some(&*value));
    };
    for (field, collection) in [("department", "departments"), ("lead", "leads"), ("requester", "project_users")] {
        if let Some(copy) = snapshot.get_mut(field) {
            shorten(copy, collection);
        }
    }
    for agent in snapshot.get_mut("agents").and_then(Value::as_array_mut).into_iter().flatten() {
        shorten(agent, "project_users");
        let Some(fields) = agent.as_object_mut() else { continue };
        fields.retain(|name, _| !COMPUTED.contains(&&**name));
        shorten_sign_in(fields);
    }
}

impl Writing<'_> {
    /// Writes all documents, those of a project nested in it.
    pub(super) fn world(&self) -> Value {
        let all = self.all;
        let shortened = |at| if self.hidden.contains(&at) { None } else { Some(self.shorten(at)) };
        let mut written: Vec<_> = (0..all.drafts.len()).map(shortened).collect();
        let mut world = Map::new();
        let conversations = self.conversations();
        // Nested documents come after the enclosing ones.
        for at in (0..all.drafts.len()).rev() {
            let Some((around, field)) = self.around(at) else { continue };
            let Some(mut fields) = written[at].take() else { continue };
            put_in_order(all.drafts[at].collection, &mut fields);
            fields.shift_remove(field);
            fields.shift_remove("id_project");
            let outer = written[around].as_mut().expect("what is around a document is written after it");
            push(outer, all.drafts[at].collection.name, fields);
        }
        for (at, fields) in written.into_iter().enumerate() {
            let Some(mut fields) = fields else { continue };
            put_in_order(all.drafts[at].collection, &mut fields);
            push(&mut world, all.drafts[at].collection.name, fields);
        }
        for (project, mut fields) in conversations {
            let id = &all.drafts[project].id;
            if self.is_whole(project) {
                fields.insert("project".to_owned(), json!(id));
                push(&mut world, CONVERSATIONS, fields);
                continue;
            }
            let mut projects = world.get_mut("projects").and_then(Value::as_array_mut).into_iter().flatten();
            // Documents written without an identifier get the derived one.
            let place = all.drafts[..project].iter().filter(|draft| draft.collection.name == "projects").count();
            if let Some(project) = projects.nth(place).and_then(Value::as_object_mut) {
                push(project, CONVERSATIONS, fields);
            }
        }
        Value::Object(world)
    }

    /// The dialogues in the order in which they are written, with the drafts of their projects.
    fn conversations(&self) -> Vec<(usize, Map<String, Value>)> {
        let mut projects: Vec<_> = self.dialogues.iter().map(|one| one.project).collect();
        projects.sort_unstable();
        projects.dedup();
        // Those of projects that are written in full come last.
        projects.sort_by_key(|project| self.is_whole(*project));
        let mut written = Vec::new();
        for project in projects {
            let own = self.in_order(project, written.len());
            let are_numbered = self.are_numbered(project, &own);
            for (one, derived) in own {
                let mut fields = one.fields.clone();
                if derived != one.request_id || self.is_whole(project) {
                    fields.insert("request_id".to_owned(), json!(one.request_id));
                }
                if let Some(ticket) = one.ticket.filter(|_| !are_numbered) {
                    fields.insert("ticket_id".to_owned(), json!(ticket));
                }
                // The dialogue reads best at the end.
                if let Some(lines) = fields.shift_remove("dialogue") {
                    fields.insert("dialogue".to_owned(), lines);
                }
                written.push((project, fields));
            }
        }
        written
    }

    /// The dialogues of a project, with the `request_id` that derives from their positions after `begin` other ones. A
    /// dialogue with one of these has its position; the others follow in chronological order.
    fn in_order(&self, project: usize, begin: usize) -> Vec<(&Transcript, String)> {
        let mut own: Vec<_> = self.dialogues.iter().filter(|one| one.project == project).collect();
        own.sort_by_key(|one| (one.start, one.ticket));
        let derived: Vec<_> = (begin..begin + own.len())
            .map(|place| request_id(&self.all.drafts[project].id, &format!("#{place}")))
            .collect();
        let known: HashSet<_> = derived.iter().map(String::as_str).collect();
        let (fitting, others): (Vec<_>, Vec<_>) = own.into_iter().partition(|one| known.contains(&*one.request_id));
        let fitting: HashMap<_, _> = fitting.into_iter().map(|one| (one.request_id.clone(), one)).collect();
        let mut others = others.into_iter();
        derived.into_iter().filter_map(|id| Some((fitting.get(&id).copied().or_else(|| others.next())?, id))).collect()
    }

    /// Whether the ticket numbers of a project are those that its dialogues get by default.
    fn are_numbered(&self, project: usize, own: &[(&Transcript, String)]) -> bool {
        let kept = |(at, draft): (usize, &Draft)| {
            draft.collection.name == "requests" && draft.project == Some(project) && !self.hidden.contains(&at)
        };
        let mut sorted: Vec<_> = own.iter().map(|(one, _)| *one).collect();
        sorted.sort_by_key(|one| one.start);
        let mut numbered = (1_u64..).zip(&sorted);
        numbered.all(|(number, one)| one.ticket == Some(number)) && !self.all.drafts.iter().enumerate().any(kept)
    }

    /// The document in which a document is nested, and the field that refers to it.
    fn around(&self, at: usize) -> Option<(usize, &'static str)> {
        let all = self.all;
        let draft = &all.drafts[at];
        if self.is_whole(at) {
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
        // A document that is written in full is not nested in its project.
        let inner = inner.filter(|(around, _)| !self.is_whole(*around) && !self.hidden.contains(around));
        inner.or_else(|| draft.project.map(|project| (project, "id_project")))
    }

    fn is_whole(&self, at: usize) -> bool {
        let draft = &self.all.drafts[at];
        self.whole.contains(&(draft.collection.name, draft.id.clone()))
    }

    /// A document without derived fields.
    fn shorten(&self, at: usize) -> Map<String, Value> {
        let all = self.all;
        let draft = &all.drafts[at];
        let mut fields = draft.fields.clone();
        if let Some(before) = self.before.get(&at) {
            fields.extend(before.clone());
        }
        if self.is_whole(at) {
            return fields;
        }
        shorten_sign_in(&mut fields);
        if is_same(&fields, "updatedAt", "createdAt") {
            fields.shift_remove("updatedAt");
        }
        let shape = shape::of(draft.collection.name);
        fields.retain(|name, value| {
            let is_computed = COMPUTED.contains(&&**name) && (name != "snapshot" || *value == json!({}));
            let is_computed = is_computed && !(draft.collection.name == "namespaces" && name == "id");
            !is_computed && shape.default(name) != Some(&*value)
        });
        if let Some(snapshot) = fields.get_mut("snapshot") {
            shorten_copies(snapshot);
        }
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
                (Some(Value::Array(elements)), Some("")) => {
                    for id in elements {
                        self.rename(at, *target, id);
                    }
                }
                (Some(value), None) if *path != "id_project" => self.rename(at, *target, value),
                _ => {}
            }
        }
        fields
    }

    /// Replaces an identifier by the name of its document, if that is unique.
    fn rename(&self, at: usize, target: Target, value: &mut Value) {
        let all = self.all;
        let Some(id) = value.as_str() else { return };
        let project = all.drafts[at].project;
        let (id, kind) = match target {
            Target::Document(collection) => (id, collection),
            Target::Participant if id.starts_with("bot_") => (&id[4..], "bots"),
            Target::Participant | Target::Author | Target::Sender => (id, "users"),
            Target::Conversation => return,
        };
        let Some(collection) = Collection::named(kind) else { return };
        // Documents created by a dialogue have no name before it is performed.
        let Some(found) = all.with_id(kind, id).filter(|found| !self.hidden.contains(found)) else { return };
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
}

/// Appends a document to a list.
fn push(outer: &mut Map<String, Value>, name: &str, fields: Map<String, Value>) {
    if let Value::Array(list) = outer.entry(name).or_insert_with(|| json!([])) {
        list.push(Value::Object(fields));
    }
}

/// Restores the order of nested documents, which are gathered from the last to the first.
fn put_in_order(collection: &Collection, fields: &mut Map<String, Value>) {
    for (name, _) in collection.nested {
        if let Some(Value::Array(list)) = fields.get_mut(*name) {
            list.reverse();
        }
    }
}

/// Whether the identifier of a document is the derived one.
fn is_derived(all: &Expansion, at: usize) -> bool {
    let draft = &all.drafts[at];
    let project = draft.project.map(|project| &*all.drafts[project].id).unwrap_or_default();
    draft.id == derived_id(draft.collection, project, &all.name_for_id(at), 1)
}
