//! Conversations that are recorded once by the rules, and copied with other people, identifiers, and times.
//!
//! A copy takes microseconds, so worlds of 100,000 conversations are generated in seconds, and it has exactly the form
//! of documents written by the rules.

use std::{io::Write as _, sync::Arc};

use super::{
    act::{Chat, visitor},
    chance::Chance,
    script::{Act, Course, Script},
    stage::Stage,
};
use crate::{
    resource::{
        activity::document::Activity, lead::document::Lead, message::document::Message, project::document::Project,
        request::document::Request, team::document::Teammate, user::document::User,
    },
    state::{Collection, Holes, State, Tables, Tx},
    store::Doc,
    value::{
        Id, Result, Timestamp,
        id::{IdSource, seconds},
    },
};

/// The collections that contain documents of a conversation.
pub(super) const COLLECTIONS: [&str; 5] = [
    <Teammate as Collection>::NAME,
    <Lead as Collection>::NAME,
    <Request as Collection>::NAME,
    <Message as Collection>::NAME,
    <Activity as Collection>::NAME,
];

/// The start of recordings: 2001-11-11T11:00:00Z. Days and months have two digits on that day and the next one, and it
/// is earlier than any document of a world.
const START: i64 = 1_005_476_400_000;

/// Identifiers in recordings end with this number and those after it.
const FIRST: u64 = 0x5eed_0000_0000_0000;

/// Maximum number of identifiers per conversation.
pub(super) const IDS: u64 = 1 << 10;

/// The bit by which identifiers of subdocuments differ from those of documents.
const SUBDOCUMENT: u64 = 1 << 63;

// Placeholders for the parts that differ between copies. No text contains them.
const VISITOR: &str = "5eed5eed-5eed-4eed-8eed-5eed5eed5eed";
const REQUEST: &str = "5eed5eed5eed4eed8eed5eed5eed5eee";
const FIRST_NAME: &str = "@@FIRST@@";
const LAST_NAME: &str = "@@LAST@@";
const EMAIL: &str = "@@EMAIL@@";
const TICKET: &str = "\"ticket_id\":1,";

/// A recorded conversation.
pub(super) struct Template {
    pub(super) course: Course,
    /// Position of its language in the plan.
    pub(super) language: usize,
    /// Milliseconds from the first to the last act.
    pub(super) length: i64,
    /// The users who serve it at its end.
    pub(super) serving: Vec<Id<User>>,
    /// The documents of each collection.
    documents: [Vec<Document>; COLLECTIONS.len()],
}

/// A document with gaps.
struct Document(Vec<Piece>);

enum Piece {
    Text(Box<str>),
    /// An identifier: its number, the seconds from the start to its creation, and whether it is that of a subdocument.
    Id(u64, i64, bool),
    /// Milliseconds since the start.
    Time(i64),
    /// Milliseconds since the start, in the notation of transcripts.
    ItalianTime(i64),
    Visitor,
    Request,
    FirstName,
    LastName,
    Email,
    Ticket,
}

/// The values that fill the gaps of a copy.
pub(super) struct Cast<'a> {
    pub(super) start: i64,
    /// The number with which the first identifier ends.
    pub(super) first_id: u64,
    /// Random bits of the visitor's UUID, and of the conversation's.
    pub(super) uuids: [u128; 2],
    pub(super) name: (&'a str, &'a str),
    pub(super) ticket: u32,
}

