//! Commands as flat bytes: one buffer, the ends of the arguments, the ends of the commands.

use alloc::vec::Vec;
use core::{fmt, ops::Range};

use crate::{error::Result, quote};

/// Commands to be sent together, in order.
///
/// The bytes of all arguments stand in one buffer. Each argument knows its [`Role`], so that
/// routing needs no table of commands and debug output hides secrets; each command knows its
/// [`Class`], so that retrying needs no table either.
///
/// ```
/// use nestkey_core::command::{Batch, Class};
/// let mut batch = Batch::default();
/// batch.command("SET", Class::Idempotent).key(b"root:user:1:age").arg(b"30").arg(b"EX").int(120);
/// batch.command("GET", Class::Read).key(b"root:project_name");
/// let sent: Vec<_> = batch.commands().map(|c| c.to_string()).collect();
/// assert_eq!(sent, ["SET root:user:1:age 30 EX 120", "GET root:project_name"]);
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Batch {
    bytes: Vec<u8>,
    args: Vec<ArgEnd>,
    commands: Vec<CommandEnd>,
    groups: Vec<Range<u32>>,
    open_group: Option<u32>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct ArgEnd {
    end: u32,
    role: Role,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct CommandEnd {
    args_end: u32,
    class: Class,
    hides_reply: bool,
}

/// What an argument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A key: it decides the slot.
    Key,
    /// Anything else, the command's name included.
    Plain,
    /// Bytes that no log may show.
    Secret,
}

/// What may be done with a command whose reply got lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Carrying it out twice is the same as once.
    Idempotent,
    /// It must not be repeated.
    Other,
    /// It changes nothing, and a replica may answer it.
    Read,
}

impl Batch {
    /// Begins a command; its arguments follow through the writer.
    pub fn command(&mut self, name: &str, class: Class) -> CommandWriter<'_> {
        if self.commands.is_empty() {
            // As much as one command takes as a rule, instead of growing argument by argument.
            self.bytes.reserve(128);
            self.args.reserve(8);
        }
        let args_end = self.args.len() as u32;
        self.commands.push(CommandEnd { args_end, class, hides_reply: false });
        let mut writer = CommandWriter { batch: self };
        writer.push(name.as_bytes(), Role::Plain);
        writer
    }

    /// Begins an atomic group with MULTI; false when one is open already, which then goes on.
    pub fn open_group(&mut self) -> bool {
        if self.open_group.is_some() {
            return false;
        }
        self.open_group = Some(self.commands.len() as u32);
        self.command("MULTI", Class::Other);
        true
    }

    /// Ends the atomic group with EXEC.
    pub fn close_group(&mut self) {
        if let Some(start) = self.open_group.take() {
            self.command("EXEC", Class::Other);
            self.groups.push(start..self.commands.len() as u32);
        }
    }

    /// The atomic groups as ranges of commands, each from its MULTI to its EXEC.
    #[must_use]
    pub fn groups(&self) -> &[Range<u32>] {
        &self.groups
    }

    /// How many commands there are, MULTI and EXEC included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Whether there are commands, all of which change nothing: they can be sent once more.
    #[must_use]
    pub fn only_reads(&self) -> bool {
        !self.is_empty() && self.commands.iter().all(|command| command.class == Class::Read)
    }

    /// The bytes of all arguments together.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Forgets the commands and keeps the room, unless it is large.
    pub fn clear(&mut self) {
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.args.clear();
        self.commands.clear();
        self.groups.clear();
        self.open_group = None;
    }

    /// Whether an atomic group is open.
    #[must_use]
    pub fn in_group(&self) -> bool {
        self.open_group.is_some()
    }

    /// The present end, for [`Self::rollback`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            bytes: self.bytes.len(),
            args: self.args.len(),
            commands: self.commands.len(),
            groups: self.groups.len(),
            open_group: self.open_group,
        }
    }

    /// Forgets everything written since the mark.
    pub fn rollback(&mut self, mark: &Mark) {
        self.bytes.truncate(mark.bytes);
        self.args.truncate(mark.args);
        self.commands.truncate(mark.commands);
        self.groups.truncate(mark.groups);
        self.open_group = mark.open_group;
    }

    /// The commands in order.
    pub fn commands(&self) -> impl ExactSizeIterator<Item = Command<'_>> {
        (0..self.commands.len()).map(|index| Command { batch: self, index })
    }
}

/// How large a room is kept for the commands to come.
const KEPT: usize = 1 << 20;

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.commands()).finish()
    }
}

/// A place in a batch to go back to.
#[derive(Clone, Debug)]
pub struct Mark {
    bytes: usize,
    args: usize,
    commands: usize,
    groups: usize,
    open_group: Option<u32>,
}

/// Writes the arguments of one command.
#[derive(Debug)]
pub struct CommandWriter<'a> {
    batch: &'a mut Batch,
}

