//! Performs conversations in a separate sandbox, whose clock moves from line to line.

use std::{collections::HashSet, sync::Arc};

use poem_openapi::types::ParseFromJSON;
use serde_json::{Map, Value, json};

use super::{Act, Conversation, Speaker, Step, Visitor};
use crate::{
    identity::{Actor, Principal, authenticate, principal},
    resource::{
        chatbot::document::Bot,
        conversation::route::{self, Route},
        message,
        request::{
            self,
            close::{self, Closing},
            document::Participant,
            note::{self, schema::NewNote},
            participant,
            tag::{self, schema::NewRequestTag},
        },
        team::document::Teammate,
        user::document::User,
    },
    runtime::clock::ClockSetting,
    state::{ProjectScope, Settings, State, Tables, Tx, World},
    value::{Error, Id, JsonObject, Result, Role, Text, error::ErrorBody, id::IdSource, lenient::Required},
};

/// A step that the API would have rejected: its conversation, its pointer, and the reason.
pub(in crate::world) struct Refused {
    pub(in crate::world) source: usize,
    pub(in crate::world) pointer: String,
    pub(in crate::world) problem: String,
}

/// Performs the steps of all conversations in chronological order. Nothing is delivered to webhooks or WebSockets.
pub(in crate::world) fn play(tables: Tables, conversations: &[Conversation]) -> (Tables, Vec<Refused>) {
    let mut settings = Settings::of(ClockSetting::Frozen(0));
    // Worlds may be larger than the memory budget of clients.
    settings.memory = usize::MAX / 2;
    let world = World::new(tables, settings, None);
    let sandbox = world.default_sandbox();
    let all = conversations.iter().enumerate();
    let mut steps: Vec<_> =
        all.flat_map(|(at, conversation)| conversation.steps.iter().map(move |step| (at, step))).collect();
    // A stable sort, so that simultaneous steps keep the order of the file.
    steps.sort_by_key(|(_, step)| step.at);
    let (mut refused, mut failed) = (Vec::new(), HashSet::new());
    let start = |conversation: &Conversation| IdSource::starting_at(conversation.ids);
    let mut ids: Vec<_> = conversations.iter().map(start).collect();
    let tickets = tickets(&sandbox.state(), conversations, &steps);
    for (at, step) in steps {
        let conversation = &conversations[at];
        // Steps after a failed one would fail because of it.
        if failed.contains(&at) {
            continue;
        }
        sandbox.clock.reset(ClockSetting::Frozen(step.at.milliseconds()));
        let scope = ProjectScope { sandbox: sandbox.clone(), project: conversation.project };
        let own = step.ids.map_or_else(|| ids[at].clone(), IdSource::starting_at);
        let performed = scope.write(|tx| {
            let others = tx.replace_ids(own);
            tx.number_next_ticket(tickets[at]);
            perform(tx, conversation, step)?;
            Ok(tx.replace_ids(others))
        });
        match performed {
            Ok(next) => ids[at] = next,
            Err(error) => {
                failed.insert(at);
                let problem = told(&error);
                refused.push(Refused { source: conversation.source, pointer: step.pointer.clone(), problem });
            }
        }
    }
    let tables = sandbox.state().tables.clone();
    (tables, refused)
}

/// The ticket numbers of the conversations. Those without one get numbers after the highest, in chronological order.
fn tickets(state: &State, conversations: &[Conversation], steps: &[(usize, &Step)]) -> Vec<u32> {
    let mut last = state.tickets.clone();
    for conversation in conversations {
        let last = last.entry(conversation.project).or_default();
        *last = conversation.ticket.unwrap_or_default().max(*last);
    }
    let mut tickets: Vec<_> = conversations.iter().map(|conversation| conversation.ticket).collect();
    for (at, _) in steps {
        tickets[*at].get_or_insert_with(|| {
            let last = last.entry(conversations[*at].project).or_default();
            *last += 1;
            *last
        });
    }
    tickets.into_iter().map(Option::unwrap_or_default).collect()
}

