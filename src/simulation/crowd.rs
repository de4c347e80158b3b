//! The simulated visitors of a sandbox: arrivals, and the next acts.

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    time::Duration,
};

use parking_lot::Mutex;
use tokio::task::AbortHandle;

use super::{
    act::{Chat, visitor},
    chance::Chance,
    language::Language,
    script::{Act, Course, Script, Step},
    stage::Stage,
    template::{email, uuid},
    visitor::{Echo, Echoes, Happened, Refused},
};
use crate::{
    resource::{project::document::Project, request},
    state::{Sandbox, failure::Task},
    value::{Error, Id, Result, Text, Timestamp},
};

/// Default number of new conversations per minute.
pub(crate) const RATE: u32 = 6;

/// Maximum number of new conversations per minute.
pub(crate) const MAX_RATE: u32 = 600;

/// Maximum number of open conversations. Further visitors arrive when others have left.
const CROWD: usize = 50;

/// The simulated visitors of a sandbox.
#[derive(Default)]
pub(crate) struct Crowd {
    visitors: Mutex<Visitors>,
    pub(super) echoes: Echoes,
    task: Mutex<Option<AbortHandle>>,
}

#[derive(Default)]
struct Visitors {
    arrivals: Option<Arrivals>,
    chats: Vec<Live>,
    /// The last known number of resets of the sandbox.
    resets: u64,
}

/// The stream of new visitors.
struct Arrivals {
    project: Id<Project>,
    settings: Settings,
    is_running: bool,
    chance: Chance,
    next: Timestamp,
    count: u64,
}

/// The settings of arrivals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// New conversations per minute of the sandbox's clock.
    pub(crate) rate: u32,
    pub(crate) seed: u64,
}

/// An open conversation.
struct Live {
    stage: Stage,
    chat: Chat,
    steps: VecDeque<Step>,
    due: Timestamp,
}

/// The state of the crowd.
pub(crate) struct CrowdState {
    pub(crate) running: bool,
    pub(crate) project: Option<Id<Project>>,
    pub(crate) rate: u32,
    pub(crate) count: u64,
    /// The open conversations, with their visitors' names and the times of their next acts.
    pub(crate) open: Vec<(Text, Text, Timestamp)>,
    pub(crate) echoes: Vec<Echo>,
}

/// The crowd of a sandbox, which may be empty.
pub(crate) fn of(sandbox: &Sandbox) -> Arc<Crowd> {
    sandbox.attachment.get_or_attach()
}

/// Starts the stream of visitors of a project, which lasts until [`stop`].
pub(crate) fn start(sandbox: &Arc<Sandbox>, project: Id<Project>, settings: Settings) {
    let crowd = of(sandbox);
    {
        let mut visitors = crowd.visitors.lock();
        visitors.resets = sandbox.attachment.resets();
        visitors.arrivals = Some(Arrivals::new(project, settings, sandbox.clock.now(), true));
    }
    crowd.run(sandbox);
}

/// Lets the visitor of a conversation reply to each further message of an agent, after this many milliseconds.
pub(crate) fn script(sandbox: &Arc<Sandbox>, request_id: Text, reply: Text, after: i64) -> Result<(), Refused> {
    let crowd = of(sandbox);
    crowd.echoes.add(&sandbox.state_arc(), request_id, (reply, after))?;
    crowd.run(sandbox);
    Ok(())
}

/// The time of the next act of a simulated visitor.
pub(crate) fn next_visit(sandbox: &Sandbox) -> Option<Timestamp> {
    sandbox.attachment.get::<Crowd>()?.next()
}

/// Ends all visits. Their conversations are not changed.
pub(crate) fn stop(sandbox: &Sandbox) {
    if let Some(crowd) = sandbox.attachment.get::<Crowd>() {
        *crowd.visitors.lock() = Visitors { resets: sandbox.attachment.resets(), ..Visitors::default() };
        crowd.echoes.clear();
        if let Some(task) = crowd.task.lock().take() {
            task.abort();
        }
    }
}

/// Performs the next act of any visitor now, even if it is not due. If there is no visitor, one arrives.
pub(crate) async fn step(sandbox: &Arc<Sandbox>, project: Id<Project>) -> Result<Option<Happened>> {
    let crowd = of(sandbox);
    crowd.look(sandbox);
    {
        let mut visitors = crowd.visitors.lock();
        let visitors = &mut *visitors;
        if visitors.arrivals.is_none() {
            let settings = Settings { rate: RATE, seed: sandbox.seed() };
            visitors.arrivals = Some(Arrivals::new(project, settings, sandbox.clock.now(), false));
        }
        if visitors.chats.is_empty() && crowd.echoes.next().is_none() {
            visitors.admit(sandbox);
        }
    }
    crowd.act(sandbox).await
}