impl CommandWriter<'_> {
    /// A key.
    pub fn key(mut self, key: &[u8]) -> Self {
        self.push(key, Role::Key);
        self
    }

    /// A plain argument.
    pub fn arg(mut self, arg: &[u8]) -> Self {
        self.push(arg, Role::Plain);
        self
    }

    /// An argument that no log may show.
    pub fn secret(self, arg: &[u8]) -> Self {
        self.arg_as(Role::Secret, arg)
    }

    /// An argument of any role.
    pub fn arg_as(mut self, role: Role, arg: &[u8]) -> Self {
        self.push(arg, role);
        self
    }

    /// An integer in decimal.
    pub fn int(self, value: i64) -> Self {
        self.arg_with(|out| {
            crate::key::write_int(value.unsigned_abs(), value < 0, |digits| {
                out.extend_from_slice(digits)
            })
        })
    }

    /// A plain argument that writes itself behind what the buffer holds.
    pub fn arg_with(mut self, write: impl FnOnce(&mut Vec<u8>)) -> Self {
        write(&mut self.batch.bytes);
        self.end(Role::Plain);
        self
    }

    /// The same for an argument of any role that may turn out impossible to write.
    ///
    /// # Errors
    ///
    /// Whatever `write` answers; the batch then has to be rolled back.
    pub fn try_arg_with(
        mut self,
        role: Role,
        write: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<Self> {
        write(&mut self.batch.bytes)?;
        self.end(role);
        Ok(self)
    }

    /// Says that no log may show the reply.
    pub fn hide_reply(self) -> Self {
        if let Some(command) = self.batch.commands.last_mut() {
            command.hides_reply = true;
        }
        self
    }

    fn push(&mut self, bytes: &[u8], role: Role) {
        self.batch.bytes.extend_from_slice(bytes);
        self.end(role);
    }

    fn end(&mut self, role: Role) {
        self.batch.args.push(ArgEnd { end: self.batch.bytes.len() as u32, role });
        if let Some(command) = self.batch.commands.last_mut() {
            command.args_end = self.batch.args.len() as u32;
        }
    }
}

/// One command of a batch.
#[derive(Clone, Copy)]
pub struct Command<'a> {
    batch: &'a Batch,
    index: usize,
}

impl<'a> Command<'a> {
    /// What may be done with it when its reply gets lost.
    #[must_use]
    pub fn class(&self) -> Class {
        self.batch.commands[self.index].class
    }

    /// Whether no log may show its reply.
    #[must_use]
    pub fn hides_reply(&self) -> bool {
        self.batch.commands[self.index].hides_reply
    }

    /// The arguments, the name first.
    pub fn args(&self) -> impl ExactSizeIterator<Item = Arg<'a>> + use<'a> {
        let batch = self.batch;
        let first = self.index.checked_sub(1).map_or(0, |i| batch.commands[i].args_end as usize);
        (first..batch.commands[self.index].args_end as usize).map(|i| {
            let start = i.checked_sub(1).map_or(0, |i| batch.args[i].end as usize);
            let ArgEnd { end, role } = batch.args[i];
            Arg { bytes: &batch.bytes[start..end as usize], role }
        })
    }
}

/// One argument of a command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Arg<'a> {
    /// The bytes as they are sent.
    pub bytes: &'a [u8],
    /// What it is.
    pub role: Role,
}

/// The command as a person would type it into `redis-cli`, quoted where that splits or reads words
/// otherwise; secrets are hidden.
impl fmt::Display for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, arg) in self.args().enumerate() {
            f.write_str(if i > 0 { " " } else { "" })?;
            write!(f, "{arg:?}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Command<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// As in a command.
impl fmt::Debug for Arg<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.role == Role::Secret {
            return write!(f, "<secret {} B>", self.bytes.len());
        }
        quote::for_redis_cli(self.bytes, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn arguments_are_quoted_as_redis_cli_reads_them() {
        for (argument, shown) in [
            (&b"root:user:1:age"[..], "root:user:1:age"),
            (br"root:a\*:*", r"root:a\*:*"),
            (b"", r#""""#),
            (br#"{"__type__": "int", "value": 30}"#, r#"'{"__type__": "int", "value": 30}'"#),
            (br#"{"a":1}"#, r#"'{"a":1}'"#),
            ("Zoë".as_bytes(), "'Zoë'"),
            (b"it's", r"'it\'s'"),
            (br#"a\nb "c""#, r#"'a\nb "c"'"#),
            (br" \", r#"" \\""#),
            (b"a\n\"b\"\x00\xff\x7f", r#""a\n\"b\"\x00\xff\x7f""#),
            ("\u{202e}x".as_bytes(), r#""\xe2\x80\xaex""#),
        ] {
            let mut batch = Batch::default();
            batch.command("SET", Class::Other).arg(argument);
            let line = batch.commands().next().unwrap().to_string();
            assert_eq!(line.strip_prefix("SET ").unwrap(), shown);
        }
    }
}
