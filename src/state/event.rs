//! Events: the closed list of their names, and the signals that carry them to webhooks and the realtime API.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::{
    callout::{Callout, CalloutReply},
    outbox::Delivery,
    sandbox::Sandbox,
    version::State,
};
use crate::{
    resource::{
        chatbot::{document::Bot, faq::document::Faq},
        department::document::Department,
        event::document::CustomEvent,
        group::document::Group,
        lead::document::Lead,
        message::document::Message,
        project::document::Project,
        request::document::Request,
        subscription::document::Subscription,
        team::document::Teammate,
        user::document::User,
    },
    store::Doc,
    value::{Id, Timestamp},
};

/// All events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum EventName {
    RequestCreate,
    RequestUpdate,
    RequestClose,
    MessageCreate,
    LeadCreate,
    BotCreate,
    BotUpdate,
    BotDelete,
    FaqCreate,
    FaqUpdate,
    FaqDelete,
    DepartmentCreate,
    DepartmentUpdate,
    DepartmentDelete,
    GroupCreate,
    GroupUpdate,
    GroupDelete,
    TeammateInvite,
    TeammateUpdate,
    TeammateDelete,
    ProjectCreate,
    ProjectUpdate,
    ProjectDowngrade,
    ProjectDelete,
    UserSignUp,
    EventEmit,
    OperatorSelect,
}

impl EventName {
    pub(crate) const ALL: [Self; 27] = [
        Self::RequestCreate,
        Self::RequestUpdate,
        Self::RequestClose,
        Self::MessageCreate,
        Self::LeadCreate,
        Self::BotCreate,
        Self::BotUpdate,
        Self::BotDelete,
        Self::FaqCreate,
        Self::FaqUpdate,
        Self::FaqDelete,
        Self::DepartmentCreate,
        Self::DepartmentUpdate,
        Self::DepartmentDelete,
        Self::GroupCreate,
        Self::GroupUpdate,
        Self::GroupDelete,
        Self::TeammateInvite,
        Self::TeammateUpdate,
        Self::TeammateDelete,
        Self::ProjectCreate,
        Self::ProjectUpdate,
        Self::ProjectDowngrade,
        Self::ProjectDelete,
        Self::UserSignUp,
        Self::EventEmit,
        Self::OperatorSelect,
    ];

    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::RequestCreate => "request.create",
            Self::RequestUpdate => "request.update",
            Self::RequestClose => "request.close",
            Self::MessageCreate => "message.create",
            Self::LeadCreate => "lead.create",
            Self::BotCreate => "faqBot.create",
            Self::BotUpdate => "faqBot.update",
            Self::BotDelete => "faqBot.delete",
            Self::FaqCreate => "faq.create",
            Self::FaqUpdate => "faq.update",
            Self::FaqDelete => "faq.delete",
            Self::DepartmentCreate => "department.create",
            Self::DepartmentUpdate => "department.update",
            Self::DepartmentDelete => "department.delete",
            Self::GroupCreate => "group.create",
            Self::GroupUpdate => "group.update",
            Self::GroupDelete => "group.delete",
            Self::TeammateInvite => "project_user.invite",
            Self::TeammateUpdate => "project_user.update",
            Self::TeammateDelete => "project_user.delete",
            Self::ProjectCreate => "project.create",
            Self::ProjectUpdate => "project.update",
            Self::ProjectDowngrade => "project.downgrade",
            Self::ProjectDelete => "project.delete",
            Self::UserSignUp => "user.signup",
            Self::EventEmit => "event.emit",
            Self::OperatorSelect => "operator.select",
        }
    }
}

impl State {
    /// The subscriptions to an event, of a project if given, and of all projects.
    pub(crate) fn subscribers(
        &self,
        project: Option<Id<Project>>,
        event: &str,
    ) -> impl Iterator<Item = &Arc<Doc<Subscription>>> {
        let subscriptions = &self.tables.subscriptions;
        let own = project.map(|project| subscriptions.with(Subscription::to(project, event)));
        own.into_iter().flatten().chain(subscriptions.with(Subscription::to_all(event)))
    }

    /// Whether an event of a project has subscribers.
    pub(crate) fn has_subscribers(&self, project: Id<Project>, event: EventName) -> bool {
        self.subscribers(Some(project), event.as_str()).next().is_some()
    }
}

/// An event about a document.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) name: EventName,
    /// `None` for documents that belong to no project.
    pub(crate) project: Option<Id<Project>>,
    pub(crate) at: Timestamp,
    /// The document after the change.
    pub(crate) subject: Subject,
}

/// The document that an event is about.
#[derive(Clone)]
pub(crate) enum Subject {
    User(Arc<Doc<User>>),
    Project(Arc<Doc<Project>>),
    Teammate(Arc<Doc<Teammate>>),
    Department(Arc<Doc<Department>>),
    Group(Arc<Doc<Group>>),
    Lead(Arc<Doc<Lead>>),
    Request(Arc<Doc<Request>>),
    Message(Arc<Doc<Message>>),
    Emitted(Arc<Doc<CustomEvent>>),
    Bot(Arc<Doc<Bot>>),
    Faq(Arc<Doc<Faq>>),
}

