//! Paging and sorting of lists of knowledge bases. Unlike other lists, they echo the effective query.

use poem_openapi::Object;

use crate::{
    state::query::{Page, skip},
    store::{Direction, Order},
    value::{
        Text,
        primitive::{Number, Numbers},
    },
};

/// Accepted values of the sort direction.
#[derive(Debug)]
pub(crate) enum Directions {}

impl Numbers for Directions {
    const ALL: &'static [i16] = &[1, -1];
}

/// Paging and sorting.
#[derive(Object)]
pub(crate) struct Listing {
    /// Page of results, counted from 0.
    pub(super) page: Option<u32>,
    /// Maximum page size (default 200 for contents, 20 for questions); 0 lists everything.
    limit: Option<u32>,
    /// Field to sort by (default `updatedAt` for contents, `createdAt` for questions).
    #[oai(rename = "sortField")]
    sort_field: Option<Text>,
    /// `1` sorts in ascending order, `-1` (default) in descending order.
    direction: Option<Number<Directions>>,
}

/// Defaults of a list.
pub(super) struct Defaults {
    pub(super) limit: u32,
    /// The field that the table itself is sorted by.
    pub(super) field: &'static str,
}

impl Defaults {
    /// All rows, oldest first.
    pub(super) fn everything(&self) -> Page {
        Page { per_page: self.limit, skip: 0, limit: usize::MAX, order: Order::Default(Direction::Ascending) }
    }
}

impl Listing {
    pub(super) fn limit(&self, defaults: &Defaults) -> u32 {
        self.limit.unwrap_or(defaults.limit)
    }

    pub(super) fn field(&self, defaults: &Defaults) -> Text {
        self.sort_field.clone().unwrap_or_else(|| defaults.field.into())
    }

    pub(super) fn direction(&self) -> i16 {
        self.direction.as_ref().map_or(-1, Number::get)
    }

    /// The table's own order, in the requested direction.
    pub(super) fn default_order(&self) -> Order {
        Order::Default(if self.direction() == 1 { Direction::Ascending } else { Direction::Descending })
    }

    pub(super) fn page(&self, defaults: &Defaults) -> Page {
        let per_page = self.limit(defaults);
        let limit = if per_page == 0 { usize::MAX } else { per_page as usize };
        let order = match (self.default_order(), self.field(defaults)) {
            (Order::Default(direction), field) if &*field != defaults.field => {
                Order::Field(field.to_string(), direction)
            }
            (order, _) => order,
        };
        Page { per_page, skip: skip(self.page, per_page), limit, order }
    }
}
