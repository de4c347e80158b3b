//! CSV tables. The reference server writes them with two libraries: most tables with semicolons, a few with commas.

use serde_json::Value;

use crate::value::{Error, Result};

/// A semicolon-separated table with a header and one row per JSON document. As in the reference server, it has only the
/// columns that are present in the first document; without documents, it has all of them.
pub(crate) fn semicolons(columns: &[&str], documents: impl IntoIterator<Item: AsRef<[u8]>>) -> Vec<u8> {
    let mut documents = documents.into_iter().map(|document| parsed(document.as_ref())).peekable();
    let has = |column: &&str| documents.peek().is_none_or(|first| first.get(*column).is_some());
    let columns: Vec<_> = columns.iter().copied().filter(has).collect();
    let rows = documents.map(|document| columns.iter().map(|column| cell(document.get(*column))).collect());
    semicolons_of_rows(&columns, rows)
}

/// A semicolon-separated table with a header. Texts are quoted; numbers and texts that look like numbers are not.
pub(crate) fn semicolons_of_rows(columns: &[&str], rows: impl Iterator<Item = Vec<Option<String>>>) -> Vec<u8> {
    let mut table = columns.join(";");
    table.push_str("\r\n");
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            if at > 0 {
                table.push(';');
            }
            match cell {
                Some(text) if text.parse().is_ok_and(f64::is_finite) => table.push_str(text),
                Some(text) => table.extend(["\"", &text.replace('"', "\"\""), "\""]),
                None => {}
            }
        }
        table.push_str("\r\n");
    }
    table.into()
}

/// A comma-separated table with a header and one row per JSON document. `columns` maps headings to fields.
pub(crate) fn commas(columns: &[(&str, &str)], documents: impl IntoIterator<Item: AsRef<[u8]>>) -> Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    let header = csv.write_record(columns.iter().map(|(name, _)| name));
    let written = header.and_then(|()| {
        documents.into_iter().try_for_each(|document| {
            let document = parsed(document.as_ref());
            csv.write_record(columns.iter().map(|(_, field)| cell(document.get(*field)).unwrap_or_default()))
        })
    });
    written.and_then(|()| csv.into_inner().map_err(|error| error.into_error().into())).map_err(|_| Error::INTERNAL)
}

fn parsed(document: &[u8]) -> Value {
    serde_json::from_slice(document).expect("documents are rendered JSON")
}

/// Formats a value as a cell: text verbatim, lists joined with commas.
pub(crate) fn cell(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => Some(items.iter().filter_map(|item| cell(Some(item))).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTS: [&str; 2] = [
        r#"{"name":"Ada \"K\"","phone":"+39","tags":["a","b"],"note":null,"n":1}"#,
        r#"{"name":"a;b","tags":[],"company":"x"}"#,
    ];

    #[test]
    fn semicolon_tables_have_the_columns_of_the_first_row_and_quoted_texts() {
        let columns = ["tags", "name", "company", "phone", "note", "n"];
        let table = "tags;name;phone;note;n\r\n\"a,b\";\"Ada \"\"K\"\"\";+39;;1\r\n\"\";\"a;b\";;;\r\n";
        assert_eq!(String::from_utf8_lossy(&semicolons(&columns, DOCUMENTS)), table);
        assert_eq!(semicolons(&["a", "b"], [""; 0]), b"a;b\r\n");
    }

    #[test]
    fn comma_tables_have_all_columns_and_quote_only_where_needed() {
        let table = commas(&[("Name", "name"), ("Tags", "tags"), ("Note", "note")], DOCUMENTS).expect("a table");
        assert_eq!(String::from_utf8_lossy(&table), "Name,Tags,Note\n\"Ada \"\"K\"\"\",\"a,b\",\na;b,,\n");
    }
}
