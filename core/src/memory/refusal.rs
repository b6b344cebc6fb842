use alloc::{borrow::Cow, format, string::String, vec::Vec};

use crate::reply::Reply;

/// What a command answers, or why it is refused.
pub(super) type Answer = Result<Reply, Refusal>;

/// An error reply in the server's own words, its code first.
#[derive(Debug)]
pub(super) struct Refusal(Cow<'static, str>);

impl Refusal {
    pub(super) const OOM: Self =
        Self::new("OOM command not allowed when used memory > 'maxmemory'.");
    pub(super) const NOT_AN_INTEGER: Self =
        Self::new("ERR value is not an integer or out of range");
    pub(super) const SYNTAX: Self = Self::new("ERR syntax error");

    pub(super) const fn new(line: &'static str) -> Self {
        Self(Cow::Borrowed(line))
    }

    pub(super) fn arity(command: &str) -> Self {
        Self(format!("ERR wrong number of arguments for '{command}' command").into())
    }

    pub(super) fn expire_time(command: &str) -> Self {
        Self(format!("ERR invalid expire time in '{command}' command").into())
    }

    /// A text that quotes what the client sent, as `Unsupported option %s` does.
    ///
    /// An error reply is one line, so line ends inside become spaces.
    pub(super) fn quoting(line: &[u8]) -> Self {
        let one_line: Vec<u8> =
            line.iter().map(|&b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }).collect();
        Self(String::from_utf8_lossy(&one_line).into_owned().into())
    }

    /// The same refusal as the reason why a transaction is given up.
    pub(super) fn aborting(self) -> Self {
        let reason = self.0.strip_prefix("ERR ").unwrap_or(&self.0);
        Self(format!("EXECABORT Transaction discarded because of: {reason}").into())
    }
}

impl From<Refusal> for Reply {
    #[cold]
    fn from(refusal: Refusal) -> Self {
        Self::error(&refusal.0)
    }
}