fn perform(tx: &mut Tx, conversation: &Conversation, step: &Step) -> Result<()> {
    let id = &*conversation.request_id;
    let someone = |tx: &mut Tx, speaker: Option<&Speaker>| match speaker {
        Some(speaker) => actor(tx, conversation, speaker),
        None => server(tx, conversation),
    };
    match &step.act {
        Act::Say(speaker, content) => say(tx, conversation, speaker, content),
        Act::Close(speaker) => {
            let by = someone(tx, speaker.as_ref())?;
            let closing = Closing::default();
            if by.role().is_team() {
                close::close(tx, &by, id, &closing).map(drop)
            } else {
                close::close_as_guest(tx, &by, id, &closing).map(drop)
            }
        }
        Act::Reopen => close::reopen(tx, id).map(drop),
        Act::Join(speaker) => {
            let by = actor(tx, conversation, speaker)?;
            join(tx, conversation, &by)
        }
        Act::Leave(speaker) => {
            let who = actor(tx, conversation, speaker)?.id();
            participant::rules::remove(tx, id, &who).map(drop)
        }
        Act::Route(department) => {
            let by = server(tx, conversation)?;
            let route = Route { departmentid: Some(department.as_str().into()), nobot: None, no_populate: None };
            route::route(tx, &by, id, &route).map(drop)
        }
        Act::Note(speaker, text) => {
            let by = someone(tx, speaker.as_ref())?;
            note::rules::add(tx, &by, id, &NewNote { text: Required(Some(text.as_str().into())) }).map(drop)
        }
        Act::Rate(rating) => {
            let by = visitor(tx, conversation)?;
            request::rules::rate(tx, &by, id, parsed(rating)?).map(drop)
        }
        Act::Tag(tags) => {
            let tags = <Vec<NewRequestTag>>::parse_from_json(Some(Value::Array(tags.clone())));
            let tags = tags.map_err(|error| refusal(error.into_message()))?;
            tag::rules::add(tx, id, tags).map(drop)
        }
    }
}

fn say(tx: &mut Tx, conversation: &Conversation, speaker: &Speaker, content: &Map<String, Value>) -> Result<()> {
    let by = actor(tx, conversation, speaker)?;
    let mut content = content.clone();
    let known = request::rules::find(tx.state(), conversation.project, &conversation.request_id).cloned();
    match (&known, speaker) {
        (None, _) => {
            for (field, value) in &conversation.opening {
                content.entry(field.clone()).or_insert_with(|| value.clone());
            }
        }
        (Some(request), Speaker::User(user)) => {
            // As in the dashboard, agents join the conversations in which they write.
            let user = Id::<User>::parse(user);
            let serves = request.kept().participants.iter().any(|other| other.agent() == user);
            if !serves && request.value().status < request::document::Request::CLOSED {
                join(tx, conversation, &by)?;
            }
        }
        _ => {}
    }
    if let (Speaker::Visitor, Some(name)) = (speaker, &conversation.visitor.fullname) {
        content.entry("senderFullname").or_insert_with(|| json!(name));
    }
    message::rules::send(tx, &by, &conversation.request_id, parsed(&content)?).map(drop)
}

fn join(tx: &mut Tx, conversation: &Conversation, by: &Actor) -> Result<()> {
    participant::rules::add(tx, by, &conversation.request_id, &by.id()).map(drop)
}

/// The agent who serves the conversation, or else the visitor.
fn server(tx: &mut Tx, conversation: &Conversation) -> Result<Actor> {
    let request = request::rules::find(tx.state(), conversation.project, &conversation.request_id);
    let agent = request.and_then(|request| request.kept().participants.iter().find_map(Participant::agent));
    match agent {
        Some(user) => member(tx, conversation, Principal::User(user)),
        None => visitor(tx, conversation),
    }
}

