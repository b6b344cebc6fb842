//! How a command ends when it does not end well.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use nestkey::core::{
    error::{Error, ErrorKind, Issue},
    json::Node,
};

use crate::{
    interrupt,
    json::{self, Object},
    output::say,
};

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The reader of standard output is gone, which is its right.
    Closed,
    /// A file, or a standard stream, that cannot be read or written.
    Io { name: String, error: io::Error },
    /// A layout with problems.
    Layout { file: PathBuf, error: Error },
    /// What core or the server refuses.
    Refused(Error),
    /// Everything has been said already.
    Said(Exit),
    /// Somebody was asked and did not agree.
    Unconfirmed,
    /// A command line that cannot be.
    Usage(String),
}

/// How a command ends that does not end with 0, as `grep` and `diff` have it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Exit {
    /// It was carried out, and the answer is no, or something is left to look at.
    No = 1,
    /// It could not be carried out.
    Error = 2,
    /// What the answer would be about is not there.
    Missing = 3,
    /// A person has interrupted it.
    Interrupted = interrupt::EXIT as isize,
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        let exit = match self {
            Self::Closed => return ExitCode::SUCCESS,
            Self::Said(exit) => *exit,
            Self::Refused(error) if error.kind() == ErrorKind::Cancelled => Exit::Interrupted,
            Self::Refused(error) if error.kind() == ErrorKind::NotOurKey => Exit::No,
            Self::Unconfirmed => Exit::No,
            _ => Exit::Error,
        };
        exit.into()
    }

    /// Prints it on standard error; a password in a URL is never shown.
    pub(crate) fn report(&self, as_json: bool) {
        let mut lines = match self {
            Self::Layout { file, error } if !as_json => problems(file, error),
            _ => Vec::new(),
        };
        lines.push(match self {
            Self::Closed | Self::Said(_) => return,
            _ if as_json => Object::default().with("error", self.to_json()).node().to_string(),
            _ => format!("nestkey: {self}"),
        });
        lines.iter().for_each(|line| say(without_passwords(line)));
    }

    pub(crate) fn to_json(&self) -> Node {
        let object = Object::default();
        match self {
            Self::Layout { file, error } => object
                .with("code", Node::string(error.kind().code()))
                .with("message", Node::string(self.to_string()))
                .with("file", Node::string(file.display().to_string()))
                .with("issues", Node::array(error.issues().iter().map(issue)))
                .with_count("more_issues", error.more_issues()),
            Self::Refused(error) => object
                .with("code", Node::string(error.kind().code()))
                .with("message", Node::string(error.message()))
                .with_text("path", error.path())
                .with_text("key", error.key())
                .with_text("server_code", error.server_code())
                .with("outcome", Node::string(error.outcome().code()))
                .with("retryable", json::truth(error.is_retryable())),
            _ => object
                .with("code", Node::string(self.code()))
                .with("message", Node::string(self.to_string())),
        }
        .node()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Closed | Self::Io { .. } | Self::Said(_) => "io",
            Self::Layout { error, .. } | Self::Refused(error) => error.kind().code(),
            Self::Unconfirmed => "unconfirmed",
            Self::Usage(_) => "usage",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed | Self::Said(_) => Ok(()),
            Self::Io { name, error } if error.kind() == io::ErrorKind::InvalidData => {
                write!(f, "{name}: not UTF-8")
            }
            Self::Io { name, error } => write!(f, "{name}: {error}"),
            Self::Layout { file, error } => match error.issues().len() + error.more_issues() {
                0 => write!(f, "{}: {error}", file.display()),
                1 => write!(f, "{} has a problem", file.display()),
                n => write!(f, "{} has {n} problems", file.display()),
            },
            Self::Refused(error) => write!(f, "{error}"),
            Self::Unconfirmed => f.write_str("not confirmed, so nothing was changed"),
            Self::Usage(message) => f.write_str(message),
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// The problems of a layout, a line for each, and how many more there are.
pub(crate) fn problems(file: &Path, error: &Error) -> Vec<String> {
    let mut lines: Vec<_> = error.issues().iter().map(|issue| located(file, issue)).collect();
    if error.more_issues() > 0 {
        lines.push(format!("{}: and {} more", file.display(), grouped(error.more_issues())));
    }
    lines
}

/// A number with a comma between thousands.
fn grouped(number: usize) -> String {
    indicatif::HumanCount(number as u64).to_string()
}

/// `file:line:column: path: message`.
fn located(file: &Path, issue: &Issue) -> String {
    let separator = if issue.place.is_some() { ":" } else { ": " };
    format!("{}{separator}{issue}", file.display())
}

/// A problem of a layout as `{"line": 3, "column": 9, "path": "age", "message": …}`.
pub(crate) fn issue(issue: &Issue) -> Node {
    Object::default()
        .with_some("line", issue.place.map(|(line, _)| Node::number(&line)))
        .with_some("column", issue.place.map(|(_, column)| Node::number(&column)))
        .with("path", Node::string(&*issue.path))
        .with("message", Node::string(&*issue.message))
        .node()
}

/// Hides what stands between `//` and `@` in each word that is a URL.
pub(crate) fn without_passwords(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("://").map(|at| at + "://".len()) {
        let (before, after) = rest.split_at(start);
        shown.push_str(before);
        let end = after.find(char::is_whitespace).unwrap_or(after.len());
        match after[..end].rfind('@') {
            // The form of a URL, in words, holds no password.
            Some(_) if after.starts_with('[') && after[..end].contains("[user]") => rest = after,
            Some(at) => {
                shown.push_str("***");
                rest = &after[at..];
            }
            None => rest = after,
        }
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_password_is_hidden() {
        for (text, shown) in [
            ("no url", "no url"),
            ("redis://host/0", "redis://host/0"),
            (
                "at redis://u:p@ss@host:1 and rediss://:x@h",
                "at redis://***@host:1 and rediss://***@h",
            ),
            (
                "not of the form redis[s]://[[user]:password@]host[:port]",
                "not of the form redis[s]://[[user]:password@]host[:port]",
            ),
            ("mail a@b, redis://h", "mail a@b, redis://h"),
        ] {
            assert_eq!(without_passwords(text), shown);
        }
    }
}
