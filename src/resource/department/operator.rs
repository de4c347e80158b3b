//! Operators: the choice of the bot or agent who gets the next conversation of a department.

use std::sync::Arc;

use bytes::Bytes;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

use super::{
    Section,
    document::{Department, Routing},
};
use crate::{
    http::{Agent, Filter, Member, Path, Reply},
    json_schema::{Embedded, Populate, Populated},
    render,
    resource::{
        chatbot::document::Bot,
        department,
        group::document::Group,
        project::{self, document::Project},
        request::{
            self,
            document::Request,
            index::RequestIndex,
            participant::{self, document::Participant},
        },
        team::{self, document::Teammate},
        user::document::User,
    },
    state::{ProjectScope, State, Tx, callout::CalloutReply, event::EventName},
    store::{Doc, render},
    value::{Id, JsonObject, Result, Text, Timestamp, frozen::Frozen},
};

/// Options for selecting operators.
#[derive(Object)]
pub(crate) struct OperatorFilter {
    /// Any value skips the department's bot.
    pub(crate) nobot: Option<Text>,
    /// `true` does not call the subscribers of `operator.select`.
    #[oai(rename = "disableWebHookCall")]
    pub(crate) disable_webhook_call: Option<bool>,
}

/// Candidates for a conversation, and the chosen operators.
#[serde_with::skip_serializing_none]
#[derive(Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct Operators {
    /// Operators who get the next conversation: at most one, unless a subscriber of `operator.select` names more.
    pub(crate) operators: Vec<Operator>,
    /// Identifier of the bot, if a bot gets the conversation.
    pub(crate) id_bot: Option<Id<Bot>>,
    /// Identifier of the project; absent if a bot gets the conversation.
    pub(crate) id_project: Option<Id<Project>>,
    /// Identifier of the user who served the latest request.
    #[oai(rename = "lastOperatorId")]
    #[serde(rename = "lastOperatorId")]
    pub(crate) last_operator_id: Option<Text>,
    /// Zero-based position of that user among the available agents; -1 if not available.
    #[oai(rename = "lastOperatorIndex")]
    #[serde(rename = "lastOperatorIndex")]
    pub(crate) last_operator_index: Option<i32>,
}

/// An operator who gets a conversation.
#[derive(Object, Serialize)]
pub(crate) struct Operator {
    /// Identifier of a user, or `bot_` followed by the identifier of a bot.
    pub(crate) id_user: Text,
}

impl Populate for Operators {
    const NAME: &'static str = "DepartmentOperators";

    fn embedded() -> Vec<Embedded> {
        vec![
            Embedded::new::<Department>("department", "Department."),
            Embedded::new::<Vec<Teammate>>("agents", "Agents who can serve a conversation of the department."),
            Embedded::new::<Vec<Teammate>>("available_agents", "Agents who are available now."),
            Embedded::new::<Vec<Group>>("group", "Group of the department, as an array of one."),
            Embedded::new::<Populated<Project>>("project", "Project."),
            Embedded::new::<Populated<Request>>("lastRequest", "Request that was served last."),
        ]
    }
}

pub(crate) struct DepartmentOperators;

#[OpenApi(tag = "Section::Departments")]
impl DepartmentOperators {
    /// List operators of a department
    ///
    /// Lists the agents of the department, the available ones, and the operators who would get the next conversation.
    /// Subscribers of `operator.select` are called and can select others.
    ///
    /// Returns the agents, the available agents, and the chosen operators.
    #[oai(path = "/departments/:department_id/operators", method = "get", operation_id = "list_department_operators")]
    async fn list(
        &self,
        member: Member<Agent>,
        /// Identifier of the department, or `default` for the project's default department.
        department_id: Path<Text>,
        filter: Filter<OperatorFilter>,
    ) -> Result<Reply<Populated<Operators>>> {
        list(&member.scope, &department_id, &filter.0).await.map(Reply::new)
    }
}

/// Whether the department's bot can get the conversation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bots {
    First,
    Skipped,
}

/// Candidates for a conversation, and the chosen operators.
pub(crate) struct Choice {
    /// The agents of the department.
    pub(crate) agents: Vec<Arc<Doc<Teammate>>>,
    /// The agents who are available now.
    pub(crate) available: Vec<Arc<Doc<Teammate>>>,
    /// At most one, unless a subscriber of `operator.select` names more.
    pub(crate) operators: Vec<Participant>,
    /// The request that was served last, if it determined the choice.
    last: Option<Arc<Doc<Request>>>,
    /// Whether all available agents have left the conversation before.
    pub(crate) abandoned: bool,
}

