//! Reading any collection by name: pages, single documents, and references to them.

use serde_json::Value;

use super::tables::{Collection, Tables, Visit};
use crate::{store::Table, value::Id};

/// Maximum number of references.
const REFERENCES: usize = 200;

/// Fields other than `_id` by which documents are referred to.
const NAMES: [(&str, &str); 2] = [("requests", "request_id"), ("leads", "lead_id")];

/// Fields that describe a document, best first.
const LABELS: [&str; 10] =
    ["fullname", "name", "title", "subject", "text", "question", "email", "event", "request_id", "_id"];

/// Maximum number of characters of a label.
const LABEL: usize = 80;

/// A page of a collection, newest documents first.
pub(crate) struct Page {
    /// Number of matching documents.
    pub(crate) count: usize,
    pub(crate) documents: Vec<Value>,
    /// The last ID of the page, if there are more.
    pub(crate) next: Option<String>,
}

/// A document that refers to another.
pub(crate) struct Reference {
    pub(crate) collection: &'static str,
    pub(crate) id: String,
    /// JSON pointer to the field.
    pub(crate) field: String,
    pub(crate) label: String,
}

/// The names of all collections with their document counts.
pub(crate) fn counts(tables: &Tables) -> Vec<(&'static str, usize)> {
    struct Count(Vec<(&'static str, usize)>);

    impl Visit for Count {
        fn visit<T: Collection>(&mut self, table: &Table<T>) {
            self.0.push((T::NAME, table.len()));
        }
    }

    let mut count = Count(Vec::new());
    tables.each(&mut count);
    count.0
}

/// At most `limit` documents of a collection after an ID. `text` filters by contained text, ignoring case; secrets are
/// neither shown nor searched. `None` if there is no such collection.
pub(crate) fn page(tables: &Tables, name: &str, text: Option<&str>, after: Option<&str>, limit: usize) -> Option<Page> {
    struct Find<'a> {
        name: &'a str,
        text: Option<String>,
        after: Option<&'a str>,
        limit: usize,
        page: Option<Page>,
    }

    impl Visit for Find<'_> {
        fn visit<T: Collection>(&mut self, table: &Table<T>) {
            if T::NAME != self.name {
                return;
            }
            let mut page = Page { count: 0, documents: Vec::new(), next: None };
            let (mut is_after, mut last) = (self.after.is_none(), None);
            for doc in table.iter().rev() {
                let text = |json: &[u8]| String::from_utf8_lossy(json).to_lowercase();
                if self.text.as_ref().is_some_and(|wanted| !text(doc.json()).contains(wanted)) {
                    continue;
                }
                page.count += 1;
                if page.documents.len() == self.limit {
                    page.next = page.next.or_else(|| last.take());
                } else if is_after {
                    page.documents.push(serde_json::from_slice(doc.json()).unwrap_or_default());
                    last = page.documents.last().and_then(|document| document["_id"].as_str().map(str::to_owned));
                } else {
                    is_after = self.after.is_some_and(|after| doc.value().id().to_string() == after);
                }
            }
            self.page = Some(page);
        }
    }

    let mut find = Find { name, text: text.map(str::to_lowercase), after, limit, page: None };
    tables.each(&mut find);
    find.page
}

/// A document in the fixture format, including secrets. `None` if there is no such collection or document.
pub(crate) fn document(tables: &Tables, name: &str, id: &str) -> Option<Value> {
    struct Get<'a>(&'a str, &'a str, Option<Value>);

    impl Visit for Get<'_> {
        fn visit<T: Collection>(&mut self, table: &Table<T>) {
            if T::NAME == self.0 {
                let doc = Id::parse(self.1).and_then(|id| table.get(id));
                self.2 = doc.and_then(|doc| serde_json::from_slice(&doc.stored()).ok());
            }
        }
    }

    let mut get = Get(name, id, None);
    tables.each(&mut get);
    get.2
}

/// The documents that refer to a document of a collection, by its `_id` or by another of its names.
pub(crate) fn references(tables: &Tables, name: &str, document: &Value) -> Vec<Reference> {
    struct Search<'a> {
        own: (&'a str, &'a str),
        names: Vec<&'a str>,
        found: Vec<Reference>,
    }

    impl Visit for Search<'_> {
        fn visit<T: Collection>(&mut self, table: &Table<T>) {
            for doc in table.iter().rev() {
                let stored = doc.stored();
                let text = std::str::from_utf8(&stored).unwrap_or_default();
                if self.found.len() >= REFERENCES || !self.names.iter().any(|name| text.contains(name)) {
                    continue;
                }
                let document: Value = serde_json::from_slice(&stored).unwrap_or_default();
                let id = document["_id"].as_str().unwrap_or_default();
                let field = self.names.iter().find_map(|name| pointer(&document, name));
                if let Some(field) = field.filter(|_| self.own != (T::NAME, id)) {
                    let label = label(&document);
                    self.found.push(Reference { collection: T::NAME, id: id.to_owned(), field, label });
                }
            }
        }
    }

    let id = document["_id"].as_str().unwrap_or_default();
    let others = NAMES.iter().filter(|(collection, _)| *collection == name);
    let others = others.filter_map(|(_, field)| document[*field].as_str()).filter(|other| !other.is_empty());
    let names = [id].into_iter().chain(others).filter(|name| !name.is_empty()).collect();
    let mut search = Search { own: (name, id), names, found: Vec::new() };
    tables.each(&mut search);
    search.found
}

/// The label of a document in lists.
fn label(document: &Value) -> String {
    let named = LABELS.iter().find_map(|field| document[*field].as_str().filter(|text| !text.is_empty()));
    named.unwrap_or_default().chars().take(LABEL).collect()
}

/// The pointer to the first value that equals a text.
fn pointer(value: &Value, text: &str) -> Option<String> {
    match value {
        Value::String(string) => (string == text).then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| Some(format!("/{index}{}", pointer(item, text)?)))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            let rest = pointer(value, text)?;
            Some(format!("/{}{rest}", name.replace('~', "~0").replace('/', "~1")))
        }),
        _ => None,
    }
}
