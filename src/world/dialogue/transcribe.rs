//! Converts the documents of a conversation back to a dialogue that creates them.
//!
//! Identifiers count up, so they show the order in which documents were written, and by which calls. The caller must
//! check whether the dialogue really creates the same documents.

mod entry;
mod evidence;

use serde_json::{Map, Value, json};

use self::{
    entry::{Entries, Entry},
    evidence::{Evidence, Mark, at, number, text},
};
use super::{line::PAUSE, plan};
use crate::{
    value::Timestamp,
    world::{collection::Collection, expand::Expansion},
};

/// A conversation as a dialogue.
pub(in crate::world) struct Transcript {
    /// The draft of its project.
    pub(in crate::world) project: usize,
    pub(in crate::world) request_id: String,
    pub(in crate::world) ticket: Option<u64>,
    /// The client-side identifier of the visitor.
    pub(in crate::world) visitor: String,
    pub(in crate::world) start: Timestamp,
    /// The conversation as written, without fields that depend on its position.
    pub(in crate::world) fields: Map<String, Value>,
    /// The drafts of the documents that it creates.
    pub(in crate::world) drafts: Vec<usize>,
    /// The times of its events in milliseconds.
    pub(in crate::world) times: Vec<i64>,
}

/// The conversations of a world that can be written as dialogues.
pub(in crate::world) fn transcripts(all: &Expansion) -> Vec<Transcript> {
    let evidence = Evidence::new(all);
    let requests = (0..all.drafts.len()).filter(|at| all.drafts[*at].collection.name == "requests");
    requests.filter_map(|request| transcript(all, &evidence, request)).collect()
}

fn transcript(all: &Expansion, evidence: &Evidence, request_at: usize) -> Option<Transcript> {
    let draft = &all.drafts[request_at];
    let (project, request) = (draft.project?, &draft.fields);
    let project_id = &*all.drafts[project].id;
    let (request_id, visitor) = (text(request, "request_id")?, text(request, "createdBy")?);
    let (own, start) = (number(text(request, "_id")?)?, Timestamp::parse(text(request, "createdAt")?)?);
    let (marks, events) = evidence.marks(all, project, request_at)?;
    let first = marks.iter().find(|mark| mark.is_message)?;
    let created = marks.iter().map(|mark| mark.fields).find(|fields| text(fields, "verb") == Some("REQUEST_CREATE"))?;
    let created = created.get("target")?.get("object")?.as_object()?;
    if text(first.fields, "sender") != Some(visitor) || first.at != start.milliseconds() {
        return None;
    }
    // The first message creates the guest and the lead, unless they are known.
    let guest = evidence.guest(project, visitor).filter(|guest| number(&all.drafts[*guest].id) == own.checked_sub(1));
    let lead = text(request, "lead").and_then(|id| all.with_id("leads", id))?;
    let new_lead = Some(lead).filter(|lead| number(&all.drafts[*lead].id) == own.checked_add(1));
    let ids = own.checked_sub(1 + u64::from(guest.is_some()))?;

    let mut fields = Map::new();
    let (field, value, fullname) = person(all, project, visitor, lead, evidence.is_new(lead));
    fields.insert(field.to_owned(), value);
    fields.insert("at".to_owned(), json!(start));
    open(all, project, created, first.fields, &mut fields);
    if ids != plan::first_number(project_id, request_id) {
        fields.insert("ids".to_owned(), json!(format!("{ids:016x}")));
    }
    let mut entries =
        Entries { all, project, visitor, fullname: fullname.as_deref(), marks: &marks, entries: Vec::new() };
    entries.read()?;
    rate(&mut entries.entries, &marks, request);
    let entries = entries.entries;
    let lines = lines(&entries, &marks, &events)?;
    fields.insert("dialogue".to_owned(), Value::Array(lines));
    let documents = marks.iter().filter_map(|mark| mark.draft).chain([request_at]).chain(guest).chain(new_lead);
    Some(Transcript {
        project,
        request_id: request_id.to_owned(),
        ticket: request.get("ticket_id").and_then(Value::as_u64),
        visitor: visitor.to_owned(),
        start,
        fields,
        drafts: documents.chain(events.iter().map(|(_, event)| *event)).collect(),
        times: marks.iter().map(|mark| mark.at).chain(entries.iter().map(|entry| entry.at)).collect(),
    })
}

