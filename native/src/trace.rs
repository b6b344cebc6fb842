//! Spans and events by [`tracing`], under the target `nestkey`.
//!
//! Each call and each pipeline is a span at the level `DEBUG`, from its first step to its end. What
//! a layout lets pass ([`NoteKind`](nestkey_core::plan::NoteKind)) is an event at the level `WARN`
//! inside of it. Without a subscriber that costs one load of an atomic per call.
//!
//! | field | is |
//! |---|---|
//! | `db.system.name` | `redis` |
//! | `db.operation.name` | the command of the first turn; `PIPELINE` or `MULTI` where there are several, with the command's name behind it where all have the same |
//! | `db.operation.batch.size` | how many commands the first turn has, where it has several |
//! | `db.namespace`, `server.address`, `server.port` | the database and the server of the URL |
//! | `error.type`, `otel.status_code` | the [code](nestkey_core::error::ErrorKind::code) of the error it ended with, and `ERROR` |
//! | `db.response.status_code` | the first word of the server's error reply |
//! | `nestkey.call`, `nestkey.path` | what is done (`get_or_set`), on which entry or namespace |
//! | `nestkey.key` | the key, where [`trace_keys`](crate::Client::trace_keys) asks for it; sensitive parameters are hidden |
//! | `otel.kind`, `otel.name` | `client`, and the name of the operation |
//!
//! No stored value, password or URL is in any of them.

use nestkey_core::{
    call::{Call, Target},
    command::{Batch, Command},
    error::Error,
    plan::Note,
};
use tracing::{Level, Span, event, field::Empty, span};

use crate::Root;

/// The span of a call that begins now.
pub(crate) fn call(root: &Root, call: &Call) -> Span {
    let span = begin(root, call.verb.name());
    if !span.is_disabled() {
        let layout = root.layout();
        span.record("nestkey.path", layout.path_of(call.target));
        // Parameters in a prefix cannot be told from its other parts without an entry behind it.
        if let (true, Target::Entry(id)) = (root.client().traces_keys(), call.target) {
            span.record("nestkey.key", layout.shown(id, call.key.as_str(), root.prefix()));
        }
    }
    span
}

/// The span of several calls that begin now.
pub(crate) fn begin(root: &Root, call: &'static str) -> Span {
    let span = span!(
        target: "nestkey",
        Level::DEBUG,
        "call",
        otel.kind = "client",
        otel.name = Empty,
        otel.status_code = Empty,
        db.system.name = "redis",
        db.operation.name = Empty,
        db.operation.batch.size = Empty,
        db.namespace = Empty,
        db.response.status_code = Empty,
        server.address = Empty,
        server.port = Empty,
        "error.type" = Empty,
        nestkey.call = call,
        nestkey.path = Empty,
        nestkey.key = Empty,
    );
    if !span.is_disabled()
        && let Some(server) = root.client().backend().address()
    {
        span.record("server.address", server.host);
        if let Some(port) = server.port {
            span.record("server.port", port);
        }
        span.record("db.namespace", server.database.to_string());
    }
    span
}

/// Names the operation after the first turn of a call.
pub(crate) fn name(span: &Span, batch: &Batch) {
    let name = |command: Command<'_>| {
        let name = command.args().next().map(|name| String::from_utf8_lossy(name.bytes));
        name.unwrap_or_default().into_owned()
    };
    let mut names: Vec<_> = batch.commands().map(name).collect();
    let mut whole = String::from("PIPELINE");
    if batch.groups().first() == Some(&(0..batch.len() as u32)) {
        names.pop();
        // A group begins with the name that belongs here.
        whole = names.remove(0);
    }
    let commands = names.len();
    let name = match &names[..] {
        [] => return,
        [only] => only.clone(),
        [first, others @ ..] if others.iter().all(|other| other == first) => {
            format!("{whole} {first}")
        }
        _ => whole,
    };
    span.record("db.operation.name", &name[..]);
    span.record("otel.name", &name[..]);
    if commands > 1 {
        span.record("db.operation.batch.size", commands);
    }
}

/// Says what a call failed with.
#[cold]
pub(crate) fn failed(span: &Span, error: &Error) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", error.kind().code());
    if !error.server_code().is_empty() {
        span.record("db.response.status_code", error.server_code());
    }
}

/// Tells what a layout let pass.
#[cold]
pub(crate) fn note(span: &Span, root: &Root, note: &Note) {
    let path = root.layout().entry(note.entry).map_or("", |entry| &entry.path);
    event!(
        target: "nestkey",
        parent: span,
        Level::WARN,
        nestkey.path = path,
        nestkey.note = note.kind.code(),
        error.type = note.error.kind().code(),
        "{}",
        note.error.message(),
    );
}
