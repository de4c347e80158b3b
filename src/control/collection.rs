//! Collections: single documents of a sandbox, references to them, and their changes.

use poem_openapi::{Object, OpenApi};
use serde_json::{Map, Value};

use super::Tag;
use crate::{
    http::{Body, Contracts, Filter, InnerCalls, Path, Problem, ProblemDetail, Reply, Selected, blocking},
    recorder::redact,
    state::{
        Sandbox,
        browse::{self, Reference},
        edit::Unchanged,
    },
    value::{Id, JsonObject, Text, suggest},
};

/// Default number of documents on a page.
const PAGE: u32 = 50;

/// The operations that update documents, by collection. Other collections cannot be updated through the API.
const OPERATIONS: [(&str, &str); 15] = [
    ("bots", "update_bot"),
    ("canned_responses", "update_canned_response"),
    ("contents", "update_content"),
    ("departments", "update_department"),
    ("faqs", "update_faq"),
    ("groups", "update_group"),
    ("leads", "update_lead"),
    ("namespaces", "update_namespace"),
    ("project_users", "update_teammate"),
    ("projects", "update_project"),
    ("requests", "update_request"),
    ("segments", "update_segment"),
    ("subscriptions", "update_subscription"),
    ("tags", "update_tag"),
    ("unanswered_questions", "update_unanswered_question"),
];

/// All collections.
#[derive(Object)]
struct CollectionList {
    /// The collections, in the order of the fixture format.
    collections: Vec<CollectionInfo>,
}

/// A collection.
#[derive(Object)]
struct CollectionInfo {
    /// Name of the collection.
    name: Text,
    /// Number of documents.
    count: u32,
}

/// Which documents to list.
#[derive(Object)]
struct DocumentFilter {
    /// Only documents that contain this text, ignoring case.
    q: Option<Text>,
    /// Only documents that come after the one with this ID.
    after: Option<Text>,
    /// Maximum number of documents (default 50).
    #[oai(validator(minimum(value = "1"), maximum(value = "1000")))]
    limit: Option<u32>,
}

/// A page of documents.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct DocumentPage {
    /// Documents of this page, newest first, secrets masked.
    items: Vec<JsonObject>,
    /// Number of matching documents on all pages.
    count: u32,
    /// ID to pass as `after` for the next page, if there is one.
    next: Option<Text>,
}

/// A document and its references.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
struct DocumentDetail {
    /// The document in the fixture format, including secrets.
    document: JsonObject,
    /// Documents that refer to it, at most 200.
    references: Vec<DocumentReference>,
    /// Operation of the imitated API that updates it, if there is one.
    operation: Option<Text>,
}

/// A document that refers to another one.
#[derive(Object)]
struct DocumentReference {
    /// Collection of the document.
    collection: Text,
    /// ID of the document.
    id: Text,
    /// JSON pointer to the referring field.
    field: Text,
    /// Label of the document, such as its name.
    label: Text,
}

/// How to write a document.
#[derive(Object)]
struct Writing {
    /// Whether to write the document unchanged, if valid in the fixture format (default `false`: through the imitated
    /// API, with its rules and events).
    raw: Option<bool>,
}

/// A removed document.
#[derive(Object)]
struct Removed {
    /// Collection of the document.
    collection: Text,
    /// ID of the document.
    id: Text,
}

impl From<Reference> for DocumentReference {
    fn from(Reference { collection, id, field, label }: Reference) -> Self {
        Self { collection: collection.into(), id: id.into(), field: field.into(), label: label.into() }
    }
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => JsonObject(object),
        _ => JsonObject::default(),
    }
}

/// Rejects a collection that does not exist.
fn check(sandbox: &Sandbox, name: &str) -> Result<(), Problem> {
    let known: Vec<_> = browse::counts(&sandbox.state().tables).into_iter().map(|(name, _)| name).collect();
    if known.contains(&name) {
        return Ok(());
    }
    Err(Problem::of(404, &format!("Not found: {}", suggest::unknown("collection", name, known.iter().copied()))))
}

fn missing() -> Problem {
    Problem::of(404, "The collection has no document with this ID.")
}

