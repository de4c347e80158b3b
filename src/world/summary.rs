//! The size of a world, in words.

use crate::state::{Collection, Tables, tables::Visit};

/// The words for documents of collections, where they differ from the name of the collection.
const WORDS: [(&str, &str, &str); 8] = [
    ("users", "user", "users"),
    ("projects", "project", "projects"),
    ("departments", "department", "departments"),
    ("leads", "lead", "leads"),
    ("bots", "bot", "bots"),
    ("requests", "conversation", "conversations"),
    ("messages", "message", "messages"),
    ("contents", "content", "contents"),
];

/// The most important numbers of documents, such as `2 projects, 20 conversations`.
pub(crate) fn summary(tables: &Tables) -> String {
    struct Count(Vec<(&'static str, usize)>);

    impl Visit for Count {
        fn visit<T: Collection>(&mut self, table: &crate::store::Table<T>) {
            self.0.push((T::NAME, table.len()));
        }
    }

    let mut count = Count(Vec::new());
    tables.each(&mut count);
    let words = WORDS.iter().filter_map(|(name, one, many)| {
        let (_, number) = count.0.iter().find(|(known, _)| known == name)?;
        (*number > 0 || matches!(*name, "projects" | "requests"))
            .then(|| format!("{number} {}", if *number == 1 { one } else { many }))
    });
    words.collect::<Vec<_>>().join(", ")
}
