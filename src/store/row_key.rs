//! Where rows are in the default order of their table.

use std::ops::RangeInclusive;

/// The place of a row: its position, and its number among the rows of one position.
pub(super) type RowKey = u64;

/// Bits for the rows of one position.
const ROWS: u32 = 20;

/// The position that a place stands for.
pub(super) fn position_of(place: RowKey) -> i64 {
    i64::try_from(place >> ROWS).expect("44 bits are less than 63")
}

/// The places that a position stands for: its milliseconds, and room for a million rows in each.
pub(super) fn of_position(position: i64) -> RangeInclusive<RowKey> {
    /// The last millisecond that leaves room for its rows, in the year 2527. What is later stays in the order in which it came.
    const LAST: u64 = (1 << (64 - ROWS)) - 2;
    let milliseconds = u64::try_from(position).unwrap_or_default().min(LAST);
    milliseconds << ROWS..=((milliseconds + 1) << ROWS) - 1
}

/// The first place of a position.
pub(super) fn first_place(position: i64) -> RowKey {
    *of_position(position).start()
}
