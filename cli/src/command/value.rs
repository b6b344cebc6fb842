//! `nestkey get`, `set`, `ttl` and `del`: the calls on one key.

use nestkey::core::{
    call::Target,
    error::{Error, ErrorKind},
    json::{Node, Value},
};

use crate::{
    args::{Consent, Global, SetOptions},
    call::{named, with_value},
    confirm,
    failure::Result,
    json::Object,
    output::Output,
    server::Server,
};

/// Prints the value, its default, or `null`.
pub(crate) fn get(path: &str, global: &Global, out: &mut Output) -> Result {
    out.line(Server::connect(global)?.run(named("get", path))?)
}

/// Prints whether the value was stored, or the value before.
pub(crate) fn set(
    path: &str,
    value: &str,
    options: &SetOptions,
    global: &Global,
    out: &mut Output,
) -> Result {
    let server = Server::connect(global)?;
    let spelling = named("set", path)
        .with_some("ttl", options.ttl.as_deref().map(Node::string))
        .with_some("expire_at", options.expire_at.map(|number| Node::number(&number)))
        .with_some("if", options.condition.as_deref().map(Node::string))
        .with_flag("previous", options.previous);
    let spelling = with_value(spelling, path, value, server.root.layout(), &server.prefix)?;
    out.line(server.run(spelling)?)
}

/// Prints the rest of the key's life, `persist`, or `null`.
pub(crate) fn ttl(path: &str, in_ms: bool, global: &Global, out: &mut Output) -> Result {
    let call = if in_ms { "ttl_ms" } else { "ttl" };
    let rest = Server::connect(global)?.run(named(call, path))?;
    match &rest.value {
        Value::String(word) if !out.json => out.line(word),
        _ => out.line(rest),
    }
}

/// Removes a key, or says whether it is there.
pub(crate) fn del(path: &str, consent: &Consent, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let (target, key) = server.root.layout().resolve(path, &server.prefix)?;
    let Target::Entry(entry) = target else {
        let message = "`del` removes one key: `clear` removes those of a namespace";
        return Err(Error::new(ErrorKind::InvalidCall, message).at_path(path).into());
    };
    let shown = server.root.layout().shown(entry, key.as_str(), &server.prefix);
    let call = if consent.dry_run {
        "exists"
    } else {
        confirm::removal(consent, &shown, path)?;
        "delete"
    };
    let was_there = server.run(named(call, path))?.value == Value::Bool(true);
    let said = match (was_there, consent.dry_run) {
        (true, true) => format!("{shown} would be removed"),
        (true, false) => format!("{shown} is removed"),
        (false, _) => format!("{shown} is not there"),
    };
    let object = || {
        Object::default()
            .with("removed", Node::number(&u8::from(was_there)))
            .with_flag("dry_run", consent.dry_run)
            .node()
    };
    out.either(object, said)
}
