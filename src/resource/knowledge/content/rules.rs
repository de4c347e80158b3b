//! Rules for contents.

use std::sync::Arc;

use bytes::Bytes;
use regex::Regex;
use serde_json::json;

use super::{
    document::{Content, ContentKind},
    schema::{
        ContentFilter, ContentPatch, ContentQuery, ContentUpsert, IndexRemoval, IndexRemoved, IndexingState,
        NamespaceQuery, NewContent, Scraping, StatusFilter, StatusQuery, UpsertOutcome,
    },
};
use crate::{
    identity::Actor,
    render,
    resource::{
        activity::{
            self,
            document::{TargetKind, Verb},
        },
        knowledge::{
            namespace::{self, document::Namespace, plan},
            paging::Defaults,
        },
        project::document::Project,
    },
    state::{
        ProjectScope, State, Tx,
        query::{self, Selection},
    },
    store::{Doc, Term, render},
    value::{
        Error, Id, RawId, Result, Text, Timestamp,
        error::{ErrorBody, ErrorKind, Location, Violation},
        primitive::{Nullable, Number},
    },
};

/// Paging and sorting defaults of content lists.
const DEFAULTS: Defaults = Defaults { limit: 200, field: "updatedAt" };

/// Input of a content item, apart from scraping options.
pub(in crate::resource::knowledge) struct Source {
    pub(in crate::resource::knowledge) name: Text,
    pub(in crate::resource::knowledge) kind: ContentKind,
    pub(in crate::resource::knowledge) source: Text,
    pub(in crate::resource::knowledge) content: Option<Text>,
}

impl Source {
    /// A page, named after its URL.
    pub(super) fn page(address: Text) -> Self {
        Self { name: address.clone(), kind: ContentKind::Url, source: address, content: Some(Text::default()) }
    }
}

fn refused(text: &'static str) -> Error {
    Error::malformed(ErrorBody::error(text.into()))
}

/// The knowledge base that a query parameter names.
pub(super) fn named(tx: &Tx, query: &NamespaceQuery) -> Result<Id<Namespace>> {
    let text = query.namespace.given().ok_or_else(|| refused("queryParam 'namespace' is not defined"))?;
    Ok(namespace::rules::find(tx.state(), tx.project(), text)?.value().id)
}

/// The content item as of `now`.
pub(super) fn show(content: &Doc<Content>, now: Timestamp) -> Bytes {
    let mut whole = render::json::Object::new(content.json(), 16);
    whole.field("status", content.value().status_at(now).to_string().as_bytes());
    whole.end()
}

/// The content item of the project that a path parameter names.
pub(in crate::resource::knowledge) fn find<'a>(
    state: &'a State,
    project: Id<Project>,
    id: &RawId<Content>,
) -> Result<&'a Arc<Doc<Content>>> {
    state.find(Some(project), id).ok_or_else(|| {
        let text = format!("Content not found with id {id} for project {project}");
        Error::not_found(ErrorBody::error(text.into()))
    })
}

/// The content item of a knowledge base that a request body names.
pub(super) fn of_namespace<'a>(state: &'a State, namespace: Id<Namespace>, id: &str) -> Result<&'a Arc<Doc<Content>>> {
    let content = Id::parse(id).and_then(|id| state.tables.contents.get(id));
    let content = content.filter(|content| content.value().namespace == namespace);
    content.ok_or_else(|| Error::not_found(ErrorBody::error("Unable to find the kb requested".into())))
}

pub(super) fn get(scope: &ProjectScope, id: &RawId<Content>) -> Result<Bytes> {
    let now = scope.sandbox.clock.now();
    scope.read(|state| Ok(show(find(state, scope.project, id)?, now)))
}

