//! The resources of the API, one folder each: `model` (what the public document shows), `api` (signatures and their
//! documentation), `rules` (what must hold).

pub(crate) mod activity;
pub(crate) mod analytics;
pub(crate) mod auth;
pub(crate) mod canned_response;
pub(crate) mod chatbot;
pub(crate) mod crud;
pub(crate) mod department;
pub(crate) mod email;
pub(crate) mod event;
pub(crate) mod file;
pub(crate) mod group;
pub(crate) mod image;
pub(crate) mod invitation;
pub(crate) mod jwt;
pub(crate) mod knowledge;
pub(crate) mod label;
pub(crate) mod lead;
pub(crate) mod message;
pub(crate) mod project;
pub(crate) mod request;
pub(crate) mod segment;
pub(crate) mod subscription;
pub(crate) mod tag;
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
    /// Named sets of leads.
    Segments,
    /// The tags that projects offer for requests and leads.
    Tags,
    /// Texts that the team picks while it chats.
    #[oai(rename = "Canned responses")]
    CannedResponses,
    /// The texts of the widget and of the system's messages, in many languages.
    Labels,
    /// The tokens that were issued, and how they are revoked.
    #[oai(rename = "JWT")]
    Jwt,
    /// What applications tell each other.
    Events,
    /// What happened.
    Activities,
    /// Figures of conversations, messages and visitors.
    Analytics,
    /// What answers visitors before the team does: bots, and what they answer to what.
    Chatbots,
    /// What bots answer from, called namespaces in paths.
    #[oai(rename = "Knowledge bases")]
    KnowledgeBases,
    /// The texts, pages, files and questions in knowledge bases, and how far they are indexed.
    Contents,
    /// What knowledge bases are asked, what they answered and what they could not.
    Questions,
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
        jwt::api::History,
    );
    let project =
        Scoped::<_, Projects>::new((project::api::ProjectDetails, project::api::Bans, project::api::Availability));
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
    let figures = (
        (analytics::average::api::Waiting, analytics::average::api::Durations, analytics::average::api::Satisfaction),
        (analytics::conversation::api::ConversationCounts, analytics::conversation::api::ConversationTimes),
        (analytics::message::api::MessageCounts, analytics::visitor::api::VisitorCounts),
        (analytics::event::api::EventCounts, analytics::tag::api::TagCounts),
    );
    let log = (activity::api::Activities, event::api::CustomEvents);
    let webhooks =
        (subscription::history::api::History, subscription::api::Subscriptions, subscription::api::SubscriptionDetails);
    let library = (
        (segment::api::Segments, segment::api::SegmentDetails),
        (tag::api::Tags, tag::api::TagDetails),
        (canned_response::api::CannedResponses, canned_response::api::CannedResponseDetails),
        (label::api::ProjectLabels, label::api::BuiltinLabels),
        jwt::api::CustomTokens,
    );
    let chatbots = (
        (chatbot::api::Bots, chatbot::api::BotDetails, chatbot::older::api::OlderBots),
        (
            chatbot::transfer::api::BotTransfers,
            chatbot::release::api::BotReleases,
            chatbot::training::api::BotTrainings,
        ),
        (chatbot::faq::api::Faqs, chatbot::faq::api::FaqDetails, chatbot::faq::batch::api::FaqBatches),
    );
    let knowledge = (
        (knowledge::namespace::api::Namespaces, knowledge::namespace::api::NamespaceDetails),
        (knowledge::content::api::Contents, knowledge::content::api::ContentDetails),
        (knowledge::content::upload::api::Uploads, knowledge::content::sitemap::api::Sitemaps),
        knowledge::question::ask::api::Asking,
        (knowledge::question::api::UnansweredQuestions, knowledge::question::api::AnsweredQuestions),
    );
    let page = (file::api::ProjectFiles, widget::api::Widgets);
    let files = (file::api::Files, image::api::Images, image::api::Photos, message::listing::api::PublicMessages);
    let scoped = (team, conversations, chatbots, knowledge, library, page, figures, log, webhooks);
    (accounts, project, files, Scoped::<_>::new(scoped))
}

/// The operations in which the first version of the API differs.
pub(crate) fn first_version() -> impl OpenApi + Send + Sync + 'static {
    Scoped::<_>::new(request::first_version::api::FirstVersionRequests)
}