/// The visitor or the lead: the field, its value, and the name in messages.
fn person(
    all: &Expansion,
    project: usize,
    visitor: &str,
    lead: usize,
    is_new: bool,
) -> (&'static str, Value, Option<String>) {
    let draft = &all.drafts[lead];
    let (name, email) = (text(&draft.fields, "fullname"), text(&draft.fields, "email"));
    let fullname = name.map(str::to_owned);
    if !is_new && text(&draft.fields, "lead_id") == Some(visitor) {
        // A lead whom another conversation creates has no identifier yet when the names are resolved.
        let is_clear = |name: &&str| {
            let leads = Collection::named("leads").expect("it is in the list");
            !name.starts_with('@') && all.names.get(&all.drafts, leads, Some(project), name) == Some(lead)
        };
        let known = [name, email].into_iter().flatten().find(is_clear).unwrap_or(&*draft.id);
        return ("lead", json!(known), fullname);
    }
    let key = email.or(name);
    let is_derived = key.is_some_and(|key| plan::visitor_id(&all.drafts[project].id, key) == visitor);
    let is_plain = |text: &str| !text.is_empty() && text.trim() == text && !text.contains(['<', '>', '@']);
    let value = match (name, email) {
        (Some(name), None) if is_derived && is_plain(name) => json!(name),
        (Some(name), Some(email)) if is_derived && is_plain(name) && !email.contains(['<', '>', ' ']) => {
            json!(format!("{name} <{email}>"))
        }
        _ => {
            let id = Some(visitor).filter(|_| !is_derived);
            let all = [("id", id), ("name", name), ("email", email)];
            all.into_iter().filter_map(|(field, value)| Some((field.to_owned(), json!(value?)))).collect()
        }
    };
    ("visitor", value, fullname)
}