pub(super) fn list(scope: &ProjectScope, filter: &ContentFilter) -> Result<Bytes> {
    let text = filter.namespace.given().ok_or_else(|| refused("queryParam 'namespace' is not defined"))?;
    let now = scope.sandbox.clock.now();
    let search = filter.search.as_ref().map(pattern).transpose()?;
    let known = scope.read(|state| namespace::rules::find(state, scope.project, text).map(|doc| doc.value().id));
    let (count, kbs) = match known {
        Ok(namespace) => page(scope, namespace, filter, search.as_ref(), now),
        // The API returns an empty list for an unknown knowledge base.
        Err(_) => (0, Vec::new()),
    };
    let (listing, status) = (&filter.listing, filter.status.as_ref().map(Number::get));
    let query = ContentQuery {
        status,
        limit: listing.limit(&DEFAULTS),
        page: status.map(|_| listing.page.unwrap_or_default()),
        sort_field: listing.field(&DEFAULTS),
        direction: listing.direction(),
        search: filter.search.clone(),
    };
    let mut whole = render::json::Object::new(b"{}", 256);
    whole.field("count", count.to_string().as_bytes()).field("query", &render(&query)).list("kbs", kbs);
    Ok(whole.end())
}

fn pattern(text: &Text) -> Result<Regex> {
    // Departs: A search for contents that is not a valid regular expression returns 422; the reference server fails
    // with 500.
    Regex::new(text).map_err(|error| {
        let (value, reason) = (Some(json!(text.as_str())), Some(error.to_string()));
        let violation = Violation { value, field: "search".into(), location: Location::Query, reason, msg: None };
        Error::new(ErrorKind::Invalid, ErrorBody::Fields(vec![violation]))
    })
}

/// The number of matching contents, and those on the page.
fn page(
    scope: &ProjectScope,
    namespace: Id<Namespace>,
    filter: &ContentFilter,
    search: Option<&Regex>,
    now: Timestamp,
) -> (usize, Vec<Bytes>) {
    let mut page = filter.listing.page(&DEFAULTS);
    let status = filter.status.as_ref().map(Number::get);
    let all = match filter.kind {
        Some(kind) => Content::of_kind(namespace, kind),
        None => Content::of_namespace(namespace),
    };
    let mut selection = Selection::of(vec![vec![all]]);
    if let Some(status) = status {
        selection.all.push(of_status(namespace, status));
    }
    if search.is_some() || status.is_some() {
        selection.only = Some(Box::new(move |content: &Content| {
            search.is_none_or(|search| search.is_match(&content.source))
                && status.is_none_or(|status| content.status_at(now) == status)
        }));
    }
    let by_status = &*filter.listing.field(&DEFAULTS) == "status";
    let (skip, limit) = (page.skip, page.limit);
    if by_status {
        // No index covers a status that depends on the clock.
        let wanted = filter.listing.default_order();
        (page.skip, page.limit, page.order) = (0, usize::MAX, wanted);
    }
    scope.read(|state| {
        let mut rows = query::select(state, selection, page);
        if by_status {
            let direction = filter.listing.direction();
            rows.docs.sort_by_key(|content| content.value().status_at(now) * direction);
            rows.docs = rows.docs.into_iter().skip(skip).take(limit).collect();
        }
        (rows.count, rows.docs.iter().map(|content| show(content, now)).collect())
    })
}

/// Terms of all contents that may have a status now: those stored with it, and those that advance with the clock.
fn of_status(namespace: Id<Namespace>, status: i16) -> Vec<Term> {
    vec![Content::of_status(namespace, status), Content::of_status(namespace, Content::NEW)]
}

/// All contents of a selection, oldest first, or only those that have `status` now.
pub(in crate::resource::knowledge) fn select_all(
    scope: &ProjectScope,
    mut selection: Selection<'_, Content>,
    status: Option<i16>,
) -> Vec<Bytes> {
    let now = scope.sandbox.clock.now();
    if let Some(status) = status {
        selection.only = Some(Box::new(move |content| content.status_at(now) == status));
    }
    scope.read(|state| {
        let rows = query::select(state, selection, DEFAULTS.everything());
        rows.docs.iter().map(|content| show(content, now)).collect()
    })
}

