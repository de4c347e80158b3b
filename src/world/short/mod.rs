//! Converts tables back to a handwritten world. Documents that would be read differently are written in a longer form,
//! until loading the world gives the same documents.

mod write;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use self::write::{Whole, Writing};
use super::{
    Checks, Reading,
    collection::Collection,
    dialogue::{Transcript, transcripts},
    draft::{Draft, Gathered},
    expand::Expansion,
    parse_written,
    source::Source,
};
use crate::{
    state::{Tables, snapshot},
    value::Timestamp,
};

/// Number of conversations that are tried first. If none of them can be written as a dialogue, the others are assumed
/// not to be dialogues either.
const TRIED: usize = 50;

/// Number of attempts with dialogues.
const ATTEMPTS: usize = 4;

/// Collections whose documents are all parts of conversations.
const PARTS: [&str; 3] = ["requests", "messages", "activities"];

/// The world in the handwritten form. Loading it gives the same documents.
pub(crate) fn short(tables: &Tables, now: Timestamp) -> Value {
    let full: Value = serde_json::from_slice(&tables.export()).expect("an export is JSON");
    let source = Source::of("state", full);
    let mut gathered = Gathered::default();
    gathered.add(0, &source);
    let sources = [source];
    let all = Expansion::new(&sources, gathered.drafts, &mut gathered.scripts, (now, now));
    let mut settling = Settling { tables, all: &all, now, whole: Whole::new(), dialogues: transcripts(&all) };
    settling.dialogues.sort_by_key(|one| one.start);
    settling.try_some();
    settling.settle()
}

/// A world while it is converted to a text that gives the same documents.
struct Settling<'a> {
    tables: &'a Tables,
    all: &'a Expansion<'a>,
    now: Timestamp,
    whole: Whole,
    dialogues: Vec<Transcript>,
}

