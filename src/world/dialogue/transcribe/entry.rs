//! The lines of a dialogue, derived from the documents that the calls wrote.

use serde_json::{Map, Value, json};

use super::evidence::{Mark, is_tag, text};
use crate::world::{
    collection::Collection,
    dialogue::line::{ACTIONS, split},
    expand::Expansion,
    names::is_id,
};

/// Keys of a line that are not speakers.
const RESERVED: [&str; 6] = ["visitor", "lead", "bot", "after", "at", "ids"];

/// A line.
pub(super) struct Entry {
    /// Milliseconds.
    pub(super) at: i64,
    /// The position of the mark it was read from.
    pub(super) mark: Option<usize>,
    pub(super) key: String,
    pub(super) value: Value,
}

/// The lines of a conversation.
pub(super) struct Entries<'a> {
    pub(super) all: &'a Expansion<'a>,
    pub(super) project: usize,
    pub(super) visitor: &'a str,
    /// The name of the visitor.
    pub(super) fullname: Option<&'a str>,
    pub(super) marks: &'a [Mark<'a>],
    pub(super) entries: Vec<Entry>,
}

impl Entries<'_> {
    /// Reads the marks. `None` if a line could not have written one of them.
    pub(super) fn read(&mut self) -> Option<()> {
        for place in 0..self.marks.len() {
            let fields = self.marks[place].fields;
            if self.marks[place].is_message {
                self.message(place)?;
            } else if is_tag(fields) {
                self.tag(place);
            } else if let Some(verb) = text(fields, "verb") {
                self.activity(place, verb)?;
            } else {
                let by = self.someone(text(fields, "createdBy")?)?;
                self.add(place, "note", json!({"by": by, "text": fields.get("text")?}));
            }
        }
        Some(())
    }

    fn add(&mut self, place: usize, key: &str, value: Value) {
        self.entries.push(Entry { at: self.marks[place].at, mark: Some(place), key: key.to_owned(), value });
    }

    /// The marks that were written at the same time.
    fn group(&self, place: usize) -> impl Iterator<Item = &Mark<'_>> {
        let at = self.marks[place].at;
        self.marks.iter().filter(move |mark| mark.at == at)
    }

    fn message(&mut self, place: usize) -> Option<()> {
        let (fields, at) = (self.marks[place].fields, self.marks[place].at);
        let sender = text(fields, "sender")?;
        let is_reply = self.entries.last().is_some_and(|last| last.at == at);
        if sender == "system" {
            let label = fields.get("attributes").and_then(|own| own["messagelabel"]["key"].as_str());
            match label {
                Some("CHAT_CLOSED") => return self.close(place),
                Some("CHAT_REOPENED") => self.add(place, "reopen", Value::Null),
                // A side effect of another mark.
                _ => {}
            }
            return Some(());
        }
        let is_bot = sender.starts_with("bot_");
        if is_bot && is_reply {
            return Some(());
        }
        let who = self.someone(sender)?;
        let own = match (sender == self.visitor, sender.strip_prefix("bot_")) {
            (true, _) => self.fullname.map(str::to_owned),
            (_, Some(bot)) => self.names_of("bots", bot).into_iter().next(),
            (_, None) => self.names_of("users", sender).pop(),
        };
        let content = content(fields, own.as_deref(), self.entries.is_empty());
        self.add(place, &who, content);
        Some(())
    }

    fn close(&mut self, place: usize) -> Option<()> {
        let is_command = |mark: &Mark| text(mark.fields, "text").is_some_and(|text| text.contains("\\close"));
        if self.group(place).any(is_command) {
            return Some(());
        }
        let closed =
            self.marks[..place].iter().rev().find(|mark| text(mark.fields, "verb") == Some("REQUEST_CLOSE"))?;
        let who = self.someone(closed.fields.get("actor")?["id"].as_str()?)?;
        self.add(place, "close", json!(who));
        Some(())
    }

    fn activity(&mut self, place: usize, verb: &str) -> Option<()> {
        let fields = self.marks[place].fields;
        let action = |field: &str| fields.get("actionObj").and_then(|action| action[field].as_str());
        match (verb, action("assignmentType")) {
            // Side effects of lines.
            ("REQUEST_CREATE" | "REQUEST_CLOSE" | "REQUEST_ASSIGNED_AUTO", _) => {}
            ("REQUEST_ASSIGNED_SELF", _) => {
                let user = action("assigneeId")?;
                // Agents who write join first.
                if !self.group(place).any(|mark| mark.is_message && text(mark.fields, "sender") == Some(user)) {
                    let who = self.someone(user)?;
                    self.add(place, "join", json!(who));
                }
            }
            (_, Some("manual_reassign_department")) => {
                let department = name_of(self.all, self.project, "departments", action("assigneeId")?);
                self.add(place, "route", json!(department));
            }
            ("LEAVE_CONVERSATION", _) => {
                let who = self.someone(fields.get("actor")?["id"].as_str()?)?;
                self.add(place, "leave", json!(who));
            }
            _ => return None,
        }
        Some(())
    }

    fn tag(&mut self, place: usize) {
        let fields = self.marks[place].fields;
        let name = text(fields, "tag").filter(|_| fields.len() == 2);
        let tag = match name {
            Some(name) => json!(name),
            None => fields
                .iter()
                .filter(|(field, _)| *field != "_id")
                .map(|(field, value)| (field.clone(), value.clone()))
                .collect(),
        };
        let at = self.marks[place].at;
        match self.entries.last_mut().filter(|last| last.key == "tag" && last.at == at) {
            Some(Entry { value: Value::Array(all), .. }) => all.push(tag),
            _ => self.add(place, "tag", json!([tag])),
        }
    }

    /// The name of a participant in the lines of a dialogue.
    fn someone(&self, id: &str) -> Option<String> {
        if id == self.visitor {
            return Some("visitor".to_owned());
        }
        let (collection, id) = id.strip_prefix("bot_").map_or(("users", id), |bot| ("bots", bot));
        self.all.with_id(collection, id)?;
        let name = name_of(self.all, self.project, collection, id);
        let first = self.fullname.and_then(|name| name.split(' ').next());
        let is_visitor = [self.fullname, first].into_iter().flatten().any(|own| own.eq_ignore_ascii_case(&name));
        let is_clear = !RESERVED.contains(&&*name) && !ACTIONS.contains(&&*name) && split(&name) == (&*name, None);
        Some(if is_clear && !is_visitor { name } else { id.to_owned() })
    }

    fn names_of(&self, collection: &'static str, id: &str) -> Vec<String> {
        let draft = self.all.with_id(collection, id).map(|at| &self.all.drafts[at]);
        draft.map(|draft| draft.collection.names_of(&draft.fields)).unwrap_or_default()
    }
}

