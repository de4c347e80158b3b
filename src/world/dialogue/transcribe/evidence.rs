//! The traces of conversations: their documents, in the order in which they were written.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use crate::{
    value::{Id, Timestamp},
    world::expand::Expansion,
};

/// The documents of a world that belong to conversations.
pub(super) struct Evidence {
    /// Messages by the draft of the project and the recipient.
    messages: HashMap<(usize, String), Vec<usize>>,
    /// Activities by the identifier of the request.
    activities: HashMap<String, Vec<usize>>,
    /// Guests by the draft of the project and the client-side identifier.
    guests: HashMap<(usize, String), usize>,
    /// Events by the number of the identifier.
    events: HashMap<u64, usize>,
    /// Leads that conversations created.
    leads: HashSet<usize>,
}

/// A document, or a part of the request, written by a call.
pub(super) struct Mark<'a> {
    pub(super) number: u64,
    /// Milliseconds.
    pub(super) at: i64,
    pub(super) draft: Option<usize>,
    pub(super) is_message: bool,
    pub(super) fields: &'a Map<String, Value>,
}

/// The marks of a conversation in order, and the numbers and drafts of the events between them.
type Marks<'a> = (Vec<Mark<'a>>, Vec<(u64, usize)>);

impl Evidence {
    pub(super) fn new(all: &Expansion) -> Self {
        let mut evidence = Self {
            messages: HashMap::new(),
            activities: HashMap::new(),
            guests: HashMap::new(),
            events: HashMap::new(),
            leads: HashSet::new(),
        };
        for (at, draft) in all.drafts.iter().enumerate() {
            let own = |field: &str| text(&draft.fields, field).map(str::to_owned);
            match (draft.collection.name, draft.project) {
                ("messages", Some(project)) => {
                    let recipient = own("recipient").unwrap_or_default();
                    evidence.messages.entry((project, recipient)).or_default().push(at);
                }
                ("activities", Some(_)) => {
                    let target = draft.fields.get("target").and_then(|target| target["id"].as_str());
                    evidence.activities.entry(target.unwrap_or_default().to_owned()).or_default().push(at);
                }
                ("project_users", Some(project)) => {
                    evidence.guests.extend(own("uuid_user").map(|visitor| ((project, visitor), at)));
                }
                ("requests", Some(_)) => {
                    let lead = text(&draft.fields, "lead").and_then(|id| all.with_id("leads", id));
                    let next = number(&draft.id).and_then(|number| number.checked_add(1));
                    evidence.leads.extend(lead.filter(|lead| number(&all.drafts[*lead].id) == next));
                }
                ("events", Some(_)) => evidence.events.extend(number(&draft.id).map(|number| (number, at))),
                _ => {}
            }
        }
        evidence
    }

    /// Whether a conversation created the lead.
    pub(super) fn is_new(&self, lead: usize) -> bool {
        self.leads.contains(&lead)
    }

    /// The membership of a visitor.
    pub(super) fn guest(&self, project: usize, visitor: &str) -> Option<usize> {
        self.guests.get(&(project, visitor.to_owned())).copied()
    }

    /// All marks of a conversation. `None` if the order is not known.
    pub(super) fn marks<'a>(&self, all: &'a Expansion, project: usize, request: usize) -> Option<Marks<'a>> {
        let request = &all.drafts[request].fields;
        let messages = self.messages.get(&(project, text(request, "request_id")?.to_owned()));
        let activities = self.activities.get(text(request, "_id")?);
        let documents = messages.into_iter().flatten().map(|draft| (draft, true));
        let documents = documents.chain(activities.into_iter().flatten().map(|draft| (draft, false)));
        let mut marks = Vec::new();
        for (draft, is_message) in documents {
            let fields = &all.drafts[*draft].fields;
            let (number, at) = (number(text(fields, "_id")?)?, at(text(fields, "createdAt")?)?);
            marks.push(Mark { number, at, draft: Some(*draft), is_message, fields });
        }
        for part in ["notes", "tags"].iter().filter_map(|field| request.get(*field)?.as_array()).flatten() {
            let fields = part.as_object()?;
            let (number, seconds) = Id::<()>::parse(text(fields, "_id")?)?.parts();
            let created = text(fields, "createdAt").map_or(Some(i64::from(seconds) * 1_000), at)?;
            marks.push(Mark { number, at: created, draft: None, is_message: false, fields });
        }
        marks.sort_by_key(|mark| mark.number);
        let mut last = i64::MIN;
        for mark in &mut marks {
            // Tags are dated only to the second.
            if is_tag(mark.fields) {
                mark.at = mark.at.max(last);
            }
            last = mark.at;
        }
        let updated = text(request, "updatedAt").and_then(at);
        if let (Some(last), Some(updated)) = (marks.last_mut().filter(|last| is_tag(last.fields)), updated)
            && updated / 1_000 == last.at / 1_000
        {
            last.at = last.at.max(updated);
        }
        let events = self.between(&marks);
        Some((marks, events))
    }

    /// The events emitted between the marks, or just after the last one.
    fn between(&self, marks: &[Mark]) -> Vec<(u64, usize)> {
        /// More than any call emits at once.
        const MOST: u64 = 8;
        let mut events = Vec::new();
        for (place, mark) in marks.iter().enumerate() {
            let end = marks.get(place + 1).map_or(u64::MAX, |next| next.number);
            for number in (1..=MOST).filter_map(|more| mark.number.checked_add(more)).take_while(|number| *number < end)
            {
                let Some(event) = self.events.get(&number) else { break };
                events.push((number, *event));
            }
        }
        events
    }
}

pub(super) fn is_tag(fields: &Map<String, Value>) -> bool {
    fields.contains_key("tag")
}

pub(super) fn text<'a>(fields: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    fields.get(field).and_then(Value::as_str)
}

/// The number of an identifier.
pub(super) fn number(id: &str) -> Option<u64> {
    Id::<()>::parse(id).map(|id| id.parts().0)
}

/// A date in milliseconds.
pub(super) fn at(text: &str) -> Option<i64> {
    Timestamp::parse(text).map(Timestamp::milliseconds)
}
