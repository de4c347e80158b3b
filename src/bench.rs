//! The crate's internals used by the benchmarks: a table of leads, lists of requests, and sandboxes.

use std::hint::black_box;

use poem_openapi::types::ParseFromJSON;

use crate::{
    identity::{Actor, Principal},
    render,
    resource::{
        department::document::Department,
        lead::{
            self,
            document::{Lead, LeadIndex},
            schema::LeadFilter,
        },
        request::{
            document::Request,
            search::{self, schema::RequestFilter},
        },
        team::document::Teammate,
    },
    runtime::clock::ClockSetting,
    state::{
        Collection, ProjectScope, Settings, World, fixture,
        query::{self, Page},
        snapshot::{Snapshot, difference},
    },
    store::{Direction, Doc, Order, Query, Rows, Table},
    value::{Id, Timestamp, id::IdSource},
};

/// A table of leads in one project.
#[derive(Clone)]
pub struct Leads {
    table: Table<Lead>,
    ids: IdSource,
    project: Id<crate::resource::project::document::Project>,
}

impl Leads {
    /// Creates `count` leads with distinct email addresses.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let mut ids = IdSource::new(0, "bench");
        let project = ids.id(Timestamp::from_milliseconds(0));
        let mut leads = Self { table: Table::default(), ids, project };
        (0..count).for_each(|number| leads.add(number));
        leads
    }

    /// Adds a lead.
    pub fn add(&mut self, number: usize) {
        let lead = self.lead(number);
        self.table.put(lead).expect("leads have no unique fields other than their ids");
    }

    /// Renders a lead as the API stores it, and returns its size in bytes.
    #[must_use]
    pub fn render(&mut self, number: usize) -> usize {
        Doc::new(self.lead(number)).json().len()
    }

    /// Reads a page of all leads, or of those with an email address, and returns the total count.
    #[must_use]
    pub fn page(&self, page: usize, email: Option<&str>) -> usize {
        let term = match email {
            None => Lead::of_status(self.project, Lead::NORMAL),
            Some(email) => Lead::with(LeadIndex::Email, self.project, Lead::NORMAL, email),
        };
        let order = Order::Default(Direction::Descending);
        let Page { skip, limit, order, .. } = Page { per_page: 40, skip: page * 40, limit: 40, order };
        let rows = self.table.list(&Query {
            all: vec![vec![term]],
            also: Vec::new(),
            only: None,
            range: 0..i64::MAX,
            order,
            skip,
            limit,
        });
        black_box(&rows.docs);
        rows.count
    }

    fn lead(&mut self, number: usize) -> Lead {
        #[expect(clippy::cast_possible_wrap, reason = "benchmarks count to millions")]
        let moment = Timestamp::from_milliseconds(1_500_000_000_000 + number as i64);
        let text = serde_json::json!({
            "_id": self.ids.id::<Lead>(moment),
            "lead_id": self.ids.uuid().to_string(),
            "fullname": format!("Lead {number}"),
            "email": format!("lead{number}@example.com"),
            "attributes": {"client": "https://www.tiledesk.com", "number": number},
            "id_project": self.project,
            "createdBy": "system",
            "createdAt": moment,
            "updatedAt": moment,
        });
        serde_json::from_value(text).expect("the fields are those of a lead")
    }
}

/// The default world with many additional leads and requests in one project.
pub struct Lists {
    scope: ProjectScope,
    actor: Actor,
    lead: Id<Lead>,
}

