//! Rules for knowledge bases.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;

use super::{
    document::{Embedding, Engine, Namespace, PreviewSettings},
    plan,
    schema::{Chunk, Chunks, Done, NamespaceChatbot, NamespaceFilter, NamespacePatch, NamespaceRemoval, NewNamespace},
};
use crate::{
    identity::Actor,
    render,
    resource::{
        activity::{
            self,
            document::{TargetKind, Verb},
        },
        chatbot::faq::document::Faq,
        knowledge::{
            content::{
                self,
                document::{Content, paragraphs},
            },
            question_log::{
                self,
                document::{AnsweredQuestion, UnansweredQuestion},
            },
        },
        project::document::Project,
    },
    state::{ProjectScope, State, Tx},
    store::Doc,
    value::{Error, Id, RawId, Result, Text, error::ErrorBody, lenient::Lenient},
};

/// The knowledge base of the project with the given identifier.
pub(in crate::resource::knowledge) fn find<'a>(
    state: &'a State,
    project: Id<Project>,
    text: &str,
) -> Result<&'a Arc<Doc<Namespace>>> {
    let known = Id::parse(text).and_then(|id| state.tables.namespaces.get(id));
    let unknown = || Error::not_found(ErrorBody::error(format!("Namespace not found with id {text}").into()));
    let namespace = known.ok_or_else(unknown)?;
    if namespace.value().id_project != project {
        let text = format!("Namespace not belonging to project {project}");
        return Err(Error::forbidden(ErrorBody::error(text.into())));
    }
    Ok(namespace)
}

/// Like [`find`], for operations that report every failure with the same error.
pub(in crate::resource::knowledge) fn find_own<'a>(
    state: &'a State,
    project: Id<Project>,
    text: &str,
) -> Result<&'a Arc<Doc<Namespace>>> {
    find(state, project, text).map_err(|_| {
        let text = "Not allowed. The namespace does not belong to the current project.";
        Error::forbidden(ErrorBody::error(text.into()))
    })
}

pub(super) fn list(scope: &ProjectScope, filter: &NamespaceFilter) -> Result<Bytes> {
    let all = Namespace::of_project(scope.project);
    if scope.read(|state| state.tables.namespaces.count(all)) == 0 {
        scope.write(|tx| {
            // A concurrent call may have created it.
            if tx.state().tables.namespaces.count(all) > 0 {
                return Ok(());
            }
            let id = Id::parse(&tx.project().to_string()).expect("all identifiers have the same format");
            let default = fresh(tx, id, "Default".into(), false);
            tx.put(default).map(drop)
        })?;
    }
    Ok(scope.read(|state| {
        let namespaces = state.tables.namespaces.with(all).map(|namespace| {
            if filter.count.is_none() {
                return namespace.to_json();
            }
            let contents = state.tables.contents.count(Content::of_namespace(namespace.value().id));
            let mut whole = render::json::Object::new(namespace.json(), 16);
            whole.field("count", contents.to_string().as_bytes());
            whole.end()
        });
        render::json::array(namespaces)
    }))
}

/// A knowledge base with default settings. The first one of a project becomes its default.
fn fresh(tx: &Tx, id: Id<Namespace>, name: Text, hybrid: bool) -> Namespace {
    let project = tx.project();
    Namespace {
        id,
        id_project: project,
        name,
        default: tx.state().tables.namespaces.count(Namespace::of_project(project)) == 0,
        hybrid,
        preview_settings: PreviewSettings::initial(),
        engine: Some(Engine::initial(hybrid)),
        embedding: Some(Embedding::initial()),
        created_at: tx.now(),
        updated_at: tx.now(),
        index_deleted_at: None,
    }
}

pub(super) fn create(tx: &mut Tx, by: &Actor, new: NewNamespace) -> Result<Arc<Doc<Namespace>>> {
    let hybrid = match new.hybrid {
        None => false,
        Some(Lenient::Valid(hybrid)) => hybrid,
        Some(Lenient::Invalid(..)) => {
            let text = "Value not accepted for 'hybrid' field. Expected boolean.";
            return Err(Error::malformed(ErrorBody::error(text.into())));
        }
    };
    if hybrid && !plan::allows_hybrid(tx) {
        return Err(Error::forbidden(ErrorBody::error("Hybrid mode is not allowed for the current project".into())));
    }
    plan::namespaces(tx)?;
    let id = tx.new_id();
    let namespace = tx.put(fresh(tx, id, new.name, hybrid))?;
    record(tx, by, Verb::KbNamespaceCreate, &namespace)?;
    Ok(namespace)
}

