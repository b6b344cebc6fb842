//! Writes that depend on what stands there, by script, and the leases that guard computations.

use super::value::Policy;
use crate::{
    command::{Batch, Class, CommandWriter, Role},
    key::Key,
    script::Builtin,
    ttl,
    value::Plaintext,
};

/// How a script is named in a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// By its digest: servers may not know it.
    Digest,
    /// By its whole text.
    Text,
}

/// A write that happens only if what was read still stands there.
#[derive(Clone, Debug)]
pub(crate) struct Swap {
    /// What was read; `None` when the key was missing.
    pub(crate) seen: Option<Plaintext>,
    /// What is to stand there.
    pub(crate) new: Plaintext,
    /// What the stored bytes are to logs.
    pub(crate) role: Role,
    pub(crate) policy: Policy,
}

impl Swap {
    pub(crate) fn write(&self, key: &Key, named: Named, batch: &mut Batch) {
        let (present, seen): (&[u8], &[u8]) = match &self.seen {
            Some(seen) => (b"1", seen.expose()),
            None => (b"0", b""),
        };
        let writer = script(Builtin::CompareAndSet, named, key, batch)
            .arg(present)
            .arg_as(self.role, seen)
            .arg_as(self.role, self.new.expose());
        match (self.policy, &self.seen) {
            (Policy::Fixed { at, ms }, _) => ttl::write_option(writer, at, ms),
            (Policy::OnCreation { ms }, None) => ttl::write_option(writer, false, ms),
            (Policy::Keep | Policy::OnCreation { .. }, _) => writer.arg(b"KEEPTTL"),
            (Policy::None, _) => writer,
        };
    }
}

/// Removes a key if it still holds a text.
pub(crate) fn write_compare_and_delete(key: &Key, text: &[u8], named: Named, batch: &mut Batch) {
    script(Builtin::CompareAndDelete, named, key, batch).arg(text);
}

fn script<'b>(script: Builtin, named: Named, key: &Key, batch: &'b mut Batch) -> CommandWriter<'b> {
    let writer = match named {
        Named::Digest => batch.command("EVALSHA", Class::Other).arg(script.sha1().as_bytes()),
        Named::Text => batch.command("EVAL", Class::Other).arg(script.lua().as_bytes()),
    };
    writer.arg(b"1").key(key.as_bytes())
}

/// The value of a key as it stands there, for who wants to compare it later.
pub(crate) fn write_read(key: &Key, batch: &mut Batch) {
    batch.command("GET", Class::Read).key(key.as_bytes());
}

/// The same for what no log may show.
pub(crate) fn write_read_secret(key: &Key, batch: &mut Batch) {
    batch.command("GET", Class::Read).key(key.as_bytes()).hide_reply();
}

/// How many milliseconds a key has left.
pub(crate) fn write_left(key: &Key, batch: &mut Batch) {
    batch.command("PTTL", Class::Read).key(key.as_bytes());
}

/// Takes a lease: `SET key token NX PX ms`.
pub(crate) fn write_lease(key: &Key, token: &[u8], ms: u64, batch: &mut Batch) {
    let writer = batch.command("SET", Class::Other).key(key.as_bytes()).arg(token);
    ttl::write_option(writer, false, ms).arg(b"NX");
}