/// Adds a content item, or replaces the item of the project with the same kind and source.
pub(super) fn create(tx: &mut Tx, by: &Actor, new: NewContent) -> Result<ContentUpsert> {
    let text = new.namespace.given().ok_or_else(|| refused("parameter 'namespace' is not defined"))?;
    let namespace = namespace::rules::find(tx.state(), tx.project(), text)?.value().id;
    plan::contents(tx, 1)?;
    let (kind, source) = (new.kind, new.source);
    let known = tx.find::<Content>(Content::of_source(tx.project(), kind, &source));
    let updated_existing = known.is_some();
    let source = Source { name: new.name, kind, source, content: new.content };
    let fresh = fresh(tx, namespace, source, new.scraping.alone().honoured_for(kind));
    let fresh = Content { chunk_regex: new.chunk_regex, ..fresh };
    let content = tx.put(in_place_of(known, fresh))?;
    record_content(tx, by, Verb::KbContentsAdd, &content)?;
    let value = content.value().into_owned();
    let upserted = (!updated_existing).then_some(value.id);
    Ok(ContentUpsert { outcome: UpsertOutcome { n: 1, updated_existing, upserted }, value })
}

fn fresh(tx: &mut Tx, namespace: Id<Namespace>, source: Source, scraping: Scraping) -> Content {
    Content {
        id: tx.new_id(),
        id_project: tx.project(),
        namespace,
        name: source.name,
        kind: source.kind,
        source: source.source,
        content: Nullable(source.content),
        scrape_type: scraping.scrape_type,
        scrape_options: scraping.scrape_options,
        refresh_rate: scraping.refresh_rate,
        last_error: None,
        tags: scraping.tags,
        situated_context: scraping.situated_context,
        chunk_regex: None,
        sitemap_origin_id: None,
        sitemap_origin: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        version: Some(0),
        status: Content::NEW,
    }
}

/// The new content under the identifier of the item that it replaces, if any.
fn in_place_of(known: Option<Content>, fresh: Content) -> Content {
    match known {
        Some(known) => Content { id: known.id, created_at: known.created_at, version: known.version, ..fresh },
        None => fresh,
    }
}

/// Adds a content item, or replaces the item of the knowledge base with the same kind and source.
pub(in crate::resource::knowledge) fn keep(
    tx: &mut Tx,
    namespace: Id<Namespace>,
    source: Source,
    scraping: Scraping,
) -> Result<Content> {
    let known = tx.state().tables.contents.with(Content::of_source(tx.project(), source.kind, &source.source));
    let known = known.map(|content| content.value()).find(|content| content.namespace == namespace);
    let known = known.map(std::borrow::Cow::into_owned);
    let fresh = fresh(tx, namespace, source, scraping);
    Ok(tx.put(in_place_of(known, fresh))?.value().into_owned())
}

/// Adds or replaces many content items. Each is shown once, without its version.
pub(super) fn keep_all(
    tx: &mut Tx,
    namespace: Id<Namespace>,
    sources: Vec<Source>,
    scraping: &Scraping,
) -> Result<Bytes> {
    let mut kept = Vec::new();
    for source in sources {
        let id = keep(tx, namespace, source, scraping.clone())?.id;
        if !kept.contains(&id) {
            kept.push(id);
        }
    }
    let contents = kept.into_iter().filter_map(|id| tx.state().tables.contents.get(id));
    let unversioned = |content: &Arc<Doc<Content>>| {
        let content = Content { version: None, ..content.value().into_owned() };
        show(&Doc::new(content), tx.now())
    };
    Ok(render::json::array(contents.map(unversioned)))
}

