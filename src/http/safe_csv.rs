//! CSV that spreadsheets do not interpret as formulas (`--safe-csv`).

use csv::{ByteRecord, ReaderBuilder, Terminator, WriterBuilder};

/// Prefixes cells that would be formulas with an apostrophe. Invalid CSV is left unchanged.
pub(super) fn defuse(csv: &[u8]) -> Vec<u8> {
    rewritten(csv).unwrap_or_else(|| csv.to_vec())
}

fn rewritten(csv: &[u8]) -> Option<Vec<u8>> {
    let head = csv.split(|byte| *byte == b'\n').next()?;
    let delimiter = if head.contains(&b';') { b';' } else { b',' };
    let terminator = if head.ends_with(b"\r") { Terminator::CRLF } else { Terminator::Any(b'\n') };
    let mut cells = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(csv);
    let mut safe =
        WriterBuilder::new().flexible(true).delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
    for record in cells.byte_records() {
        let record: ByteRecord = record.ok()?.iter().map(cell).collect();
        safe.write_byte_record(&record).ok()?;
    }
    safe.into_inner().ok()
}

fn cell(cell: &[u8]) -> Vec<u8> {
    let is_number = std::str::from_utf8(cell).is_ok_and(|text| text.parse::<f64>().is_ok());
    // Spreadsheets skip leading spaces.
    let is_formula = matches!(cell.trim_ascii_start().first(), Some(b'=' | b'+' | b'-' | b'@')) && !is_number;
    let is_formula = is_formula || matches!(cell.first(), Some(b'\t' | b'\r' | b'\n'));
    if is_formula { [b"'", cell].concat() } else { cell.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_formulas_are_changed() {
        for (csv, safe) in [
            ("a;b\r\n=1+1;x\r\n", "a;b\r\n'=1+1;x\r\n"),
            ("a,b\n@cmd,-5\n", "a,b\n'@cmd,-5\n"),
            ("a,b\n-x,+x\n\"\t1\",\"a,b\"\n", "a,b\n'-x,'+x\n'\t1,\"a,b\"\n"),
            ("a;b\r\nx=1;\r\n", "a;b\r\nx=1;\r\n"),
            ("a,b\n  =1+1, x\n", "a,b\n'  =1+1, x\n"),
            ("", ""),
        ] {
            assert_eq!(String::from_utf8_lossy(&defuse(csv.as_bytes())), safe, "{csv}");
        }
    }
}
