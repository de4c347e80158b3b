//! What the benchmarks see of the inside: a table of leads, and no more.

use std::hint::black_box;

use crate::{
    http::Page,
    resource::lead::model::Lead,
    store::{Direction, Doc, Order, Query, Table},
    world::{Id, Timestamp, id::IdSource},
};

/// A table of leads in one project.
#[derive(Clone)]
pub struct Leads {
    table: Table<Lead>,
    ids: IdSource,
    project: Id<crate::resource::project::model::Project>,
}

impl Leads {
    /// A table of `count` leads with addresses of their own.
    #[must_use]
    pub fn new(count: usize) -> Self {
        let mut ids = IdSource::new(0, "bench");
        let project = ids.id(Timestamp::from_milliseconds(0));
        let mut leads = Self { table: Table::default(), ids, project };
        (0..count).for_each(|number| leads.add(number));
        leads
    }

    /// Adds one lead.
    pub fn add(&mut self, number: usize) {
        let lead = self.lead(number);
        self.table.put(lead).expect("leads have no unique fields but their ids");
    }

    /// A lead as the API stores it, rendered.
    #[must_use]
    pub fn render(&mut self, number: usize) -> usize {
        Doc::new(self.lead(number)).json().len()
    }

    /// Reads the page of a list, of all leads or of those with one address.
    #[must_use]
    pub fn page(&self, page: usize, email: Option<&str>) -> usize {
        let term = match email {
            None => Lead::of_status(self.project, Lead::NORMAL),
            Some(email) => Lead::with("email", self.project, Lead::NORMAL, email),
        };
        let order = Order::Default(Direction::Descending);
        let Page { skip, limit, order, .. } = Page { per_page: 40, skip: page * 40, limit: 40, order };
        let rows =
            self.table.list(&Query { all: vec![vec![term]], only: None, range: 0..i64::MAX, order, skip, limit });
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
        serde_json::from_value(text).expect("this is a lead")
    }
}