/// Replaces a content item with a new one under a new identifier.
pub(super) fn update(tx: &mut Tx, id: &RawId<Content>, patch: ContentPatch) -> Result<Bytes> {
    let text = patch.namespace.given().ok_or_else(|| refused("Missing 'namespace' body parameter"))?;
    let namespace = namespace::rules::find(tx.state(), tx.project(), text)?.value().id;
    let unknown = "Content not found. Unable to update a non-existing content";
    let old = of_namespace(tx.state(), namespace, id.as_str());
    let old = old.map_err(|_| Error::not_found(ErrorBody::error(unknown.into())))?.value().into_owned();
    let Scraping { refresh_rate, scrape_type, scrape_options, tags, situated_context } = patch.scraping;
    let scraping = Scraping {
        refresh_rate: refresh_rate.or(old.refresh_rate),
        scrape_type: scrape_type.or(old.scrape_type),
        scrape_options: scrape_options.or(old.scrape_options),
        tags: tags.or(old.tags),
        situated_context: situated_context.or(old.situated_context),
    };
    let source = Source {
        name: patch.name.unwrap_or(old.name),
        kind: patch.kind.unwrap_or(old.kind),
        source: patch.source.unwrap_or(old.source),
        content: patch.content.or(old.content.0),
    };
    tx.remove_by_id(old.id)?;
    let scraping = scraping.alone().honoured_for(source.kind);
    // Another item may already have the new source.
    let same = Content::of_source(tx.project(), source.kind, &source.source);
    let same = tx.state().tables.contents.with(same).map(|content| content.value());
    let same: Vec<_> = same.filter(|content| content.namespace == namespace).map(|content| content.id).collect();
    same.into_iter().try_for_each(|id| tx.remove_by_id(id).map(drop))?;
    let fresh = fresh(tx, namespace, source, scraping);
    let content = tx.put(Content { chunk_regex: old.chunk_regex, ..fresh })?;
    Ok(show(&content, tx.now()))
}

pub(super) fn delete(tx: &mut Tx, by: &Actor, id: &RawId<Content>) -> Result<Bytes> {
    let content = tx.remove(id).map_err(|_| Error::not_found(ErrorBody::error("Content not found".into())))?;
    record_content(tx, by, Verb::KbContentDelete, &content)?;
    Ok(show(&content, tx.now()))
}

fn record_content(tx: &mut Tx, by: &Actor, verb: Verb, content: &Doc<Content>) -> Result<()> {
    let id = content.value().id.to_string();
    let shown = show(content, tx.now());
    activity::rules::changed(tx, by, verb, TargetKind::KbContent, &id, &shown)
}

/// Removes all contents with a term.
pub(in crate::resource::knowledge) fn remove_all(tx: &mut Tx, term: Term) -> Result<()> {
    let all: Vec<_> = tx.state().tables.contents.with(term).map(|content| content.value().id).collect();
    all.into_iter().try_for_each(|content| tx.remove_by_id(content).map(drop))
}

/// The indexing state of a content item, or the item itself.
pub(super) fn status(scope: &ProjectScope, query: &StatusQuery, filter: &StatusFilter) -> Result<Bytes> {
    let now = scope.sandbox.clock.now();
    scope.read(|state| {
        let namespace = namespace::rules::find(state, scope.project, &query.namespace)?.value().id;
        let content = of_namespace(state, namespace, &query.id)?;
        if filter.return_object == Some(true) {
            return Ok(show(content, now));
        }
        let (status_message, status_code, queue_order) = match content.value().status_at(now) {
            Content::QUEUED => ("Waiting to be indexed", 0, 0),
            Content::INDEXING => ("Being indexed", 2, -1),
            Content::INDEXED => ("Indexed", 3, -1),
            Content::FAILED => ("Indexing failed", 4, -1),
            _ => ("Not started", 0, -1),
        };
        let indexing = IndexingState { status_message: status_message.into(), status_code, queue_order };
        Ok(render(&indexing).into())
    })
}

/// Keeps the contents, but excludes them from answers until they are indexed again.
pub(super) fn delete_index(tx: &mut Tx, removal: &IndexRemoval) -> Result<IndexRemoved> {
    let namespace = namespace::rules::find(tx.state(), tx.project(), &removal.namespace)?.value().into_owned();
    tx.put(Namespace { index_deleted_at: Some(tx.now()), ..namespace })?;
    Ok(IndexRemoved { success: true })
}
