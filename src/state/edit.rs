//! Changing single documents of any collection by name, without the rules of the API. Any document that is valid in the
//! fixture format is accepted.

use serde_json::Value;
use serde_path_to_error::Track;

use super::{
    fixture,
    sandbox::Sandbox,
    tables::{Collection, Visit},
    tx::Tx,
};
use crate::{
    resource::project::document::Project,
    store::Table,
    value::{Error, Id, error::ErrorKind, json},
};

/// Why a document was not changed.
pub(crate) enum Unchanged {
    /// There is no such collection or document.
    Unknown,
    /// The document is invalid: a JSON pointer, and the problem there.
    Invalid(String, String),
    /// The commit failed.
    Failed(Error),
}

/// A document to write or to remove.
struct Edit<'a> {
    sandbox: &'a Sandbox,
    name: &'a str,
    id: &'a str,
    /// `None` removes the document.
    text: Option<&'a [u8]>,
    outcome: Result<(), Unchanged>,
}

impl Visit for Edit<'_> {
    fn visit<T: Collection>(&mut self, _: &Table<T>) {
        if T::NAME == self.name {
            self.outcome = self.apply::<T>();
        }
    }
}

impl Edit<'_> {
    fn apply<T: Collection>(&self) -> Result<(), Unchanged> {
        let id = Id::<T>::parse(self.id).ok_or(Unchanged::Unknown)?;
        let change = match self.text {
            Some(text) => Some(parse::<T>(id, text)?),
            None => None,
        };
        let project = change.as_ref().and_then(T::project).filter(|_| T::NAME != Project::NAME);
        let is_stray = |project| self.sandbox.state().tables.projects.get(project).is_none();
        if let Some(project) = project.filter(|project| is_stray(*project)) {
            let found = format!("expected the _id of an existing project, found \"{project}\"");
            return Err(Unchanged::Invalid("/id_project".to_owned(), found));
        }
        self.sandbox
            .write(None, |tx| match change {
                Some(document) => tx.put_as_is(document).map(drop),
                None => remove(tx, id),
            })
            .map_err(
                |error| if error.kind == ErrorKind::NotFound { Unchanged::Unknown } else { Unchanged::Failed(error) },
            )
    }
}

/// Removes a document, and a project with everything that belongs to it.
fn remove<T: Collection>(tx: &mut Tx, id: Id<T>) -> crate::value::Result<()> {
    tx.remove_by_id(id)?;
    if T::NAME == Project::NAME
        && let Some(project) = Id::parse(&id.to_string())
    {
        tx.remove_of_project(project);
    }
    Ok(())
}

fn parse<T: Collection>(id: Id<T>, text: &[u8]) -> Result<T, Unchanged> {
    let mut track = Track::new();
    let mut reader = serde_json::Deserializer::from_slice(text);
    let parsed = T::deserialize(serde_path_to_error::Deserializer::new(&mut reader, &mut track))
        .and_then(|document| reader.end().map(|()| document));
    let mut document =
        parsed.map_err(|error| Unchanged::Invalid(json::pointer(&track.path()), fixture::problem(&error)))?;
    document.normalize();
    document.normalize_frozen().map_err(|error| Unchanged::Invalid(String::new(), fixture::problem(&error)))?;
    let levels = json::levels(text);
    if levels > T::NESTING {
        let found = format!("expected at most {} levels of nesting, found {levels}", T::NESTING);
        return Err(Unchanged::Invalid(String::new(), found));
    }
    if document.id() != id {
        let found = format!("expected \"{id}\", the id in the path, found \"{}\"", document.id());
        return Err(Unchanged::Invalid("/_id".to_owned(), found));
    }
    Ok(document)
}

impl Sandbox {
    /// Writes a document of a collection, existing or new.
    pub(crate) fn put_document(&self, collection: &str, id: &str, document: &Value) -> Result<(), Unchanged> {
        self.edit(collection, id, Some(document.to_string().as_bytes()))
    }

    /// Removes a document of a collection.
    pub(crate) fn remove_document(&self, collection: &str, id: &str) -> Result<(), Unchanged> {
        self.edit(collection, id, None)
    }

    fn edit(&self, name: &str, id: &str, text: Option<&[u8]>) -> Result<(), Unchanged> {
        let mut edit = Edit { sandbox: self, name, id, text, outcome: Err(Unchanged::Unknown) };
        self.state_arc().tables.each(&mut edit);
        edit.outcome
    }
}
