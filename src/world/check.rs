//! Consistency between documents: references resolve, ticket numbers are unique, and every project can route a
//! conversation.

use std::collections::{HashMap, HashSet};

use crate::{
    resource::{
        department::document::Department,
        entity::Entity,
        lead::document::Lead,
        message::document::{Message, recipient},
        project::document::Project,
        request::document::{Participant, Request},
        user::document::User,
    },
    state::{Collection, Tables},
    value::Id,
};

/// A document that breaks a rule.
#[derive(Debug, PartialEq)]
pub(super) struct Flaw {
    pub(super) collection: &'static str,
    pub(super) id: String,
    /// The field, as a path without the first slash.
    pub(super) field: String,
    pub(super) problem: String,
    /// The document with which it conflicts.
    pub(super) twin: Option<String>,
    /// The missing document: its collection, and its identifier if known.
    pub(super) missing: Option<(&'static str, Option<String>)>,
}

/// The flaws of a world.
pub(super) fn flaws(tables: &Tables) -> Vec<Flaw> {
    let mut check = Check { tables, flaws: Vec::new() };
    check.users();
    check.projects();
    check.team();
    check.bots();
    check.leads();
    check.requests();
    check.messages();
    check.knowledge();
    check.flaws
}

struct Check<'a> {
    tables: &'a Tables,
    flaws: Vec<Flaw>,
}

