//! A history of conversations for a world, generated from a plan.

use std::{
    io::{self, Read, Write},
    thread,
};

use serde::de::DeserializeSeed;

pub use super::plan::Plan;
use super::{
    chance::Chance,
    schedule,
    script::{Course, Script},
    setup,
    stage::default_project,
    template::{COLLECTIONS, Cast, IDS, Template},
};
use crate::{
    resource::{project::document::Project, team::document::Teammate},
    state::{Collection, Holes, State, Tables, fixture, tables::Visit},
    store::Table,
    value::{
        Id, Timestamp,
        id::{IdSource, derive},
    },
};

/// Maximum number of recorded conversations. All others are copies of these.
const RECORDED: usize = 160;

/// Number of latest conversations whose activities are logged.
const LOGGED: usize = 2_000;

/// Number of names per language.
const NAMES: usize = 400;

/// Number of conversations that each thread writes at a time.
const CHUNK: usize = 512;

/// Adds a history to the default project of visitors, if the world has one.
pub(crate) fn extend(world: Tables, ground: Ground, plan: &Plan, now: Timestamp) -> Tables {
    let documented = State::new(world, IdSource::starting_at(0), Holes::Closed);
    match default_project(&documented) {
        Some(project) => History::new(&documented.tables, project, ground, plan, now).into_tables(),
        None => documented.tables,
    }
}

/// Writes a world with the team and the departments of the built-in one, and a history.
pub(crate) fn generate(plan: &Plan, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let world = fixture::parse("seed.json", fixture::DEFAULT).expect("the built-in world is valid, which tests check");
    let world = State::new(world, IdSource::starting_at(0), Holes::Closed);
    let project = default_project(&world).expect("the built-in world has projects");
    History::new(&world.tables, project, Ground::Bare, plan, now).write(out)
}

/// A world with a generated history.
pub(crate) struct History {
    /// Everything but the conversations.
    base: Tables,
    seed: u64,
    templates: Vec<Template>,
    /// Ordered by start.
    conversations: Vec<Conversation>,
    /// The names of visitors, by language.
    names: Vec<Vec<(&'static str, &'static str)>>,
    /// Ticket numbers continue after this one.
    last_ticket: u32,
}

struct Conversation {
    start: i64,
    template: usize,
}

/// The base of a history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ground {
    /// The team and the departments of a project, without its conversations and without other projects.
    Bare,
    /// The whole world, with more agents and another department.
    World,
    /// The whole world, with unchanged teams and departments.
    Untouched,
}

impl History {
    /// Generates a history of a project up to now.
    pub(crate) fn new(world: &Tables, project: Id<Project>, ground: Ground, plan: &Plan, now: Timestamp) -> Self {
        let plan = &plan.normalized();
        let mut base = if ground == Ground::Bare { setup::bare(world, project) } else { world.clone() };
        if ground != Ground::Untouched {
            setup::prepare(&mut base, project, plan, now);
        }
        let (templates, names) = record(&base, project, plan);
        let mut conversations: Vec<_> = conversations(&templates, plan, now).collect();
        conversations.sort_by_key(|conversation| conversation.start);
        let tickets = base.requests.iter().map(|request| request.value());
        let last_ticket =
            tickets.filter(|request| request.id_project == project).map(|request| request.ticket_id).max();
        let mut history = Self {
            base,
            seed: plan.seed,
            templates,
            conversations,
            names,
            last_ticket: last_ticket.unwrap_or_default(),
        };
        history.count_assigned(project);
        history
    }

    /// Counts the open conversations of the agents.
    fn count_assigned(&mut self, project: Id<Project>) {
        for conversation in &self.conversations {
            for agent in &self.templates[conversation.template].serving {
                let known = self.base.project_users.find(Teammate::of_user(project, *agent));
                let Some(mut member) = known.map(|member| member.value().into_owned()) else { continue };
                member.number_assigned_requests += 1;
                let known = Teammate::table_mut(&mut self.base).put(member);
                known.expect("the member replaces itself, which duplicates nothing");
            }
        }
    }

