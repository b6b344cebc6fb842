//! `nestkey rotate`: seals secrets anew with the primary key.

use nestkey::core::{
    call::{Call, Outcome, Target, Verb},
    error::{Error, ErrorKind},
    key::Key,
    layout::{NamespaceId, Params},
    plan::Plan,
    value::{Form, Keyring},
};

use crate::{
    args::{Global, Rotate},
    command::clear::{place, typed},
    confirm,
    failure::Result,
    file::{self, LayoutFile},
    keyring,
    output::Output,
    rotation::Report,
    server::Server,
};

/// How many secrets a dry run looks at with one turn.
const LOOKS: usize = 500;

/// Seals the secrets below a namespace anew, or counts with which keys they are sealed.
pub(crate) fn run(rotate: &Rotate, global: &Global, out: &mut Output) -> Result {
    let (file, path) = file_and_path(rotate);
    let load = || match file {
        Some(file) => LayoutFile::open(file.as_ref())?.layout(),
        None => LayoutFile::named(global)?.layout(),
    };
    let mut server = Server::connect_with(load, global)?;
    server.keyring = keyring::given(global)?;
    let layout = server.root.layout();
    let top = layout.root(&server.prefix)?;
    let way = layout.way(NamespaceId::ROOT, &top, path, Params::Positional(&[]))?;
    let call = Call::walk(way.clone(), Verb::Rotate);
    if rotate.consent.dry_run {
        let mut report = Report::new(global, true);
        let counted = count(&server, call, &mut report);
        return report.close(counted, &server, out);
    }
    let primary = primary(server.keyring.as_ref())?;
    let ways = [way];
    confirm::change(&rotate.consent, typed(path, &ways), || {
        let place = place(&ways, &server);
        Ok(format!("seals the layout's secrets {place} anew with the key {primary}"))
    })?;
    let mut report = Report::new(global, false);
    let outcome = server.drive(Plan::new(call), |turn| {
        report.watch(turn);
        Ok(())
    });
    let ended = outcome.map(|outcome| report.take(&outcome));
    report.close(ended, &server, out)
}

/// The first word is a layout's file where there are two, or where it is called like one.
fn file_and_path(rotate: &Rotate) -> (Option<&str>, &str) {
    match (rotate.first.as_deref(), rotate.path.as_deref()) {
        (Some(file), Some(path)) => (Some(file), path),
        (Some(file), None) if file::is_layout(file.as_ref()) => (Some(file), ""),
        (first, _) => (None, first.unwrap_or_default()),
    }
}

/// The key that seals, without which there is nothing to begin.
fn primary(keyring: Option<&Keyring>) -> Result<Form> {
    let message = match keyring.map(Keyring::primary) {
        Some(Some(key)) => return Ok(Form::Sealed(key.id())),
        Some(None) => "a keyring without a primary key seals nothing: `nestkey keyring new`",
        None => "rotating wants a keyring: --keyring FILE, or NESTKEY_KEYRING",
    };
    Err(Error::new(ErrorKind::NoKeyring, message).into())
}

/// Looks at every secret, and changes none.
fn count(server: &Server, call: Call, report: &mut Report) -> Result {
    let mut found = Vec::new();
    server.drive(Plan::dry_walk(&[call]), |turn| {
        found.extend(turn.items.iter().filter_map(key_id));
        while found.len() >= LOOKS {
            look(server, found.drain(..LOOKS).collect(), report)?;
        }
        Ok(())
    })?;
    look(server, found, report)
}

/// The plan that tells how the secret is stored whose key was found.
fn key_id(found: &Outcome) -> Option<Plan> {
    let Outcome::Key(found) = found else { return None };
    let mut key = Key::new();
    key.push_str(&found.key);
    Some(Plan::new(Call::new(Target::Entry(found.entry), key, Verb::KeyId)))
}

/// Counts how some secrets are stored, by their first characters.
fn look(server: &Server, found: Vec<Plan>, report: &mut Report) -> Result {
    if let Outcome::Many(results) = server.drive(Plan::join(found), |_| Ok(()))? {
        report.count(results);
    }
    Ok(())
}
