//! Bots in conversations: who asks gets an answer, and who wants a human gets one.
//!
//! Quirks, with their sources in the API's documentation and its reference server:
//! - `\agent` in any message to a conversation that a bot serves hands it over to the team.
//! - A bot greets who says `\start`, as its `start` intent tells.
//! - Lines of an answer that begin with `tdImage:`, `tdFrame:`, or `* ` are an image, a frame, or a button.
//! - A bot without an intent that fits, and without a fallback, stays silent.

mod markup;
pub(crate) mod rules;
