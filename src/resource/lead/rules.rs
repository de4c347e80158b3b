//! Rules for leads.

use std::sync::Arc;

use super::{
    document::{Lead, LeadIndex},
    schema::{LeadExport, LeadFilter, LeadPatch, NewLead},
    segment,
};
use crate::{
    identity::Principal,
    render::csv,
    resource::{lead::author::Author, message},
    state::{
        ProjectScope, Tx,
        event::EventName,
        query::{self, Selection},
    },
    store::Doc,
    value::{Error, JsonObject, RawId, Result, Text, error::ErrorBody, explicit::Explicit, patch::overwrite},
};

/// Default page size.
pub(crate) const PER_PAGE: u32 = 40;

/// Page size of the CSV export.
const CSV_ROWS: u32 = 100_000;

pub(crate) fn selection(scope: &ProjectScope, filter: &LeadFilter) -> Result<Selection<'static, Lead>> {
    select(scope, filter, [filter.status.as_ref().map_or(Lead::NORMAL, |status| status.get().unsigned_abs())])
}

/// Selects the leads that match the filter and have one of `statuses`.
fn select<const N: usize>(
    scope: &ProjectScope,
    filter: &LeadFilter,
    statuses: [u16; N],
) -> Result<Selection<'static, Lead>> {
    let project = scope.project;
    let mut all = Vec::new();
    let mut add = |index, value: Option<&Text>, whatever| {
        if let Some(value) = value {
            let value = if whatever { "" } else { &**value };
            all.push(statuses.iter().map(|status| Lead::with(index, project, *status, value)).collect::<Vec<_>>());
        }
    };
    add(LeadIndex::Email, filter.email.as_ref(), false);
    add(LeadIndex::WithEmail, filter.with_email.as_ref(), true);
    add(LeadIndex::WithFullname, filter.with_fullname.as_ref(), true);
    add(LeadIndex::Tags, filter.tags.as_ref(), false);
    let mut selection = Selection::of(all);
    if let Some(text) = &filter.full_text {
        let with = |word: &str| statuses.map(|status| Lead::with(LeadIndex::FullText, project, status, word));
        selection.search(text, with, |lead: &Lead| lead.texts().map(Text::as_str).collect());
    }
    if let Some(id) = &filter.segment {
        segment::narrow(&mut selection, scope.read(|state| segment::find(state, project, id))?, &statuses);
    }
    if selection.all.is_empty() {
        selection.all.push(statuses.iter().map(|status| Lead::of_status(project, *status)).collect());
    }
    Ok(selection)
}

pub(super) fn create(tx: &mut Tx, by: &Principal, new: NewLead) -> Result<Arc<Doc<Lead>>> {
    let lead_id = new.lead_id.filter(|id| !id.is_empty()).unwrap_or_else(|| tx.new_uuid().into());
    let lead = Lead {
        fullname: new.fullname,
        email: new.email,
        attributes: new.attributes,
        ..Lead::new(tx.new_id(), lead_id, tx.project(), by.id(), tx.now())
    };
    add(tx, lead)
}

fn add(tx: &mut Tx, lead: Lead) -> Result<Arc<Doc<Lead>>> {
    let lead = tx.put(lead)?;
    tx.emit(EventName::LeadCreate, &lead);
    Ok(lead)
}

/// The lead of a conversation's author, created if missing. `attributes` are those of the conversation.
pub(crate) fn of_author(tx: &mut Tx, author: &Author, attributes: Option<&JsonObject>) -> Result<Lead> {
    let identity = &author.identity;
    if let Some(mut lead) = tx.find::<Lead>(Lead::by_lead_id(tx.project(), &identity.id)) {
        if identity.email.is_none() || lead.email == identity.email {
            return Ok(lead);
        }
        overwrite(&mut lead.fullname, identity.fullname.clone());
        overwrite(&mut lead.email, identity.email.clone());
        let lead = tx.put(lead)?.value().into_owned();
        message::system::lead_updated(tx, &lead)?;
        return Ok(lead);
    }
    let lead = Lead {
        fullname: identity.fullname.clone(),
        email: identity.email.clone(),
        phone: Explicit::or_null(identity.phone.clone()),
        attributes: attributes.or(identity.attributes.as_ref()).cloned(),
        ..Lead::new(tx.new_id(), identity.id.clone(), tx.project(), "system".into(), tx.now())
    };
    add(tx, lead).map(|lead| lead.value().into_owned())
}

