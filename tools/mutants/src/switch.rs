//! The runtime of the instrumented program: whether a mutant is on. `MUTANT` is the number of the active mutant; each
//! number queried is written to the file `MUTANT_TRACE` once per process.

use std::{
    env,
    fs::{File, OpenOptions},
    io::Write as _,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

static ON: LazyLock<Option<usize>> = LazyLock::new(|| env::var("MUTANT").ok()?.parse().ok());
static TRACE: LazyLock<Option<File>> =
    LazyLock::new(|| OpenOptions::new().append(true).create(true).open(env::var_os("MUTANT_TRACE")?).ok());
static ASKED: [AtomicBool; 10_000] = [const { AtomicBool::new(false) }; 10_000];

#[inline(never)]
pub(crate) fn mutant(number: usize) -> bool {
    if let Some(mut trace) = TRACE.as_ref()
        && !ASKED[number].swap(true, Relaxed)
    {
        // One write per line: several processes may append.
        let _ = trace.write_all(format!("{number}\n").as_bytes());
    }
    *ON == Some(number)
}