impl Lists {
    /// Adds `count` leads and `count` requests. Half of the requests are served, and half are in another department. Of
    /// the leads, `count / 40` have 40 requests each. All subjects contain `hay`, and 40, evenly spread, contain
    /// `needle`.
    #[must_use]
    pub fn new(count: u32) -> Self {
        let mut tables = fixture::parse("seed.json", fixture::DEFAULT).expect("the default world is valid");
        let template = tables.requests.find(Request::by_request_id("support-group-L_OG76RYhR0XFiMf2PK"));
        let template = template.expect("the default world has this request").value().into_owned();
        let project = template.id_project;
        let mut ids = IdSource::new(0, "bench");
        let departments = tables.departments.with(Department::of_project(project));
        let departments: Vec<_> = departments.map(|department| department.value().id).collect();
        let mut made = Leads { table: Table::default(), ids: IdSource::new(0, "leads"), project };
        let leads: Vec<_> = (0..count).map(|number| made.lead(number as usize)).collect();
        for number in 0..count {
            let moment = Timestamp::from_milliseconds(1_600_000_000_000 + i64::from(number));
            let needle = number % (count / 40) == 0;
            let request = Request {
                id: ids.id(moment),
                request_id: format!("bench-{number}").into(),
                ticket_id: 10 + number,
                status: if number % 2 == 0 { Request::SERVED } else { Request::UNSERVED },
                department: Some(departments[number as usize / 2 % departments.len()]),
                lead: Some(leads[(number % (count / 40)) as usize].id),
                subject: Some(if needle { "A needle in hay" } else { "Some hay" }.into()),
                created_at: moment,
                ..template.clone()
            };
            Request::table_mut(&mut tables).put(request).expect("ids are unique");
        }
        let lead = leads[0].id;
        for lead in leads {
            Lead::table_mut(&mut tables).put(lead).expect("ids are unique");
        }
        let user = Id::parse("5ab11c6b83dc240014d46095").expect("24 hexadecimal digits");
        let membership =
            tables.project_users.find(Teammate::of_user(project, user)).expect("the owner is a member").clone();
        let sandbox = World::new(tables, Settings::of(ClockSetting::Real), None).default_sandbox().clone();
        Self {
            scope: ProjectScope { sandbox, project },
            actor: Actor { caller: Principal::User(user), membership },
            lead,
        }
    }

    /// The ID of a lead with 40 requests.
    #[must_use]
    pub fn lead(&self) -> String {
        self.lead.to_string()
    }

    /// Lists requests with the filters in a JSON object, and returns the size of the response in bytes.
    #[must_use]
    pub fn requests(&self, filter: &serde_json::Value) -> usize {
        let filter: RequestFilter = parsed(filter);
        search::rules::list(&self.scope, search::rules::Seen::ByRole(&self.actor), &filter)
            .expect("the filter is valid")
            .len()
    }

    /// Like [`Self::requests`], for leads.
    #[must_use]
    pub fn leads(&self, filter: &serde_json::Value) -> usize {
        let filter: LeadFilter = parsed(filter);
        let selection = lead::rules::selection(&self.scope, &filter).expect("the filter is valid");
        let page = filter.paging.page(lead::rules::PER_PAGE);
        let per_page = page.per_page;
        self.scope.read(|state| {
            let rows: Rows<'_, Lead> = query::select(state, selection, page);
            render::json::page(per_page, rows.count, Lead::NAME, rows.docs.iter().map(|doc| doc.json())).len()
        })
    }
}

fn parsed<T: ParseFromJSON>(filter: &serde_json::Value) -> T {
    T::parse_from_json(Some(filter.clone())).unwrap_or_else(|error| panic!("{}", error.into_message()))
}

/// Sandboxes over the default world with many additional leads.
pub struct Worlds {
    world: World,
}

impl Worlds {
    /// Adds `count` leads to a project.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let mut tables = fixture::parse("seed.json", fixture::DEFAULT).expect("the default world is valid");
        let mut leads = Leads::new(0);
        for number in 0..count {
            Lead::table_mut(&mut tables).put(leads.lead(number)).expect("ids are unique");
        }
        Self { world: World::new(tables, Settings::of(ClockSetting::Real), None) }
    }

    /// Creates a sandbox.
    pub fn sandbox(&mut self, number: usize) {
        black_box(self.world.sandbox(&format!("sandbox-{number}")).expect("the name is valid"));
    }

    /// Takes a snapshot.
    pub fn snapshot(&mut self) {
        let sandbox = self.world.default_sandbox();
        let snapshot = Snapshot { state: sandbox.state().clone(), at: sandbox.clock.now() };
        sandbox.snapshots.keep("one".into(), snapshot);
    }

    /// Restores the snapshot.
    pub fn restore(&mut self) {
        let sandbox = self.world.default_sandbox();
        sandbox.restore(&sandbox.snapshots.get("one").expect("the snapshot was taken").state);
    }

    /// Modifies a lead, and computes the difference from the snapshot.
    pub fn difference(&mut self) {
        let sandbox = self.world.default_sandbox();
        let written = sandbox.write(None, |tx| {
            let mut lead = tx.state().tables.leads.iter().next().expect("there are leads").value().into_owned();
            lead.version += 1;
            tx.put(lead)
        });
        written.expect("the lead exists");
        let before = sandbox.snapshots.get("one").expect("the snapshot was taken").state;
        assert_eq!(difference(&before.tables, &sandbox.state().tables).len(), 1);
    }
}