impl Choice {
    fn of(agents: Vec<Arc<Doc<Teammate>>>, available: Vec<Arc<Doc<Teammate>>>) -> Self {
        Self { agents, available, operators: Vec::new(), last: None, abandoned: false }
    }

    /// Records in a request which agents can serve it, and how many of them are available.
    pub(crate) fn note(&self, request: &mut Request) {
        request.agents = self.users();
        let agents = self.agents.iter().map(|agent| agent.value().into_owned()).collect();
        request.snapshot.agents = Some(Frozen::new(&agents));
        request.snapshot.available_agents_count = u32::try_from(self.available.len()).ok();
    }

    /// The users who can serve the conversation.
    fn users(&self) -> Vec<Id<User>> {
        self.agents.iter().filter_map(|agent| agent.value().id_user).collect()
    }

    /// Applies the response of a subscriber, if it is valid.
    fn follow(&mut self, state: &State, project: Id<Project>, answer: &CalloutReply) {
        if let Some(operators) = named(state, project, answer) {
            self.operators = operators;
            self.abandoned = false;
        }
    }
}

/// Chooses the operator of a conversation, and lets subscribers of `operator.select` name others.
pub(crate) fn select(tx: &mut Tx, department: &Department, bots: Bots, left: Option<&JsonObject>) -> Result<Choice> {
    let (project, now) = (tx.project(), tx.now());
    let mut choice = choose(tx.state(), department, bots, left, now);
    let answer = tx.ask(EventName::OperatorSelect, |state| show(state, department, &choice, now))?;
    choice.follow(tx.state(), project, &answer);
    Ok(choice)
}

/// The operators that a subscriber names instead: `{"operators":[{"id_user":"…"}]}`.
//
// Departs: A response to `operator.select` that names an agent who cannot serve the project's conversations is ignored;
// the reference server's behavior is not known.
fn named(state: &State, project: Id<Project>, answer: &CalloutReply) -> Option<Vec<Participant>> {
    let operators = answer.as_ref()?["operators"].as_array()?.iter();
    let ids: Option<Vec<_>> = operators.map(|operator| Participant::parse(operator["id_user"].as_str()?)).collect();
    let known = ids.and_then(|ids| participant::rules::known(state, project, "operators", ids).ok());
    if known.is_none() {
        tracing::warn!(?answer, "ignored a response to operator.select that names an ineligible operator");
    }
    known
}

/// Chooses the operator of a conversation. `left` holds the teammates who left it before.
pub(crate) fn choose(
    state: &State,
    department: &Department,
    bots: Bots,
    left: Option<&JsonObject>,
    now: Timestamp,
) -> Choice {
    let id = department.id_project;
    // Departs: A deleted bot gets no conversations; the reference server keeps assigning them.
    let serves = |bot: &Id<Bot>| team::rules::can_serve(state, id, Participant::Bot(*bot));
    let bot = department.id_bot.value().copied().filter(|_| bots == Bots::First).filter(serves);
    let agents: Vec<_> = match bot {
        Some(_) => team::rules::agents(state, id).cloned().collect(),
        None => agents(state, department),
    };
    let Some(project) = state.tables.projects.get(id).map(|project| project.value()) else {
        return Choice::of(agents, Vec::new());
    };
    let available = available(&project, &agents, now);
    if bot.is_some() || department.routing.0 != Some(Routing::Assigned) {
        let operators = bot.map(Participant::Bot).into_iter().collect();
        return Choice { operators, ..Choice::of(agents, available) };
    }
    // Agents who left are skipped only if the project limits the load of its agents.
    let has_left = |agent: &Arc<Doc<Teammate>>| {
        left.is_some_and(|left| project.chat_limit().is_some() && left.0.contains_key(&agent.value().id.to_string()))
    };
    let candidates: Vec<_> = available.iter().filter(|agent| !has_left(agent)).cloned().collect();
    let last = last_served(state, id);
    let operators: Vec<_> = next(&candidates, last.as_deref()).map(Participant::Agent).into_iter().collect();
    Choice { abandoned: operators.is_empty() && !available.is_empty(), agents, available, operators, last }
}

/// All agents of a project, for a conversation whose participants the caller chooses.
pub(crate) fn everybody(state: &State, project: Id<Project>, now: Timestamp) -> Choice {
    let agents: Vec<_> = team::rules::agents(state, project).cloned().collect();
    let project = state.tables.projects.get(project).map(|project| project.value());
    let available = project.map_or_else(Vec::new, |project| available(&project, &agents, now));
    Choice::of(agents, available)
}