impl Check<'_> {
    fn flaw<T: Collection>(&mut self, id: Id<T>, field: impl Into<String>, problem: String) {
        let (collection, id) = (T::NAME, id.to_string());
        self.flaws.push(Flaw { collection, id, field: field.into(), problem, twin: None, missing: None });
    }

    /// Records the missing document that caused the last flaw.
    fn is_missing(&mut self, collection: &'static str, id: Option<String>) {
        if let Some(flaw) = self.flaws.last_mut() {
            flaw.missing = Some((collection, id));
        }
    }

    /// Checks that a reference resolves to a document.
    fn refer<T: Collection, U: Collection>(&mut self, id: Id<T>, field: impl Into<String>, to: Option<Id<U>>) {
        if let Some(to) = to.filter(|to| U::table(self.tables).get(*to).is_none()) {
            self.flaw(id, field, format!("expected the _id of a document in `{}`, found \"{to}\"", U::NAME));
            self.is_missing(U::NAME, Some(to.to_string()));
        }
    }

    fn status<T: Collection>(&mut self, id: Id<T>, status: u16, known: &[(u16, &str)]) {
        if !known.iter().any(|(number, _)| *number == status) {
            let known: Vec<_> = known.iter().map(|(number, name)| format!("{number} ({name})")).collect();
            self.flaw(id, "status", format!("expected one of {}, found {status}", known.join(", ")));
        }
    }

    fn users(&mut self) {
        for user in self.tables.users.iter() {
            let user = user.value();
            self.status(user.id, user.status, &[(User::ACTIVE, "active"), (User::CLOSED, "closed")]);
        }
    }

    fn projects(&mut self) {
        for project in self.tables.projects.iter() {
            let project = project.value();
            self.status(project.id, project.status, &[(Project::ACTIVE, "active"), (Project::DELETED, "deleted")]);
            if project.is_active() && self.tables.departments.find(Department::default_of(project.id)).is_none() {
                let problem = "expected a department of this project with `default: true`, found none";
                self.flaw(project.id, "", problem.to_owned());
                self.is_missing(Department::NAME, None);
            }
        }
    }

    fn team(&mut self) {
        for member in self.tables.project_users.iter() {
            let member = member.value();
            self.refer(member.id, "id_user", member.id_user);
        }
        for department in self.tables.departments.iter() {
            let department = department.value();
            self.refer(department.id, "id_bot", department.id_bot.value().copied());
            self.refer(department.id, "id_group", department.id_group.value().copied());
            for (at, group) in department.groups.iter().enumerate() {
                self.refer(department.id, format!("groups/{at}/id_group"), group.id_group);
                self.refer(department.id, format!("groups/{at}/group_id"), group.group_id);
            }
        }
        // The API accepts any text as a group member, and a member of the documented group is not a user.
    }

    fn bots(&mut self) {
        for faq in self.tables.faqs.iter() {
            let faq = faq.value();
            self.refer(faq.id, "id_faq_kb", Some(faq.id_faq_kb));
        }
    }

    /// Parses leads only if a status is unknown, because there may be millions.
    fn leads(&mut self) {
        let known = [Lead::TEMPORARY, Lead::NORMAL, Lead::DELETED];
        let leads = &self.tables.leads;
        let of_project =
            |project| known.iter().map(|status| leads.count(Lead::of_status(project, *status))).sum::<usize>();
        let counted: usize = self.tables.projects.iter().map(|project| of_project(project.value().id)).sum();
        if counted == leads.len() {
            return;
        }
        for lead in leads.iter() {
            let lead = lead.value();
            let known = [(Lead::TEMPORARY, "temporary"), (Lead::NORMAL, "normal"), (Lead::DELETED, "deleted")];
            self.status(lead.id, lead.status, &known);
        }
    }

    fn requests(&mut self) {
        let mut tickets: HashMap<(Id<Project>, u32), Id<Request>> = HashMap::new();
        for request in self.tables.requests.iter() {
            let request = request.value();
            let known = [
                (Request::TEMPORARY, "temporary"),
                (Request::UNSERVED, "unserved"),
                (Request::ABANDONED, "abandoned"),
                (Request::SERVED, "served"),
                (Request::CLOSED, "closed"),
            ];
            self.status(request.id, request.status, &known);
            self.refer(request.id, "lead", request.lead);
            self.refer(request.id, "department", request.department);
            self.refer(request.id, "requester", request.requester);
            for (at, participant) in request.participants.iter().enumerate() {
                let field = format!("participants/{at}");
                match participant {
                    Participant::Agent(user) => self.refer(request.id, field, Some(*user)),
                    Participant::Bot(bot) => self.refer(request.id, field, Some(*bot)),
                }
            }
            for (at, follower) in request.followers.iter().enumerate() {
                self.refer(request.id, format!("followers/{at}"), Some(*follower));
            }
            if let Some(other) = tickets.insert((request.id_project, request.ticket_id), request.id) {
                let ticket = request.ticket_id;
                let problem =
                    format!("expected a number that no other conversation of the project has, found {ticket}");
                self.flaw(request.id, "ticket_id", problem);
                if let Some(flaw) = self.flaws.last_mut() {
                    flaw.twin = Some(other.to_string());
                }
            }
        }
    }

    /// Parses messages only if some belong to no conversation.
    fn messages(&mut self) {
        let messages = &self.tables.messages;
        let requests = self.tables.requests.iter().map(|request| request.value());
        let requests: Vec<_> = requests.map(|request| (request.id_project, request.request_id.clone())).collect();
        let terms = requests.iter().map(|(project, id)| Message::of_request(*project, id));
        if terms.map(|term| messages.count(term)).sum::<usize>() == messages.len() {
            return;
        }
        let known: HashSet<_> = requests.into_iter().collect();
        for doc in messages.iter() {
            let (project, to) = (Message::owner(doc), recipient(doc));
            if project.is_some_and(|project| known.contains(&(project, (&*to).into()))) {
                continue;
            }
            let message = doc.value();
            // Direct messages are sent to users and groups, outside conversations.
            if message.recipient.is_empty() || &*message.channel_type == "group" && message.recipient_fullname.is_none()
            {
                let problem = format!(
                    "expected the request_id of a conversation of the project, found {:?}",
                    &*message.recipient
                );
                self.flaw(message.id, "recipient", problem);
                self.is_missing(Request::NAME, None);
            }
        }
    }

    fn knowledge(&mut self) {
        for content in self.tables.contents.iter() {
            let content = content.value();
            self.refer(content.id, "namespace", Some(content.namespace));
        }
        for event in self.tables.events.iter() {
            let event = event.value();
            self.refer(event.id, "project_user", event.project_user);
        }
    }
}
