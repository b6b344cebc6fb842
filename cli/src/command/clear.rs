//! `nestkey clear`.

use nestkey::core::{
    call::{Call, Cleared, Outcome, Target, Verb},
    error::{Error, ErrorKind},
    json::Node,
    key::Key,
    layout::{NamespaceId, Params},
    plan::Plan,
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
    let verb = Verb::Clear { strays };
    let calls: Vec<_> =
        places.iter().map(|(target, key)| Call::new(*target, key.clone(), verb.clone())).collect();
    if consent.dry_run {
        let found = server.walk(Plan::dry_walk(&calls), &Progress::start("found", global))?;
        return print(&found, true, strays, out);
    }
    let (place, typed) = match &places[..] {
        [(_, prefix)] => (place(prefix.as_str()), typed(path, prefix.as_str())),
        several => (format!("below {} namespaces", several.len()), path),
    };
    let keys = if strays { "every key" } else { "the layout's keys" };
    confirm::change(consent, &format!("removes {keys} {place}"), typed)?;
    let cleared = server.walk(Plan::walk(&calls), &Progress::start("removed", global))?;
    print(&cleared, false, strays, out)
}

/// The namespaces at a path: one for each combination of the parameters given beside it.
fn places(path: &str, choices: &Choices, server: &Server) -> Result<Vec<(Target, Key)>> {
    let layout = server.root.layout();
    let top = layout.root(&server.prefix)?;
    let place = |given: &Vec<_>| {
        let mut prefix = top.clone();
        match layout.follow(NamespaceId::ROOT, path, Params::Named(given), &mut prefix)? {
            target @ Target::Entry(_) => {
                let message = "`clear` removes the keys of a namespace: `del` removes one key";
                Err(Error::new(ErrorKind::InvalidCall, message)
                    .at_path(layout.path_of(target))
                    .into())
            }
            target => Ok((target, prefix)),
        }
    };
    choices.combinations().iter().map(place).collect()
}

/// What a person types to agree: the path, or what the whole layout stands under.
pub(crate) fn typed<'a>(path: &'a str, prefix: &'a str) -> &'a str {
    match (path, prefix) {
        ("", "") => "everything",
        ("", prefix) => prefix,
        (path, _) => path,
    }
}

/// What stands under a prefix, in the words of a question.
pub(crate) fn place(prefix: &str) -> String {
    match prefix {
        "" => "in the database".to_owned(),
        prefix => format!("below {prefix}"),
    }
}

fn print(outcome: &Outcome, is_dry: bool, with_strays: bool, out: &mut Output) -> Result {
    let Outcome::Cleared(Cleared { removed, strays, .. }) = outcome else { return Ok(()) };
    let json = || {
        Object::default()
            .with("removed", Node::number(removed))
            .with("strays", Node::number(strays))
            .with_flag("dry_run", is_dry)
            .node()
    };
    let keys = if *removed == 1 { "1 key".to_owned() } else { format!("{removed} keys") };
    let gone = if is_dry { "would be removed" } else { "removed" };
    let besides = match (strays, with_strays) {
        (0, _) => String::new(),
        (strays, true) => format!(", {strays} of them strays"),
        (1, false) => ", 1 stray left".to_owned(),
        (strays, false) => format!(", {strays} strays left"),
    };
    out.either(json, format!("{keys} {gone}{besides}"))
}