impl Template {
    /// Records a conversation in a world without conversations.
    #[expect(clippy::similar_names, reason = "a stage is found in a state")]
    pub(super) fn record(
        world: &Tables,
        project: Id<Project>,
        (course, script): (Course, Script),
        chance: &mut Chance,
    ) -> Self {
        let world = at_work(world, project, course, chance);
        let mut state = State::new(world, IdSource::starting_at(FIRST), Holes::Closed);
        let stage = Stage::of(&state, project);
        let chat = Chat {
            request_id: format!("support-group-{project}-{REQUEST}").into(),
            visitor: visitor(VISITOR.into(), FIRST_NAME, LAST_NAME, EMAIL.into()),
            name: format!("{FIRST_NAME} {LAST_NAME}").into(),
            language: script.language.code().into(),
            page: script.page.into(),
            department: stage.department(script.bot, chance.draw()),
        };
        let mut at = START;
        let mut perform = |at: i64, change: &mut dyn FnMut(&mut Tx) -> Result<()>| {
            let mut tx = Tx::new(state.clone(), Some(project), Timestamp::from_milliseconds(at), None);
            // An act that the rules reject has no effect, like a rejected call.
            if change(&mut tx).is_ok() {
                state = tx.finish().state;
            }
        };
        perform(at, &mut |tx| chat.enter(tx));
        for step in &script.steps {
            at += step.after;
            if !matches!(step.act, Act::Type | Act::TypeAnswer) {
                perform(at, &mut |tx| chat.perform(tx, &stage, &step.act));
            }
        }
        let tables = &state.tables;
        let request = tables.requests.find(Request::by_request_id(&chat.request_id));
        let request = request.map(|request| request.value().into_owned());
        let id = request.as_ref().map(|request| request.id.to_string()).unwrap_or_default();
        let documents = [
            documents(tables.project_users.find(Teammate::of_visitor(project, VISITOR))),
            documents(tables.leads.find(Lead::by_lead_id(project, VISITOR))),
            documents(tables.requests.find(Request::by_request_id(&chat.request_id))),
            documents(tables.messages.with(Message::of_request(project, &chat.request_id))),
            documents(tables.activities.with(Activity::of_target(project, &id))),
        ];
        let open = request.filter(|request| request.status != Request::CLOSED);
        let serving = open.map(|request| request.participants_agents).unwrap_or_default();
        Self { course, language: 0, length: at - START, serving, documents }
    }

    pub(super) fn in_language(self, language: usize) -> Self {
        Self { language, ..self }
    }

    /// Writes the copies of the documents of one collection, separated by commas.
    pub(super) fn write(&self, collection: usize, cast: &Cast, out: &mut Vec<u8>) {
        for document in &self.documents[collection] {
            out.extend_from_slice(b",\n  ");
            document.0.iter().for_each(|piece| cast.write(piece, out));
        }
    }
}

/// The world with the agents available who are at work.
fn at_work(world: &Tables, project: Id<Project>, course: Course, chance: &mut Chance) -> Tables {
    let mut world = world.clone();
    let team: Vec<_> = world.project_users.iter().map(|member| member.value().into_owned()).collect();
    let team: Vec<_> =
        team.into_iter().filter(|member| member.id_project == project && member.role.is_team()).collect();
    let first = usize::try_from(chance.below(team.len() as u64)).unwrap_or_default();
    for (place, mut member) in team.into_iter().enumerate() {
        // Unless visitors have to wait, someone is at work.
        let is_staffed = !matches!(course, Course::Overnight | Course::Waiting);
        member.user_available = is_staffed && (place == first || chance.percent(60));
        let known = Teammate::table_mut(&mut world).put(member);
        known.expect("the member replaces itself, which duplicates nothing");
    }
    world
}

fn documents<'a, T: Collection>(docs: impl IntoIterator<Item = &'a Arc<Doc<T>>>) -> Vec<Document> {
    let text = |doc: &Doc<T>| String::from_utf8_lossy(&doc.to_fixture_json()).into_owned();
    docs.into_iter().map(|doc| Document::read(&text(doc))).collect()
}

impl Document {
    /// Finds the gaps in a recorded document.
    fn read(text: &str) -> Self {
        let (mut pieces, mut begin, mut at) = (Vec::new(), 0, 0);
        while at < text.len() {
            let found = text.is_char_boundary(at).then(|| Piece::read(&text[at..])).flatten();
            let Some((piece, length)) = found else {
                at += 1;
                continue;
            };
            if begin < at {
                pieces.push(Piece::Text(text[begin..at].into()));
            }
            pieces.push(piece);
            at += length;
            begin = at;
        }
        pieces.push(Piece::Text(text[begin..].into()));
        Self(pieces)
    }
}

