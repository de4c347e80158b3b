//! Data that a layer above the state keeps with a sandbox, and that is dropped with it.

use std::{
    any::Any,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::Notify;

/// A value of another layer. An unused one costs a sandbox a few bytes, and a commit one atomic load.
#[derive(Default)]
pub(crate) struct Attachment {
    attached: OnceLock<Box<Attached>>,
    resets: AtomicU64,
}

struct Attached {
    value: Arc<dyn Any + Send + Sync>,
    changed: Arc<Notify>,
}

impl Attachment {
    /// The attached value, created on first use. All uses must have the same type.
    pub(crate) fn get_or_attach<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let new = || Box::new(Attached { value: Arc::new(T::default()), changed: Arc::default() });
        let value = self.attached.get_or_init(new).value.clone();
        value.downcast().expect("one type is attached to sandboxes")
    }

    /// The attached value, if there is one.
    pub(crate) fn get<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.attached.get().and_then(|attached| attached.value.clone().downcast().ok())
    }

    /// Notified of commits and resets, if a value is attached.
    pub(crate) fn changed(&self) -> Option<Arc<Notify>> {
        self.attached.get().map(|attached| attached.changed.clone())
    }

    /// The number of resets.
    pub(crate) fn resets(&self) -> u64 {
        self.resets.load(Ordering::Relaxed)
    }

    /// Notifies the layer of a commit.
    pub(super) fn notify(&self) {
        if let Some(attached) = self.attached.get() {
            attached.changed.notify_one();
        }
    }

    pub(super) fn note_reset(&self) {
        self.resets.fetch_add(1, Ordering::Relaxed);
        self.notify();
    }
}