/// The text of a message, or its fields if it has more. Those of the first message are fields of the conversation.
fn content(fields: &Map<String, Value>, sender: Option<&str>, is_first: bool) -> Value {
    let mut content = Map::new();
    let channel = json!({"name": "chat21"});
    for (name, default) in [
        ("text", Value::Null),
        ("type", json!("text")),
        ("metadata", Value::Null),
        ("attributes", Value::Null),
        ("language", Value::Null),
        ("senderFullname", sender.map_or(Value::Null, |name| json!(name))),
        ("status", json!(0)),
        ("channel", channel),
    ] {
        let is_opening = is_first && matches!(name, "language" | "channel" | "attributes");
        if let Some(value) = fields.get(name).filter(|value| **value != default && !is_opening) {
            content.insert(name.to_owned(), value.clone());
        }
    }
    match content.get("text") {
        Some(text) if content.len() == 1 => text.clone(),
        _ => Value::Object(content),
    }
}

/// A unique name of a document of a project, or else its identifier.
pub(super) fn name_of(all: &Expansion, project: usize, collection: &'static str, id: &str) -> String {
    let Some(at) = all.with_id(collection, id) else { return id.to_owned() };
    let known = Collection::named(collection).expect("it is in the list");
    let mut names = known.names_of(&all.drafts[at].fields);
    if collection == "users" {
        // Names read better than email addresses.
        names.reverse();
    }
    let is_clear = |name: &&String| {
        !is_id(name)
            && !name.starts_with('@')
            && name.trim() == **name
            && *name != "system"
            && all.names.get(&all.drafts, known, Some(project), name) == Some(at)
            // A line and a list of participants look for users first.
            && (collection != "bots"
                || Collection::named("users").is_some_and(|users| all.names.get(&all.drafts, users, Some(project), name).is_none()))
    };
    names.iter().find(is_clear).cloned().unwrap_or_else(|| id.to_owned())
}
