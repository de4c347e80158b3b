//! Handwritten worlds: in JSON or YAML, with names instead of identifiers, dates relative to the clock, and
//! conversations as dialogues.
//!
//! A world in the full form is loaded unchanged, by [`fixture`]. Everything else goes through these steps: files are
//! read with the positions of their values ([`source`]), the documents in them are gathered ([`draft`]), completed
//! ([`expand`], [`mod@reference`], [`complete`]), and loaded ([`typed`]); then the world is checked as a whole ([`check`]),
//! and the conversations are performed ([`dialogue`]). Every step reports all problems that it finds.

mod check;
mod collection;
mod complete;
mod dialogue;
mod draft;
mod expand;
mod hours;
mod moment;
mod names;
mod reference;
mod repetition;
mod schema;
mod shape;
mod short;
mod source;
mod starter;
mod summary;
mod typed;
mod yaml;

use std::path::Path;

use serde_json::Value;

pub use self::starter::{TestFramework, init};
use self::{
    draft::{Draft, Gathered, found},
    expand::Expansion,
    names::is_id,
    source::Source,
};
pub(crate) use self::{schema::schema, short::short, source::files, summary::summary};
use crate::{
    runtime::clock::ClockSetting,
    state::{Tables, fixture, fixture::FixtureError, problem::Problem},
    value::{Id, Timestamp, suggest},
};

/// The name of the file that `extends: default` adds.
const BASE: &str = "default world";

/// The settings for reading a world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading {
    /// The time that relative dates refer to.
    pub(crate) now: Timestamp,
    pub(crate) checks: Checks,
}

/// How dangling references, unknown statuses, and other inconsistencies are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Checks {
    Strict,
    /// Only warns.
    Lenient,
}

/// A loaded world.
pub(crate) struct Loaded {
    pub(crate) tables: Tables,
    pub(crate) warnings: Vec<Problem>,
}

impl Reading {
    /// Reads worlds for servers that start with this clock.
    pub(crate) fn new(clock: ClockSetting, lenient: bool) -> Self {
        let checks = if lenient { Checks::Lenient } else { Checks::Strict };
        Self { now: clock.start(), checks }
    }
}

/// The default world.
pub(crate) fn default_world() -> Result<Tables, FixtureError> {
    fixture::parse("seed.json", fixture::DEFAULT)
}

/// Loads a file, or the files of a directory in the order of their names, as one world.
pub(crate) fn load(path: &Path, reading: Reading) -> Result<Loaded, FixtureError> {
    let files = source::files(path)?;
    let mut first = None;
    if files.iter().all(|file| source::is_json(file)) {
        match fixture::load(&files) {
            Ok(tables) if check::flaws(&tables).is_empty() && !files.iter().any(|file| repetition::occur(file)) => {
                return Ok(Loaded { tables, warnings: Vec::new() });
            }
            Ok(_) => {}
            Err(error) => first = error.problems().first().cloned(),
        }
    }
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for file in &files {
        match Source::read(file) {
            Ok(mut source) => {
                problems.append(&mut source.problems);
                sources.push(source);
            }
            Err(problem) => problems.push(problem),
        }
    }
    assemble(sources, problems, reading).map_err(|problems| precise(problems, first.as_ref()))
}

/// Loads a world in memory. Errors refer to it by `name`.
pub(crate) fn parse(name: &str, world: &Value, reading: Reading) -> Result<Loaded, FixtureError> {
    match fixture::parse(name, &world.to_string()) {
        Ok(tables) if check::flaws(&tables).is_empty() => Ok(Loaded { tables, warnings: Vec::new() }),
        _ => assemble(vec![Source::of(name, world.clone())], Vec::new(), reading).map_err(FixtureError::new),
    }
}

/// Loads a handwritten world.
fn parse_written(world: Value, reading: Reading) -> Result<Loaded, Vec<Problem>> {
    assemble(vec![Source::of("world", world)], Vec::new(), reading)
}

/// Adds the position at which the parser of the full form stopped to its problem.
fn precise(mut problems: Vec<Problem>, first: Option<&Problem>) -> FixtureError {
    for problem in &mut problems {
        let same = first.filter(|first| first.file == problem.file && first.pointer == problem.pointer);
        if let Some(first) = same.filter(|first| text(first) == text(problem)) {
            *problem = first.clone();
        }
    }
    FixtureError::new(problems)
}

/// A problem without its position.
fn text(problem: &Problem) -> &str {
    problem.problem.rsplit_once(" (line ").map_or(&*problem.problem, |(text, _)| text)
}