fn operation(collection: &str) -> Option<&'static str> {
    OPERATIONS.iter().find(|(name, _)| *name == collection).map(|(_, operation)| *operation)
}

fn detail(sandbox: &Sandbox, collection: &str, id: &str) -> Result<DocumentDetail, Problem> {
    check(sandbox, collection)?;
    let state = sandbox.state_arc();
    let document = browse::document(&state.tables, collection, id).ok_or_else(missing)?;
    let references = browse::references(&state.tables, collection, &document);
    Ok(DocumentDetail {
        references: references.into_iter().map(DocumentReference::from).collect(),
        document: object(document),
        operation: operation(collection).map(Text::from),
    })
}

fn unchanged(why: Unchanged) -> Problem {
    match why {
        Unchanged::Unknown => missing(),
        Unchanged::Invalid(pointer, detail) => {
            invalid(vec![ProblemDetail { pointer: pointer.into(), detail: detail.into() }])
        }
        Unchanged::Failed(error) => error.into(),
    }
}

fn invalid(errors: Vec<ProblemDetail>) -> Problem {
    Problem::unprocessable("The document is invalid.", errors)
}

/// The fields of `after` that differ from `before`. Removed fields are `null`.
fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Map<String, Value> {
    let changed = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    let changed = changed.map(|(name, value)| (name.clone(), value.clone()));
    changed.chain(removed.map(|name| (name.clone(), Value::Null))).collect()
}

/// Updates a document through the imitated API, as the owner of its project.
async fn update(
    (sandbox, calls): (&Sandbox, InnerCalls),
    contracts: &Contracts,
    (collection, id): (&str, &str),
    document: &Map<String, Value>,
) -> Result<(), Problem> {
    let known = browse::document(&sandbox.state().tables, collection, id).ok_or_else(missing)?;
    let Value::Object(known) = known else { return Err(missing()) };
    let changes = differences(&known, document);
    if changes.is_empty() {
        return Ok(());
    }
    let raw = |text: String| {
        invalid(vec![ProblemDetail { pointer: "".into(), detail: format!("{text}; use raw=true").into() }])
    };
    let contract = contracts.contract().await;
    let named = operation(collection).and_then(|operation| contract.of(operation));
    let named =
        named.ok_or_else(|| raw(format!("the API has no operation that updates a document of `{collection}`")))?;
    let text = |name: &str| known.get(name).and_then(Value::as_str).unwrap_or_default();
    let project = if collection == "projects" { id } else { text("id_project") };
    let own = if collection == "requests" { text("request_id") } else { id };
    let segments = named.path.split('/').map(|segment| match segment {
        "{project_id}" => project,
        _ if segment.starts_with('{') => own,
        _ => segment,
    });
    let path = format!("/v3{}", segments.collect::<Vec<_>>().join("/"));
    let project = Id::parse(project).ok_or_else(|| raw("the document belongs to no project".to_owned()))?;
    let body = Value::Object(changes).to_string().into();
    let outcome = calls.as_owner(sandbox, project, (named.method.as_str(), path.as_str()), body).await;
    let outcome = outcome.ok_or_else(|| raw("the project has no owner who could update the document".to_owned()))?;
    if outcome.status < 400 {
        return Ok(());
    }
    let answer: Value = serde_json::from_slice(&outcome.body).unwrap_or_default();
    let listed = answer["errors"].as_array().into_iter().flatten().filter_map(|error| {
        let text = |name: &str| Some(Text::from(error[name].as_str()?));
        Some(ProblemDetail { pointer: text("pointer")?, detail: text("detail")? })
    });
    let mut errors: Vec<_> = listed.collect();
    if errors.is_empty() {
        let (status, body) = (outcome.status, String::from_utf8_lossy(&outcome.body));
        errors.push(ProblemDetail {
            pointer: "".into(),
            detail: format!("the API responded with {status}: {body}").into(),
        });
    }
    Err(invalid(errors))
}

pub(super) struct CollectionControl;

