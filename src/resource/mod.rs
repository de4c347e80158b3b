//! The resources of the API, one folder each: `model` (what the public document shows), `api` (signatures and their
//! documentation), `rules` (what must hold).

pub(crate) mod activity;
pub(crate) mod auth;
pub(crate) mod chatbot;
pub(crate) mod crud;
pub(crate) mod department;
pub(crate) mod group;
pub(crate) mod invitation;
pub(crate) mod knowledge;
pub(crate) mod lead;
pub(crate) mod message;
pub(crate) mod project;
pub(crate) mod request;
pub(crate) mod subscription;
pub(crate) mod team;
mod unbuilt;
pub(crate) mod user;

use poem_openapi::{OpenApi, Tags};

pub(crate) use self::unbuilt::UNBUILT;
use crate::http::{Projects, Scoped};

/// The sections of the reference.
#[derive(Tags)]
pub(crate) enum Tag {
    /// How callers identify themselves, and how accounts and sessions come to be.
    Authentication,
    /// The accounts behind credentials.
    User,
    /// Workspaces to which team, conversations and settings belong.
    Projects,
    /// The members of projects, with their roles and their availability.
    Team,
    /// What sorts conversations to bots, groups or agents.
    Departments,
    /// Sets of teammates.
    Groups,
    /// The people who write in.
    Leads,
    /// Conversations.
    Requests,
    /// What is said in conversations.
    Messages,
    /// What bots answer from, called namespaces in paths.
    #[oai(rename = "Knowledge bases")]
    KnowledgeBases,
    /// The texts, pages, files and questions in knowledge bases, and how far they are indexed.
    Contents,
    /// What knowledge bases are asked, what they answered and what they could not.
    Questions,
    /// Webhooks: which addresses are told of which events.
    Subscriptions,
}

/// All operations of the API.
pub(crate) fn operations() -> impl OpenApi + Send + Sync + 'static {
    let accounts = (
        (auth::api::SignIn, auth::api::Recovery, auth::api::Invitations),
        (user::api::Users, user::api::PublicUsers, project::api::Projects),
    );
    let project = Scoped::<_, Projects>::new((project::api::ProjectDetails, project::api::Availability));
    let team = (
        (auth::api::Keys, team::api::Team, team::api::TeammateDetails),
        (
            department::api::Departments,
            department::api::DepartmentDetails,
            department::operator::api::DepartmentOperators,
        ),
        (group::api::Groups, group::api::GroupDetails),
    );
    let conversations = (
        (lead::api::Leads, lead::api::LeadDetails),
        (request::api::Requests, request::api::RequestDetails, request::closing::api::Closings),
        (request::participant::api::Participants, request::routing::api::Routing, request::follower::api::Followers),
        (request::note::api::Notes, request::tag::api::RequestTags, request::history::api::History),
        request::parameter::api::Parameters,
        message::api::Messages,
    );
    let webhooks =
        (subscription::history::api::History, subscription::api::Subscriptions, subscription::api::SubscriptionDetails);
    (accounts, project, Scoped::<_>::new((team, conversations, knowledge(), webhooks)))
}

fn knowledge() -> impl OpenApi + Send + Sync + 'static {
    use knowledge::{content, namespace, question};

    (
        (namespace::api::Namespaces, namespace::api::NamespaceDetails),
        (content::api::Contents, content::api::ContentDetails),
        (content::upload::api::Uploads, content::sitemap::api::Sitemaps),
        (question::ask::api::Asking, question::api::UnansweredQuestions, question::api::AnsweredQuestions),
    )
}

/// The operations in which the first version of the API differs.
pub(crate) fn first_version() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(request::first_version::api::FirstVersionRequests)
}
