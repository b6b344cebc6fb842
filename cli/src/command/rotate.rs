//! `nestkey rotate`: seals secrets anew with the primary key.

use nestkey::core::{
    call::{Call, Outcome, Rotated, Target, Verb},
    error::{Error, ErrorKind},
    json::Node,
    key::Key,
    layout::LegacyPlaintext,
    plan::{NoteKind, Plan, Turn},
    types::Kind,
    value::{Form, Keyring},
};

use crate::{
    args::{Global, Rotate},
    call::named,
    command::clear::typed,
    confirm,
    failure::{Exit, Failure, Result},
    file::{self, LayoutFile},
    json::Object,
    keyring,
    output::Output,
    progress::Progress,
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
    let call = server.call(named("rotate", path))?;
    if rotate.consent.dry_run {
        let mut report = Report::new(global);
        let counted = count(&server, path, &mut report)?;
        return report.close(&counted, true, &server, out);
    }
    let primary = primary(server.keyring.as_ref())?;
    let below = call.key.as_str();
    let place = match below {
        "" => "in the database".to_owned(),
        below => format!("below {below}"),
    };
    let what = format!("seals the layout's secrets {place} anew with the key {primary}");
    confirm::change(&rotate.consent, &what, typed(path, below))?;
    let mut report = Report::new(global);
    let outcome = server.drive(Plan::new(call), |turn| report.watch(turn));
    report.progress.clear();
    match outcome.inspect_err(|_| hint_to_go_on(out.json))? {
        Outcome::Rotated(rotated) => report.close(&rotated, false, &server, out),
        _ => Ok(()),
    }
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
fn count(server: &Server, path: &str, report: &mut Report) -> Result<Rotated> {
    let layout = server.root.layout();
    let mut rotated = Rotated::default();
    let mut found = Vec::new();
    for key in server.root.namespace_at(path)?.keys().wait() {
        let key = key?;
        let key = key.as_core();
        if layout.entry(key.entry)?.kind == Kind::Secret {
            let mut resolved = Key::new();
            resolved.push_str(&key.key);
            let call = Call::new(Target::Entry(key.entry), resolved, Verb::KeyId);
            found.push(Plan::new(call));
        }
        if found.len() == LOOKS {
            look(server, std::mem::take(&mut found), &mut rotated, report)?;
        }
    }
    look(server, found, &mut rotated, report)?;
    report.progress.clear();
    Ok(rotated)
}

/// Counts how some secrets are stored, by their first characters.
fn look(server: &Server, found: Vec<Plan>, rotated: &mut Rotated, report: &mut Report) -> Result {
    let Outcome::Many(results) = server.drive(Plan::join(found), |_| {})? else { return Ok(()) };
    for result in results {
        match result {
            Ok(Outcome::Form(form)) => rotated.count(form),
            // It was removed meanwhile.
            Ok(_) => {}
            Err(error) => {
                rotated.failed += 1;
                report.fail(error);
            }
        }
    }
    report.show(rotated);
    Ok(())
}

fn hint_to_go_on(as_json: bool) {
    if !as_json {
        eprintln!("nestkey: started again, it goes on with what is left");
    }
}

/// What is told of a rotation: how far it is, what failed, and what it came to.
struct Report {
    progress: Progress,
    as_json: bool,
    /// For JSON; else each is told at once.
    failures: Vec<Node>,
}

impl Report {
    fn new(global: &Global) -> Self {
        Self {
            progress: Progress::start("looked at", global),
            as_json: global.json,
            failures: Vec::new(),
        }
    }

    /// Tells what a step noted and how far it is.
    fn watch(&mut self, turn: &Turn) {
        for note in &turn.notes {
            if note.kind == NoteKind::NotResealed {
                self.fail(note.error.clone());
            }
        }
        if let Some(Outcome::Rotated(rotated)) = turn.items.last() {
            self.show(rotated);
        }
    }

    fn show(&self, rotated: &Rotated) {
        let Rotated { resealed, failed, .. } = rotated;
        let looked_at = rotated.forms.iter().map(|(_, count)| count).sum::<u64>() + failed;
        self.progress.tell(looked_at, &format!("{resealed} sealed anew, {failed} failed"));
    }

    fn fail(&mut self, error: Error) {
        if self.as_json {
            return self.failures.push(Failure::from(error).to_json());
        }
        let (path, key, code) = (error.path(), error.key(), error.kind().code());
        self.progress.aside(&format!("nestkey: {path}: {key}: {code}: {}", error.message()));
    }

    /// Prints the counts; a rotation with failures has failed.
    fn close(
        mut self,
        rotated: &Rotated,
        is_dry: bool,
        server: &Server,
        out: &mut Output,
    ) -> Result {
        let keyring = server.keyring.as_ref();
        let layout = server.root.layout();
        let reads_plain =
            layout.entries().any(|(_, entry)| entry.legacy_plaintext == LegacyPlaintext::Read);
        let rows = rows(rotated, keyring, reads_plain);
        let count = |fate| rows.iter().filter(|row| row.fate == fate).map(|row| row.count).sum();
        let (stale, lost): (u64, u64) = (count(Fate::Sealed), count(Fate::Lost));
        let failed =
            if is_dry && keyring.is_some() { rotated.failed + lost } else { rotated.failed };
        // Without a primary key nobody can say what another one would have to seal.
        let resealed = match (is_dry, keyring.and_then(Keyring::primary)) {
            (true, None) => None,
            (true, Some(_)) => Some(stale),
            (false, _) => Some(rotated.resealed),
        };
        if out.json {
            let forms = rows.iter().map(|row| (row.form.clone(), Node::number(&row.count)));
            let failures = std::mem::take(&mut self.failures);
            let object = Object::default()
                .with_some("resealed", resealed.map(|count| Node::number(&count)))
                .with("failed", Node::number(&failed))
                .with("forms", Node::object(forms))
                .with_some("failures", (!failures.is_empty()).then(|| Node::array(failures)))
                .with_flag("dry_run", is_dry);
            out.line(object.node())?;
        } else {
            print(&rows, out)?;
            if let Some(resealed) = resealed {
                out.line(said(resealed, failed, is_dry))?;
            } else {
                out.line("no keyring: what would be sealed anew cannot be told")?;
            }
        }
        if failed == 0 { Ok(()) } else { Err(Failure::Said(Exit::No)) }
    }
}

fn said(resealed: u64, failed: u64, is_dry: bool) -> String {
    let secrets = if resealed == 1 { "secret" } else { "secrets" };
    let would = if is_dry { " would be" } else { "" };
    let failed = match (failed, is_dry) {
        (0, _) => String::new(),
        (failed, true) => format!(", {failed} cannot be opened"),
        (failed, false) => format!(", {failed} failed"),
    };
    format!("{resealed} {secrets}{would} sealed anew{failed}")
}

/// How many secrets there are of a form.
struct Row {
    form: String,
    status: &'static str,
    count: u64,
    fate: Fate,
}

/// What a rotation does with secrets of a form.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// They are sealed with the primary key already, or are none.
    Kept,
    /// No key of the keyring opens them.
    Lost,
    /// They are sealed anew.
    Sealed,
}