/// The fields of the first message, which creates `created`.
fn open(
    all: &Expansion,
    project: usize,
    created: &Map<String, Value>,
    message: &Map<String, Value>,
    fields: &mut Map<String, Value>,
) {
    for name in ["subject", "sourcePage", "userAgent", "location", "attributes"] {
        if let Some(value) = created.get(name).filter(|value| !value.is_null()) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    if let Some(priority) = text(created, "priority").filter(|priority| *priority != "normal") {
        fields.insert("priority".to_owned(), json!(priority));
    }
    if let Some(language) = message.get("language") {
        fields.insert("language".to_owned(), language.clone());
    }
    let channel = message.get("channel").and_then(|channel| channel["name"].as_str());
    if let Some(channel) = channel.filter(|channel| *channel != "chat21") {
        fields.insert("channel".to_owned(), json!(channel));
    }
    let ids = |field: &str| created.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(id) = text(created, "department") {
        let department = all.with_id("departments", id);
        let is_default = department.is_some_and(|at| all.drafts[at].fields.get("default") == Some(&json!(true)));
        if !is_default {
            fields.insert("department".to_owned(), json!(entry::name_of(all, project, "departments", id)));
        }
    } else {
        // Participants named by the message are not selected by the department.
        let participants = ids("participants").into_iter().filter_map(|id| {
            let id = id.as_str()?.to_owned();
            Some(match id.strip_prefix("bot_") {
                Some(bot) => json!(entry::name_of(all, project, "bots", bot)),
                None => json!(entry::name_of(all, project, "users", &id)),
            })
        });
        fields.insert("participants".to_owned(), participants.collect());
    }
    let followers = ids("followers");
    if !followers.is_empty() {
        fields.insert("followers".to_owned(), Value::Array(followers));
    }
}

/// Adds the rating, which is not a separate document. The log shows whether a closed conversation had one.
fn rate(entries: &mut Vec<Entry>, marks: &[Mark], request: &Map<String, Value>) {
    let Some(rating) = request.get("rating").filter(|rating| !rating.is_null()) else { return };
    let value = match request.get("rating_message") {
        Some(message) => json!({"rating": rating, "message": message}),
        None => rating.clone(),
    };
    let is_rated = |mark: &Mark| {
        text(mark.fields, "verb") == Some("REQUEST_CLOSE")
            && mark.fields.get("target").is_some_and(|target| target["object"]["rating"].is_number())
    };
    let closed = marks.iter().find(|mark| is_rated(mark)).map(|mark| mark.at);
    let updated = text(request, "updatedAt").and_then(at).unwrap_or_default();
    let end = entries.last().map_or(0, |last| last.at);
    let before = closed.and_then(|at| entries.iter().position(|entry| entry.at == at && entry.key == "close"));
    let after = || entries.iter().rposition(|entry| entry.key == "close").map(|close| close + 1);
    // The time of a rating is known only if it is the last change.
    let place = before.or_else(|| after().filter(|_| updated <= end)).unwrap_or(entries.len()).max(1);
    let at = match entries.get(place) {
        Some(next) => next.at.min(entries[place - 1].at + PAUSE),
        None => end.max(updated),
    };
    entries.insert(place, Entry { at, mark: None, key: "rate".to_owned(), value });
}

/// The lines, with pauses between them, and with the numbers of identifiers where they do not continue.
fn lines(entries: &[Entry], marks: &[Mark], events: &[(u64, usize)]) -> Option<Vec<Value>> {
    let mut lines = Vec::new();
    let is_gap_filled = |from: u64, to: u64| (from..to).all(|number| events.iter().any(|(known, _)| *known == number));
    let mut seen = 0;
    for (place, entry) in entries.iter().enumerate() {
        // The marks up to the next entry are consequences of this one.
        let begin = seen;
        let next = entries[place + 1..].iter().find_map(|entry| entry.mark).unwrap_or(marks.len());
        let group = |mark: usize| (begin..=mark).rev().take_while(|at| marks[*at].at == marks[mark].at).last();
        if let Some(mark) = entry.mark {
            let next = if next < marks.len() { group(next).unwrap_or(next).max(mark + 1) } else { next };
            seen = next;
            let numbers: Vec<_> = marks[begin..next].iter().map(|mark| mark.number).collect();
            if place > 0 && numbers.windows(2).any(|pair| !is_gap_filled(pair[0].saturating_add(1), pair[1])) {
                return None;
            }
        }
        let pause = if place == 0 { PAUSE } else { entry.at.checked_sub(entries[place - 1].at)? };
        let key = if pause == PAUSE { entry.key.clone() } else { format!("{} +{}", entry.key, length(pause)?) };
        let expected = begin.checked_sub(1).map(|last| marks[last].number.saturating_add(1));
        let first = marks.get(begin).filter(|_| entry.mark.is_some()).map(|mark| mark.number);
        let ids = match (expected, first) {
            (Some(expected), Some(first)) if first < expected => return None,
            (Some(expected), Some(first)) if !is_gap_filled(expected, first) => Some(first - 1),
            _ => None,
        };
        lines.push(match (ids, &entry.value) {
            (None, Value::Null) => json!(key),
            (None, value) => json!({key: value}),
            (Some(ids), value) => json!({key: value, "ids": format!("{ids:016x}")}),
        });
    }
    Some(lines)
}

/// The length of a pause.
fn length(milliseconds: i64) -> Option<String> {
    let mut rest = u64::try_from(milliseconds).ok()?;
    let mut parts = Vec::new();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)] {
        if rest >= size {
            parts.push(format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    Some(if parts.is_empty() { "0s".to_owned() } else { parts.join(" ") })
}
