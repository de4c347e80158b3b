//! Rules for tags.

use std::sync::Arc;

use super::{
    document::ProjectTag,
    schema::{NewProjectTag, ProjectTagPatch},
};
use crate::{
    identity::Principal,
    state::Tx,
    store::Doc,
    value::{RawId, Result, patch::overwrite},
};

/// Page size.
pub(super) const PER_PAGE: u32 = 40;

/// Creates a tag, or returns the one that already has the name.
pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewProjectTag) -> Result<Arc<Doc<ProjectTag>>> {
    if let Some(known) = tx.state().tables.tags.find(ProjectTag::named(tx.project(), &new.tag)) {
        return Ok(known.clone());
    }
    let tag = ProjectTag {
        id: tx.new_id(),
        tag: new.tag,
        color: new.color,
        attributes: new.attributes,
        id_project: tx.project(),
        created_by: by.id(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    tx.put(tag)
}

pub(super) fn update(tx: &mut Tx, id: &RawId<ProjectTag>, patch: ProjectTagPatch) -> Result<Arc<Doc<ProjectTag>>> {
    let mut tag = tx.get(id)?;
    tag.tag = patch.tag.unwrap_or(tag.tag);
    overwrite(&mut tag.color, patch.color);
    overwrite(&mut tag.attributes, patch.attributes);
    tx.put(tag)
}
