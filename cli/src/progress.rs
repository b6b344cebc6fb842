//! How far a long walk over the keyspace is.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{args::Global, output::say};

/// A line on standard error that is drawn over and over, and gone when this is dropped.
///
/// There is none where standard error is no terminal, or where it shows a trace. It has no end to
/// count to: how many keys a server holds below a prefix nobody knows beforehand.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// Nothing was done so far; `done` is what happens to keys, such as `removed`.
    pub(crate) fn start(done: &'static str, global: &Global) -> Self {
        let target = match global.trace {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr(),
        };
        Self::on(target, done)
    }

    /// Says with how many keys it is done, and what else there is to say, such as `3 strays`.
    pub(crate) fn tell(&self, keys: u64, besides: &str) {
        self.bar.set_position(keys);
        let done = self.bar.prefix();
        let besides = if besides.is_empty() { String::new() } else { format!(", {besides}") };
        let (keys, rate) = (HumanCount(keys), HumanCount(self.bar.per_sec() as u64));
        // `⠙ 12,000 keys removed, 3 strays, 48,000 a second`
        self.bar.set_message(format!("{keys} keys {done}{besides}, {rate} a second"));
    }

    /// Writes a line of its own, which stays.
    pub(crate) fn aside(&self, line: &str) {
        self.bar.suspend(|| say(line));
    }

    /// Takes the line away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn on(target: ProgressDrawTarget, done: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(None, target).with_prefix(done);
        bar.set_style(style());
        // The server may think for long about a page without keys.
        bar.enable_steady_tick(Duration::from_millis(100));
        let progress = Self { bar };
        progress.tell(0, "");
        progress
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// A line that is cut off where the terminal ends.
fn style() -> ProgressStyle {
    let style = ProgressStyle::with_template("{spinner} {wide_msg}");
    style.unwrap_or_else(|_| ProgressStyle::default_spinner())
}

#[cfg(test)]
mod tests {
    use indicatif::InMemoryTerm;

    use super::*;

    #[test]
    fn a_terminal_shows_one_line_that_is_gone_in_the_end() {
        let terminal = InMemoryTerm::new(10, 80);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let progress = Progress::on(target, "removed");
        progress.tell(1_000, "");
        progress.tell(12_000, "3 strays");
        progress.bar.force_draw();
        let shown = terminal.contents();
        assert!(shown.contains(" 12,000 keys removed, 3 strays, "), "{shown}");
        assert!(shown.trim_end().ends_with(" a second") && shown.lines().count() == 1, "{shown}");
        drop(progress);
        assert_eq!(terminal.contents(), "");
    }

    #[test]
    fn a_narrow_terminal_shows_what_fits_on_one_line() {
        let terminal = InMemoryTerm::new(10, 24);
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(terminal.clone()), 255);
        let progress = Progress::on(target, "removed");
        progress.tell(12_000_000, "3 strays");
        progress.bar.force_draw();
        let shown = terminal.contents();
        assert!(shown.contains(" 12,000,000 keys remov"), "{shown}");
        assert_eq!(shown.lines().count(), 1, "{shown}");
        drop(progress);
        assert_eq!(terminal.contents(), "");
    }
}