    /// Writes the whole world in the fixture format.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        struct Collections<'a> {
            history: &'a History,
            out: &'a mut dyn Write,
            count: usize,
            done: io::Result<()>,
        }

        impl Collections<'_> {
            fn write<T: Collection>(&mut self, table: &Table<T>) -> io::Result<()> {
                let generated = COLLECTIONS.iter().position(|name| *name == T::NAME);
                if table.len() == 0 && generated.is_none() {
                    return Ok(());
                }
                write!(self.out, "{}\n\"{}\":[", if self.count == 0 { "{" } else { "," }, T::NAME)?;
                self.count += 1;
                for (place, doc) in table.iter().enumerate() {
                    self.out.write_all(if place > 0 { b",\n  " } else { b"\n  " })?;
                    self.out.write_all(&doc.to_fixture_json())?;
                }
                if let Some(collection) = generated {
                    self.history.write_collection(collection, table.len() == 0, self.out)?;
                }
                self.out.write_all(b"\n]")
            }
        }

        impl Visit for Collections<'_> {
            fn visit<T: Collection>(&mut self, table: &Table<T>) {
                if self.done.is_ok() {
                    self.done = self.write(table);
                }
            }
        }

        let mut collections = Collections { history: self, out, count: 0, done: Ok(()) };
        self.base.each(&mut collections);
        collections.done?;
        out.write_all(b"\n}\n")
    }

    /// Adds the history to its world.
    pub(crate) fn into_tables(self) -> Tables {
        let mut tables = self.base.clone();
        let loaded = io::pipe().and_then(|(reader, writer)| {
            thread::scope(|scope| {
                let history = &self;
                let writing = scope.spawn(move || history.write_conversations(&mut io::BufWriter::new(writer)));
                let reader: Box<dyn Read> = Box::new(io::BufReader::with_capacity(1 << 16, reader));
                let mut json = serde_json::Deserializer::from_reader(reader);
                (&mut tables).deserialize(&mut json).map_err(io::Error::from)?;
                writing.join().expect("writing does not panic")
            })
        });
        loaded.expect("generated documents are valid, which a test checks, and a pipe needs two file descriptors");
        tables
    }

    /// Writes the conversations alone.
    fn write_conversations(&self, out: &mut dyn Write) -> io::Result<()> {
        for (collection, name) in COLLECTIONS.iter().enumerate() {
            write!(out, "{}\"{name}\":[", if collection == 0 { "{" } else { "," })?;
            self.write_collection(collection, true, out)?;
            out.write_all(b"\n]")?;
        }
        out.write_all(b"}")?;
        out.flush()
    }

    /// Writes the documents of a collection, using all processors.
    fn write_collection(&self, collection: usize, mut is_first: bool, out: &mut dyn Write) -> io::Result<()> {
        let is_log = collection == COLLECTIONS.len() - 1;
        let begin = if is_log { self.conversations.len().saturating_sub(LOGGED) } else { 0 };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let places: Vec<_> = (begin..self.conversations.len()).collect();
        for batch in places.chunks(CHUNK * threads) {
            let written: Vec<Vec<u8>> = thread::scope(|scope| {
                let chunks = batch.chunks(CHUNK);
                let work: Vec<_> =
                    chunks.map(|chunk| scope.spawn(move || self.write_chunk(collection, chunk))).collect();
                work.into_iter().map(|work| work.join().expect("copying does not panic")).collect()
            });
            for text in written.iter().filter(|text| !text.is_empty()) {
                // Every document begins with a comma.
                out.write_all(&text[usize::from(is_first)..])?;
                is_first = false;
            }
        }
        Ok(())
    }

    fn write_chunk(&self, collection: usize, places: &[usize]) -> Vec<u8> {
        let mut text = Vec::new();
        for place in places {
            let Conversation { start, template } = self.conversations[*place];
            let bits = |what: &str| derive(self.seed, &(what, place));
            let names = &self.names[self.templates[template].language];
            let name = names[usize::try_from(bits("name")).unwrap_or(*place) % names.len()];
            let number = u32::try_from(*place).unwrap_or(u32::MAX);
            let cast = Cast {
                start,
                // Without the highest bit, which subdocuments flip.
                first_id: (derive(self.seed, &"copies") >> 1).wrapping_add(*place as u64 * IDS) & (u64::MAX >> 1),
                uuids: [
                    u128::from(bits("visitor")) << 64 | u128::from(bits("guest")),
                    u128::from(bits("request")) << 64 | u128::from(bits("conversation")),
                ],
                name,
                ticket: self.last_ticket.saturating_add(number).saturating_add(1),
            };
            self.templates[template].write(collection, &cast, &mut text);
        }
        text
    }
}

