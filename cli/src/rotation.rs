//! What is told of a rotation: how far it is, what failed, and what it came to.

use std::collections::BTreeMap;

use nestkey::core::{
    call::{Outcome, Rotated},
    error::{self, Error},
    json::Node,
    layout::Entry,
    plan::{NoteKind, Turn},
    value::{Form, Keyring},
};

use crate::{
    args::Global,
    failure::{Exit, Failure, Result},
    json::Object,
    output::Output,
    progress::Progress,
    server::Server,
};

/// A rotation as far as it is known.
pub(crate) struct Report {
    progress: Progress,
    as_json: bool,
    is_dry: bool,
    /// What is known so far.
    rotated: Rotated,
    /// For JSON; else each is told at once.
    failures: Vec<Node>,
    /// How many failed with each code.
    reasons: BTreeMap<&'static str, u64>,
}

impl Report {
    pub(crate) fn new(global: &Global, is_dry: bool) -> Self {
        Self {
            progress: Progress::start("looked at", global),
            as_json: global.json,
            is_dry,
            rotated: Rotated::default(),
            failures: Vec::new(),
            reasons: BTreeMap::new(),
        }
    }

    /// Tells what a step noted and how far it is.
    pub(crate) fn watch(&mut self, turn: &Turn) {
        for note in &turn.notes {
            if note.kind == NoteKind::NotResealed {
                self.fail(note.error.clone());
            }
        }
        if let Some(outcome) = turn.items.last() {
            self.take(outcome);
            self.show();
        }
    }

    /// Counts how some secrets are stored, and those that do not say.
    pub(crate) fn count(&mut self, found: Vec<error::Result<Outcome>>) {
        for found in found {
            match found {
                Ok(Outcome::Form(form)) => self.rotated.count(form),
                // It was removed meanwhile.
                Ok(_) => {}
                Err(error) => {
                    self.rotated.failed += 1;
                    self.fail(error);
                }
            }
        }
        self.show();
    }

    /// Takes over how far it is.
    pub(crate) fn take(&mut self, outcome: &Outcome) {
        if let Outcome::Rotated(rotated) = outcome {
            self.rotated = rotated.clone();
        }
    }

    fn show(&self) {
        let Rotated { resealed, failed, forms, .. } = &self.rotated;
        let looked_at = forms.iter().map(|(_, count)| count).sum::<u64>() + failed;
        self.progress.tell(looked_at, &format!("{resealed} sealed anew, {failed} failed"));
    }

    fn fail(&mut self, error: Error) {
        *self.reasons.entry(error.kind().code()).or_default() += 1;
        if self.as_json {
            return self.failures.push(Failure::from(error).to_json());
        }
        let (path, key, code) = (error.path(), error.key(), error.kind().code());
        self.progress.aside(&format!("nestkey: {path}: {key}: {code}: {}", error.message()));
    }

    /// Prints the counts, those of a rotation that broke off too; one with failures has failed.
    pub(crate) fn close(self, ended: Result, server: &Server, out: &mut Output) -> Result {
        self.progress.clear();
        if ended.is_err() && self.rotated == Rotated::default() {
            return ended;
        }
        let keyring = server.keyring.as_ref();
        let layout = server.root.layout();
        let reads = |reads: fn(&Entry) -> bool| layout.entries().any(|(_, entry)| reads(entry));
        let has_fernet_key = keyring.is_some_and(Keyring::reads_fernet);
        let reads_fernet = has_fernet_key && reads(|entry| entry.legacy.fernet);
        let reads_plain = reads(|entry| entry.legacy.plaintext);
        let rows = rows(&self.rotated, keyring, reads_fernet, reads_plain);
        let count = |fate| rows.iter().filter(|row| row.fate == fate).map(|row| row.count).sum();
        let (stale, lost): (u64, u64) = (count(Fate::Sealed), count(Fate::Lost));
        let is_judged = self.is_dry && keyring.is_some();
        let failed = self.rotated.failed + if is_judged { lost } else { 0 };
        // Without a primary key nobody can say what another one would have to seal.
        let resealed = match (self.is_dry, keyring.and_then(Keyring::primary)) {
            (true, None) => None,
            (true, Some(_)) => Some(stale),
            (false, _) => Some(self.rotated.resealed),
        };
        if out.json {
            out.line(self.to_json(&rows, resealed, failed, ended.as_ref().err()))?;
        } else {
            print(&rows, &self.reasons, out)?;
            out.line(said(resealed, failed, self.is_dry, ended.is_err()))?;
        }
        ended?;
        if failed == 0 { Ok(()) } else { Err(Failure::Said(Exit::No)) }
    }

    fn to_json(
        &self,
        rows: &[Row],
        resealed: Option<u64>,
        failed: u64,
        broke_off: Option<&Failure>,
    ) -> Node {
        let forms = rows.iter().map(|row| (row.form.clone(), Node::number(&row.count)));
        let reasons = self.reasons.iter().map(|(code, count)| (*code, Node::number(count)));
        let has_failures = !self.failures.is_empty();
        Object::default()
            .with_some("resealed", resealed.map(|count| Node::number(&count)))
            .with("failed", Node::number(&failed))
            .with("forms", Node::object(forms))
            .with_some("reasons", has_failures.then(|| Node::object(reasons)))
            .with_some("failures", has_failures.then(|| Node::array(self.failures.iter().cloned())))
            .with_some("error", broke_off.map(Failure::to_json))
            .with_flag("dry_run", self.is_dry)
            .node()
    }
}

fn said(resealed: Option<u64>, failed: u64, is_dry: bool, broke_off: bool) -> String {
    let resealed = match resealed {
        Some(1) if is_dry => "1 secret would be sealed anew".to_owned(),
        Some(1) => "1 secret sealed anew".to_owned(),
        Some(count) if is_dry => format!("{count} secrets would be sealed anew"),
        Some(count) => format!("{count} secrets sealed anew"),
        None => "no keyring: what would be sealed anew cannot be told".to_owned(),
    };
    let failed = match (failed, is_dry) {
        (0, _) => String::new(),
        (failed, true) => format!(", {failed} cannot be opened"),
        (failed, false) => format!(", {failed} failed"),
    };
    let end = match (broke_off, is_dry) {
        (false, _) => "",
        (true, true) => ", then it broke off",
        (true, false) => ", then it broke off: started again, it goes on with what is left",
    };
    format!("{resealed}{failed}{end}")
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
fn rows(
    rotated: &Rotated,
    keyring: Option<&Keyring>,
    reads_fernet: bool,
    reads_plain: bool,
) -> Vec<Row> {
    let status = |form: Form| match (form, keyring) {
        (Form::Sealed(id), Some(keyring)) => {
            keyring.keys().find(|key| key.id() == id).map_or("unknown", |key| key.status().word())
        }
        _ => "",
    };
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

/// A line for each form of secrets, then one for each code that some failed with.
fn print(rows: &[Row], reasons: &BTreeMap<&str, u64>, out: &mut Output) -> Result {
    let forms = rows.iter().map(|row| (&row.form[..], row.count, row.status));
    let lines: Vec<_> =
        forms.chain(reasons.iter().map(|(code, count)| (*code, *count, "failed"))).collect();
    let name_width = lines.iter().map(|(name, ..)| name.len()).max().unwrap_or_default().max(8);
    let width = lines.iter().map(|(_, count, _)| count.to_string().len()).max().unwrap_or_default();
    lines.iter().try_for_each(|(name, count, status)| {
        let line = format!("{name:name_width$}  {count:width$}  {status}");
        out.line(line.trim_end())
    })
}
