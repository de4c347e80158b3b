//! Tables in CSV, as they are written.

/// The rows of a table in CSV with their line ends, which quoted cells may also contain.
pub(super) fn rows(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    text.split_inclusive(move |letter| {
        is_quoted ^= letter == '"';
        letter == '\n' && !is_quoted
    })
}

/// The cells of a row as they are written.
pub(super) fn cells(row: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    let cells = row.split(|letter| {
        is_quoted ^= letter == '"';
        letter == separator && !is_quoted
    });
    cells.collect()
}

/// The value of a cell.
pub(super) fn plain(cell: &str) -> String {
    let quoted = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
    quoted.map_or_else(|| cell.to_owned(), |cell| cell.replace("\"\"", "\""))
}