impl Arrivals {
    fn new(project: Id<Project>, settings: Settings, now: Timestamp, is_running: bool) -> Self {
        let chance = Chance::new(settings.seed, &"visitors");
        Self { project, settings, is_running, chance, next: now, count: 0 }
    }
}

impl Visitors {
    /// Admits the next visitor.
    fn admit(&mut self, sandbox: &Sandbox) {
        let Some(arrivals) = &mut self.arrivals else { return };
        let (now, chance) = (sandbox.clock.now(), &mut arrivals.chance);
        let pause = 60_000 / i64::from(arrivals.settings.rate.max(1));
        // Visitors who would have arrived in the meantime are skipped.
        let next = arrivals.next.max(now).milliseconds() + chance.between(pause / 4..=pause * 7 / 4).max(1);
        arrivals.next = Timestamp::from_milliseconds(next);
        arrivals.count += 1;
        let stage = Stage::of(&sandbox.state(), arrivals.project);
        let course = if stage.has_team && chance.percent(75) { Course::Served } else { Course::Automated };
        let language = *chance.pick(&Language::ALL);
        let script = Script::new(course, language, chance).live();
        let mut bits = || u128::from(chance.draw()) << 64 | u128::from(chance.draw());
        let (id, request) = (bits(), bits());
        let name = language.name(chance);
        let chat = Chat {
            request_id: format!("support-group-{}-{}", arrivals.project, uuid(request).simple()).into(),
            visitor: visitor(uuid(id).to_string().into(), name.0, name.1, email(name, id).into()),
            name: format!("{} {}", name.0, name.1).into(),
            language: language.code().into(),
            page: script.page.into(),
            department: stage.department(script.bot, chance.draw()),
        };
        self.chats.push(Live { stage, chat, steps: script.steps.into(), due: now });
    }

    /// The time of the next arrival, if there is room.
    fn next_arrival(&self) -> Option<Timestamp> {
        let arrivals = self.arrivals.as_ref().filter(|arrivals| arrivals.is_running)?;
        (self.chats.len() < CROWD).then_some(arrivals.next)
    }

    /// The time and position of the conversation that continues first.
    fn next_chat(&self) -> Option<(Timestamp, usize)> {
        self.chats.iter().enumerate().map(|(place, live)| (live.due, place)).min()
    }
}

impl Crowd {
    pub(crate) fn state(&self) -> CrowdState {
        let visitors = self.visitors.lock();
        let arrivals = visitors.arrivals.as_ref();
        let open = visitors.chats.iter().map(|live| (live.chat.request_id.clone(), live.chat.name.clone(), live.due));
        CrowdState {
            running: arrivals.is_some_and(|arrivals| arrivals.is_running),
            project: arrivals.map(|arrivals| arrivals.project),
            rate: arrivals.map_or(RATE, |arrivals| arrivals.settings.rate),
            count: arrivals.map_or(0, |arrivals| arrivals.count),
            open: open.collect(),
            echoes: self.echoes.all(),
        }
    }

    /// Starts the task that performs due acts, unless it is running.
    pub(super) fn run(self: &Arc<Self>, sandbox: &Arc<Sandbox>) {
        let mut task = self.task.lock();
        if task.as_ref().is_none_or(AbortHandle::is_finished) {
            *task = Some(tokio::spawn(attend(Arc::downgrade(sandbox), Arc::downgrade(self))).abort_handle());
        }
        if let Some(changed) = sandbox.attachment.changed() {
            changed.notify_one();
        }
    }

    /// Catches up with changes in the sandbox: starts over after a reset, and schedules replies to messages.
    fn look(&self, sandbox: &Sandbox) {
        let mut visitors = self.visitors.lock();
        let resets = sandbox.attachment.resets();
        if std::mem::replace(&mut visitors.resets, resets) != resets {
            self.echoes.clear();
            visitors.chats.clear();
            let arrivals = visitors.arrivals.take();
            visitors.arrivals = arrivals.map(|Arrivals { project, settings, is_running, .. }| {
                Arrivals::new(project, settings, sandbox.clock.now(), is_running)
            });
        }
        drop(visitors);
        self.echoes.look(sandbox);
    }

