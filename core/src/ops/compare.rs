//! Writes that depend on what stands there, by script, and the leases that guard computations.

use super::value::{Policy, encode, policy};
use crate::{
    call::Set,
    command::{Batch, Class, CommandWriter},
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

/// Stores a value if what was read still stands there.
pub(crate) fn write_compare_and_set(
    layout: &Layout,
    entry: &Entry,
    key: &Key,
    seen: Option<&[u8]>,
    set: &Set,
    named: Named,
    batch: &mut Batch,
) -> Result<()> {
    let payload = value::fit(&set.value, &entry.ty, &entry.constraints, layout.records())?;
    let writer = script(Builtin::CompareAndSet, named, key, batch)
        .arg(if seen.is_some() { b"1" } else { b"0" })
        .arg(seen.unwrap_or_default())
        .try_arg_with(|out| encode(layout, entry, &payload, out))?;
    match (policy(entry, set), seen) {
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

/// Takes a lease: `SET key token NX PX ms`.
pub(crate) fn write_lease(key: &Key, token: &[u8], ms: u64, batch: &mut Batch) {
    let writer = batch.command("SET", Class::Other).key(key.as_bytes()).arg(token);
    ttl::write_option(writer, false, ms).arg(b"NX");
}
