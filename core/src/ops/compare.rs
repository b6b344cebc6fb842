//! Writes that depend on what stands there, by script, and the leases that guard computations.

use alloc::vec::Vec;

use super::value::{Policy, encode, policy};
use crate::{
    call::Set,
    command::{Batch, Class, CommandWriter, Role},
    error::Result,
    key::Key,
    layout::{Entry, Layout},
    script::Builtin,
    ttl, value,
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
pub(crate) struct Swap<'a> {
    pub(crate) key: &'a Key,
    /// What was read; `None` when the key was missing.
    pub(crate) seen: Option<&'a [u8]>,
    pub(crate) named: Named,
    /// What the stored bytes are to logs.
    pub(crate) role: Role,
}

impl Swap<'_> {
    /// Writes the script with the new bytes; the options of its `SET` may follow.
    pub(crate) fn write<'b>(
        &self,
        batch: &'b mut Batch,
        encode: impl FnOnce(&mut Vec<u8>) -> Result<()>,
    ) -> Result<CommandWriter<'b>> {
        let seen = self.seen.unwrap_or_default();
        script(Builtin::CompareAndSet, self.named, self.key, batch)
            .arg(if self.seen.is_some() { b"1" } else { b"0" })
            .try_arg_with(self.role, |out| {
                out.extend_from_slice(seen);
                Ok(())
            })?
            .try_arg_with(self.role, encode)
    }
}

/// Stores a value if what was read still stands there.
pub(crate) fn write_compare_and_set(
    layout: &Layout,
    entry: &Entry,
    swap: &Swap<'_>,
    set: &Set,
    batch: &mut Batch,
) -> Result<()> {
    let payload = value::fit(&set.value, &entry.ty, &entry.constraints, layout.records())?;
    let writer = swap.write(batch, |out| encode(layout, entry, &payload, out))?;
    match (policy(entry, set.expiry, set.condition), swap.seen) {
        (Policy::Fixed { at, ms }, _) => ttl::write_option(writer, at, ms),
        (Policy::OnCreation { ms }, None) => ttl::write_option(writer, false, ms),
        (Policy::Keep | Policy::OnCreation { .. }, _) => writer.arg(b"KEEPTTL"),
        (Policy::None, _) => writer,
    };
    Ok(())
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

/// Takes a lease: `SET key token NX PX ms`.
pub(crate) fn write_lease(key: &Key, token: &[u8], ms: u64, batch: &mut Batch) {
    let writer = batch.command("SET", Class::Other).key(key.as_bytes()).arg(token);
    ttl::write_option(writer, false, ms).arg(b"NX");
}
