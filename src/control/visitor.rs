//! Simulated visitors: start and stop them, perform their next act, and script the visitor of one conversation.

use poem_openapi::{Object, OpenApi};

use super::Tag;
use crate::{
    http::{Body, Problem, Reply, Selected},
    runtime::clock::parse_duration,
    simulation::{
        crowd::{self, CrowdState, MAX_RATE, RATE, Settings},
        stage::{ProjectId, active_project, default_project},
        visitor::{self, Happened, Refused},
    },
    state::Sandbox,
    value::{Text, Timestamp},
};

/// The simulated visitors of a sandbox.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct VisitorsInfo {
    /// Whether new visitors arrive.
    running: bool,
    /// Number of new conversations per minute of the sandbox's clock.
    rate: u32,
    /// Project of the visitors.
    project: Option<ProjectId>,
    /// Number of visitors so far.
    count: u64,
    /// Open conversations.
    open: Vec<OpenVisit>,
    /// The scripted visitors.
    scripted: Vec<ScriptedVisitor>,
}

/// A conversation of a simulated visitor.
#[derive(Object)]
struct OpenVisit {
    /// Conversation (`request_id`).
    request: Text,
    /// Name of the visitor.
    visitor: Text,
    /// Time of the next act.
    next: Timestamp,
}

/// A visitor who replies to each message of an agent.
#[derive(Object)]
struct ScriptedVisitor {
    /// Conversation (`request_id`).
    request: Text,
    /// Text of the replies.
    reply: Text,
    /// Milliseconds from a message to the reply.
    after: i64,
    /// Number of replies sent.
    sent: u64,
}

/// Visitors to simulate: a stream of new ones, or with `request` and `reply`, the visitor of one conversation.
#[derive(Object, Default)]
#[oai(deny_unknown_fields)]
struct NewVisitors {
    /// New conversations per minute of the sandbox's clock (default 6, maximum 600).
    rate: Option<u32>,
    /// Project of the visitors (default: that of the documentation's examples, or else the first one).
    project: Option<Text>,
    /// Seed for the visitors and their messages (default: the sandbox's seed).
    #[oai(validator(maximum(value = "9007199254740991")))]
    seed: Option<u64>,
    /// Conversation (`request_id`) whose visitor to script.
    request: Option<Text>,
    /// Text with which the visitor replies to each further message of an agent.
    reply: Option<Text>,
    /// Time from a message to the reply, such as `3s` (default `0s`), according to the sandbox's clock.
    after: Option<Text>,
}

/// An act of a simulated visitor, agent, or bot.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct VisitorAct {
    /// Conversation (`request_id`).
    request: Text,
    /// Name of the visitor.
    visitor: Text,
    /// The act: `visitor_wrote`, `agent_wrote`, `visitor_typed`, `agent_typed`, `bot_handed_over`, `agent_tagged`,
    /// `agent_closed`, `visitor_closed`, or `visitor_rated`.
    act: Text,
    /// Text of the message, tag, or rating.
    text: Option<Text>,
}

fn info(sandbox: &Sandbox) -> VisitorsInfo {
    let CrowdState { running, project, rate, count, open, echoes } = crowd::of(sandbox).state();
    let open = open.into_iter().map(|(request, visitor, next)| OpenVisit { request, visitor, next });
    let scripted = echoes.into_iter().map(|echo| ScriptedVisitor {
        request: echo.request_id,
        reply: echo.reply,
        after: echo.after,
        sent: echo.sent,
    });
    VisitorsInfo { running, rate, project, count, open: open.collect(), scripted: scripted.collect() }
}

/// The project of the visitors.
fn project(sandbox: &Sandbox, wanted: Option<&str>) -> Result<ProjectId, Problem> {
    let state = sandbox.state();
    let Some(wanted) = wanted else {
        let none = || Problem::of(409, "The sandbox has no project for visitors.");
        return default_project(&state).ok_or_else(none);
    };
    let known = active_project(&state, wanted);
    known.ok_or_else(|| Problem::at("/project", format!("no project has the ID {wanted:?}")))
}

/// Starts a stream of visitors.
fn start(selected: &Selected, new: &NewVisitors) -> Result<(), Problem> {
    let rate = new.rate.unwrap_or(RATE);
    if !(1..=MAX_RATE).contains(&rate) {
        let problem = format!("expected 1 to {MAX_RATE} conversations per minute, got {rate}");
        return Err(Problem::at("/rate", problem));
    }
    let project = project(&selected.0, new.project.as_deref())?;
    let seed = new.seed.unwrap_or_else(|| selected.0.seed());
    crowd::start(&selected.0, project, Settings { rate, seed });
    Ok(())
}

