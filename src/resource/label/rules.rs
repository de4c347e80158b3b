//! Rules for labels.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    builtin,
    document::{Labels, Language},
    schema::{ClonedLanguage, NewLanguage},
};
use crate::{
    identity::Principal,
    resource::{project::document::Project, removal::Removal},
    state::{State, Tx},
    store::Doc,
    value::{
        Error, Id, Result, Text,
        error::{ErrorBody, ErrorKind},
    },
};

/// The labels of a project, or an empty object.
pub(super) fn get(state: &State, project: Id<Project>) -> Bytes {
    find(state, project).map_or_else(|| Bytes::from_static(b"{}"), |labels| labels.to_json())
}

fn find(state: &State, project: Id<Project>) -> Option<&Arc<Doc<Labels>>> {
    state.tables.labels.find(Labels::of_project(project))
}

/// A language of a project, or its fallback.
pub(super) fn language(state: &State, project: Id<Project>, lang: &str) -> Language {
    let Some(labels) = find(state, project).map(|labels| labels.value()) else { return builtin::english().clone() };
    let shown = labels.language(lang).or(labels.default_language()).or(labels.language("EN"));
    shown.unwrap_or(builtin::english()).clone()
}

/// The built-in labels of a language.
//
// Departs: A default translation that does not exist returns 404; the reference server returns `null` with 200.
pub(super) fn builtin_language(lang: &str) -> Result<Language> {
    builtin::language(lang).cloned().ok_or_else(unknown_language)
}

fn unknown_language() -> Error {
    Error::not_found(ErrorBody::msg("Lang not found".into()))
}

pub(super) fn write(tx: &mut Tx, by: &Principal, new: NewLanguage) -> Result<Language> {
    let lang = new.lang.clone();
    put(tx, by, new)?;
    Ok(language(tx.state(), tx.project(), &lang))
}

pub(super) fn copy(tx: &mut Tx, by: &Principal, ClonedLanguage { lang }: ClonedLanguage) -> Result<Arc<Doc<Labels>>> {
    let data = builtin::language(&lang).unwrap_or(builtin::english()).data.clone();
    put(tx, by, NewLanguage { lang, data, default: None })
}

/// Adds a language to the labels of the project, or replaces it. The first language creates the document.
fn put(tx: &mut Tx, by: &Principal, new: NewLanguage) -> Result<Arc<Doc<Labels>>> {
    let written =
        Language { id: Some(tx.new_id()), lang: new.lang, data: new.data, category: None, default: Some(false) };
    let lang = written.lang.clone();
    let mut labels = match own(tx) {
        Some(labels) => Labels { version: labels.version + 1, ..labels },
        None => Labels {
            id: tx.new_id(),
            data: Vec::new(),
            attributes: None,
            id_project: tx.project(),
            created_by: by.id(),
            created_at: tx.now(),
            updated_at: tx.now(),
            version: 0,
        },
    };
    // The first language becomes the default. Rewriting the default language leaves the project without one.
    let default = new.default == Some(true) || labels.data.is_empty();
    match labels.data.iter_mut().find(|language| language.lang == lang) {
        Some(known) => *known = written,
        None => labels.data.push(written),
    }
    if default {
        make_default(&mut labels, &lang);
    }
    tx.put(labels)
}

fn make_default(labels: &mut Labels, lang: &Text) {
    for language in &mut labels.data {
        language.default = Some(language.lang == *lang);
    }
}

// Departs: A language that does not exist cannot become the default and returns 404; the reference server returns 200
// and leaves the project without a default language.
pub(super) fn set_default(tx: &mut Tx, lang: &Text) -> Result<Language> {
    let mut labels = own(tx).filter(|labels| labels.language(lang).is_some()).ok_or_else(unknown_language)?;
    make_default(&mut labels, lang);
    labels.version += 1;
    tx.put(labels)?;
    Ok(language(tx.state(), tx.project(), lang))
}

/// Removes a language and returns its fallback.
pub(super) fn delete(tx: &mut Tx, lang: &Text) -> Result<Language> {
    let mut labels = own(tx).ok_or(Error::OBJECT_NOT_FOUND)?;
    if labels.language(lang).ok_or(Error::OBJECT_NOT_FOUND)?.is_default() {
        return Err(Error::new(ErrorKind::Malformed, ErrorBody::msg("You can't delete the default language.".into())));
    }
    labels.data.retain(|language| language.lang != *lang);
    labels.version += 1;
    tx.put(labels)?;
    Ok(language(tx.state(), tx.project(), lang))
}

fn own(tx: &Tx) -> Option<Labels> {
    tx.find(Labels::of_project(tx.project()))
}

pub(super) fn delete_all(tx: &mut Tx) -> Result<Removal> {
    match own(tx) {
        Some(labels) => tx.remove_by_id(labels.id).map(|_| Removal::ONE),
        None => Ok(Removal::NONE),
    }
}