fn actor(tx: &mut Tx, conversation: &Conversation, speaker: &Speaker) -> Result<Actor> {
    match speaker {
        Speaker::Visitor => visitor(tx, conversation),
        Speaker::User(user) => {
            let user = Id::parse(user).ok_or(Error::NOT_A_MEMBER)?;
            member(tx, conversation, Principal::User(user))
        }
        Speaker::Bot(bot) => service(tx, conversation, Id::parse(bot)),
        Speaker::ServingBot => {
            let request = request::rules::find(tx.state(), conversation.project, &conversation.request_id);
            let bot = request.and_then(|request| request.kept().participants.iter().rev().find_map(Participant::bot));
            service(tx, conversation, bot)
        }
    }
}

fn member(tx: &Tx, conversation: &Conversation, caller: Principal) -> Result<Actor> {
    let membership = authenticate::membership(tx.state(), conversation.project, &caller)?;
    Ok(Actor { caller, membership })
}

fn service(tx: &Tx, conversation: &Conversation, bot: Option<Id<Bot>>) -> Result<Actor> {
    let bot = bot
        .and_then(|bot| tx.state().tables.bots.get(bot))
        .ok_or_else(|| refusal("no bot serves the conversation".into()))?;
    let bot = bot.value();
    let service = principal::Service {
        id: bot.id.to_string().into(),
        name: Some(bot.name.clone()),
        project: conversation.project,
    };
    member(tx, conversation, Principal::Service(service))
}

/// The visitor, who signs in to the project with the first message.
fn visitor(tx: &mut Tx, conversation: &Conversation) -> Result<Actor> {
    let Visitor { id, fullname, email } = &conversation.visitor;
    if let Some(user) = Id::<User>::parse(id).filter(|user| tx.state().tables.users.get(*user).is_some()) {
        return member(tx, conversation, Principal::User(user));
    }
    let project = conversation.project;
    if tx.find::<Teammate>(Teammate::of_visitor(project, id)).is_none() {
        let mut guest = Teammate::new(tx.new_id(), project, Role::Guest, id.clone(), tx.now());
        guest.uuid_user = Some(id.clone());
        tx.put(guest)?;
    }
    let name = fullname.as_deref().unwrap_or("Guest");
    let (first, last) = name.rsplit_once(' ').map_or((name, None), |(first, last)| (first, Some(Text::from(last))));
    let caller = principal::Visitor {
        id: id.clone(),
        firstname: Some(first.into()),
        lastname: last,
        email: email.clone(),
        project: None,
        claims: Arc::new(JsonObject::default()),
    };
    member(tx, conversation, Principal::Visitor(caller))
}

fn parsed<T: ParseFromJSON>(fields: &Map<String, Value>) -> Result<T> {
    T::parse_from_json(Some(Value::Object(fields.clone()))).map_err(|error| refusal(error.into_message()))
}

fn refusal(text: String) -> Error {
    Error::malformed(ErrorBody::msg(text.into()))
}

/// The reason in an error.
fn told(error: &Error) -> String {
    let text = match &error.body {
        ErrorBody::Failure(message) | ErrorBody::Bare(message) => message.text.to_string(),
        ErrorBody::Plain(text) => text.to_string(),
        ErrorBody::Texts(texts) => texts.join("; "),
        ErrorBody::Fields(violations) => {
            let one = |field: &crate::value::error::Violation| match (&field.reason, field.msg) {
                (Some(reason), _) => format!("{}: {reason}", field.field),
                (None, msg) => format!("{}: {}", field.field, msg.unwrap_or("invalid value")),
            };
            violations.iter().map(one).collect::<Vec<_>>().join("; ")
        }
        ErrorBody::Own(value) => value.to_string(),
    };
    let rule = error.rule.map(|rule| format!(" {rule}")).unwrap_or_default();
    format!("the API rejects this: {text}{rule}")
}