impl Subject {
    /// The ID of the document.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::User(doc) => doc.value().id.to_string(),
            Self::Project(doc) => doc.value().id.to_string(),
            Self::Teammate(doc) => doc.value().id.to_string(),
            Self::Department(doc) => doc.value().id.to_string(),
            Self::Group(doc) => doc.value().id.to_string(),
            Self::Lead(doc) => doc.value().id.to_string(),
            Self::Request(doc) => doc.value().id.to_string(),
            Self::Message(doc) => doc.value().id.to_string(),
            Self::Emitted(doc) => doc.value().id.to_string(),
            Self::Bot(doc) => doc.value().id.to_string(),
            Self::Faq(doc) => doc.value().id.to_string(),
        }
    }
}

impl From<Arc<Doc<User>>> for Subject {
    fn from(doc: Arc<Doc<User>>) -> Self {
        Self::User(doc)
    }
}
impl From<Arc<Doc<Project>>> for Subject {
    fn from(doc: Arc<Doc<Project>>) -> Self {
        Self::Project(doc)
    }
}
impl From<Arc<Doc<Teammate>>> for Subject {
    fn from(doc: Arc<Doc<Teammate>>) -> Self {
        Self::Teammate(doc)
    }
}
impl From<Arc<Doc<Department>>> for Subject {
    fn from(doc: Arc<Doc<Department>>) -> Self {
        Self::Department(doc)
    }
}
impl From<Arc<Doc<Group>>> for Subject {
    fn from(doc: Arc<Doc<Group>>) -> Self {
        Self::Group(doc)
    }
}
impl From<Arc<Doc<Lead>>> for Subject {
    fn from(doc: Arc<Doc<Lead>>) -> Self {
        Self::Lead(doc)
    }
}
impl From<Arc<Doc<Request>>> for Subject {
    fn from(doc: Arc<Doc<Request>>) -> Self {
        Self::Request(doc)
    }
}
impl From<Arc<Doc<Message>>> for Subject {
    fn from(doc: Arc<Doc<Message>>) -> Self {
        Self::Message(doc)
    }
}
impl From<Arc<Doc<CustomEvent>>> for Subject {
    fn from(doc: Arc<Doc<CustomEvent>>) -> Self {
        Self::Emitted(doc)
    }
}
impl From<Arc<Doc<Bot>>> for Subject {
    fn from(doc: Arc<Doc<Bot>>) -> Self {
        Self::Bot(doc)
    }
}
impl From<Arc<Doc<Faq>>> for Subject {
    fn from(doc: Arc<Doc<Faq>>) -> Self {
        Self::Faq(doc)
    }
}

/// A committed transaction, and the state that it published, where the references of its events can be looked up.
pub(crate) struct Commit {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) state: Arc<State>,
    pub(crate) events: Vec<Event>,
    pub(crate) rights: Rights,
    /// The number of webhooks that led to it.
    pub(crate) hops: u8,
    /// The number of the call that made it.
    pub(crate) call: Option<u64>,
}

/// Whether a commit revokes permissions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rights {
    Kept,
    /// Some caller lost a permission.
    Ended,
}

/// A message to the tasks that publish events.
pub(crate) enum Signal {
    Commit(Commit),
    /// Repeats a delivery.
    Redeliver {
        sandbox: Arc<Sandbox>,
        delivery: Delivery,
    },
    /// Makes a callout, whose sender waits for the reply.
    Ask {
        sandbox: Arc<Sandbox>,
        question: Callout,
        answer: oneshot::Sender<CalloutReply>,
        /// The number of webhooks that led to it.
        hops: u8,
        /// The number of the call that waits for the reply.
        call: Option<u64>,
    },
    /// The server is shutting down.
    End,
}

/// The channel that carries signals, in the order of the commits. It may have no receiver.
#[derive(Clone)]
pub(crate) struct Signals {
    pub(crate) sender: mpsc::UnboundedSender<Signal>,
    /// The number of listeners to every commit.
    pub(crate) listeners: watch::Receiver<usize>,
    /// Whether an event may have other receivers, such as webhook subscriptions.
    pub(crate) may_be_told: fn(&State, &Event) -> bool,
}

impl Signals {
    /// Whether the commit has listeners. Later listeners read its result from the state.
    pub(crate) fn are_wanted(&self, Commit { state, events, rights, .. }: &Commit) -> bool {
        let is_news = !events.is_empty() || *rights == Rights::Ended;
        is_news && (*self.listeners.borrow() > 0 || events.iter().any(|event| (self.may_be_told)(state, event)))
    }
}
