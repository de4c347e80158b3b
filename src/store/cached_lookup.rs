//! Documents by id, for who asks for the same ones again and again.

use std::sync::Arc;

use super::{
    doc::{Doc, Document},
    table::Table,
};

/// Reads documents of a table, and has the last at hand: the rows of a list often refer to the same ones.
pub(crate) struct CachedLookup<'a, T: Document> {
    table: &'a Table<T>,
    last: Option<(T::Id, &'a Arc<Doc<T>>)>,
}

impl<'a, T: Document> CachedLookup<'a, T> {
    pub(crate) fn new(table: &'a Table<T>) -> Self {
        Self { table, last: None }
    }

    /// The document of an id.
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
    fn documents_are_those_of_the_table_in_whatever_order() {
        let mut table = Table::default();
        for id in [1, 2] {
            table.put(Row { id, name: None }).expect("it has no name");
        }
        let mut reader = CachedLookup::new(&table);
        for id in [1, 1, 2, 1, 3, 3, 2] {
            let read = reader.get(id).map(|doc| doc.value().id);
            assert_eq!(read, (id < 3).then_some(id));
        }
    }
}
