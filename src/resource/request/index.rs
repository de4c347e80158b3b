//! Index terms of a request.

use super::document::{Hidden, Links, Request};
use crate::{
    resource::project::document::Project,
    store::{Document, Term, Terms, render, words},
    value::{Id, Text},
};

/// Marks the terms of requests whose visitor has not written yet.
const EARLY: &str = "preflight";

/// The index terms of requests.
#[derive(Clone, Copy, Hash)]
pub(crate) enum RequestIndex {
    RequestId,
    Status,
    Preflight,
    Project,
    All,
    Served,
    HasBot,
    Channel,
    ChannelKind,
    TicketId,
    DeptId,
    Lead,
    Requester,
    Participant,
    SeenBy,
    Tagged,
    Tags,
    SnapLeadLeadId,
    SnapLeadEmail,
    FullText,
}

impl Request {
    pub(crate) fn by_request_id(request_id: &str) -> Term {
        Term::new(RequestIndex::RequestId, request_id)
    }

    pub(crate) fn of_status(project: Id<Project>, status: u16) -> Term {
        Term::new(RequestIndex::Status, (project, status))
    }

    /// Requests that lists show, by one field: all of them, or only the open ones.
    pub(crate) fn with(index: RequestIndex, project: Id<Project>, open: bool, value: &str) -> Term {
        Term::new(index, (project, open, value))
    }

    /// Requests whose visitor has not written yet. Lists show them only on demand.
    pub(crate) fn early(index: RequestIndex, project: Id<Project>, open: bool, value: &str) -> Term {
        Term::new(index, (project, open, value, EARLY))
    }

    /// Requests with a field value, whether or not lists show them.
    pub(super) fn any_with(index: RequestIndex, project: Id<Project>, value: &str) -> [Term; 2] {
        [Self::with(index, project, false, value), Self::early(index, project, false, value)]
    }

    pub(crate) fn early_of_status(project: Id<Project>, status: u16) -> Term {
        Term::new(RequestIndex::Status, (project, status, EARLY))
    }

    /// All requests whose visitor has not written yet.
    pub(crate) fn in_preflight(project: Id<Project>) -> Term {
        Term::new(RequestIndex::Preflight, project)
    }

    /// Whether lists without a status filter show the request.
    fn is_open(&self) -> bool {
        self.status < Self::CLOSED
    }

    /// Every field that lists can be filtered by, with its values.
    fn facets(&self, mut add: impl FnMut(RequestIndex, &str)) {
        add(RequestIndex::All, "");
        if !self.participants_agents.is_empty() {
            add(RequestIndex::Served, "");
        }
        add(RequestIndex::HasBot, if self.has_bot { "true" } else { "false" });
        add(RequestIndex::Channel, &self.channel.name);
        add(
            RequestIndex::ChannelKind,
            if matches!(&*self.channel.name, "email" | "form") { "offline" } else { "online" },
        );
        add(RequestIndex::TicketId, &self.ticket_id.to_string());
        for (index, id) in [
            (RequestIndex::DeptId, self.department.map(|id| id.to_string())),
            (RequestIndex::Lead, self.lead.map(|id| id.to_string())),
            (RequestIndex::Requester, self.requester.map(|id| id.to_string())),
        ] {
            if let Some(id) = id {
                add(index, &id);
            }
        }
        self.participants.iter().for_each(|participant| add(RequestIndex::Participant, &participant.to_string()));
        self.agents
            .iter()
            .chain(&self.participants_agents)
            .for_each(|user| add(RequestIndex::SeenBy, &user.to_string()));
        if !self.tags.is_empty() {
            add(RequestIndex::Tagged, "");
        }
        self.tags.iter().for_each(|tag| add(RequestIndex::Tags, &tag.tag));
        if let Some(lead) = &self.snapshot.lead {
            add(RequestIndex::SnapLeadLeadId, &lead.lead_id);
            if let Some(email) = &lead.email {
                add(RequestIndex::SnapLeadEmail, email);
            }
        }
        self.texts().flat_map(|text| words(text)).for_each(|word| add(RequestIndex::FullText, &word));
    }

    /// Texts that full-text search covers, besides those of messages.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        let lead = self.snapshot.lead.as_ref();
        let texts = [
            Some(&self.first_text),
            self.subject.as_ref(),
            self.transcript.as_ref(),
            self.rating_message.as_ref(),
            lead.and_then(|lead| lead.email.as_ref()),
            lead.and_then(|lead| lead.fullname.as_ref()),
        ];
        let texts = texts.into_iter().flatten();
        texts.chain(self.tags.iter().map(|tag| &tag.tag)).chain(self.notes.iter().map(|note| &note.text))
    }
}

impl Document for Request {
    type Id = Id<Self>;
    type Retained = Links;

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn sort_key(&self) -> i64 {
        self.created_at.milliseconds()
    }

    fn terms(&self, terms: &mut Terms) {
        terms.unique(RequestIndex::RequestId, "request_id", &*self.request_id);
        terms.add(RequestIndex::Project, (self.id_project, self.ticket_id));
        let project = self.id_project;
        if self.preflight {
            terms.add(RequestIndex::Preflight, project);
            terms.add(RequestIndex::Status, (project, self.status, EARLY));
            self.facets(|index, value| {
                terms.add(index, (project, false, value, EARLY));
                if self.is_open() {
                    terms.add(index, (project, true, value, EARLY));
                }
            });
            return;
        }
        terms.add(RequestIndex::Status, (project, self.status));
        self.facets(|index, value| {
            terms.add(index, (project, false, value));
            if self.is_open() {
                terms.add(index, (project, true, value));
            }
        });
    }

    fn private_fields(&self) -> Vec<u8> {
        render(&Hidden {
            agents: &self.agents,
            chatbot_parameters: self.chatbot_parameters.as_ref(),
            department: self.department,
            lead: self.lead,
            requester: self.requester,
        })
    }
}
