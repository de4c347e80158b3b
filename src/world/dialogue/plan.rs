//! Converts conversations as written to steps that can be performed: names become people.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{
    Act, Conversation, FIELDS, OPENING, Speaker, Step, Visitor,
    content::{self, CONTENT},
    line::{self, Deed},
    request_id::{project_of, request_ids},
    timing::lines,
};
use crate::{
    value::{Id, Text, Timestamp, id, suggest},
    world::{
        collection::{Collection, Target},
        draft::{Origin, Script, found, plain},
        expand::Expansion,
        moment,
        names::is_id,
    },
};

/// The error message for a missing or empty dialogue.
const LINES: &str = "expected a `dialogue` with at least one line, such as {\"visitor\": \"Hello\"}";

/// Resolves the names in the conversations.
pub(in crate::world) fn plan(all: &mut Expansion, scripts: &[Script]) -> Vec<Conversation> {
    let (mut planned, mut counts) = (Vec::new(), HashMap::new());
    let ids = request_ids(all, scripts);
    for (script, request_id) in scripts.iter().zip(ids) {
        planned.extend(Plan { all: &mut *all, script, counts: &mut counts }.conversation(request_id));
    }
    planned
}

struct Plan<'a, 'b> {
    all: &'a mut Expansion<'b>,
    script: &'a Script,
    /// The places of `ids`, by number and second of the first line.
    counts: &'a mut HashMap<(u64, i64), Origin>,
}

impl Plan<'_, '_> {
    fn problem(&mut self, field: &str, problem: &str) {
        let pointer = format!("{}/{field}", self.script.origin.pointer);
        let source = &self.all.sources[self.script.origin.source];
        self.all.problems.push(source.problem(pointer.trim_end_matches('/'), problem));
    }

    fn conversation(mut self, request_id: Option<String>) -> Option<Conversation> {
        let before = self.all.problems.len();
        self.check_names();
        let project = match project_of(self.all, self.script) {
            Ok(project) => project,
            Err((field, problem)) => {
                self.problem(field, &problem);
                // Without a project, no names are known.
                for (field, problem) in self.malformed() {
                    self.problem(&field, &problem);
                }
                return None;
            }
        };
        let id = self.all.drafts[project].id.clone();
        let visitor = self.visitor(project);
        let opening = self.opening(project);
        let steps = self.steps(project, visitor.as_ref().map(|(_, names)| &**names));
        let (ticket, ids) = (self.ticket(project), self.ids(steps.first()));
        if self.all.problems.len() > before {
            return None;
        }
        // A project with a malformed identifier is reported with its document.
        let project = Id::parse(&id)?;
        let (visitor, _) = visitor?;
        let request_id: Text = request_id?.into();
        let ids = ids.unwrap_or_else(|| first_number(&id, &request_id));
        let source = self.script.origin.source;
        Some(Conversation { project, request_id, ticket, ids, visitor, opening, steps, source })
    }

    /// The problems of lines that do not depend on the rest of the world.
    fn malformed(&self) -> Vec<(String, String)> {
        let lines = lines(self.script, self.all.now).into_iter().enumerate();
        let wrong = lines.filter_map(|(at, line)| Some((at, line.err()?)));
        let all = wrong.flat_map(|(at, all)| all.into_iter().map(move |(key, problem)| (place(at, &key), problem)));
        all.collect()
    }