/// A text of a template, and its language-independent name.
type Line = (&'static str, &'static str);

/// Records conversations of every course, alternating between the languages of a plan.
fn record(base: &Tables, project: Id<Project>, plan: &Plan) -> (Vec<Template>, Vec<Vec<Line>>) {
    const COURSES: [Course; 10] = [
        Course::Served,
        Course::Automated,
        Course::Ongoing,
        Course::Overnight,
        Course::Waiting,
        Course::Served,
        Course::Automated,
        Course::Served,
        Course::Ongoing,
        Course::Served,
    ];
    let stage = Tables {
        users: base.users.clone(),
        projects: base.projects.clone(),
        project_users: base.project_users.clone(),
        departments: base.departments.clone(),
        groups: base.groups.clone(),
        bots: base.bots.clone(),
        faqs: base.faqs.clone(),
        ..Tables::default()
    };
    let languages = &plan.languages[..];
    // At least one of every course, which begin the list.
    let count = (plan.conversations / 2).clamp(5, RECORDED);
    let record = |place: usize| {
        let mut chance = Chance::new(plan.seed, &("conversation", place));
        // Courses and languages in all combinations.
        let (course, language) = (COURSES[place % COURSES.len()], (place / COURSES.len() + place) % languages.len());
        let script = Script::new(course, languages[language], &mut chance);
        Template::record(&stage, project, (course, script), &mut chance).in_language(language)
    };
    let places: Vec<_> = (0..count).collect();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let recorded = thread::scope(|scope| {
        let parts = places.chunks(count.div_ceil(threads));
        let work: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(|place| record(*place)).collect::<Vec<_>>()))
            .collect();
        work.into_iter().flat_map(|work| work.join().expect("recording does not panic")).collect()
    });
    let names = languages.iter().map(|language| {
        let mut chance = Chance::new(plan.seed, &("names", language.code()));
        (0..NAMES).map(|_| language.name(&mut chance)).collect()
    });
    (recorded, names.collect())
}

/// Distributes the conversations of a plan over its days.
fn conversations(templates: &[Template], plan: &Plan, now: Timestamp) -> impl Iterator<Item = Conversation> {
    let mut chance = Chance::new(plan.seed, &"schedule");
    let of_course = |course: Course| {
        let all = templates.iter().enumerate().filter(|(_, template)| template.course == course);
        all.map(|(place, _)| place).collect::<Vec<_>>()
    };
    let courses = [Course::Served, Course::Automated, Course::Overnight, Course::Waiting, Course::Ongoing];
    let by_course = courses.map(|course| (course, of_course(course)));
    // The latest ones are ongoing.
    let recent = plan.conversations.div_ceil(40).min(12);
    let days = i64::from(plan.days.max(1));
    (0..plan.conversations).map(move |place| {
        let is_recent = place < recent;
        let start =
            if is_recent { schedule::recent(now, &mut chance) } else { schedule::moment(now, days, &mut chance) };
        let course = schedule::course(start, now, &mut chance);
        let all = by_course.iter().find(|(known, _)| *known == course).map_or(&[][..], |(_, all)| all);
        let template = *chance.pick(all);
        // Nothing happens in the future.
        let start = start.min(now.milliseconds() - templates[template].length);
        Conversation { start, template }
    })
}
