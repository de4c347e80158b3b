//! Rules for canned responses: visibility and permissions.

use std::sync::Arc;

use super::{
    document::CannedResponse,
    schema::{CannedResponseFilter, CannedResponsePatch, NewCannedResponse},
};
use crate::{
    identity::Actor,
    resource::project::document::Project,
    state::{State, Tx, query::Selection},
    store::Doc,
    value::{
        Error, Id, RawId, Result, Role, Text,
        error::{ErrorBody, ErrorKind},
        patch::overwrite,
    },
};

/// Page size.
pub(super) const PER_PAGE: u32 = 1_000;

/// Selects the shared canned responses and the caller's own.
pub(super) fn visible(
    project: Id<Project>,
    actor: &Actor,
    filter: &CannedResponseFilter,
) -> Selection<'static, CannedResponse> {
    let all = vec![vec![CannedResponse::shared_in(project), CannedResponse::of_user(project, &actor.id())]];
    let mut selection = Selection::of(all);
    if let Some(text) = &filter.full_text {
        let with = |word: &str| [CannedResponse::with_word(project, word)];
        selection.search(text, with, |response: &CannedResponse| response.texts().map(Text::as_str).collect());
    }
    selection
}

pub(super) fn get(
    state: &State,
    project: Id<Project>,
    actor: &Actor,
    id: &RawId<CannedResponse>,
) -> Result<Arc<Doc<CannedResponse>>> {
    let response = state.find(Some(project), id).ok_or(Error::OBJECT_NOT_FOUND)?;
    if response.value().created_by != actor.id() {
        let text = "You are not allowed to get a canned response that is not yours.";
        return Err(Error::forbidden(ErrorBody::msg(text.into())));
    }
    Ok(response.clone())
}

pub(super) fn create(tx: &mut Tx, by: &Actor, new: NewCannedResponse) -> Result<Arc<Doc<CannedResponse>>> {
    let response = CannedResponse {
        id: tx.new_id(),
        title: new.title,
        text: new.text,
        attributes: new.attributes,
        shared: Some(by.role() >= Role::Admin || new.shared == Some(true)),
        status: CannedResponse::LIVE,
        id_project: tx.project(),
        created_by: by.id(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    tx.put(response)
}

pub(super) fn update(
    tx: &mut Tx,
    by: &Actor,
    id: &RawId<CannedResponse>,
    patch: CannedResponsePatch,
) -> Result<Arc<Doc<CannedResponse>>> {
    let mut response = find(tx, by, id, "modify")?;
    overwrite(&mut response.title, patch.title);
    response.text = patch.text.unwrap_or(response.text);
    overwrite(&mut response.attributes, patch.attributes);
    tx.put(response)
}

pub(super) fn delete(tx: &mut Tx, by: &Actor, id: &RawId<CannedResponse>) -> Result<Arc<Doc<CannedResponse>>> {
    let mut response = find(tx, by, id, "delete")?;
    response.status = CannedResponse::DELETED;
    tx.put(response)
}

pub(super) fn delete_physically(tx: &mut Tx, by: &Actor, id: &RawId<CannedResponse>) -> Result<()> {
    let response = find(tx, by, id, "delete")?;
    tx.remove_by_id(response.id).map(drop)
}

/// Finds a canned response, and fails if the caller may not `verb` it.
fn find(tx: &Tx, by: &Actor, id: &RawId<CannedResponse>, verb: &str) -> Result<CannedResponse> {
    let response = tx.get(id).map_err(|_| {
        let text = format!("Canned response not found with id {id} for project {}", tx.project());
        Error::not_found(ErrorBody::error(text.into()))
    })?;
    let own = response.created_by == by.id();
    let refused = |text: String| Err(Error::forbidden(ErrorBody::error(text.into())));
    match by.role() {
        Role::Agent if !own => refused(format!("You are not allowed to {verb} a canned response that is not yours.")),
        Role::Admin | Role::Owner if !response.is_shared() => {
            refused(format!("Not allowed to {verb} a non administration canned response"))
        }
        Role::Supervisor if !own && !response.is_shared() => {
            Err(Error::new(ErrorKind::Banned, ErrorBody::error("Unauthorized".into())))
        }
        _ => Ok(response),
    }
}
