//! `nestkey clear`.

use std::fs;

use nestkey::core::{
    call::Target,
    error::{Error, ErrorKind},
    json::Node,
};

use crate::{
    args::{Consent, Global},
    call::named,
    confirm,
    failure::{Failure, Result},
    json::Object,
    output::Output,
    path,
    progress::Progress,
    server::Server,
};

/// Removes the keys below a namespace, or counts them.
pub(crate) fn run(
    path: &str,
    strays: bool,
    consent: &Consent,
    global: &Global,
    out: &mut Output,
) -> Result {
    let server = Server::connect(global)?;
    let (target, prefix) = server.root.layout().resolve(path, &server.prefix)?;
    if let Target::Entry(_) = target {
        let message = "`clear` removes the keys of a namespace: `del` removes one key";
        return Err(Error::new(ErrorKind::InvalidCall, message)
            .at_path(server.root.layout().path_of(target))
            .into());
    }
    if consent.dry_run {
        let removed = server.walk(vec![named("count", path)], &found(global))?;
        return out.either(|| dry_run(&removed), would_go(&removed, strays));
    }
    confirm::change(consent, &what(prefix.as_str(), strays), typed(path, prefix.as_str()))?;
    let call = named("clear", path).with_flag("strays", strays);
    let cleared = server.walk(vec![call], &removed(global))?;
    let said = said(&cleared, strays);
    out.either(|| cleared, said)
}

/// Removes the keys below several namespaces in one walk, or counts them.
pub(crate) fn several(
    path: &str,
    values: &str,
    strays: bool,
    consent: &Consent,
    global: &Global,
    out: &mut Output,
) -> Result {
    let (param, values) = values
        .split_once('=')
        .ok_or_else(|| Failure::usage("`--where` is a parameter and its values: user_id=1,2,3"))?;
    let listed;
    let values: Vec<&str> = match values.strip_prefix('@') {
        Some(file) => {
            listed = fs::read_to_string(file)
                .map_err(|error| Failure::Io { name: file.to_owned(), error })?;
            listed.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
        }
        None => values.split(',').collect(),
    };
    let server = Server::connect(global)?;
    let spelled = |value: &&str| format!("{path}({param}={})", path::quoted(value));
    let paths: Vec<_> = values.iter().map(spelled).collect();
    if consent.dry_run {
        let calls = paths.iter().map(|path| named("count", path)).collect();
        let removed = server.walk(calls, &found(global))?;
        return out.either(|| dry_run(&removed), would_go(&removed, strays));
    }
    let calls = paths.iter().map(|path| named("clear", path).with_flag("strays", strays));
    let calls: Vec<_> = calls.collect();
    confirm::change(consent, &format!("removes the keys of {} namespaces", paths.len()), path)?;
    let cleared = server.walk(calls, &removed(global))?;
    let said = said(&cleared, strays);
    out.either(|| cleared, said)
}

fn found(global: &Global) -> Progress {
    Progress::start("found", global)
}

fn removed(global: &Global) -> Progress {
    Progress::start("removed", global)
}

fn dry_run(removed: &Node) -> Node {
    Object::default().with("removed", removed.clone()).with_flag("dry_run", true).node()
}

fn would_go(removed: &Node, strays: bool) -> String {
    let besides = if strays { ", and the strays, which are only counted as they go" } else { "" };
    format!("{} would be removed{besides}", keys(&removed.to_string()))
}

/// What a person types to agree: the path, or what the whole layout stands under.
pub(crate) fn typed<'a>(path: &'a str, prefix: &'a str) -> &'a str {
    match (path, prefix) {
        ("", "") => "everything",
        ("", prefix) => prefix,
        (path, _) => path,
    }
}

fn what(prefix: &str, strays: bool) -> String {
    let removes = if strays { "removes every key" } else { "removes the layout's keys" };
    if prefix.is_empty() {
        format!("{removes} in the database")
    } else {
        format!("{removes} below {prefix}")
    }
}

fn said(cleared: &Node, strays: bool) -> String {
    let count = |name: &str| cleared.member(name).map_or_else(String::new, Node::to_string);
    let (removed, seen) = (count("removed"), count("strays"));
    match (&seen[..], strays) {
        ("0", _) => format!("{} removed", keys(&removed)),
        (_, true) => format!("{} removed, {seen} of them strays", keys(&removed)),
        ("1", false) => format!("{} removed, 1 stray left", keys(&removed)),
        (_, false) => format!("{} removed, {seen} strays left", keys(&removed)),
    }
}

fn keys(count: &str) -> String {
    format!("{count} {}", if count == "1" { "key" } else { "keys" })
}
