//! Conversations written as a dialogue. They are performed by the rules of the API, with the clock at the time of each
//! line, so that requests, messages, and everything that follows from them are as if clients had made the calls.

mod line;
mod play;

use serde_json::{Map, Value, json};

use self::line::{Deed, Line, When};
pub(super) use self::play::play;
use super::{
    collection::{Collection, Target},
    draft::{Script, found, plain},
    expand::{self, Expansion},
    moment,
    names::is_id,
};
use crate::{
    resource::project::document::Project,
    value::{Id, Text, Timestamp, id, suggest},
};

/// Fields of a conversation that the message that opens it takes as they are.
const OPENING: [&str; 11] = [
    "attributes",
    "channel",
    "email",
    "language",
    "location",
    "preflight",
    "priority",
    "senderFullname",
    "sourcePage",
    "subject",
    "userAgent",
];

/// The other fields.
const FIELDS: [&str; 9] =
    ["project", "lead", "visitor", "at", "department", "participants", "followers", "request_id", "dialogue"];

/// A conversation that can be performed.
pub(super) struct Conversation {
    pub(super) project: Id<Project>,
    pub(super) request_id: Text,
    pub(super) visitor: Visitor,
    /// What the message that opens the conversation contains besides its text.
    pub(super) opening: Map<String, Value>,
    pub(super) steps: Vec<Step>,
    pub(super) source: usize,
}

/// The visitor of a conversation.
pub(super) struct Visitor {
    pub(super) id: Text,
    pub(super) fullname: Option<Text>,
    pub(super) email: Option<Text>,
}

/// Something that happens in a conversation.
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) pointer: String,
    pub(super) act: Act,
}

/// What happens, and who does it.
pub(super) enum Act {
    Say(Speaker, Map<String, Value>),
    Close(Option<Speaker>),
    Reopen,
    Join(Speaker),
    Leave(Speaker),
    Route(String),
    Note(Option<Speaker>, String),
    Rate(Map<String, Value>),
    Tag(Vec<Value>),
}

/// A speaker in a conversation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Speaker {
    Visitor,
    User(String),
    Bot(String),
    /// The bot that serves the conversation.
    ServingBot,
}

/// The lines of a script, with their times.
fn lines(script: &Script, now: Timestamp) -> Vec<Timed> {
    let written = script.fields.get("dialogue").and_then(Value::as_array);
    let lines: Vec<_> = written.into_iter().flatten().map(|line| Line::read(line, now)).collect();
    let start = script.fields.get("at").and_then(Value::as_str).and_then(|text| moment::parse(text, now));
    let pauses = lines.iter().skip(1).flatten().filter_map(|line| match line.when {
        When::After(pause) => Some(pause),
        When::At(_) => None,
    });
    // Without a date, the conversation has just ended.
    let mut last = start.unwrap_or_else(|| Timestamp::from_milliseconds(now.milliseconds() - pauses.sum::<i64>()));
    let time = |at: usize, line: &Line| {
        last = match line.when {
            When::At(moment) => moment,
            When::After(_) if at == 0 => last,
            When::After(pause) => Timestamp::from_milliseconds(last.milliseconds().saturating_add(pause)),
        };
        last
    };
    timed(lines, time)
}

type Timed = Result<(Timestamp, Line), (String, String)>;

fn timed(lines: Vec<Result<Line, (String, String)>>, mut time: impl FnMut(usize, &Line) -> Timestamp) -> Vec<Timed> {
    let one = |(at, line): (usize, Result<Line, _>)| line.map(|line| (time(at, &line), line));
    lines.into_iter().enumerate().map(one).collect()
}

/// When the first of the conversations starts.
pub(super) fn start(scripts: &[Script], now: Timestamp) -> Timestamp {
    let times = scripts.iter().flat_map(|script| lines(script, now)).filter_map(|line| line.ok().map(|(at, _)| at));
    times.min().unwrap_or(now).min(now)
}

/// Resolves the names in the conversations.
pub(super) fn plan(all: &mut Expansion, scripts: &[Script]) -> Vec<Conversation> {
    let mut planned = Vec::new();
    for (at, script) in scripts.iter().enumerate() {
        planned.extend(Plan { all: &mut *all, script }.conversation(at));
    }
    planned
}

struct Plan<'a, 'b> {
    all: &'a mut Expansion<'b>,
    script: &'a Script,
}

impl Plan<'_, '_> {
    fn problem(&mut self, field: &str, problem: &str) {
        let pointer = format!("{}/{field}", self.script.origin.pointer);
        let source = &self.all.sources[self.script.origin.source];
        self.all.problems.push(source.problem(pointer.trim_end_matches('/'), problem));
    }

    fn conversation(mut self, at: usize) -> Option<Conversation> {
        let before = self.all.problems.len();
        self.check_names();
        let project = self.project()?;
        let id = self.all.drafts[project].id.clone();
        let (visitor, names) = self.visitor(project)?;
        let name = self.script.handle.clone().unwrap_or_else(|| format!("#{at}"));
        let own = self.script.fields.get("request_id").and_then(Value::as_str);
        let request_id = own.map_or_else(|| expand::request_id(&id, &name), str::to_owned).into();
        let opening = self.opening(project);
        let steps = self.steps(project, &names);
        if self.all.problems.len() > before {
            return None;
        }
        // A project with a malformed identifier is reported with its document.
        let project = Id::parse(&id)?;
        Some(Conversation { project, request_id, visitor, opening, steps, source: self.script.origin.source })
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
            && at.as_str().and_then(|text| moment::parse(text, self.all.now)).is_none()
        {
            self.problem("at", &format!("{}, found {}", moment::EXPECTED, found(at)));
        }
        let dialogue = self.script.fields.get("dialogue");
        if dialogue.is_none_or(|lines| lines.as_array().is_none_or(Vec::is_empty)) {
            let problem = "expected a `dialogue` with at least one line, such as {\"visitor\": \"Hello\"}";
            self.problem(if dialogue.is_some() { "dialogue" } else { "" }, problem);
        }
    }