    /// The time of the next event.
    fn next(&self) -> Option<Timestamp> {
        let visitors = self.visitors.lock();
        let chat = visitors.next_chat().map(|(due, _)| due);
        [visitors.next_arrival(), chat, self.echoes.next()].into_iter().flatten().min()
    }

    /// Admits a visitor if one is due, and performs the next act.
    async fn attend(&self, sandbox: &Arc<Sandbox>) {
        let now = sandbox.clock.now();
        let arrived = {
            let mut visitors = self.visitors.lock();
            let is_due = visitors.next_arrival().is_some_and(|next| next <= now);
            if is_due && sandbox.memory.is_crowded() {
                // The remaining memory is for calls.
                if let Some(arrivals) = &mut visitors.arrivals {
                    arrivals.next = Timestamp::from_milliseconds(now.milliseconds() + 60_000);
                }
            } else if is_due {
                visitors.admit(sandbox);
            }
            is_due
        };
        if !arrived && let Err(error) = self.act(sandbox).await {
            tracing::debug!(?error, "a simulated visitor left");
        }
    }

    /// Performs the next act, due or not. A visitor whose act is rejected leaves.
    async fn act(&self, sandbox: &Arc<Sandbox>) -> Result<Option<Happened>> {
        let taken = {
            let mut visitors = self.visitors.lock();
            let echo = self.echoes.next();
            let next = visitors.next_chat().filter(|(due, _)| echo.is_none_or(|echo| *due <= echo));
            next.map(|(_, place)| visitors.chats.remove(place))
        };
        let Some(mut live) = taken else { return self.echoes.reply(sandbox).await };
        let Some(Step { act, .. }) = live.steps.pop_front() else { return Ok(None) };
        let (stage, chat) = (&live.stage, &live.chat);
        sandbox
            .write_with_callouts(stage.project, |tx| {
                if request::rules::find(tx.state(), stage.project, &chat.request_id).is_none() {
                    if !matches!(act, Act::Ask(_) | Act::Type) {
                        return Err(Error::OBJECT_NOT_FOUND);
                    }
                    chat.enter_once(tx)?;
                }
                chat.perform(tx, stage, &act)
            })
            .await?;
        let happened = happened(&live.chat, act);
        if let Some(next) = live.steps.front() {
            live.due = Timestamp::from_milliseconds(live.due.milliseconds() + next.after);
            self.visitors.lock().chats.push(live);
        }
        Ok(Some(happened))
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut() {
            task.abort();
        }
    }
}

/// The description of an act in a conversation.
fn happened(chat: &Chat, act: Act) -> Happened {
    let (act, text) = match act {
        Act::Ask(text) => ("visitor_wrote", Some(text)),
        Act::Answer(text) => ("agent_wrote", Some(text)),
        Act::Type => ("visitor_typed", None),
        Act::TypeAnswer => ("agent_typed", None),
        Act::HandOver => ("bot_handed_over", None),
        Act::Tag(tag) => ("agent_tagged", Some(tag)),
        Act::Close => ("agent_closed", None),
        Act::Leave => ("visitor_closed", None),
        Act::Rate(rating, _) => ("visitor_rated", Some(rating.to_string())),
    };
    Happened { request_id: chat.request_id.clone(), visitor: chat.name.clone(), act, text: text.map(Into::into) }
}

/// Performs due acts according to the clock of the sandbox, for as long as the sandbox exists.
async fn attend(sandbox: Weak<Sandbox>, crowd: Weak<Crowd>) {
    /// Minimum pause between checks of a fast clock.
    const BREATH: Duration = Duration::from_millis(1);
    loop {
        let (Some(here), Some(crowd)) = (sandbox.upgrade(), crowd.upgrade()) else { return };
        let Some(changed) = here.attachment.changed() else { return };
        let _ = here.contain(Task::Visitors, || crowd.look(&here));
        let (next, clock) = (crowd.next(), here.clock.clone());
        if next.is_some_and(|next| next <= clock.now()) {
            let _ = here.contain_async(Task::Visitors, crowd.attend(&here)).await;
            drop((here, crowd));
            tokio::time::sleep(BREATH).await;
            continue;
        }
        drop((here, crowd));
        match next {
            Some(next) => tokio::select! {
                () = clock.reach(next) => {}
                () = changed.notified() => {}
            },
            None => changed.notified().await,
        }
    }
}