/// One row for each form: the primary key first, other keys, then what no key has sealed.
fn rows(rotated: &Rotated, keyring: Option<&Keyring>, reads_plain: bool) -> Vec<Row> {
    let status = |form: Form| match (form, keyring) {
        (Form::Sealed(id), Some(keyring)) => {
            keyring.keys().find(|key| key.id() == id).map_or("unknown", |key| key.status().word())
        }
        _ => "",
    };
    let reads_fernet = keyring.is_some_and(Keyring::reads_fernet);
    let fate = |form: Form| match (form, status(form)) {
        (Form::Null, _) | (_, "primary") => Fate::Kept,
        (_, "unknown" | "disabled") => Fate::Lost,
        (Form::Fernet, _) if !reads_fernet => Fate::Lost,
        (Form::Plain, _) if !reads_plain => Fate::Lost,
        _ => Fate::Sealed,
    };
    let order = |form: Form| match form {
        Form::Sealed(_) if status(form) == "primary" => 0,
        Form::Sealed(_) => 1,
        Form::Fernet => 2,
        Form::Plain => 3,
        Form::Null => 4,
    };
    let mut forms = rotated.forms.clone();
    forms.sort_by_key(|(form, _)| (order(*form), form.to_string()));
    let row = |(form, count): (Form, u64)| Row {
        form: form.to_string(),
        status: status(form),
        count,
        fate: fate(form),
    };
    forms.into_iter().map(row).collect()
}

fn print(rows: &[Row], out: &mut Output) -> Result {
    let width = rows.iter().map(|row| row.count.to_string().len()).max().unwrap_or_default();
    rows.iter().try_for_each(|row| {
        let line = format!("{:8}  {:width$}  {}", row.form, row.count, row.status);
        out.line(line.trim_end())
    })
}
