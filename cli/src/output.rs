//! Standard output.

use std::{
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Write},
};

use nestkey::core::json::Node;

use crate::failure::{Failure, Result};

/// Standard output, on which a closed pipe ends the command without an error.
pub(crate) struct Output {
    out: Box<dyn Write>,
    /// Whether JSON was asked for.
    pub(crate) json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let out = io::stdout().lock();
        // A terminal shows each line at once.
        let out: Box<dyn Write> =
            if out.is_terminal() { Box::new(out) } else { Box::new(BufWriter::new(out)) };
        Self { out, json }
    }

    pub(crate) fn line(&mut self, line: impl Display) -> Result {
        writeln!(self.out, "{line}").map_err(failure)
    }

    pub(crate) fn text(&mut self, text: &str) -> Result {
        self.out.write_all(text.as_bytes()).map_err(failure)
    }

    /// One line: the JSON if that was asked for, the text otherwise.
    pub(crate) fn either(&mut self, json: impl FnOnce() -> Node, text: impl Display) -> Result {
        if self.json { self.line(json()) } else { self.line(text) }
    }

    pub(crate) fn flush(&mut self) -> Result {
        self.out.flush().map_err(failure)
    }
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::Io { name: "standard output".to_owned(), error },
    }
}