pub(super) fn update(tx: &mut Tx, id: &RawId<Lead>, patch: LeadPatch) -> Result<Arc<Doc<Lead>>> {
    let mut lead = tx.get(id)?;
    let before = (lead.fullname.clone(), lead.email.clone());
    if let Some(status) = patch.status {
        lead.status = status.get().unsigned_abs();
    }
    overwrite(&mut lead.fullname, patch.fullname);
    overwrite(&mut lead.email, patch.email);
    overwrite(&mut lead.attributes, patch.attributes);
    lead.phone.change(patch.phone);
    overwrite(&mut lead.company, patch.company);
    overwrite(&mut lead.note, patch.note);
    overwrite(&mut lead.street_address, patch.street_address);
    overwrite(&mut lead.city, patch.city);
    overwrite(&mut lead.region, patch.region);
    overwrite(&mut lead.zipcode, patch.zipcode);
    overwrite(&mut lead.country, patch.country);
    if let Some(tags) = patch.tags {
        lead.tags = tags;
    }
    let lead = tx.put(lead)?;
    if (&lead.value().fullname, &lead.value().email) != (&before.0, &before.1) {
        message::system::lead_updated(tx, &lead.value())?;
    }
    Ok(lead)
}

pub(super) fn delete(tx: &mut Tx, id: &RawId<Lead>) -> Result<Arc<Doc<Lead>>> {
    let mut lead = tx.get(id)?;
    lead.status = Lead::DELETED;
    tx.put(lead)
}

pub(super) fn add_tags(tx: &mut Tx, id: &RawId<Lead>, tags: Vec<Text>) -> Result<Arc<Doc<Lead>>> {
    let mut lead = find(tx, id)?;
    for tag in tags {
        if !lead.tags.contains(&tag) {
            lead.tags.push(tag);
        }
    }
    tx.put(lead)
}

pub(super) fn remove_tag(tx: &mut Tx, id: &RawId<Lead>, tag: &Text) -> Result<Arc<Doc<Lead>>> {
    let mut lead = find(tx, id)?;
    lead.tags.retain(|known| known != tag);
    tx.put(lead)
}

pub(super) fn update_attributes(tx: &mut Tx, id: &RawId<Lead>, new: JsonObject) -> Result<Arc<Doc<Lead>>> {
    let mut lead = tx.get(id)?;
    lead.attributes.get_or_insert_default().merge(new);
    tx.put(lead)
}

pub(super) fn update_properties(tx: &mut Tx, id: &RawId<Lead>, new: JsonObject) -> Result<Arc<Doc<Lead>>> {
    let mut lead = tx.get(id)?;
    lead.properties.get_or_insert_default().merge(new);
    tx.put(lead)
}

/// Operations on tags report a missing lead with their own message.
fn find(tx: &Tx, id: &RawId<Lead>) -> Result<Lead> {
    tx.get(id).map_err(|_| Error::not_found(ErrorBody::error(format!("Lead not found with id {id}").into())))
}

/// A header row and one row per lead, without free-form objects and the version.
pub(super) fn csv(scope: &ProjectScope, export: LeadExport) -> Result<Vec<u8>> {
    let page = export.paging.page(CSV_ROWS);
    let filter = LeadFilter { email: export.email, full_text: export.full_text, ..LeadFilter::default() };
    let selection = select(scope, &filter, [Lead::TEMPORARY, Lead::NORMAL])?;
    scope.read(|state| {
        let rows = query::select(state, selection, page);
        Ok(csv::semicolons(&CSV_COLUMNS, rows.docs.iter().map(|doc| doc.json())))
    })
}

const CSV_COLUMNS: [&str; 18] = [
    "tags",
    "status",
    "_id",
    "lead_id",
    "fullname",
    "email",
    "phone",
    "id_project",
    "createdBy",
    "createdAt",
    "updatedAt",
    "company",
    "note",
    "streetAddress",
    "city",
    "region",
    "zipcode",
    "country",
];
