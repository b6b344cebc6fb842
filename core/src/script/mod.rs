//! The scripts that plans send: a closed set, each as Lua for servers and as Rust for memory.

use alloc::{format, string::String, vec::Vec};

use crate::reply::{Reply, ServerError};

/// A script of nestkey's own.
///
/// Servers know it by the SHA-1 of its text; the memory store by evaluating it here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Builtin {
    /// Removes a key if it holds a given text: `KEYS[1]`, `ARGV[1]` the text. Answers 1 or 0.
    CompareAndDelete,
    /// Sets a key if it still holds what was read: `KEYS[1]`; `ARGV[1]` is `1` and `ARGV[2]` what
    /// was read, or `0` when the key was missing; `ARGV[3]` the new value, then options of `SET`.
    /// Answers 1 or 0.
    CompareAndSet,
}

impl Builtin {
    /// Every script.
    pub const ALL: &'static [Self] = &[Self::CompareAndDelete, Self::CompareAndSet];

    /// The Lua text, as `EVAL` takes it.
    #[must_use]
    pub const fn lua(self) -> &'static str {
        match self {
            Self::CompareAndDelete => include_str!("compare_and_delete.lua"),
            Self::CompareAndSet => include_str!("compare_and_set.lua"),
        }
    }

    /// The SHA-1 of the text in lowercase hex, as `EVALSHA` takes it.
    #[must_use]
    pub const fn sha1(self) -> &'static str {
        match self {
            Self::CompareAndDelete => "c89cee65b7ab260d98c281f3c3eb6fa7c992cdd2",
            Self::CompareAndSet => "b63d83dd55482805f77119371a5b44ab3b15d4dd",
        }
    }

    /// The script of that text.
    #[must_use]
    pub fn of_lua(text: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|script| script.lua().as_bytes() == text)
    }

    /// The script of that SHA-1, in either case.
    #[must_use]
    pub fn of_sha1(digest: &[u8]) -> Option<Self> {
        let matches = |script: &Self| script.sha1().as_bytes().eq_ignore_ascii_case(digest);
        Self::ALL.iter().copied().find(matches)
    }

    /// Does what the Lua text does; `run` carries a command out.
    ///
    /// An error reply of a command ends the script and is its reply, with the place in the script as
    /// a server tells it.
    pub fn evaluate(
        self,
        keys: &[&[u8]],
        argv: &[&[u8]],
        run: &mut dyn FnMut(&[&[u8]]) -> Reply,
    ) -> Reply {
        self.execute(keys, argv, run).unwrap_or_else(|Failure { line, error }| {
            let place = format!(" script: {}, on @user_script:{line}.", self.sha1());
            Reply::Error(ServerError { detail: error.detail + &place, ..error })
        })
    }

    fn execute(
        self,
        keys: &[&[u8]],
        argv: &[&[u8]],
        run: &mut dyn FnMut(&[&[u8]]) -> Reply,
    ) -> Result<Reply, Failure> {
        let mut call = |line, command: &[Option<&[u8]>]| {
            let Some(command) = command.iter().copied().collect::<Option<Vec<_>>>() else {
                return Err(Failure { line, error: no_text() });
            };
            match run(&command) {
                Reply::Error(error) => Err(Failure { line, error }),
                reply => Ok(reply),
            }
        };
        let key = keys.first().copied();
        let found = match call(1, &[Some(b"GET"), key])? {
            Reply::Bulk(found) => Some(found),
            _ => None,
        };
        match self {
            Self::CompareAndDelete
                if found.is_some() && found.as_deref() == argv.first().copied() =>
            {
                call(2, &[Some(b"DEL"), key])
            }
            Self::CompareAndDelete => Ok(Reply::Int(0)),
            Self::CompareAndSet => {
                let is_as_read = match argv.first() {
                    Some(&b"1") => found.is_some() && found.as_deref() == argv.get(1).copied(),
                    _ => found.is_none(),
                };
                if !is_as_read {
                    return Ok(Reply::Int(0));
                }
                let mut command = Vec::from([Some(&b"SET"[..]), key, argv.get(2).copied()]);
                command.extend(argv.iter().skip(3).copied().map(Some));
                call(9, &command).map(|_| Reply::Int(1))
            }
        }
    }
}

/// An error that ends a script, and the line of its text.
struct Failure {
    line: u32,
    error: ServerError,
}

/// What Lua says of a key or argument that is not there.
fn no_text() -> ServerError {
    ServerError {
        code: String::from("ERR"),
        detail: String::from("Lua redis lib command arguments must be strings or integers"),
    }
}