fn assemble(mut sources: Vec<Source>, mut problems: Vec<Problem>, reading: Reading) -> Result<Loaded, Vec<Problem>> {
    problems.extend(extend(&mut sources));
    let mut gathered = Gathered::default();
    for (at, source) in sources.iter().enumerate() {
        gathered.add(at, source);
    }
    let Gathered { drafts, mut scripts, problems: more } = gathered;
    problems.extend(more);
    let start = dialogue::start(&scripts, reading.now);
    let mut all = Expansion::new(&sources, drafts, &mut scripts, (reading.now, start));
    let (mut tables, mut doubts) = (Tables::default(), Vec::new());
    for at in 0..all.drafts.len() {
        let fields = all.complete(at);
        match stray(&all, at, fields.get("id_project")) {
            // It could not be found, and an export of it could not be imported.
            Some(problem) => {
                let draft = &all.drafts[at];
                doubts.push(sources[draft.origin.source].problem(&draft.pointer("id_project"), &problem));
            }
            None => typed::add(&mut all, &mut tables, at, fields),
        }
    }
    let conversations = dialogue::plan(&mut all, &scripts);
    problems.append(&mut all.problems);
    if problems.is_empty() && !conversations.is_empty() {
        let refused;
        (tables, refused) = dialogue::play(tables, &conversations);
        problems.extend(
            refused.into_iter().map(|refused| sources[refused.source].problem(&refused.pointer, &refused.problem)),
        );
    }
    // Documents may refer to documents of conversations.
    doubts.extend(flaws(&all, &tables));
    if reading.checks == Checks::Strict {
        problems.append(&mut doubts);
    }
    if problems.is_empty() { Ok(Loaded { tables, warnings: doubts }) } else { Err(problems) }
}

/// Adds the world that the sources extend, before all others.
fn extend(sources: &mut Vec<Source>) -> Vec<Problem> {
    let (mut problems, mut is_extended) = (Vec::new(), false);
    for source in sources.iter() {
        match source.value.get("extends") {
            None | Some(Value::Null) => {}
            Some(Value::String(name)) if name == "default" => is_extended = true,
            Some(other) => {
                let near = other.as_str().and_then(|name| suggest::closest(name, ["default"]));
                let hint = near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                problems.push(source.problem("/extends", &format!("expected `default`, found {}{hint}", found(other))));
            }
        }
    }
    if is_extended {
        match Source::json(BASE.to_owned(), fixture::DEFAULT.as_bytes()) {
            Ok(base) => sources.insert(0, base),
            Err(problem) => problems.push(problem),
        }
    }
    problems
}

/// Whether a document belongs to a project that does not exist.
fn stray(all: &Expansion, at: usize, project: Option<&Value>) -> Option<String> {
    let draft = &all.drafts[at];
    let id = project?.as_str().filter(|id| is_id(id) && draft.project.is_none() && draft.collection.has_project())?;
    let projects = all.drafts.iter().filter(|draft| draft.collection.name == "projects");
    let names = projects.flat_map(|draft| draft.collection.names_of(&draft.fields)).collect::<Vec<_>>().join("`, `");
    let known = if names.is_empty() { String::new() } else { format!("; the projects are `{names}`") };
    Some(format!("expected the _id of an existing project, found \"{id}\"{known}"))
}

/// The inconsistencies of the world as a whole, at the documents that cause them.
fn flaws(all: &Expansion, tables: &Tables) -> Vec<Problem> {
    let flaws = check::flaws(tables);
    if flaws.is_empty() {
        return Vec::new();
    }
    let places: std::collections::HashMap<_, _> = all
        .drafts
        .iter()
        .filter_map(|draft| Some(((draft.collection.name, Id::<Draft>::parse(&draft.id)?), draft)))
        .collect();
    let place = |name: &'static str, id: &str| Id::parse(id).and_then(|id| places.get(&(name, id)).copied());
    let told = |flaw: check::Flaw| {
        let twin = flaw.twin.as_ref().map(|id| match place(flaw.collection, id) {
            Some(draft) => {
                format!(", which {} in {} has, too", draft.origin.pointer, all.sources[draft.origin.source].name)
            }
            None => format!(", which {id} has, too"),
        });
        let problem = flaw.problem + &twin.unwrap_or_default();
        match place(flaw.collection, &flaw.id) {
            Some(draft) => all.sources[draft.origin.source].problem(&draft.pointer(&flaw.field), &problem),
            None => Problem { file: String::new(), pointer: format!("/{}", flaw.collection), problem },
        }
    };
    // A document with problems is not missing.
    let is_broken = |collection: &str, id: Option<&String>| {
        let mut known = all.drafts.iter().filter(|draft| draft.is_broken && draft.collection.name == collection);
        known.any(|draft| id.is_none_or(|id| draft.id.eq_ignore_ascii_case(id)))
    };
    let is_own = |flaw: &check::Flaw| flaw.missing.as_ref().is_none_or(|(name, id)| !is_broken(name, id.as_ref()));
    flaws.into_iter().filter(is_own).map(told).collect()
}
