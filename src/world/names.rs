//! References by name or handle.

use std::collections::HashMap;

use super::{
    collection::Collection,
    draft::{Draft, plain},
};
use crate::value::{Id, suggest};

/// The documents of a world by their handles and names.
#[derive(Default)]
pub(super) struct Names(HashMap<&'static str, HashMap<String, Vec<Named>>>);

/// A named document.
#[derive(Clone, Copy)]
struct Named {
    draft: usize,
    strength: Strength,
}

/// How specific a name is. The most specific one wins.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    Handle,
    Name,
    Nickname,
}

impl Names {
    pub(super) fn new(drafts: &[Draft]) -> Self {
        let mut names = Self::default();
        for (at, draft) in drafts.iter().enumerate() {
            let all = names.0.entry(draft.collection.name).or_default();
            let mut add = |name: &str, strength| {
                all.entry(key(name)).or_default().push(Named { draft: at, strength });
            };
            draft.handle.iter().for_each(|handle| add(handle, Strength::Handle));
            draft.collection.names_of(&draft.fields).iter().for_each(|name| add(name, Strength::Name));
            draft.collection.nickname_of(&draft.fields).iter().for_each(|name| add(name, Strength::Nickname));
        }
        names
    }

    /// The document of a collection with a name or handle, within a project if documents belong to one.
    pub(super) fn get(
        &self,
        drafts: &[Draft],
        collection: &Collection,
        project: Option<usize>,
        name: &str,
    ) -> Option<usize> {
        match self.all(drafts, collection, project, name)[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Like [`Self::get`], with the reason if there is no such document or more than one.
    pub(super) fn find(
        &self,
        drafts: &[Draft],
        collection: &Collection,
        project: Option<usize>,
        name: &str,
    ) -> Result<usize, String> {
        let all = self.all(drafts, collection, project, name);
        match all[..] {
            [only] => Ok(only),
            [] => {
                let near =
                    drafts.iter().filter(|draft| draft.collection.name == collection.name && is_near(draft, project));
                let names = |draft: &Draft| {
                    draft.handle.iter().cloned().chain(collection.names_of(&draft.fields)).collect::<Vec<_>>()
                };
                let known: Vec<_> = near.flat_map(names).collect();
                let hint = suggest::closest(&plain(name), known.iter().map(String::as_str));
                let hint = hint.map(|known| format!("; did you mean `{known}`?")).unwrap_or_default();
                let (article, one) = (article(collection.one), collection.one);
                Err(format!("expected {article} {one} by name, handle, or _id, found string {name:?}{hint}"))
            }
            _ => Err(format!(
                "expected a unique name, found string {name:?}, which {} documents in `{}` have; use a handle or an _id",
                all.len(),
                collection.name
            )),
        }
    }

    /// The documents for which a name is most specific.
    pub(super) fn all(
        &self,
        drafts: &[Draft],
        collection: &Collection,
        project: Option<usize>,
        name: &str,
    ) -> Vec<usize> {
        let all = self.0.get(collection.name).and_then(|all| all.get(&key(name)));
        let mut found: Vec<_> =
            all.into_iter().flatten().filter(|named| is_near(&drafts[named.draft], project)).collect();
        found.sort_by_key(|named| named.strength);
        let best = found.first().map(|named| named.strength);
        let mut found: Vec<_> =
            found.into_iter().filter(|named| Some(named.strength) == best).map(|named| named.draft).collect();
        found.dedup();
        found
    }
}

/// Whether a document belongs to a project, or to none.
fn is_near(draft: &Draft, project: Option<usize>) -> bool {
    draft.project.is_none() || project.is_none() || draft.project == project
}

/// Whether a text is an identifier rather than a name.
pub(super) fn is_id(text: &str) -> bool {
    Id::<()>::parse(text).is_some()
}

fn key(name: &str) -> String {
    plain(name).to_lowercase()
}

fn article(noun: &str) -> &'static str {
    if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}
