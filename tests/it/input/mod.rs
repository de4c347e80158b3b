//! How requests are read: queries, content types, encodings, JSON, and values of other types than documented.

mod body;
mod coercion;
mod encoding;
mod query;
