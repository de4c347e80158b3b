//! Row keys, which order the rows of a table.

use std::ops::RangeInclusive;

/// The key of a row: its sort key in milliseconds, and its number among the rows with that sort key.
pub(super) type RowKey = u64;

/// Bits for the number of a row within its millisecond.
const ROWS: u32 = 20;

/// The sort key of a row key.
pub(super) fn position_of(place: RowKey) -> i64 {
    i64::try_from(place >> ROWS).expect("44 bits are less than 63")
}

/// The row keys of a sort key: room for a million rows per millisecond.
pub(super) fn of_position(position: i64) -> RangeInclusive<RowKey> {
    /// The last millisecond with room for its rows, in the year 2527. Later rows all go there, in order of insertion.
    const LAST: u64 = (1 << (64 - ROWS)) - 2;
    let milliseconds = u64::try_from(position).unwrap_or_default().min(LAST);
    milliseconds << ROWS..=((milliseconds + 1) << ROWS) - 1
}

/// The first row key of a sort key.
pub(super) fn first_place(position: i64) -> RowKey {
    *of_position(position).start()
}
