//! Storing messages.

use std::sync::Arc;

use crate::{
    resource::message::document::Message,
    state::{Tx, event::EventName},
    store::Doc,
    value::Result,
};

/// Stores a message and emits `message.create`.
pub(crate) fn post(tx: &mut Tx, message: Message) -> Result<Arc<Doc<Message>>> {
    let message = tx.put(message)?;
    tx.emit(EventName::MessageCreate, &message);
    Ok(message)
}