    /// The ticket number, which no other conversation of the project has.
    fn ticket(&mut self, project: usize) -> Option<u32> {
        let written = self.script.fields.get("ticket_id")?;
        let Some(ticket) = written.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|ticket| *ticket > 0)
        else {
            let problem = format!("expected a positive integer, found {}", found(written));
            self.problem("ticket_id", &problem);
            return None;
        };
        if !self.all.taken.insert((project, ticket)) {
            let problem =
                format!("expected a number that no other conversation of the project has, found {ticket} again");
            self.problem("ticket_id", &problem);
        }
        Some(ticket)
    }

    /// The number in `ids`, after which no other conversation counts in the second of its first line.
    fn ids(&mut self, first: Option<&Step>) -> Option<u64> {
        let written = self.script.fields.get("ids")?;
        let Some(number) = line::number(written) else {
            self.problem("ids", &format!("expected {}, found {}", line::IDS, found(written)));
            return None;
        };
        let second = first?.at.seconds();
        if let Some(twin) = self.counts.insert((number, second), self.script.origin.clone()) {
            let place = format!("{} in {}", twin.pointer, self.all.sources[twin.source].name);
            let expected = "a number that no other conversation of the same second has";
            self.problem("ids", &format!("expected {expected}, found {}, which {place} has, too", found(written)));
        }
        Some(number)
    }

    fn check_names(&mut self) {
        let known = || FIELDS.into_iter().chain(OPENING).chain(["handle"]);
        let unknown: Vec<_> =
            self.script.fields.keys().filter(|name| !known().any(|known| known == *name)).cloned().collect();
        for name in unknown {
            let hint = suggest::closest(&name, known());
            let hint = hint.map_or_else(
                || format!("; expected one of `{}`", known().collect::<Vec<_>>().join("`, `")),
                |name| format!("; did you mean `{name}`?"),
            );
            self.problem(&name, &format!("unknown field `{name}`{hint}"));
        }
        if let Some(at) = self.script.fields.get("at")
            && moment_of(at, self.all.now).is_none()
        {
            self.problem("at", &format!("{}, found {}", moment::EXPECTED, found(at)));
        }
        let dialogue = self.script.fields.get("dialogue");
        match dialogue.map(|lines| (lines, lines.as_array())) {
            None => self.problem("", LINES),
            Some((_, Some(lines))) if !lines.is_empty() => {}
            Some((other, None)) => {
                let problem =
                    format!("expected an array of lines such as {{\"visitor\": \"Hello\"}}, found {}", found(other));
                self.problem("dialogue", &problem);
            }
            Some(_) => self.problem("dialogue", LINES),
        }
    }

    /// The visitor, and their names in lines.
    fn visitor(&mut self, project: usize) -> Option<(Visitor, Vec<String>)> {
        let leads = Collection::named("leads")?;
        let (field, value) = match (self.script.fields.get("lead"), self.script.fields.get("visitor")) {
            (Some(lead), _) => ("lead", lead.clone()),
            (None, Some(visitor)) => ("visitor", visitor.clone()),
            (None, None) => ("visitor", json!({})),
        };
        let name = value.as_str().unwrap_or_default();
        if !name.is_empty() {
            let drafts = &self.all.drafts;
            let known = self.all.with_id("leads", name);
            let known = known.or_else(|| self.all.names.get(drafts, leads, Some(project), name));
            if let Some(lead) = known {
                return Some(self.lead(lead));
            }
            // Suggest similar names only for visitors who must exist.
            if field == "lead" || name.starts_with('@') {
                let problem = self.all.names.find(drafts, leads, Some(project), name).err().unwrap_or_default();
                self.problem(field, &problem);
                return None;
            }
        }
        let (fullname, email) = match &value {
            Value::String(text) => match text.trim_end_matches('>').split_once('<') {
                Some((name, email)) => (Some(name.trim().to_owned()), Some(email.trim().to_owned())),
                None => (Some(text.clone()), None),
            },
            Value::Object(fields) if field == "visitor" => {
                if let Err(problem) = line::check_names(fields, &["id", "name", "fullname", "email"]) {
                    self.problem(field, &problem);
                }
                let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
                (text("name").or_else(|| text("fullname")), text("email"))
            }
            other => {
                let problem = format!(
                    "expected the name of a visitor, or an object with `name` and `email`, found {}",
                    found(other)
                );
                self.problem(field, &problem);
                return None;
            }
        };
        let key = email.clone().or_else(|| fullname.clone()).or_else(|| self.script.handle.clone());
        let key = key.unwrap_or_else(|| self.script.origin.pointer.clone());
        let own = value.get("id").and_then(Value::as_str).map(str::to_owned);
        let id = own.unwrap_or_else(|| visitor_id(&self.all.drafts[project].id, &key)).into();
        let first = fullname.as_ref().and_then(|name| name.split(' ').next()).map(str::to_owned);
        let names = [fullname.clone(), first, email.clone()].into_iter().flatten().collect();
        Some((Visitor { id, fullname: fullname.map(Into::into), email: email.map(Into::into) }, names))
    }

    fn lead(&self, at: usize) -> (Visitor, Vec<String>) {
        let draft = &self.all.drafts[at];
        let text = |field: &str| draft.fields.get(field).and_then(Value::as_str).map(Text::from);
        let visitor = Visitor { id: self.all.lead_id_of(at).into(), fullname: text("fullname"), email: text("email") };
        let names = draft.handle.iter().cloned().chain(draft.collection.names_of(&draft.fields));
        (visitor, names.chain(draft.collection.nickname_of(&draft.fields)).collect())
    }

    /// The fields of the first message.
    fn opening(&mut self, project: usize) -> Map<String, Value> {
        let mut opening = Map::new();
        for name in OPENING {
            if let Some(value) = self.script.fields.get(name) {
                let is_name = name == "channel" && value.is_string();
                opening.insert(name.to_owned(), if is_name { json!({"name": value}) } else { value.clone() });
            }
        }
        for (name, problem) in content::problems(&opening, &OPENING) {
            self.problem(&name, &problem);
        }
        if let Some(department) = self.script.fields.get("department") {
            match self.find("departments", project, department.as_str().unwrap_or_default()) {
                Ok(id) => drop(opening.insert("departmentid".to_owned(), json!(id))),
                Err(problem) => self.problem("department", &problem),
            }
        }
        for (field, target) in [("participants", Target::Participant), ("followers", Target::Document("project_users"))]
        {
            let mut ids = Vec::new();
            let names = self.script.fields.get(field).and_then(Value::as_array).cloned().unwrap_or_default();
            for (at, name) in names.iter().enumerate() {
                let name = name.as_str().unwrap_or_default();
                match self.all.reference(Some(project), target, name) {
                    Ok(id) => ids.push(json!(id)),
                    Err(problem) => self.problem(&format!("{field}/{at}"), &problem),
                }
            }
            if !names.is_empty() {
                opening.insert(field.to_owned(), Value::Array(ids));
            }
        }
        opening
    }

    fn find(&self, collection: &'static str, project: usize, name: &str) -> Result<String, String> {
        self.all.reference(Some(project), Target::Document(collection), name)
    }

    /// The steps. `names` are those of the visitor, if known.
    fn steps(&mut self, project: usize, names: Option<&[String]>) -> Vec<Step> {
        let now = self.all.now;
        let (mut steps, mut last) = (Vec::new(), None);
        // Without a valid start, times cannot be checked.
        let is_timed = self.script.fields.get("at").is_none_or(|at| moment_of(at, now).is_some());
        for (at, line) in lines(self.script, now).into_iter().enumerate() {
            let (moment, line) = match line {
                Ok(line) => line,
                Err(all) => {
                    for (key, problem) in all {
                        self.problem(&place(at, &key), &problem);
                    }
                    continue;
                }
            };
            let (field, ids) = (place(at, &line.key), line.ids);
            if let Deed::Say { content, .. } = &line.deed {
                let known = if at == 0 { [&CONTENT[..], &OPENING].concat() } else { CONTENT.to_vec() };
                for (name, problem) in content::problems(content, &known) {
                    // A text alone has no field.
                    let own = self.script.fields.get("dialogue").is_some_and(|lines| lines[at][&*line.key].is_object());
                    self.problem(&if own { format!("{field}/{name}") } else { field.clone() }, &problem);
                }
            }
            if !is_timed {
                // Reported at the start.
            } else if last.is_some_and(|last| moment < last) {
                self.problem(&field, &format!("expected a time after that of the line before, found {moment}"));
            } else if moment > now {
                self.problem(&field, &format!("expected a time before {now}, which the clock shows, found {moment}"));
            }
            last = Some(moment);
            match self.act(project, names.unwrap_or_default(), line.deed) {
                Ok(Act::Say(Speaker::Visitor, content)) => {
                    steps.push(Step { at: moment, pointer: field, ids, act: Act::Say(Speaker::Visitor, content) });
                }
                Ok(_) if at == 0 => {
                    let problem = "expected a message of the visitor as the first line, which opens the conversation";
                    self.problem(&field, problem);
                }
                Ok(act) => steps.push(Step { at: moment, pointer: field, ids, act }),
                // This may be the unknown visitor.
                Err(problem) if names.is_none() && !problem.contains("did you mean") => {}
                Err(problem) => self.problem(&field, &problem),
            }
        }
        let start = &self.script.origin.pointer;
        for step in &mut steps {
            step.pointer = format!("{start}/{}", step.pointer);
        }
        steps
    }

    fn act(&self, project: usize, names: &[String], deed: Deed) -> Result<Act, String> {
        let someone = |who: &str| self.speaker(project, names, who);
        let maybe = |who: Option<String>| who.map(|who| someone(&who)).transpose();
        Ok(match deed {
            Deed::Say { who, content } => Act::Say(someone(&who)?, content),
            Deed::Close(who) => Act::Close(maybe(who)?),
            Deed::Reopen(who) => {
                maybe(who)?;
                Act::Reopen
            }
            Deed::Join(who) => Act::Join(someone(&who)?),
            Deed::Leave(who) => Act::Leave(someone(&who)?),
            Deed::Route(department) => Act::Route(self.find("departments", project, &department)?),
            Deed::Note { who, text } => Act::Note(maybe(who)?, text),
            Deed::Rate { rating, message } => {
                let message = message.map(|message| ("rating_message".to_owned(), message));
                Act::Rate([("rating".to_owned(), rating)].into_iter().chain(message).collect())
            }
            Deed::Tag(tags) => Act::Tag(tags),
        })
    }

    fn speaker(&self, project: usize, names: &[String], who: &str) -> Result<Speaker, String> {
        let name = plain(who);
        if name == "visitor" || name == "lead" || names.iter().any(|own| own.to_lowercase() == name.to_lowercase()) {
            return Ok(Speaker::Visitor);
        }
        if name == "bot" {
            return Ok(Speaker::ServingBot);
        }
        if let Some(user) = self.member("users", project, &name)? {
            return Ok(Speaker::User(user));
        }
        if let Some(bot) = self.member("bots", project, &name)? {
            return Ok(Speaker::Bot(bot));
        }
        let team = self.all.drafts.iter().filter(|draft| matches!(draft.collection.name, "users" | "bots"));
        let team = team.filter(|draft| draft.project.is_none_or(|own| own == project));
        let known = team.flat_map(|draft| draft.handle.iter().cloned().chain(draft.collection.names_of(&draft.fields)));
        let known: Vec<_> = known.chain(names.iter().cloned()).collect();
        Err(line::unknown(who, known.iter().map(String::as_str)))
    }

    /// The identifier of a user or a bot with a name or an identifier. Of several users with the name, it is that of the
    /// only one in the team.
    fn member(&self, collection: &'static str, project: usize, name: &str) -> Result<Option<String>, String> {
        if is_id(name) {
            return Ok(self.all.with_id(collection, name).map(|_| name.to_owned()));
        }
        let known = Collection::named(collection).expect("it is in the list");
        let all = self.all.names.all(&self.all.drafts, known, Some(project), name);
        let id = |at: usize| self.all.drafts[at].id.clone();
        match all[..] {
            [] => Ok(None),
            [only] => Ok(Some(id(only))),
            _ => {
                let mut team = all.iter().map(|at| id(*at)).filter(|id| self.all.is_member(project, id));
                match (team.next(), team.next()) {
                    (Some(only), None) => Ok(Some(only)),
                    _ => self.all.names.find(&self.all.drafts, known, Some(project), name).map(id).map(Some),
                }
            }
        }
    }
}

/// The pointer to a part of a line, relative to the conversation.
fn place(at: usize, key: &str) -> String {
    let key = key.replace('~', "~0").replace('/', "~1");
    format!("dialogue/{at}/{key}").trim_end_matches('/').to_owned()
}

fn moment_of(value: &Value, now: Timestamp) -> Option<Timestamp> {
    moment::parse(value.as_str()?, now)
}

/// The client-side identifier of a visitor who is not a lead of the world.
pub(super) fn visitor_id(project: &str, name: &str) -> String {
    id::uuid_of_name(&("visitor", project, name)).to_string()
}

/// The number after which the identifiers of a conversation count, so that they do not depend on other conversations.
/// Without the highest bit, which subdocuments flip.
pub(super) fn first_number(project: &str, request_id: &str) -> u64 {
    id::derive(0, &("conversation", project, request_id)) >> 1
}
