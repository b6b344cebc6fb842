//! The scripts that plans send: a closed set, each as Lua for servers and as Rust for memory.

use alloc::vec::Vec;

use crate::reply::Reply;

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
    /// An error reply of a command ends the script and is its reply.
    pub fn evaluate(
        self,
        keys: &[&[u8]],
        argv: &[&[u8]],
        run: &mut dyn FnMut(&[&[u8]]) -> Reply,
    ) -> Reply {
        let Some(key) = keys.first().copied() else {
            return Reply::error("ERR this script wants one key");
        };
        let found = match run(&[b"GET", key]) {
            Reply::Bulk(found) => Some(found),
            Reply::Nil => None,
            other => return other,
        };
        let reply = match (self, argv) {
            (Self::CompareAndDelete, [text, ..]) if found.as_deref() == Some(*text) => {
                return run(&[b"DEL", key]);
            }
            (Self::CompareAndSet, [expected, text, value, options @ ..]) => {
                let read = (*expected == b"1").then_some(*text);
                if found.as_deref() != read {
                    return Reply::Int(0);
                }
                let mut command: Vec<&[u8]> = Vec::from([&b"SET"[..], key, value]);
                command.extend_from_slice(options);
                run(&command)
            }
            _ => return Reply::Int(0),
        };
        match reply {
            Reply::Error(_) => reply,
            _ => Reply::Int(1),
        }
    }
}
