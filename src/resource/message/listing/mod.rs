//! Messages of a whole project, as tables, and for everybody who knows the conversation.
//!
//! Only the reference server knows these operations. The public ones need no credentials: whoever knows the identifier of a
//! conversation reads what was said in it.

pub(crate) mod api;
mod model;
mod rules;
