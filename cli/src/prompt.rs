//! Secrets that a person types: they do not show.

use std::io::{self, IsTerminal};

use console::Term;
use nestkey::core::value::Plaintext;

use crate::failure::{Failure, Result};

/// How often a secret is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Once,
    /// Nobody sees what was typed, and it is about to be stored: both have to be the same.
    Twice,
}

/// What a person types without seeing it; none where standard input is no terminal.
pub(crate) fn hidden(what: &str, asked: Asked) -> Result<Option<Plaintext>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let terminal = Term::stderr();
    if !terminal.is_term() {
        let message = "there is no terminal to ask on: standard error is none";
        return Err(Failure::usage(message));
    }
    let typed = line(&terminal, &format!("{what}: "))?;
    if asked == Asked::Twice && line(&terminal, "The same again: ")? != typed {
        return Err(Failure::usage("the two are not the same, so nothing was stored"));
    }
    Ok(Some(typed))
}

fn line(terminal: &Term, question: &str) -> Result<Plaintext> {
    let typed = terminal.write_str(question).and_then(|()| terminal.read_secure_line());
    let typed = typed.map_err(|error| Failure::Io { name: "the terminal".to_owned(), error })?;
    // As it stands in memory: nothing is left to be wiped elsewhere.
    let typed = Plaintext::new(typed.into_bytes());
    if typed.expose().is_empty() { Err(Failure::usage("nothing was typed")) } else { Ok(typed) }
}
