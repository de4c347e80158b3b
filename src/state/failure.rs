//! Containment of panics in background work: they are logged, and counted per sandbox.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicU64, Ordering},
};

use futures_util::FutureExt;

use super::sandbox::Sandbox;

/// Background work on behalf of all sandboxes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Task {
    Webhooks,
    Realtime,
    Visitors,
}

/// The number of panics per task.
#[derive(Default)]
pub(crate) struct Failures {
    webhooks: AtomicU64,
    realtime: AtomicU64,
    visitors: AtomicU64,
}

impl Failures {
    pub(crate) fn of(&self, task: Task) -> u64 {
        self.counter(task).load(Ordering::Relaxed)
    }

    fn counter(&self, task: Task) -> &AtomicU64 {
        match task {
            Task::Webhooks => &self.webhooks,
            Task::Realtime => &self.realtime,
            Task::Visitors => &self.visitors,
        }
    }
}

impl Sandbox {
    /// Runs work for this sandbox without letting a panic end the surrounding task. Returns `None` if it panicked.
    pub(crate) fn contain<R>(&self, task: Task, work: impl FnOnce() -> R) -> Option<R> {
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| self.failed(task, &*panic)).ok()
    }

    /// Like [`Self::contain`], for asynchronous work.
    pub(crate) async fn contain_async<R>(&self, task: Task, work: impl Future<Output = R>) -> Option<R> {
        AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| self.failed(task, &*panic)).ok()
    }

    fn failed(&self, task: Task, panic: &(dyn Any + Send)) {
        self.failures.counter(task).fetch_add(1, Ordering::Relaxed);
        tracing::error!(sandbox = &*self.name, ?task, panic = message(panic), "background work panicked");
    }
}

/// The message of a panic.
pub(crate) fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("no message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        runtime::clock::ClockSetting,
        state::{
            tables::Tables,
            world::{Settings, World},
        },
    };

    #[tokio::test]
    async fn panics_are_contained_and_counted_by_task_and_sandbox() {
        let world = World::new(Tables::default(), Settings::of(ClockSetting::Real), None);
        let (one, other) = (world.sandbox("one").expect("a name"), world.sandbox("other").expect("a name"));
        assert_eq!(one.contain(Task::Webhooks, || panic!("a {}", "text")), None::<()>);
        assert_eq!(one.contain_async(Task::Realtime, async { panic!("a text") }).await, None::<()>);
        assert_eq!(one.contain(Task::Webhooks, || 7), Some(7));
        let counts = |sandbox: &Sandbox| [Task::Webhooks, Task::Realtime].map(|task| sandbox.failures.of(task));
        assert_eq!((counts(&one), counts(&other)), ([1, 1], [0, 0]));
    }
}
