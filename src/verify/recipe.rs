//! Calls that create objects of the default world through the API.

use serde_json::{Map, Value};

use super::rebase::{Document, Named, marker_of};
use crate::example::Call;

/// Collection, path below the project, and the fields of its create operation.
const RECIPES: [(&str, &str, &[&str]); 13] = [
    ("departments", "departments", &["name", "routing", "description"]),
    ("groups", "groups", &["name"]),
    ("tags", "tags", &["tag", "color", "attributes"]),
    ("canned_responses", "canned", &["title", "text", "attributes", "shared"]),
    ("bots", "bots", &["name", "description", "language", "type", "attributes"]),
    ("faqs", "faq", &["id_faq_kb", "question", "answer", "topic", "language"]),
    ("leads", "leads", &["fullname", "email", "attributes"]),
    ("segments", "segments", &["name", "match", "filters"]),
    ("events", "events", &["name", "attributes"]),
    ("namespaces", "kb/namespace", &["name", "hybrid"]),
    ("contents", "kb", &["namespace", "name", "type", "source", "content"]),
    ("unanswered_questions", "kb/unanswered", &["namespace", "question"]),
    ("answered_questions", "kb/answered", &["namespace", "question", "answer", "tokens"]),
];

/// Pointers to the ID of a created object in responses.
pub(super) const IDS: [&str; 7] =
    ["/_id", "/id", "/value/_id", "/data/_id", "/user/_id", "/value/lastErrorObject/upserted", "/0/_id"];

/// A call as the owner of the project.
pub(super) fn as_owner(method: &str, path: String, body: Option<Value>) -> Call {
    let owner = marker_of("users", super::rebase::OWNER, Named::Otherwise);
    let basic = Some(format!("{owner}:⟦password⟧"));
    Call { method: method.to_owned(), path, basic, headers: std::collections::BTreeMap::default(), body, form: None }
}

/// A call without credentials.
pub(super) fn as_nobody(path: &str, body: Value) -> Call {
    Call { basic: None, ..as_owner("POST", path.to_owned(), Some(body)) }
}

/// The call that creates a document, before its references to others are marked; `None` if there is none.
pub(super) fn create(document: &Document) -> Option<Call> {
    let fields = |names: &[&str]| -> Map<String, Value> {
        let value = document.value.as_object().into_iter().flatten();
        let wanted = value.filter(|(name, value)| names.contains(&name.as_str()) && !value.is_null());
        wanted.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let project = document.value["id_project"].as_str()?;
    if document.collection == "subscriptions" {
        let body = fields(&["event", "target"]);
        return Some(as_owner("POST", format!("/v3/{project}/subscriptions"), Some(body.into())));
    }
    let (_, path, names) = RECIPES.iter().find(|(collection, ..)| *collection == document.collection)?;
    Some(as_owner("POST", format!("/v3/{project}/{path}"), Some(fields(names).into())))
}
