//! Generic containers: documents kept rendered, tables with ordered indexes, and the joining of rendered JSON.
//!
//! Everything is persistent (copy-on-write): a clone of a [`Table`] costs a few reference counts and shares all that
//! does not change afterwards. This module imports nothing else of the crate.

mod doc;
mod filed;
mod index;
mod load;
mod place;
mod postings;
mod reader;
mod recent;
mod table;
mod term;
mod text;

pub(crate) use self::doc::{Doc, Document, Keep, Whole, held, render};
pub(crate) use self::index::{Direction, Order};
pub(crate) use self::load::Load;
pub(crate) use self::reader::Reader;
pub(crate) use self::table::{Duplicate, Predicate, Query, Rows, Table};
pub(crate) use self::term::{Term, Terms};
pub(crate) use self::text::{TextQuery, words};
