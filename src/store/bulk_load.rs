//! Bulk loading: inserting many documents into a table at once.

use std::{
    mem::take,
    sync::Arc,
    thread::{self, JoinHandle},
};

use super::{
    base::BaseTable,
    doc::{Doc, Document},
    index::Index,
    row_key::RowKey,
    table::Duplicate,
    term::{Term, Terms},
};

/// A bulk load. The index is ordered by hash, so the terms of a document are scattered across it. Terms are
/// therefore buffered, and a background thread inserts them in index order while further documents are parsed.
pub(crate) struct BulkLoader<'a, T: Document> {
    filed: &'a mut BaseTable<T>,
    noted: Vec<(Term, RowKey)>,
    /// The thread that currently owns the table's index.
    indexing: Option<JoinHandle<Index>>,
}

impl<'a, T: Document> BulkLoader<'a, T> {
    /// Number of buffered terms that triggers an index update: 16 MB of them.
    const NOTED: usize = if cfg!(test) { 100 } else { 1 << 19 };

    pub(super) fn new(filed: &'a mut BaseTable<T>) -> Self {
        Self { filed, noted: Vec::new(), indexing: None }
    }

    /// Whether a row with this ID exists.
    pub(crate) fn knows(&self, id: T::Id) -> bool {
        self.filed.ids.contains_key(&id)
    }

    /// Inserts a document with a new ID. Lists do not contain it before [`Self::finish`].
    pub(crate) fn add(&mut self, value: T) -> Result<Arc<Doc<T>>, Duplicate> {
        let mut terms = Terms::default();
        value.terms(&mut terms);
        if !terms.uniques().is_empty() {
            self.indexed();
        }
        if let Some(field) = self.filed.index.taken(&terms, None) {
            return Err(Duplicate(field));
        }
        let (id, place) = (value.id(), self.filed.free_place(value.sort_key()));
        // Index unique terms immediately, because the next document may have the same.
        for (_, term) in terms.uniques() {
            self.filed.index.add(*term, [place]);
        }
        self.noted.extend(terms.sorted().into_iter().map(|term| (term, place)));
        let doc = Arc::new(Doc::new(value));
        self.filed.set(id, place, doc.clone());
        if self.noted.len() >= Self::NOTED {
            self.indexed();
            let (mut index, noted) = (take(&mut self.filed.index), take(&mut self.noted));
            self.indexing = Some(thread::spawn(move || {
                index.add_all(noted);
                index
            }));
        }
        Ok(doc)
    }

    pub(crate) fn finish(mut self) {
        self.indexed();
        self.filed.index.add_all(self.noted);
    }

    /// Waits for a running index update.
    fn indexed(&mut self) {
        if let Some(indexing) = self.indexing.take() {
            self.filed.index = indexing.join().expect("indexing does not panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::{Table, tests::Row};

    #[test]
    fn bulk_loading_is_equivalent_to_inserting_one_by_one() {
        for count in [0, 1, 49, 50, 1_000] {
            let (mut loaded, mut put) = (Table::default(), Table::default());
            for table in [&mut loaded, &mut put] {
                table.put(Row { id: 7_000, name: None }).expect("the table is empty");
            }
            let mut load = loaded.load();
            // Names are unique and wait for the index; rows without a name do not.
            for row in (0..count).map(|id| Row { id, name: (id % 70 == 0).then_some(id) }) {
                put.put(row.clone()).expect("names are unique");
                load.add(row.clone()).expect("names are unique");
                assert!(load.knows(row.id) && !load.knows(row.id + 1));
                if row.name.is_some() {
                    let namesake = Row { id: row.id + 10_000, ..row };
                    assert_eq!(load.add(namesake).err(), Some(Duplicate("name")), "whether indexed yet or not");
                }
            }
            load.finish();
            assert_eq!(loaded.differences(&put).count(), 0);
            for term in [Term::new("all", ()), Term::new("third", 1_u32), Term::new("name", 70_u32)] {
                let ids = |table: &Table<Row>| table.with(term).map(|doc| doc.value().id).collect::<Vec<_>>();
                assert_eq!(ids(&loaded), ids(&put));
                assert_eq!(loaded.count(term), put.count(term));
            }
        }
    }
}
