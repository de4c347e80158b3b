//! Leads of a segment: which filters an index resolves, and which are evaluated on each lead.

use serde_json::Value;

use super::document::{Lead, LeadIndex};
use crate::{
    resource::{
        project::document::Project,
        segment::{
            document::{Comparison, Matching, Segment, SegmentFilter},
            evaluate::holds,
        },
    },
    state::{State, query::Selection},
    store::Term,
    value::{Error, Id, Result, error::ErrorBody},
};

/// The segment with an identifier from a query.
pub(super) fn find(state: &State, project: Id<Project>, id: &str) -> Result<Segment> {
    let segment = Id::<Segment>::parse(id).and_then(|id| state.tables.segments.get(id)).map(|segment| segment.value());
    let segment = segment.filter(|segment| segment.id_project == project);
    segment
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| Error::not_found(ErrorBody::msg("Error segment not found".into())))
}

/// Keeps the leads of a segment, among those with one of `statuses`.
//
// Departs: A segment combines its filters by `match`, several of one field included, and supports `starts with`; the
// reference server requires all of them, uses the last one of each field, and fails on `starts with`.
pub(super) fn narrow(selection: &mut Selection<'static, Lead>, segment: Segment, statuses: &[u16]) {
    let project = segment.id_project;
    match segment.matching {
        _ if segment.filters.is_empty() => {}
        Matching::All => {
            let indexed = |filter: &SegmentFilter| clauses(filter, project, statuses);
            let (known, unknown): (Vec<_>, Vec<_>) =
                segment.filters.into_iter().partition(|filter| indexed(filter).is_some());
            selection.all.extend(known.iter().filter_map(indexed).flatten());
            if !unknown.is_empty() {
                let all = move |lead: &Value| unknown.iter().all(|filter| holds(filter, lead));
                selection.narrow(move |lead| all(&rendered(lead)));
            }
        }
        Matching::Any => {
            if let Some(terms) = union(&segment.filters, project, statuses) {
                selection.all.push(terms);
            } else {
                let any = move |lead: &Value| segment.filters.iter().any(|filter| holds(filter, lead));
                selection.narrow(move |lead| any(&rendered(lead)));
            }
        }
    }
}

fn rendered(lead: &Lead) -> Value {
    serde_json::to_value(lead).expect("documents have text keys and finite numbers only")
}

/// Index clauses that match exactly the leads that satisfy the filter, or `None` if no index covers it.
fn clauses(filter: &SegmentFilter, project: Id<Project>, statuses: &[u16]) -> Option<Vec<Vec<Term>>> {
    let with = |index, value: &str| {
        Some(vec![statuses.iter().map(|status| Lead::with(index, project, *status, value)).collect()])
    };
    match (&*filter.field, filter.operator, &filter.value) {
        ("email", Comparison::Equal, Value::String(email)) => with(LeadIndex::Email, email),
        ("email", Comparison::IsNotNull, _) => with(LeadIndex::WithEmail, ""),
        ("fullname", Comparison::IsNotNull, _) => with(LeadIndex::WithFullname, ""),
        ("tags", Comparison::Equal, Value::String(tag)) => with(LeadIndex::Tags, tag),
        ("lead_id", Comparison::Equal, Value::String(id)) => {
            let of_status = statuses.iter().map(|status| Lead::of_status(project, *status));
            Some(vec![vec![Lead::by_lead_id(project, id)], of_status.collect()])
        }
        _ => None,
    }
}

/// A single clause that matches exactly the leads that satisfy any of the filters, if indexes cover all of them.
fn union(filters: &[SegmentFilter], project: Id<Project>, statuses: &[u16]) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    for filter in filters {
        match &mut clauses(filter, project, statuses)?[..] {
            [clause] => terms.append(clause),
            _ => return None,
        }
    }
    Some(terms)
}