fn record(tx: &mut Tx, by: &Actor, verb: Verb, namespace: &Doc<Namespace>) -> Result<()> {
    let id = namespace.value().id.to_string();
    activity::rules::changed(tx, by, verb, TargetKind::KbNamespace, &id, namespace.json())
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Namespace>, patch: NamespacePatch) -> Result<Arc<Doc<Namespace>>> {
    let mut namespace = find(tx.state(), tx.project(), id.as_str())?.value().into_owned();
    if let Some(name) = patch.name.filter(|name| !name.is_empty()) {
        namespace.name = name;
    }
    namespace.preview_settings = patch.preview_settings.unwrap_or(namespace.preview_settings);
    tx.put(namespace)
}

pub(super) fn delete(tx: &mut Tx, by: &Actor, id: &RawId<Namespace>, removal: &NamespaceRemoval) -> Result<Done> {
    let unknown = || Error::not_found(ErrorBody::error(format!("No namespace found for id {id}").into()));
    let namespace = tx.state().find(Some(tx.project()), id).cloned().ok_or_else(unknown)?;
    let contents_only = removal.contents_only == Some(true);
    if namespace.value().default && !contents_only {
        return Err(Error::forbidden(ErrorBody::error("Default namespace cannot be deleted".into())));
    }
    content::rules::remove_all(tx, Content::of_namespace(namespace.value().id))?;
    let (verb, message) = if contents_only {
        (Verb::KbContentsDelete, "All contents deleted successfully")
    } else {
        question_log::rules::remove_all::<UnansweredQuestion>(tx, namespace.value().id)?;
        question_log::rules::remove_all::<AnsweredQuestion>(tx, namespace.value().id)?;
        tx.remove(id)?;
        (Verb::KbNamespaceDelete, "Namespace deleted succesfully") // sic
    };
    record(tx, by, verb, &namespace)?;
    Ok(Done { success: true, message: message.into() })
}

/// The bots with an action that refers to the knowledge base, except trashed ones.
pub(super) fn chatbots(state: &State, project: Id<Project>, id: &RawId<Namespace>) -> Result<Vec<NamespaceChatbot>> {
    let namespace = find(state, project, id.as_str())?.value().id.to_string();
    let asking = state.tables.faqs.with(Faq::asking(project, &namespace));
    let bots: BTreeSet<_> = asking.map(|faq| faq.value().id_faq_kb).collect();
    let bots = bots.into_iter().filter_map(|bot| state.tables.bots.get(bot)).map(|bot| bot.value());
    Ok(bots.filter(|bot| !bot.trashed).map(|bot| NamespaceChatbot { id: bot.id, name: bot.name.clone() }).collect())
}

pub(super) fn chunks(scope: &ProjectScope, id: &RawId<Namespace>, content: &RawId<Content>) -> Result<Chunks> {
    let now = scope.sandbox.clock.now();
    scope.read(|state| {
        let namespace = find(state, scope.project, id.as_str())?.value();
        let content = content::rules::find(state, scope.project, content)?;
        let content = content.value();
        let found = content.namespace == namespace.id && content.is_found(&namespace, now);
        let matches = if found { split(&content) } else { Vec::new() };
        Ok(Chunks { matches })
    })
}

/// Splits a content item into chunks.
pub(in crate::resource::knowledge) fn split(content: &Content) -> Vec<Chunk> {
    let pieces = paragraphs(content.text()).enumerate();
    pieces
        .map(|(at, text)| Chunk {
            id: format!("{}#{at}", content.id).into(),
            metadata_id: content.id,
            metadata_source: content.source.clone(),
            metadata_type: content.kind,
            date: content.updated_at,
            text: text.into(),
        })
        .collect()
}