/// The agents who are available now: none outside the operating hours.
fn available(project: &Project, agents: &[Arc<Doc<Teammate>>], now: Timestamp) -> Vec<Arc<Doc<Teammate>>> {
    if project::rules::is_open(project, now) { project::rules::free(project, agents.to_vec()) } else { Vec::new() }
}

/// The agents of a department: the members of its group, or all agents of the project.
pub(crate) fn agents(state: &State, department: &Department) -> Vec<Arc<Doc<Teammate>>> {
    let group =
        department.id_group.value().and_then(|group| state.tables.groups.get(*group)).map(|group| group.value());
    let group = group.as_deref().filter(|group| group.enabled && !group.trashed);
    let is_member = |agent: &Arc<Doc<Teammate>>, group: &Group| {
        agent.value().id_user.is_some_and(|user| group.members.contains(&user.to_string().into()))
    };
    let agents = team::rules::agents(state, department.id_project);
    agents.filter(|agent| group.is_none_or(|group| is_member(agent, group))).cloned().collect()
}

fn last_served(state: &State, project: Id<Project>) -> Option<Arc<Doc<Request>>> {
    state.tables.requests.last_with(Request::with(RequestIndex::Served, project, false, "")).next().cloned()
}

fn server_of(request: &Doc<Request>) -> Option<Id<User>> {
    request.kept().participants.iter().find_map(Participant::agent)
}

/// Round robin: the agent after the one who served last, or the first one.
//
// Departs: If no conversation has been served yet, the first available agent is chosen; the reference server picks one
// at random.
fn next(candidates: &[Arc<Doc<Teammate>>], last: Option<&Doc<Request>>) -> Option<Id<User>> {
    let place = position(candidates, last);
    let next = place.map_or(0, |place| (place + 1) % candidates.len());
    candidates.get(next)?.value().id_user
}

/// The position of the agent who served last among the candidates.
fn position(candidates: &[Arc<Doc<Teammate>>], last: Option<&Doc<Request>>) -> Option<usize> {
    let last = last.and_then(server_of)?;
    candidates.iter().position(|agent| agent.value().id_user == Some(last))
}

/// Shows the operator who would get the next conversation of a department.
async fn list(scope: &ProjectScope, id: &str, filter: &OperatorFilter) -> Result<Bytes> {
    let (project, now) = (scope.project, scope.sandbox.clock.now());
    let bots = if filter.nobot.is_some() { Bots::Skipped } else { Bots::First };
    let (department, mut choice) = scope.read(|state| {
        let department = department::rules::find(state, project, id)?.value().into_owned();
        let choice = choose(state, &department, bots, None, now);
        Ok((department, choice))
    })?;
    if filter.disable_webhook_call != Some(true) {
        let answer = scope.ask(EventName::OperatorSelect, |state| show(state, &department, &choice, now)).await;
        scope.read(|state| choice.follow(state, project, &answer));
    }
    Ok(scope.read(|state| show(state, &department, &choice, now)))
}

/// Renders a choice with everything on which it is based.
pub(crate) fn show(state: &State, department: &Department, choice: &Choice, now: Timestamp) -> Bytes {
    let project = department.id_project;
    let operators = choice.operators.iter().map(|operator| Operator { id_user: operator.to_string().into() });
    let last = choice.last.as_deref();
    let id_bot = choice.operators.iter().find_map(Participant::bot);
    let whole = Operators {
        operators: operators.collect(),
        id_bot,
        id_project: id_bot.is_none().then_some(project),
        last_operator_id: last.and_then(server_of).map(|user| user.to_string().into()),
        last_operator_index: last.map(|last| {
            let place = position(&choice.available, Some(last));
            place.and_then(|place| i32::try_from(place).ok()).unwrap_or(-1)
        }),
    };
    let teammates = |agents: &[Arc<Doc<Teammate>>]| -> Vec<_> {
        agents.iter().map(|agent| team::rules::show_with_id(agent)).collect()
    };
    let mut answer = render::json::Object::new(&render(&whole), 2_000);
    answer.field("department", &render(department));
    answer.list("agents", teammates(&choice.agents)).list("available_agents", teammates(&choice.available));
    if let Some(group) = department.id_group.value().and_then(|group| state.tables.groups.get(*group)) {
        answer.list("group", [group.json()]);
    }
    if let Some(project) = state.tables.projects.get(project) {
        answer.field("project", &project::rules::show(project, now));
    }
    if let Some(last) = last {
        answer.field("lastRequest", &request::rules::show(state, last));
    }
    answer.end()
}
