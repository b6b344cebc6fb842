//! `nestkey get`, `exists`, `set`, `verify`, `ttl` and `del`: the calls on one key.

use nestkey::core::{
    call::{Outcome, Target},
    error::{Error, ErrorKind},
    json::{Node, Value},
    types::Kind,
};

use crate::{
    args::{Consent, Global, SetOptions},
    call::{self, named},
    confirm,
    failure::{Exit, Failure, Result},
    json::Object,
    keyring,
    output::Output,
    server::Server,
};

/// Prints the value, its default, or `null`; secrets only where they are to be revealed.
pub(crate) fn get(
    path: &str,
    reveal: bool,
    exit_missing: bool,
    global: &Global,
    out: &mut Output,
) -> Result {
    let mut server = Server::connect(global)?;
    let (kind, place) = found(&server, path)?;
    let call = match (kind, reveal) {
        (Kind::Password, true) => "reveal",
        (Kind::Password, false) => {
            return Err(Failure::usage(format!(
                "{place}: of a password there is only a hash, which --reveal prints: `nestkey \
                 verify` holds a password against it"
            )));
        }
        (Kind::Secret, false) => {
            return Err(Failure::usage(format!("{place}: this is a secret, --reveal prints it")));
        }
        (Kind::Secret, true) => {
            server.keyring = keyring::given(global)?;
            "get"
        }
        _ => "get",
    };
    let value = match call {
        // A stored null and a default are no missing keys.
        "get" if exit_missing => looked_up(&server, path)?,
        _ => {
            let value = server.run(named(call, path))?;
            let is_missing = exit_missing && value.value == Value::Null;
            if is_missing { Err(value) } else { Ok(value) }
        }
    };
    match value {
        Ok(value) => out.line(value),
        Err(instead) => {
            out.line(instead)?;
            Err(Failure::Said(Exit::Missing))
        }
    }
}

/// The value of a key, or what `get` gives instead of one where the key is missing.
fn looked_up(server: &Server, path: &str) -> Result<std::result::Result<Node, Node>> {
    let call = server.call(named("lookup", path))?;
    let found = server.make(&call)?;
    if let Some(value) = found.member("value") {
        return Ok(Ok(value.clone()));
    }
    let layout = server.root.layout();
    let default = match call.target {
        Target::Entry(id) => layout.entry(id)?.default.clone(),
        Target::Namespace(_) => None,
    };
    let outcome = default.map_or(Outcome::Missing, Outcome::Value);
    let get = server.call(named("get", path))?;
    Ok(Err(outcome.to_json(&get, layout)?))
}

/// Prints whether a key is there; it ends well only if it is.
pub(crate) fn exists(path: &str, global: &Global, out: &mut Output) -> Result {
    let is_there = Server::connect(global)?.run(named("exists", path))?;
    out.line(&is_there)?;
    if is_true(&is_there) { Ok(()) } else { Err(Failure::Said(Exit::No)) }
}

/// Prints whether the value was stored, or the value before.
pub(crate) fn set(
    path: &str,
    value: &str,
    options: &SetOptions,
    global: &Global,
    out: &mut Output,
) -> Result {
    let mut server = Server::connect(global)?;
    if found(&server, path)?.0 == Kind::Secret {
        server.keyring = keyring::given(global)?;
    }
    let spelling = named("set", path)
        .with_some("ttl", options.ttl.as_deref().map(Node::string))
        .with_some("expire_at", options.expire_at.map(|number| Node::number(&number)))
        .with_some("if", options.condition.as_deref().map(Node::string))
        .with_flag("previous", options.previous);
    let call = call::storing(spelling, path, value, server.root.layout(), &server.prefix)?;
    out.line(server.make(&call)?)
}

/// Prints whether the password on standard input is the one; only then it ends well.
pub(crate) fn verify(
    path: &str,
    password: &str,
    upgrade: bool,
    global: &Global,
    out: &mut Output,
) -> Result {
    let server = Server::connect(global)?;
    let spelling = named("verify", path).with_flag("upgrade", upgrade);
    let call = call::verifying(spelling, path, password, server.root.layout(), &server.prefix)?;
    let verdict = server.make(&call)?;
    let word = verdict.member("verdict").and_then(Node::as_str).unwrap_or_default().to_owned();
    let is_weak = verdict.member("wants_upgrade").is_some_and(is_true);
    out.either(|| verdict, &word)?;
    if is_weak && !out.json {
        out.flush()?;
        eprintln!("nestkey: its hash is weaker than the layout wants it: --upgrade replaces it");
    }
    match &word[..] {
        "yes" => Ok(()),
        "missing" => Err(Failure::Said(Exit::Missing)),
        _ => Err(Failure::Said(Exit::No)),
    }
}

/// The kind of what a path leads to, and the path without its parameters, some of which may be
/// sensitive.
fn found(server: &Server, path: &str) -> Result<(Kind, String)> {
    let layout = server.root.layout();
    let (target, _) = layout.resolve(path, &server.prefix)?;
    let kind = match target {
        Target::Entry(id) => layout.entry(id)?.kind,
        Target::Namespace(_) => Kind::Value,
    };
    Ok((kind, layout.path_of(target).to_owned()))
}

fn is_true(node: &Node) -> bool {
    node.value == Value::Bool(true)
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
        return Err(Error::new(ErrorKind::InvalidCall, message)
            .at_path(server.root.layout().path_of(target))
            .into());
    };
    let shown = server.root.layout().shown(entry, key.as_str(), &server.prefix);
    let call = if consent.dry_run {
        "exists"
    } else {
        confirm::change(consent, path, || Ok(format!("removes {shown}")))?;
        "delete"
    };
    let was_there = is_true(&server.run(named(call, path))?);
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
