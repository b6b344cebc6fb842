//! Asking before much is changed.

use std::io::{self, BufRead, IsTerminal, Write};

use nestkey::core::json::visible;

use crate::{
    args::Consent,
    failure::{Failure, Result},
};

/// Goes on with `--yes`, or where a person on a terminal types the path; `what` is looked up only
/// where somebody is asked.
pub(crate) fn change(
    consent: &Consent,
    typed: &str,
    what: impl FnOnce() -> Result<String>,
) -> Result {
    if consent.yes {
        return Ok(());
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(Failure::usage("there is no terminal to ask on: say --yes, or --dry-run"));
    }
    let agreed = ask(&what()?, typed, &mut io::stdin().lock(), &mut io::stderr())
        .map_err(|error| Failure::Io { name: "the terminal".to_owned(), error })?;
    if agreed { Ok(()) } else { Err(Failure::Unconfirmed) }
}

fn ask(
    what: &str,
    typed: &str,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<bool> {
    let asked = format!("This {what}. Type {typed} to go on: ");
    write!(output, "{}", visible(&asked))?;
    output.flush()?;
    let mut answer = String::new();
    input.read_line(&mut answer)?;
    Ok(answer.trim() == typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_path_itself_is_agreement() {
        for (answer, agreed) in [
            ("user(1)\n", true),
            (" user(1) \n", true),
            ("y\n", false),
            ("user(2)\n", false),
            ("", false),
        ] {
            let mut shown = Vec::new();
            let asked = ask(
                "removes every key below user(1)",
                "user(1)",
                &mut answer.as_bytes(),
                &mut shown,
            );
            assert_eq!(asked.unwrap(), agreed, "{answer:?}");
            let text = "This removes every key below user(1). Type user(1) to go on: ";
            assert_eq!(String::from_utf8(shown).unwrap(), text);
        }
    }
}