/// Scripts the visitor of a conversation.
fn script(selected: &Selected, request: &Text, new: &NewVisitors) -> Result<(), Problem> {
    if new.rate.is_some() || new.project.is_some() || new.seed.is_some() {
        return Err(Problem::at("/request", "not together with rate, project, or seed"));
    }
    let reply = new.reply.clone().filter(|reply| !reply.is_empty());
    let reply = reply.ok_or_else(|| Problem::at("/reply", "expected the text with which the visitor replies"))?;
    let after = new.after.as_deref().map_or(Ok(std::time::Duration::ZERO), parse_duration);
    let after = after.map_err(|problem| Problem::at("/after", problem))?;
    let after = i64::try_from(after.as_millis()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2);
    crowd::script(&selected.0, request.clone(), reply, after).map_err(|refused| match refused {
        Refused::NoRequest => Problem::at("/request", format!("no conversation has the request_id {request:?}")),
        Refused::Full => Problem::of(409, &format!("A sandbox has at most {} scripted visitors.", visitor::MOST)),
    })
}

pub(super) struct VisitorControl;

#[OpenApi(tag = "Tag::Visitors")]
impl VisitorControl {
    /// Get the simulated visitors
    ///
    /// Reads the simulated visitors.
    ///
    /// Returns the stream of new visitors, the open conversations, and the scripted visitors.
    #[oai(path = "/visitors", method = "get", operation_id = "get_visitors")]
    async fn get(&self, selected: Selected) -> Result<Reply<VisitorsInfo>, Problem> {
        Ok(Reply::of(&info(&selected.0)))
    }

    /// Start simulated visitors
    ///
    /// Without `request`, new visitors arrive in a project from now on. They write, agents and bots reply,
    /// conversations are tagged, closed, and rated, by the same rules as calls, with webhooks and frames. They use the
    /// sandbox's clock: nothing happens while it is frozen.
    ///
    /// With `request` and `reply`, the visitor of that conversation replies to each further message of an agent.
    ///
    /// A reset restarts the stream and removes scripted visitors.
    ///
    /// Returns the visitors.
    #[oai(path = "/visitors", method = "post", operation_id = "start_visitors")]
    async fn start(&self, selected: Selected, body: Body<NewVisitors>) -> Result<Reply<VisitorsInfo>, Problem> {
        match &body.0.request {
            Some(request) => script(&selected, request, &body.0)?,
            None if body.0.reply.is_some() || body.0.after.is_some() => {
                return Err(Problem::at("/request", "expected the request_id of the conversation to reply in"));
            }
            None => start(&selected, &body.0)?,
        }
        Ok(Reply::of(&info(&selected.0)))
    }

    /// Stop simulated visitors
    ///
    /// Ends the stream of new visitors, all open visits, and all scripted visitors. Conversations are not changed.
    ///
    /// Returns the visitors, of whom none remain.
    #[oai(path = "/visitors", method = "delete", operation_id = "stop_visitors")]
    async fn stop(&self, selected: Selected) -> Result<Reply<VisitorsInfo>, Problem> {
        crowd::stop(&selected.0);
        Ok(Reply::of(&info(&selected.0)))
    }

    /// Step simulated visitors
    ///
    /// Performs the next act now, regardless of the clock, even if no visitors were started: in that case, a visitor
    /// arrives. 409 if the next act was rejected because the conversation is gone or closed.
    ///
    /// Returns the performed act.
    #[oai(path = "/visitors/step", method = "post", operation_id = "step_visitors")]
    async fn step(&self, selected: Selected) -> Result<Reply<VisitorAct>, Problem> {
        let project = project(&selected.0, None)?;
        let done = crowd::step(&selected.0, project).await.map_err(|_| {
            Problem::of(409, "The next act was rejected, because its conversation is gone or has changed; step again.")
        })?;
        let nothing = || Problem::of(409, "There is nothing to do; step again.");
        let Happened { request_id, visitor, act, text } = done.ok_or_else(nothing)?;
        Ok(Reply::of(&VisitorAct { request: request_id, visitor, act: act.into(), text }))
    }
}
