//! Scripted visitors: each replies to every message that an agent writes in one conversation.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;

use crate::{
    identity::{Actor, Principal, principal::Visitor},
    resource::{
        message::{
            self,
            document::Message,
            schema::{Content, NewMessage},
        },
        project::document::Project,
        request::{self, document::Request, schema::Opening},
        team::document::Teammate,
    },
    state::{Sandbox, State, Tx},
    store::Doc,
    value::{Error, Id, JsonObject, Result, Text, Timestamp},
};

/// Maximum number of scripted visitors in a sandbox.
pub(crate) const MOST: usize = 100;

/// Maximum number of pending replies of a visitor.
const PENDING: usize = 1_000;

/// The scripted visitors of a sandbox.
#[derive(Default)]
pub(super) struct Echoes(Mutex<Vec<Echo>>);

/// A scripted visitor.
#[derive(Clone, Debug)]
pub(crate) struct Echo {
    pub(crate) request_id: Text,
    pub(crate) reply: Text,
    /// Milliseconds from a message to the reply.
    pub(crate) after: i64,
    project: Id<Project>,
    /// Number of agents' messages with a sent or scheduled reply.
    seen: usize,
    /// Times of the next replies.
    due: VecDeque<Timestamp>,
    pub(crate) sent: u64,
}

/// An act of a simulated visitor, agent, or bot.
#[derive(Clone, Debug)]
pub(crate) struct Happened {
    pub(crate) request_id: Text,
    pub(crate) visitor: Text,
    pub(crate) act: &'static str,
    pub(crate) text: Option<Text>,
}

/// The reason that a scripted visitor was rejected.
pub(crate) enum Refused {
    NoRequest,
    Full,
}

/// The messages of agents in a conversation.
fn messages<'a>(state: &'a State, project: Id<Project>, request_id: &str) -> impl Iterator<Item = Message> + 'a {
    let messages = state.tables.messages.with(Message::of_request(project, request_id));
    messages.map(|message| message.value().into_owned()).filter(move |message| {
        let member = Id::parse(&message.sender)
            .and_then(|user| state.tables.project_users.find(Teammate::of_user(project, user)));
        member.is_some_and(|member| member.value().role.is_team())
    })
}

impl Echoes {
    /// Lets the visitor of a conversation reply to each further message of an agent.
    pub(super) fn add(&self, state: &State, request_id: Text, (reply, after): (Text, i64)) -> Result<(), Refused> {
        let request = state.tables.requests.find(Request::by_request_id(&request_id)).ok_or(Refused::NoRequest)?;
        let project = request.kept().project;
        let seen = messages(state, project, &request_id).count();
        let mut all = self.0.lock();
        all.retain(|echo| echo.request_id != request_id);
        if all.len() >= MOST {
            return Err(Refused::Full);
        }
        all.push(Echo { request_id, reply, after, project, seen, due: VecDeque::new(), sent: 0 });
        Ok(())
    }

    pub(super) fn all(&self) -> Vec<Echo> {
        self.0.lock().clone()
    }

    pub(super) fn clear(&self) {
        self.0.lock().clear();
    }

    /// The time of the next reply.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.0.lock().iter().filter_map(|echo| echo.due.front().copied()).min()
    }

    /// Schedules replies to new messages.
    pub(super) fn look(&self, sandbox: &Sandbox) {
        let mut all = self.0.lock();
        if all.is_empty() {
            return;
        }
        let state = sandbox.state_arc();
        for echo in &mut *all {
            let times: Vec<_> =
                messages(&state, echo.project, &echo.request_id).map(|message| message.created_at).collect();
            let new = times.get(echo.seen..).unwrap_or_default();
            let due = new.iter().map(|time| Timestamp::from_milliseconds(time.milliseconds() + echo.after));
            let room = PENDING.saturating_sub(echo.due.len());
            echo.due.extend(due.take(room));
            echo.seen = times.len();
        }
    }

    /// Writes the next reply.
    pub(super) async fn reply(&self, sandbox: &Arc<Sandbox>) -> Result<Option<Happened>> {
        let next = {
            let mut all = self.0.lock();
            let next = all.iter_mut().filter(|echo| !echo.due.is_empty()).min_by_key(|echo| echo.due.front().copied());
            next.map(|echo| {
                echo.due.pop_front();
                echo.sent += 1;
                (echo.project, echo.request_id.clone(), echo.reply.clone())
            })
        };
        let Some((project, request_id, text)) = next else { return Ok(None) };
        let visitor = sandbox.write_with_callouts(project, |tx| say(tx, &request_id, &text)).await?;
        Ok(Some(Happened { request_id, visitor, act: "visitor_wrote", text: Some(text) }))
    }
}

/// Writes as the visitor of a conversation, and returns their name.
fn say(tx: &mut Tx, request_id: &Text, text: &Text) -> Result<Text> {
    let request = request::rules::load(tx, request_id)?;
    let lead = request.lead.and_then(|lead| tx.state().tables.leads.get(lead)).map(|lead| lead.value().into_owned());
    let name = lead.as_ref().and_then(|lead| lead.fullname.clone()).unwrap_or_else(|| "Guest".into());
    let member = request.requester.and_then(|member| tx.state().tables.project_users.get(member)).cloned();
    let membership: Arc<Doc<Teammate>> = member.ok_or(Error::OBJECT_NOT_FOUND)?;
    let caller = match (&membership.value().id_user, &membership.value().uuid_user) {
        (Some(user), _) => Principal::User(*user),
        (None, id) => Principal::Visitor(Visitor {
            id: id.clone().unwrap_or_default(),
            firstname: Some(name.clone()),
            lastname: None,
            email: None,
            project: None,
            claims: Arc::new(JsonObject::default()),
        }),
    };
    let content = Content {
        text: Some(text.clone()),
        kind: None,
        metadata: None,
        attributes: None,
        language: request.language.clone(),
        // The requester of an imported conversation is not its visitor.
        sender: lead.map(|lead| lead.lead_id).filter(|_| membership.value().role.is_team()),
        sender_fullname: Some(name.clone()),
        status: None,
        channel: None,
    };
    let message = NewMessage { content, preflight: None, request_status: None, opening: Opening::default() };
    message::rules::send(tx, &Actor { caller, membership }, request_id, message)?;
    Ok(name)
}
