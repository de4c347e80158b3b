//! Translates the query of a request list into index lookups.

use bytes::Bytes;
use serde_json::json;

use super::{schema::RequestFilter, text};
use crate::{
    identity::Actor,
    render::{self, csv},
    resource::{
        project::document::Project,
        request::{
            document::Request,
            index::RequestIndex,
            rules::{Departments, References, refer, show_plain},
            schema::RequestStatus,
        },
    },
    state::{
        ProjectScope, State,
        query::{self, Page, Selection},
    },
    store::{Doc, Order, Rows, Term, render},
    value::{Decimal, Error, Id, Result, Role},
};

/// Default page size.
const PER_PAGE: u32 = 40;

/// Maximum page size. A larger `limit` counts as the default.
const MOST: u32 = 100;

/// Page size of the CSV export.
const CSV_ROWS: u32 = 100_000;

/// The statuses of a list without a status filter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::resource::request) enum Unless {
    /// Those of requests that are not closed.
    Open,
    /// All statuses, and those whose visitor has not written yet.
    Any,
}

/// The scope of a list.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'a> {
    /// Requests that this member sees: all of them, or those of an agent.
    ByRole(&'a Actor),
    /// Requests that this member opened.
    OpenedBy(&'a Actor),
}

/// A page of requests with their references.
pub(crate) fn list(scope: &ProjectScope, seen: Seen<'_>, filter: &RequestFilter) -> Result<Bytes> {
    scope.read(|state| {
        let (per_page, rows) = select(state, scope.project, seen, filter, Unless::Open)?;
        let items = rows.docs.iter().enumerate().map(|(at, doc)| (doc.json(), (doc, rows.scores.get(at))));
        let count = if filter.no_count == Some(true) { 0 } else { rows.count };
        let mut references = References::new(state, Departments::Alone);
        Ok(render::json::page_of(per_page, count, "requests", items, |item, (doc, score)| {
            if filter.no_populate == Some(true) {
                refer(doc, item);
            } else {
                references.populate(doc, item);
            }
            if let Some(score) = score {
                item.field("score", score.to_string().as_bytes());
            }
        }))
    })
}

/// The requests of a page, and the page size.
pub(in crate::resource::request) fn select<'a>(
    state: &'a State,
    project: Id<Project>,
    seen: Seen<'_>,
    filter: &RequestFilter,
    unless: Unless,
) -> Result<(u32, Rows<'a, Request>)> {
    let page = filter.paging.page_or_default(PER_PAGE, MOST);
    Ok((page.per_page, rows(state, project, seen, (filter, unless), page)?))
}

fn rows<'a>(
    state: &'a State,
    project: Id<Project>,
    seen: Seen<'_>,
    (filter, unless): (&RequestFilter, Unless),
    mut page: Page,
) -> Result<Rows<'a, Request>> {
    if filter.full_text.is_some() && filter.no_textscore != Some(true) {
        page.order = Order::Relevance;
    }
    let mut selection = Selection {
        only: filter.conditions.predicate(),
        range: filter.period.bounds()?.range(),
        ..Selection::of(clauses(project, seen, filter, unless)?)
    };
    let shown = Shown::of(project, filter, unless);
    if let Some(text) = &filter.full_text {
        text::search(&mut selection, state, project, text, |word| shown.with(RequestIndex::FullText, word));
    }
    if selection.all.is_empty() {
        selection.all.push(shown.with(RequestIndex::All, ""));
    }
    Ok(query::select(state, selection, page))
}

/// A header row and one row per request. Free-form objects are left out, and references are shown by name.
pub(super) fn csv(scope: &ProjectScope, seen: Seen<'_>, filter: &RequestFilter) -> Result<Vec<u8>> {
    scope.read(|state| {
        let page = filter.paging.page_or_default(CSV_ROWS, CSV_ROWS);
        let rows = rows(state, scope.project, seen, (filter, Unless::Open), page)?;
        Ok(csv::semicolons(&CSV_COLUMNS, rows.docs.iter().map(|request| row(state, request))))
    })
}

fn row(state: &State, doc: &Doc<Request>) -> Bytes {
    let (tables, links) = (&state.tables, doc.kept());
    let department = links.department.and_then(|department| tables.departments.get(department));
    let lead = links.lead.and_then(|lead| tables.leads.get(lead)).map(|lead| lead.value());
    let names = json!({
        "channel_name": doc.value().channel.name,
        "department_name": department.map(|department| department.value().name.clone()),
        "lead_fullname": lead.as_ref().and_then(|lead| lead.fullname.as_ref()),
        "lead_email": lead.as_ref().and_then(|lead| lead.email.as_ref()),
    });
    let mut whole = render::json::Object::new(&show_plain(doc), 200);
    for (name, value) in names.as_object().into_iter().flatten() {
        whole.field(name, &render(value));
    }
    whole.end()
}

