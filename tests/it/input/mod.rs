//! How requests are read: queries, content types, encodings, JSON, and coercion.

mod body;
mod coercion;
mod encoding;
mod query;
