//! The storage engine: tables of rendered documents with ordered indexes, and text search.
//!
//! Everything is persistent (copy-on-write): cloning a [`Table`] costs a few reference counts, and the clone shares
//! whatever does not change afterwards. This module imports nothing else from the crate.

mod base;
mod bulk_load;
mod cached_lookup;
mod doc;
mod index;
mod memtable;
mod postings;
mod row_key;
mod table;
mod term;
mod text;

pub(crate) use self::bulk_load::BulkLoader;
pub(crate) use self::cached_lookup::CachedLookup;
pub(crate) use self::doc::{Doc, Document, Full, Retain, held, render};
pub(crate) use self::index::{Direction, Order};
pub(crate) use self::table::{Duplicate, Predicate, Query, Rows, Table};
pub(crate) use self::term::{Term, Terms};
pub(crate) use self::text::{TextQuery, words};
