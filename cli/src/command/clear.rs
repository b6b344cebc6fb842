//! `nestkey clear`.

use nestkey::core::{
    call::{Call, Target, Verb},
    error::{Error, ErrorKind},
    json::Node,
    key::Key,
    layout::{NamespaceId, Params},
};

use crate::{
    args::{Consent, Global},
    choice::Choices,
    confirm,
    failure::Result,
    json::Object,
    output::Output,
    progress::Progress,
    server::Server,
};

/// Removes the keys below one or several namespaces in one walk, or counts them.
pub(crate) fn run(
    path: &str,
    wheres: &[String],
    strays: bool,
    consent: &Consent,
    global: &Global,
    out: &mut Output,
) -> Result {
    let choices = Choices::read(wheres)?;
    let server = Server::connect(global)?;
    let places = places(path, &choices, &server)?;
    if consent.dry_run {
        let removed = server.walk(&calls(&places, &Verb::Count), &found(global))?;
        return out.either(|| dry_run(&removed), would_go(&removed, strays));
    }
    match &places[..] {
        [(_, prefix)] => {
            let prefix = prefix.as_str();
            confirm::change(consent, &what(prefix, strays), typed(path, prefix))?;
        }
        several => {
            let what = format!("removes the keys of {} namespaces", several.len());
            confirm::change(consent, &what, path)?;
        }
    }
    let cleared = server.walk(&calls(&places, &Verb::Clear { strays }), &removed(global))?;
    let said = said(&cleared, strays);
    out.either(|| cleared, said)
}

/// The namespaces at a path: one for each combination of the parameters given beside it.
fn places(path: &str, choices: &Choices, server: &Server) -> Result<Vec<(Target, Key)>> {
    let layout = server.root.layout();
    let top = layout.root(&server.prefix)?;
    let place = |given: &Vec<_>| {
        let given = Params::Named(given);
        match layout.resolve_below(NamespaceId::ROOT, top.clone(), path, given)? {
            (target @ Target::Entry(_), _) => {
                let message = "`clear` removes the keys of a namespace: `del` removes one key";
                let error = Error::new(ErrorKind::InvalidCall, message);
                Err(error.at_path(layout.path_of(target)).into())
            }
            place => Ok(place),
        }
    };
    choices.combinations().iter().map(place).collect()
}

fn calls(places: &[(Target, Key)], verb: &Verb) -> Vec<Call> {
    places.iter().map(|(target, key)| Call::new(*target, key.clone(), verb.clone())).collect()
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
