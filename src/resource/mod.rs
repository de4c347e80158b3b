//! The resources of the API, one folder each: `model` (what the public document shows), `api` (signatures and their
//! documentation), `rules` (what must hold).

pub(crate) mod activity;
pub(crate) mod auth;
pub(crate) mod chatbot;
pub(crate) mod crud;
pub(crate) mod department;
pub(crate) mod email;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod image;
pub(crate) mod invitation;
pub(crate) mod lead;
pub(crate) mod message;
pub(crate) mod project;
pub(crate) mod request;
pub(crate) mod subscription;
pub(crate) mod team;
mod unbuilt;
pub(crate) mod user;
pub(crate) mod widget;

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
    /// Mails, none of which is sent.
    Emails,
    /// What is uploaded: assets of projects, files of conversations, avatars.
    Files,
    /// Pictures, as older clients upload them.
    Images,
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
        (request::search::api::Searches, request::count::api::Counts, request::api::ById),
        (request::api::Requests, request::api::RequestDetails, request::closing::api::Closings),
        (request::participant::api::Participants, request::routing::api::Routing, request::follower::api::Followers),
        (request::note::api::Notes, request::tag::api::RequestTags, request::history::api::History),
        request::parameter::api::Parameters,
        (message::api::Messages, message::listing::api::MessageLists, email::api::Emails),
    );
    let webhooks =
        (subscription::history::api::History, subscription::api::Subscriptions, subscription::api::SubscriptionDetails);
    let files = (file::api::Files, image::api::Images, image::api::Photos, message::listing::api::PublicMessages);
    (
        accounts,
        project,
        files,
        Scoped::<_>::new((team, conversations, file::api::ProjectFiles, widget::api::Widgets, webhooks)),
    )
}

/// The operations in which the first version of the API differs.
pub(crate) fn first_version() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(request::first_version::api::FirstVersionRequests)
}
