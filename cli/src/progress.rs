//! How far a walk is, on a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::args::Global;

/// A line on standard error that is written over; where that is no terminal, or a trace
/// writes, there is none.
///
/// How many keys a server holds below a prefix nobody knows beforehand, so it has no end to count to.
#[derive(Debug)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn start(global: &Global) -> Self {
        if global.trace {
            return Self(ProgressBar::hidden());
        }
        let spinner = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            spinner.set_style(style);
        }
        spinner.enable_steady_tick(Duration::from_millis(100));
        Self(spinner)
    }

    pub(crate) fn show(&self, text: &str) {
        self.0.set_message(text.to_owned());
    }

    /// Writes a line of its own, which stays.
    pub(crate) fn aside(&self, line: &str) {
        self.0.suspend(|| eprintln!("{line}"));
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
