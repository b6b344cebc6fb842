//! What is printed. Whatever a line quotes, it stays one line and moves no cursor.

use std::{
    fmt::Display,
    io::{self, BufWriter, IsTerminal, Write},
};

use nestkey::core::json::{Node, visible};

use crate::failure::{Failure, Result};

/// Standard output, on which a closed pipe ends the command without an error.
pub(crate) struct Output {
    out: Box<dyn Write>,
    is_terminal: bool,
    /// Whether JSON was asked for.
    pub(crate) json: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let out = io::stdout().lock();
        let is_terminal = out.is_terminal();
        // A terminal shows each line at once.
        let out: Box<dyn Write> =
            if is_terminal { Box::new(out) } else { Box::new(BufWriter::new(out)) };
        Self { out, is_terminal, json }
    }

    /// One line. JSON means the same with more of it escaped, so this holds for values as well.
    pub(crate) fn line(&mut self, line: impl Display) -> Result {
        writeln!(self.out, "{}", visible(&line.to_string())).map_err(failure)
    }

    /// Lines that belong together.
    pub(crate) fn lines(&mut self, lines: impl Display) -> Result {
        lines.to_string().lines().try_for_each(|line| self.line(line))
    }

    /// The text of a file, which is what it is where it goes into one.
    pub(crate) fn text(&mut self, text: &str) -> Result {
        if self.is_terminal {
            return self.lines(text.replace('\t', "    "));
        }
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

/// One line on standard error.
pub(crate) fn say(line: impl Display) {
    eprintln!("{}", visible(&line.to_string()));
}

fn failure(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::Closed,
        _ => Failure::Io { name: "standard output".to_owned(), error },
    }
}