const CSV_COLUMNS: [&str; 34] = [
    "preflight",
    "hasBot",
    "participants",
    "priority",
    "followers",
    "participantsAgents",
    "participantsBots",
    "_id",
    "request_id",
    "requester",
    "first_text",
    "subject",
    "sourcePage",
    "language",
    "userAgent",
    "assigned_at",
    "id_project",
    "createdBy",
    "tags",
    "createdAt",
    "smartAssignment",
    "updatedAt",
    "ticket_id",
    "rating",
    "rating_message",
    "waiting_time",
    "closed_at",
    "closed_by",
    "duration",
    "draft",
    "channel_name",
    "department_name",
    "lead_fullname",
    "lead_email",
];

/// Requests that a list shows by default.
struct Shown {
    project: Id<Project>,
    open: bool,
    early: bool,
}

impl Shown {
    fn of(project: Id<Project>, filter: &RequestFilter, unless: Unless) -> Self {
        let open = filter.status.is_none() && unless == Unless::Open;
        Self { project, open, early: filter.preflight.unwrap_or(unless == Unless::Any) }
    }

    /// Terms of the shown requests with a field value.
    fn with(&self, index: RequestIndex, value: &str) -> Vec<Term> {
        let Self { project, open, early } = *self;
        let shown = Request::with(index, project, open, value);
        [shown].into_iter().chain(early.then(|| Request::early(index, project, open, value))).collect()
    }
}

fn clauses(project: Id<Project>, seen: Seen<'_>, filter: &RequestFilter, unless: Unless) -> Result<Vec<Vec<Term>>> {
    let shown = Shown::of(project, filter, unless);
    let with = |index, value: &str| shown.with(index, value);
    let mut all: Vec<_> = statuses(project, filter, shown.early)?.into_iter().collect();
    // Departs: In lists, agents see the conversations that they serve or could have served, as on the reference server;
    // the documentation mentions only the minimum role.
    match seen {
        Seen::ByRole(by) if by.role() < Role::Admin => {
            all.push(
                by.user().map(|user| with(RequestIndex::SeenBy, &user.to_string())).into_iter().flatten().collect(),
            );
        }
        Seen::ByRole(_) => {}
        Seen::OpenedBy(by) => all.push(with(RequestIndex::Requester, &by.membership.value().id.to_string())),
    }
    let exact = [
        (RequestIndex::TicketId, &filter.ticket_id),
        (RequestIndex::DeptId, &filter.dept_id),
        (RequestIndex::Lead, &filter.lead),
        (RequestIndex::Tags, &filter.tags),
        (
            RequestIndex::SnapLeadEmail,
            if filter.snap_lead_email.is_some() { &filter.snap_lead_email } else { &filter.requester_email },
        ),
        (RequestIndex::SnapLeadLeadId, &filter.snap_lead_lead_id),
    ];
    all.extend(exact.iter().filter_map(|(index, value)| Some(with(*index, value.as_deref()?))));
    if let Some(channel) = &filter.channel {
        let index =
            if matches!(&**channel, "online" | "offline") { RequestIndex::ChannelKind } else { RequestIndex::Channel };
        all.push(with(index, channel));
    }
    if let Some(has_bot) = filter.has_bot.or(filter.hasbot) {
        // Departs: `hasBot=false` lists conversations that no bot serves, unserved ones included, as on the reference
        // server; the documentation says that it lists those served by agents.
        all.push(with(RequestIndex::HasBot, if has_bot { "true" } else { "false" }));
    }
    if let Some(participants) = &filter.participant {
        all.push(participants.iter().flat_map(|participant| with(RequestIndex::Participant, participant)).collect());
    }
    Ok(all)
}

/// One clause for the requested statuses. `None` for all statuses, and for the default, which every other term
/// includes.
fn statuses(project: Id<Project>, filter: &RequestFilter, early: bool) -> Result<Option<Vec<Term>>> {
    let Some(text) = filter.status.as_deref().filter(|text| *text != "all") else { return Ok(None) };
    let statuses = text.split(',').map(|piece| {
        let status = piece.trim().parse().ok().and_then(|number: f64| Decimal::from(number).number()?.as_u64());
        let status = status.and_then(|status| status.try_into().ok()).filter(|status| RequestStatus::is(*status));
        status.ok_or_else(|| {
            Error::invalid_parameter("status", text, "expected 50, 100, 150, 200 or 1000, separated by commas, or all")
        })
    });
    let terms = statuses.map(|status| {
        let status = status?;
        let early = early.then(|| Request::early_of_status(project, status));
        Ok([Request::of_status(project, status)].into_iter().chain(early))
    });
    let terms: Vec<_> = terms.collect::<Result<_>>()?;
    Ok(Some(terms.into_iter().flatten().collect()))
}