impl Piece {
    /// The gap at the beginning of a text, with its length.
    fn read(text: &str) -> Option<(Self, usize)> {
        let fixed = match text.as_bytes()[0] {
            b'5' => [(VISITOR, Self::Visitor), (REQUEST, Self::Request)]
                .into_iter()
                .find(|(known, _)| text.starts_with(known)),
            b'@' => [(FIRST_NAME, Self::FirstName), (LAST_NAME, Self::LastName), (EMAIL, Self::Email)]
                .into_iter()
                .find(|(known, _)| text.starts_with(known)),
            b'"' => text.starts_with(TICKET).then_some((TICKET, Self::Ticket)),
            _ => None,
        };
        if let Some((known, piece)) = fixed {
            return Some((piece, known.len()));
        }
        if !text.as_bytes()[0].is_ascii_hexdigit() {
            return None;
        }
        Self::id(text).or_else(|| Self::time(text)).or_else(|| Self::italian_time(text))
    }

    fn id(text: &str) -> Option<(Self, usize)> {
        let id = text.get(..24).filter(|id| id.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        let seconds = i64::from_str_radix(&id[..8], 16).ok()? - START / 1_000;
        let number = u64::from_str_radix(&id[8..], 16).ok()?;
        let of = |number: u64| Some(number.wrapping_sub(FIRST)).filter(|number| *number < IDS);
        let is_part = of(number).is_none();
        let number = of(number).or_else(|| of(number ^ SUBDOCUMENT))?;
        Some((Self::Id(number, seconds, is_part), 24))
    }

    fn time(text: &str) -> Option<(Self, usize)> {
        let date = text.get(..24).filter(|date| date.ends_with('Z') && date.as_bytes()[10] == b'T')?;
        let after = Timestamp::parse(date)?.milliseconds() - START;
        (0..i64::from(u32::MAX)).contains(&after).then_some((Self::Time(after), 24))
    }

    /// `11/11/2001, 11:00:00`.
    fn italian_time(text: &str) -> Option<(Self, usize)> {
        let date = text.get(..20).filter(|date| date.get(2..12) == Some("/11/2001, "))?;
        let iso = format!("2001-11-{}T{}Z", &date[..2], &date[12..]);
        Some((Self::ItalianTime(Timestamp::parse(&iso)?.milliseconds() - START), 20))
    }
}

impl Cast<'_> {
    fn write(&self, piece: &Piece, out: &mut Vec<u8>) {
        let time = |after: i64| Timestamp::from_milliseconds(self.start + after);
        let written = match piece {
            Piece::Text(text) => {
                out.extend_from_slice(text.as_bytes());
                Ok(())
            }
            Piece::Id(number, after, is_part) => {
                let seconds = seconds(self.start.div_euclid(1_000) + after);
                let number = (self.first_id + number) ^ if *is_part { SUBDOCUMENT } else { 0 };
                write!(out, "{seconds:08x}{number:016x}")
            }
            Piece::Time(after) => write!(out, "{}", time(*after)),
            Piece::ItalianTime(after) => write!(out, "{}", time(*after).in_italian()),
            Piece::Visitor => write!(out, "{}", uuid(self.uuids[0]).hyphenated()),
            Piece::Request => write!(out, "{}", uuid(self.uuids[1]).simple()),
            Piece::FirstName => write!(out, "{}", self.name.0),
            Piece::LastName => write!(out, "{}", self.name.1),
            Piece::Email => write!(out, "{}", self.email()),
            Piece::Ticket => write!(out, "\"ticket_id\":{},", self.ticket),
        };
        written.expect("a vector can be written to");
    }

    fn email(&self) -> String {
        email(self.name, self.uuids[0])
    }
}

/// An email address for a name, which differs from those of namesakes.
pub(super) fn email((first, last): (&str, &str), bits: u128) -> String {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    format!("{}.{}{}@example.com", plain(first), plain(last), bits % 1_000)
}

pub(super) fn uuid(bits: u128) -> uuid::Uuid {
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
}