#[OpenApi(tag = "Tag::State")]
impl CollectionControl {
    /// List all collections
    ///
    /// Lists the collections of the fixture format, including empty ones.
    ///
    /// Returns all collections with their document counts.
    #[oai(path = "/collections", method = "get", operation_id = "list_collections")]
    async fn list(&self, selected: Selected) -> Result<Reply<CollectionList>, Problem> {
        let counts = browse::counts(&selected.0.state().tables).into_iter();
        let collections = counts.map(|(name, count)| CollectionInfo { name: name.into(), count: size(count) });
        Ok(Reply::of(&CollectionList { collections: collections.collect() }))
    }

    /// List documents of a collection
    ///
    /// Lists the documents of a collection, newest first. 404 if there is no such collection.
    ///
    /// Returns a page of documents.
    #[oai(path = "/collections/:collection", method = "get", operation_id = "list_documents")]
    async fn documents(
        &self,
        selected: Selected,
        /// Name of the collection.
        collection: Path<Text>,
        filter: Filter<DocumentFilter>,
    ) -> Result<Reply<DocumentPage>, Problem> {
        check(&selected.0, &collection)?;
        let (state, DocumentFilter { q, after, limit }) = (selected.0.state_arc(), filter.0);
        let limit = limit.unwrap_or(PAGE) as usize;
        let page = move || browse::page(&state.tables, &collection, q.as_deref(), after.as_deref(), limit);
        let page = blocking(page).await.ok_or_else(missing)?;
        let masked = |mut document: Value| {
            redact::json(&mut document);
            object(document)
        };
        let items = page.documents.into_iter().map(masked).collect();
        Ok(Reply::of(&DocumentPage { items, count: size(page.count), next: page.next.map(Text::from) }))
    }

    /// Get a document
    ///
    /// Reads a document and finds the documents that refer to it. 404 if there is no such collection or document.
    ///
    /// Returns the document and its references.
    #[oai(path = "/collections/:collection/:id", method = "get", operation_id = "get_document")]
    async fn get(
        &self,
        selected: Selected,
        /// Name of the collection.
        collection: Path<Text>,
        /// ID of the document (`_id`).
        id: Path<Text>,
    ) -> Result<Reply<DocumentDetail>, Problem> {
        let detail = blocking(move || detail(&selected.0, &collection, &id)).await?;
        Ok(Reply::of(&detail))
    }

    /// Write a document
    ///
    /// Changes a document through the operation of the imitated API that updates it, as the owner of its project: the
    /// fields that differ are sent in strict mode, rules apply, and events are published. With `raw`, writes any
    /// document that the fixture format accepts, existing or new, without events. 422 if the document is rejected.
    ///
    /// Returns the written document and its references.
    #[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
    #[oai(path = "/collections/:collection/:id", method = "put", operation_id = "put_document")]
    async fn put(
        &self,
        selected: Selected,
        calls: InnerCalls,
        contracts: Contracts,
        /// Name of the collection.
        collection: Path<Text>,
        /// ID of the document (`_id`).
        id: Path<Text>,
        filter: Filter<Writing>,
        body: Body<JsonObject>,
    ) -> Result<Reply<DocumentDetail>, Problem> {
        let (sandbox, document) = (selected.0, body.0);
        check(&sandbox, &collection)?;
        if filter.0.raw == Some(true) {
            sandbox.put_document(&collection, &id, &Value::Object(document.0)).map_err(unchanged)?;
        } else {
            update((&sandbox, calls), &contracts, (&collection, &id), &document.0).await?;
        }
        let detail = blocking(move || detail(&sandbox, &collection, &id)).await?;
        Ok(Reply::of(&detail))
    }

    /// Remove a document
    ///
    /// Removes a document without events; removing a project removes everything in it. Documents that refer to it are
    /// kept. 404 if there is no such collection or document.
    ///
    /// Returns the collection and the ID.
    #[oai(path = "/collections/:collection/:id", method = "delete", operation_id = "remove_document")]
    async fn remove(
        &self,
        selected: Selected,
        /// Name of the collection.
        collection: Path<Text>,
        /// ID of the document (`_id`).
        id: Path<Text>,
    ) -> Result<Reply<Removed>, Problem> {
        check(&selected.0, &collection)?;
        selected.0.remove_document(&collection, &id).map_err(unchanged)?;
        Ok(Reply::of(&Removed { collection: collection.0, id: id.0 }))
    }
}
