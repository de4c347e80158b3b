//! Acts of simulated people, which follow the same rules as calls.

use std::sync::Arc;

use serde_json::{Map, json};

use super::{script::Act, stage::Stage};
use crate::{
    identity::{Actor, Principal, authenticate::membership, principal::Visitor},
    resource::{
        auth,
        conversation::route,
        event::{self, schema::NewCustomEvent},
        message::{
            self,
            schema::{Content, NewMessage},
        },
        request::{
            self,
            close::{self, Closing},
            document::Request,
            participant,
            schema::{Opening, Rating},
            tag::{self, schema::NewRequestTag},
        },
        team::{self, document::Teammate},
    },
    state::{State, Tx},
    store::Doc,
    value::{Error, JsonObject, Result, Text},
};

const USER_AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/// A conversation of a simulated visitor.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) request_id: Text,
    pub(super) visitor: Visitor,
    pub(super) name: Text,
    pub(super) language: Text,
    pub(super) page: Text,
    pub(super) department: Option<Text>,
}

/// A visitor with this identifier, with the claims of their token.
pub(super) fn visitor(id: Text, first: &str, last: &str, email: Text) -> Visitor {
    let claims = json!({"_id": id, "firstname": first, "lastname": last, "email": email});
    let claims = claims.as_object().cloned().unwrap_or_default();
    Visitor {
        id,
        firstname: Some(first.into()),
        lastname: Some(last.into()),
        email: Some(email),
        project: None,
        claims: Arc::new(JsonObject(claims)),
    }
}

impl Chat {
    /// Signs the visitor in, unless they are already.
    pub(super) fn enter_once(&self, tx: &mut Tx) -> Result<()> {
        if self.as_visitor(tx).is_ok() { Ok(()) } else { self.enter(tx) }
    }

    /// Signs the visitor in.
    pub(super) fn enter(&self, tx: &mut Tx) -> Result<()> {
        let project = tx.project();
        auth::rules::join_as_guest(tx, project, self.visitor.id.clone()).map(drop)
    }

    pub(super) fn perform(&self, tx: &mut Tx, stage: &Stage, act: &Act) -> Result<()> {
        match act {
            Act::Ask(text) => {
                let visitor = self.as_visitor(tx)?;
                let content = Content { sender_fullname: Some(self.name.clone()), ..self.content(text) };
                let opening = Opening {
                    departmentid: self.department.clone(),
                    source_page: Some(self.page.clone()),
                    user_agent: Some(USER_AGENT.into()),
                    email: self.visitor.email.clone(),
                    ..Opening::default()
                };
                self.send(tx, &visitor, content, opening)
            }
            Act::Answer(text) => {
                let agent = self.as_agent(tx, stage)?;
                self.send(tx, &agent, self.content(text), Opening::default())
            }
            Act::Type => {
                let visitor = self.as_visitor(tx)?;
                self.type_as(tx, &visitor)
            }
            Act::TypeAnswer => {
                let agent = self.as_agent(tx, stage)?;
                self.type_as(tx, &agent)
            }
            Act::HandOver => {
                let request = request::rules::load(tx, &self.request_id)?;
                if !request.has_bot || request.status == Request::CLOSED {
                    return Ok(());
                }
                let visitor = self.as_visitor(tx)?;
                route::hand_over(tx, &visitor, &self.request_id).map(drop)
            }
            Act::Tag(tag) => {
                let tag = NewRequestTag { tag: tag.as_str().into(), color: None, attributes: None };
                tag::rules::add(tx, &self.request_id, vec![tag]).map(drop)
            }
            Act::Close => {
                let agent = self.as_agent(tx, stage)?;
                close::close(tx, &agent, &self.request_id, &Closing::default()).map(drop)
            }
            Act::Leave => {
                let visitor = self.as_visitor(tx)?;
                close::close_as_guest(tx, &visitor, &self.request_id, &Closing::default()).map(drop)
            }
            Act::Rate(rating, comment) => {
                let visitor = self.as_visitor(tx)?;
                let rating_message = comment.as_deref().map(Into::into);
                let rating =
                    Rating { rating: Some(f64::from(*rating)), rating_message, rate: None, rate_message: None };
                request::rules::rate(tx, &visitor, &self.request_id, rating).map(drop)
            }
        }
    }

    fn send(&self, tx: &mut Tx, by: &Actor, content: Content, opening: Opening) -> Result<()> {
        let message = NewMessage { content, preflight: None, request_status: None, opening };
        message::rules::send(tx, by, &self.request_id, message).map(drop)
    }

    fn content(&self, text: &str) -> Content {
        Content {
            text: Some(text.into()),
            kind: None,
            metadata: None,
            attributes: None,
            language: Some(self.language.clone()),
            sender: None,
            sender_fullname: None,
            status: None,
            channel: None,
        }
    }

    fn type_as(&self, tx: &mut Tx, by: &Actor) -> Result<()> {
        let attributes = Map::from_iter([("request_id".to_owned(), json!(self.request_id))]);
        let typing = NewCustomEvent { name: "typing.start".into(), attributes: Some(JsonObject(attributes)) };
        event::rules::create(tx, by, typing).map(drop)
    }

    fn as_visitor(&self, tx: &Tx) -> Result<Actor> {
        let caller = Principal::Visitor(self.visitor.clone());
        let membership = membership(tx.state(), tx.project(), &caller)?;
        Ok(Actor { caller, membership })
    }

    /// The agent who serves the conversation. Without one, an agent joins it.
    fn as_agent(&self, tx: &mut Tx, stage: &Stage) -> Result<Actor> {
        let request = request::rules::load(tx, &self.request_id)?;
        if let Some(agent) = request.participants_agents.first() {
            let caller = Principal::User(*agent);
            let membership = membership(tx.state(), tx.project(), &caller)?;
            return Ok(Actor { caller, membership });
        }
        let place = usize::try_from(request.ticket_id).unwrap_or_default();
        let agent = some_agent(tx.state(), stage, place).ok_or(Error::OBJECT_NOT_FOUND)?;
        participant::rules::add(tx, &agent, &self.request_id, &agent.id())?;
        Ok(agent)
    }
}

/// An agent of the project, preferably an available one.
#[expect(clippy::similar_names, reason = "a stage is found in a state")]
fn some_agent(state: &State, stage: &Stage, place: usize) -> Option<Actor> {
    let all: Vec<&Arc<Doc<Teammate>>> = team::rules::agents(state, stage.project).collect();
    let available: Vec<_> = all.iter().filter(|agent| agent.value().user_available).copied().collect();
    let all = if available.is_empty() { all } else { available };
    let membership = (*all.get(place % all.len().max(1))?).clone();
    let caller = Principal::User(membership.value().id_user?);
    Some(Actor { caller, membership })
}
