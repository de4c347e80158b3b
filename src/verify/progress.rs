//! A progress bar on the terminal.

use std::{
    io::{IsTerminal, Write, stderr},
    sync::atomic::{AtomicUsize, Ordering},
};

/// Width of the bar in characters.
const WIDTH: usize = 24;

/// Progress on stderr, if that is a terminal.
pub(super) struct Progress {
    total: usize,
    done: AtomicUsize,
    is_shown: bool,
}

impl Progress {
    pub(super) fn new(total: usize) -> Self {
        Self { total, done: AtomicUsize::new(0), is_shown: stderr().is_terminal() }
    }

    pub(super) fn step(&self, name: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.is_shown {
            // The terminal may be gone.
            let _ = write!(stderr(), "\r\x1b[K{}", line(done, self.total, name));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

fn line(done: usize, total: usize, name: &str) -> String {
    let filled = (done * WIDTH).checked_div(total).unwrap_or(WIDTH).min(WIDTH);
    format!("[{}{}] {done}/{total} {name}", "#".repeat(filled), " ".repeat(WIDTH - filled))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn the_bar_fills_up() {
        assert_eq!(line(0, 4, "a"), "[                        ] 0/4 a");
        assert_eq!(line(2, 4, "get_tag"), "[############            ] 2/4 get_tag");
        assert_eq!(line(4, 4, "z"), "[########################] 4/4 z");
        assert_eq!(line(0, 0, ""), "[########################] 0/0 ");
    }
}