/// The differences between the loaded world and the original.
#[derive(Default)]
struct Different {
    /// Documents that are missing or changed.
    known: Vec<(&'static str, String)>,
    /// Documents that are not in the original.
    added: Vec<(&'static str, Value)>,
    /// Pointers to rejected lines.
    refused: Vec<String>,
}

impl Settling<'_> {
    /// Writes everything, and lengthens documents that differ until none is left.
    fn settle(mut self) -> Value {
        let mut attempts = 0;
        loop {
            let hidden = self.dialogues.iter().flat_map(|one| one.drafts.iter().copied()).collect();
            let written = self.written(&self.dialogues, hidden);
            let different = self.different(&written);
            if different.is_nothing() {
                return written;
            }
            attempts += 1;
            let blamed = self.blamed(&different, &written);
            let is_last = attempts >= ATTEMPTS || blamed.is_empty() && !different.refused.is_empty();
            if !self.dialogues.is_empty() && is_last {
                self.dialogues.clear();
            } else if !blamed.is_empty() {
                self.remove(&blamed);
            } else if !self.lengthen(&different) {
                if self.dialogues.is_empty() {
                    return written;
                }
                self.dialogues.clear();
            }
        }
    }

    /// Abandons dialogues if none of the first ones works in a world without the other conversations.
    fn try_some(&mut self) {
        if self.dialogues.len() <= TRIED {
            return;
        }
        let parts = |(_, draft): &(usize, &Draft)| PARTS.contains(&draft.collection.name);
        let parts = self.all.drafts.iter().enumerate().filter(parts).map(|(at, _)| at);
        let tried = &self.dialogues[..TRIED];
        let hidden = parts.chain(tried.iter().flat_map(|one| one.drafts.iter().copied())).collect();
        let written = self.written(tried, hidden);
        let different = self.different(&written);
        let blamed = self.blamed(&different, &written);
        if (0..TRIED).all(|place| blamed.contains(&place)) {
            self.dialogues.clear();
        }
    }

    fn written(&self, dialogues: &[Transcript], hidden: HashSet<usize>) -> Value {
        let before = members_before(self.all, &self.dialogues);
        Writing { all: self.all, whole: &self.whole, dialogues, hidden, before }.world()
    }

    /// Loads the written world, and compares it with the original.
    fn different(&self, written: &Value) -> Different {
        let reading = Reading { now: self.now, checks: Checks::Lenient };
        let loaded = match parse_written(written.clone(), reading) {
            Ok(loaded) => loaded,
            Err(problems) => {
                let refused = problems.into_iter().map(|problem| problem.pointer).collect();
                return Different { refused, ..Different::default() };
            }
        };
        let mut different = Different::default();
        for (name, difference) in snapshot::difference(self.tables, &loaded.tables) {
            let Some(collection) = Collection::named(name) else { continue };
            let id = |document: &Value| document[collection.id()].as_str().map(str::to_owned);
            let changed = difference.changed.into_iter().map(|changed| changed.id);
            let known = difference.removed.iter().filter_map(id).chain(changed);
            different.known.extend(known.map(|id| (collection.name, id)));
            different.added.extend(difference.added.into_iter().map(|document| (collection.name, document)));
        }
        different
    }

    /// The dialogues whose documents differ from the original ones.
    fn blamed(&self, different: &Different, written: &Value) -> HashSet<usize> {
        let (mut owners, mut requests, mut visitors) = (HashMap::new(), HashMap::new(), HashMap::new());
        for (place, one) in self.dialogues.iter().enumerate() {
            let documents = one.drafts.iter().map(|at| &self.all.drafts[*at]);
            owners.extend(documents.map(|draft| ((draft.collection.name, draft.id.as_str()), place)));
            requests.insert(&*one.request_id, place);
            visitors.insert(&*one.visitor, place);
        }
        let mut blamed: HashSet<_> =
            different.known.iter().filter_map(|(name, id)| owners.get(&(*name, id.as_str())).copied()).collect();
        for (name, document) in &different.added {
            let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
            blamed.extend(match *name {
                "requests" => requests.get(text("/request_id")),
                "messages" => requests.get(text("/recipient")),
                "activities" => requests.get(text("/target/object/request_id")),
                "leads" => visitors.get(text("/lead_id")),
                "project_users" => visitors.get(text("/uuid_user")),
                _ => None,
            });
        }
        for pointer in &different.refused {
            let Some((around, rest)) = pointer.split_once("/conversations/") else { continue };
            let place = rest.split('/').next().unwrap_or_default();
            let Some(refused) = written.pointer(&format!("{around}/conversations/{place}")) else { continue };
            let is_same = |one: &Transcript| {
                one.fields.get("dialogue") == refused.get("dialogue") && one.fields.get("at") == refused.get("at")
            };
            blamed.extend((0..self.dialogues.len()).filter(|place| is_same(&self.dialogues[*place])));
        }
        blamed
    }

    fn remove(&mut self, blamed: &HashSet<usize>) {
        let mut place = 0;
        self.dialogues.retain(|_| {
            place += 1;
            !blamed.contains(&(place - 1))
        });
    }

    /// Marks documents to write with all fields: those that are read differently, and the projects of added ones.
    /// Returns whether any were not marked yet.
    fn lengthen(&mut self, different: &Different) -> bool {
        let before = self.whole.len();
        if different.refused.is_empty() {
            self.whole.extend(different.known.iter().cloned());
            let projects = different.added.iter().filter_map(|(_, document)| document["id_project"].as_str());
            self.whole.extend(projects.map(|project| ("projects", project.to_owned())));
        } else {
            let all = self.all.drafts.iter().map(|draft| (draft.collection.name, draft.id.clone()));
            self.whole.extend(all);
        }
        self.whole.len() > before
    }
}

impl Different {
    fn is_nothing(&self) -> bool {
        self.known.is_empty() && self.added.is_empty() && self.refused.is_empty()
    }
}

/// Fields of members as they were before the dialogues, which count what the members serve.
fn members_before(all: &Expansion, dialogues: &[Transcript]) -> HashMap<usize, Map<String, Value>> {
    let (mut serving, mut times, mut starts) = (HashMap::new(), HashSet::new(), HashMap::new());
    let mut seen: HashMap<&str, &Value> = HashMap::new();
    for one in dialogues {
        times.extend(one.times.iter().map(|at| (one.project, *at)));
        let start = *starts.entry(one.project).or_insert(one.start);
        let Some(request) = one.drafts.iter().map(|at| &all.drafts[*at]).find(|one| one.collection.name == "requests")
        else {
            continue;
        };
        if request.fields.get("status").and_then(Value::as_u64) < Some(1_000) {
            let agents = request.fields.get("participants").and_then(Value::as_array).into_iter().flatten();
            for agent in agents.filter_map(Value::as_str) {
                *serving.entry((one.project, agent)).or_insert(0) += 1;
            }
        }
        let agents = request.fields.get("snapshot").and_then(|snapshot| snapshot["agents"].as_array());
        for agent in agents.into_iter().flatten() {
            let updated = agent["updatedAt"].as_str().and_then(Timestamp::parse);
            if let (Some(id), Some(_)) = (agent["_id"].as_str(), updated.filter(|updated| *updated < start)) {
                seen.entry(id).or_insert(agent);
            }
        }
    }
    let mut before = HashMap::new();
    for (at, draft) in all.drafts.iter().enumerate() {
        let text = |field: &str| draft.fields.get(field).and_then(Value::as_str);
        let (Some(project), Some(user)) = (draft.project, text("id_user")) else { continue };
        let updated = text("updatedAt").and_then(Timestamp::parse).map(Timestamp::milliseconds);
        if draft.collection.name != "project_users" || !updated.is_some_and(|at| times.contains(&(project, at))) {
            continue;
        }
        let number = draft.fields.get("number_assigned_requests").and_then(Value::as_i64).unwrap_or_default();
        let number = (number - serving.get(&(project, user)).copied().unwrap_or_default()).max(0);
        let known = seen.get(&*draft.id);
        let updated = known.map(|known| known["updatedAt"].clone()).or_else(|| draft.fields.get("createdAt").cloned());
        let number = known.map_or_else(|| json!(number), |known| known["number_assigned_requests"].clone());
        let fields = [("updatedAt", updated.unwrap_or_default()), ("number_assigned_requests", number)];
        before.insert(at, fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect());
    }
    before
}
