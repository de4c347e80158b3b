//! A million leads from a fixture file: load time and memory.

#![expect(clippy::print_stdout, reason = "prints the result table")]

#[path = "http/process.rs"]
mod process;

use std::{
    fs::File,
    io::{BufWriter, Write},
    thread,
    time::{Duration, Instant},
};

use process::Process;
use tiledesk_mock::fixtures;

const LEADS: u32 = 1_000_000;
const ROUNDS: usize = 5;
/// Time after which the allocator has returned unused memory.
const REST: Duration = Duration::from_secs(3);

fn main() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("world.json");
    let (file, lead) = write(&path).expect("the world can be written");
    let path = path.to_str().expect("the path is a string");
    let (mut seconds, mut peaks, mut each) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let empty = Process::fake(&["--webhooks", "off"]);
        let start = Instant::now();
        let full = Process::fake(&["--webhooks", "off", "--fixtures", path]);
        seconds.push(start.elapsed().as_secs_f64());
        let page = full.request("GET", "/v3/5b55e806c93dde00143163dd/leads?limit=1&email=lead999999@example.com", "");
        assert!(page.starts_with(r#"{"perPage":1,"count":1,"#), "the last lead is missing: {page}");
        thread::sleep(REST);
        peaks.push(full.megabytes("VmHWM") * 1024.0 * 1024.0 / file);
        each.push((full.megabytes("VmRSS") - empty.megabytes("VmRSS")) * 1024.0 * 1024.0 / f64::from(LEADS) - lead);
    }
    println!("| import of {LEADS} leads, {:.0} MB | measured | target |\n|---|---|---|", file / 1e6);
    println!("| seconds until the server listens | {} | ≤ 10 |", spread(seconds));
    println!("| peak RSS ÷ file size | {} | ≤ 3 |", spread(peaks));
    println!("| memory per lead in bytes beyond its {lead:.0} bytes of JSON | {} | ≤ 700 |", spread(each));
}

/// Writes the default world with `LEADS` more leads; returns the size of the file and of a lead in bytes.
fn write(path: &std::path::Path) -> std::io::Result<(f64, f64)> {
    const LEADS_START: &str = "\"leads\":[";
    let world = fixtures::dump(None).expect("the default world is valid");
    let (before, after) = world.split_once(LEADS_START).expect("the default world has leads");
    let mut file = BufWriter::new(File::create(path)?);
    write!(file, "{before}{LEADS_START}")?;
    let mut bytes = 0;
    for number in 0..LEADS {
        let lead = format!(
            "{{\"_id\":\"{:024x}\",\"lead_id\":\"{number:08}-82f2-4a4a-8c5a-6f7e8d9c0b1a\",\"fullname\":\"Lead {number}\",\
             \"email\":\"lead{number}@example.com\",\"attributes\":{{\"client\":\"https://www.tiledesk.com\",\"number\":{number}}},\
             \"tags\":[],\"status\":100,\"id_project\":\"5b55e806c93dde00143163dd\",\"createdBy\":\"system\",\
             \"createdAt\":\"2020-09-13T12:26:40.000Z\",\"updatedAt\":\"2020-09-13T12:26:40.000Z\",\"__v\":0}}",
            0x5f5e_1000_u128 << 64 | u128::from(number)
        );
        bytes += lead.len();
        writeln!(file, "{lead},")?;
    }
    write!(file, "{after}")?;
    let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    #[expect(clippy::cast_precision_loss, reason = "files are smaller than 52 bits of bytes")]
    Ok((file.metadata()?.len() as f64, bytes as f64 / f64::from(LEADS)))
}

fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    format!("{:.2} ({:.2}–{:.2})", values[values.len() / 2], values[0], values[values.len() - 1])
}