    fn project(&mut self) -> Option<usize> {
        let collection = Collection::named("projects")?;
        if let Some(named) = self.script.fields.get("project") {
            let name = named.as_str().unwrap_or_default();
            let by_id = self.all.with_id("projects", name);
            let found = by_id.map_or_else(|| self.all.names.find(&self.all.drafts, collection, None, name), Ok);
            return found.map_err(|problem| self.problem("project", &problem)).ok();
        }
        let base = self.all.sources.iter().position(|source| source.name == super::BASE);
        let own = || {
            let all = self.all.drafts.iter().enumerate();
            all.filter(|(_, draft)| draft.collection.name == collection.name && Some(draft.origin.source) != base)
        };
        let only = own().next().map(|(at, _)| at).filter(|_| own().count() == 1);
        let count = own().count();
        self.script.project.or(only).or_else(|| {
            self.problem("", &format!("missing field `project`: the world adds {count} projects"));
            None
        })
    }

    /// The visitor, and the names by which lines can call them.
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
            let by_id = self.all.with_id("leads", name);
            match by_id.map_or_else(|| self.all.names.find(drafts, leads, Some(project), name), Ok) {
                Ok(lead) => return Some(self.lead(lead)),
                Err(problem) if field == "lead" || name.starts_with('@') => {
                    self.problem(field, &problem);
                    return None;
                }
                Err(_) => {}
            }
        }
        let (fullname, email) = match &value {
            Value::String(text) => match text.trim_end_matches('>').split_once('<') {
                Some((name, email)) => (Some(name.trim().to_owned()), Some(email.trim().to_owned())),
                None => (Some(text.clone()), None),
            },
            Value::Object(fields) if field == "visitor" => {
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
        let id = id::uuid_of_name(&("visitor", &self.all.drafts[project].id, key)).to_string().into();
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

    /// The fields of the message that opens the conversation.
    fn opening(&mut self, project: usize) -> Map<String, Value> {
        let mut opening = Map::new();
        for name in OPENING {
            if let Some(value) = self.script.fields.get(name) {
                let is_name = name == "channel" && value.is_string();
                opening.insert(name.to_owned(), if is_name { json!({"name": value}) } else { value.clone() });
            }
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

    fn steps(&mut self, project: usize, names: &[String]) -> Vec<Step> {
        let now = self.all.now;
        let (mut steps, mut last) = (Vec::new(), None);
        for (at, line) in lines(self.script, now).into_iter().enumerate() {
            let inner = |key: &str| {
                let key = key.replace('~', "~0").replace('/', "~1");
                format!("dialogue/{at}/{key}").trim_end_matches('/').to_owned()
            };
            let (moment, line) = match line {
                Ok(line) => line,
                Err((key, problem)) => {
                    self.problem(&inner(&key), &problem);
                    continue;
                }
            };
            let field = inner(&line.key);
            if last.is_some_and(|last| moment < last) {
                self.problem(&field, &format!("expected a time after that of the line before, found {moment}"));
            } else if moment > now {
                self.problem(&field, &format!("expected a time before {now}, which the clock shows, found {moment}"));
            }
            last = Some(moment);
            match self.act(project, names, line.deed) {
                Ok(Act::Say(speaker, _)) if at == 0 && speaker != Speaker::Visitor => {
                    self.problem(
                        &field,
                        "expected the first line of a dialogue from the visitor, who opens the conversation",
                    );
                }
                Ok(Act::Say(speaker, content)) => {
                    steps.push(Step { at: moment, pointer: field, act: Act::Say(speaker, content) });
                }
                Ok(_) if at == 0 => {
                    self.problem(&field, "expected the first line of a dialogue to be a message of the visitor");
                }
                Ok(act) => steps.push(Step { at: moment, pointer: field, act }),
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
        let user = self.find("users", project, &name);
        let bot = || self.find("bots", project, &name);
        match user {
            Ok(user) if !is_id(&name) || self.all.with_id("users", &user).is_some() => Ok(Speaker::User(user)),
            _ => match bot() {
                Ok(bot) if !is_id(&name) || self.all.with_id("bots", &bot).is_some() => Ok(Speaker::Bot(bot)),
                _ => {
                    let team = self.all.drafts.iter().filter(|draft| matches!(draft.collection.name, "users" | "bots"));
                    let team = team.filter(|draft| draft.project.is_none_or(|own| own == project));
                    let known = team
                        .flat_map(|draft| draft.handle.iter().cloned().chain(draft.collection.names_of(&draft.fields)));
                    let known: Vec<_> = known.chain(names.iter().cloned()).collect();
                    Err(line::unknown(who, known.iter().map(String::as_str)))
                }
            },
        }
    }
}
