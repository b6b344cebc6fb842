//! `nestkey clear`.

use indicatif::HumanCount;
use nestkey::core::{
    call::{Call, Cleared, Outcome, Target, Verb},
    json::Node,
    layout::{NamespaceId, Params, Way},
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

/// Removes the keys along one or several ways in one walk, or counts them.
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
    let ways = ways(path, &choices, &server)?;
    let verb = Verb::Clear { strays };
    let calls: Vec<_> = ways.iter().map(|way| Call::walk(way.clone(), verb.clone())).collect();
    if consent.dry_run {
        let found = server.walk(Plan::dry_walk(&calls), &Progress::start("found", global))?;
        return print(&found, true, strays, out);
    }
    confirm::change(consent, typed(path, &ways), || {
        let found = server.walk(Plan::dry_walk(&calls), &Progress::start("found", global))?;
        let Outcome::Cleared(Cleared { removed, .. }) = found else { return Ok(String::new()) };
        let keys = match (removed, strays) {
            (1, false) => "the layout's one key".to_owned(),
            (keys, false) => format!("the layout's {} keys", HumanCount(keys)),
            (keys, true) => format!("{} keys, strays included,", HumanCount(keys)),
        };
        Ok(format!("removes {keys} {}", place(&ways, &server)))
    })?;
    let cleared = server.walk(Plan::walk(&calls), &Progress::start("removed", global))?;
    print(&cleared, false, strays, out)
}

/// The ways along a path: one for each combination of the parameters given beside it.
fn ways(path: &str, choices: &Choices, server: &Server) -> Result<Vec<Way>> {
    let layout = server.root.layout();
    let top = layout.root(&server.prefix)?;
    let way = |given: &Vec<_>| {
        let given = Params::Named(given);
        Ok(layout.way(NamespaceId::ROOT, &top, path, given)?)
    };
    choices.combinations().iter().map(way).collect()
}

/// What a person types to agree: the path, or what the whole layout stands under.
pub(crate) fn typed<'a>(path: &'a str, ways: &'a [Way]) -> &'a str {
    match (path, ways.first().map_or("", |way| way.prefix().as_str())) {
        ("", "") => "everything",
        ("", prefix) => prefix,
        (path, _) => path,
    }
}

/// What stands along some ways, in the words of a question.
pub(crate) fn place(ways: &[Way], server: &Server) -> String {
    let layout = server.root.layout();
    let [way] = ways else { return format!("along {} paths", ways.len()) };
    let end = layout.path_of(way.target());
    match (&way.open_params(layout)[..], way.prefix().as_str(), way.target()) {
        ([], "", Target::Namespace(_)) => "in the database".to_owned(),
        ([], prefix, Target::Namespace(_)) => format!("below {prefix}"),
        ([], _, Target::Entry(_)) => format!("at {end}"),
        (open, _, Target::Namespace(_)) => format!("below {end}, of every {}", open.join(" and ")),
        (open, _, Target::Entry(_)) => format!("of {end}, of every {}", open.join(" and ")),
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
