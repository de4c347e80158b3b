//! Rules for segments.

use std::sync::Arc;

use super::{
    document::{Matching, Segment, SegmentFilter},
    schema::{NewSegment, SegmentPatch},
};
use crate::{
    identity::Principal,
    state::Tx,
    store::Doc,
    value::{
        Error, RawId, Result,
        error::{ErrorBody, ErrorKind, Location, Violation},
    },
};

/// Default page size.
pub(super) const PER_PAGE: u32 = 40;

pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewSegment) -> Result<Arc<Doc<Segment>>> {
    let filters = new.filters.unwrap_or_default();
    complete(&filters)?;
    let segment = Segment {
        id: tx.new_id(),
        name: new.name,
        matching: new.matching.map_or(Matching::default(), |word| word.0),
        filters,
        status: Segment::LIVE,
        id_project: tx.project(),
        created_by: by.id(),
        created_at: tx.now(),
        updated_at: tx.now(),
        version: 0,
    };
    tx.put(segment)
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Segment>, patch: SegmentPatch) -> Result<Arc<Doc<Segment>>> {
    if let Some(filters) = &patch.filters {
        complete(filters)?;
    }
    let mut segment = tx.get(id)?;
    segment.name = patch.name.unwrap_or(segment.name);
    segment.matching = patch.matching.map_or(segment.matching, |word| word.0);
    segment.filters = patch.filters.unwrap_or(segment.filters);
    tx.put(segment)
}

/// Every filter needs a value, even if its operator ignores it.
fn complete(filters: &[SegmentFilter]) -> Result<()> {
    match filters.iter().position(|filter| filter.value.is_null()) {
        None => Ok(()),
        Some(at) => {
            let field = format!("filters.{at}.value");
            let violation = Violation { value: None, field, location: Location::Body, reason: None, msg: None };
            Err(Error::new(ErrorKind::Invalid, ErrorBody::Fields(vec![violation])))
        }
    }
}

pub(super) fn delete(tx: &mut Tx, id: &RawId<Segment>) -> Result<Arc<Doc<Segment>>> {
    let mut segment = tx.get(id)?;
    segment.status = Segment::DELETED;
    tx.put(segment)
}
