//! Repeated lookups of documents by ID.

use std::sync::Arc;

use super::{
    doc::{Doc, Document},
    table::Table,
};

/// Looks up documents, caching the last one: consecutive rows of a list often refer to the same document.
pub(crate) struct CachedLookup<'a, T: Document> {
    table: &'a Table<T>,
    last: Option<(T::Id, &'a Arc<Doc<T>>)>,
}

impl<'a, T: Document> CachedLookup<'a, T> {
    pub(crate) fn new(table: &'a Table<T>) -> Self {
        Self { table, last: None }
    }

    /// The document with an ID.
    pub(crate) fn get(&mut self, id: T::Id) -> Option<&'a Arc<Doc<T>>> {
        let known = self.last.filter(|(last, _)| *last == id).map(|(_, doc)| doc);
        let doc = known.or_else(|| self.table.get(id))?;
        self.last = Some((id, doc));
        Some(doc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::table::tests::Row;

    #[test]
    fn lookups_return_documents_in_any_order() {
        let mut table = Table::default();
        for id in [1, 2] {
            table.put(Row { id, name: None }).expect("it has no unique field");
        }
        let mut reader = CachedLookup::new(&table);
        for id in [1, 1, 2, 1, 3, 3, 2] {
            let read = reader.get(id).map(|doc| doc.value().id);
            assert_eq!(read, (id < 3).then_some(id));
        }
    }
}
