//! The storage engine: tables of rendered documents with ordered indexes, and text search.
//!
//! Everything is persistent (copy-on-write): cloning a [`Table`] costs a few reference counts, and the clone shares
//! whatever does not change afterwards. This module imports nothing else from the crate.
//!
//! # Invariants
//!
//! - A version never changes: a write affects the table that it is called on, and none of its clones. Merging replaces the
//!   representation of a version, not its rows.
//! - A row is in the base table or in the memtable, not in both. Rows of the memtable come after each other and after all
//!   rows of the base table with the same sort key, have new IDs, and no unique terms; any other write merges first.
//! - Postings hold the row keys of exactly the rows that have their term, and no postings are empty.
//! - A document is rendered once, when it is written, and its terms are derived at the same time.
//! - A memtable holds at most four times as many rows as make a merge due: `MERGE_THRESHOLD`,
//!   or a `MERGE_FRACTION`th of the base table.
//! - A version is only rebased on one of its ancestors, and has the same rows before and after.
//!
//! `table/tests.rs` compares tables with a naive model, and `benches/store.rs` measures them.

mod base;
mod bulk_load;
mod cached_lookup;
mod compaction;
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
pub(crate) use self::compaction::{Holds, Merges, Published};
pub(crate) use self::doc::{Doc, Document, Full, Retain, held, render};
pub(crate) use self::index::{Direction, Order};
pub(crate) use self::table::{Duplicate, Predicate, Query, Rows, Table};
pub(crate) use self::term::{Term, Terms};
pub(crate) use self::text::{TextQuery, words};
