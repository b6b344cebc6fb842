//! `nestkey fmt`.

use std::{fs, path::PathBuf};

use nestkey::core::{
    error::{Error, ErrorKind},
    json::Node,
};

use crate::{
    args::Global,
    failure::{Exit, Failure, Result},
    file::{self, Language, LayoutFile},
    json::Object,
    output::Output,
    pretty, toml,
};

/// Rewrites the files that do not have their one look, or only names them.
pub(crate) fn run(files: &[PathBuf], check: bool, global: &Global, out: &mut Output) -> Result {
    let mut changed = Vec::new();
    for path in file::all(files, global)? {
        let file = LayoutFile::open(&path)?;
        let text = formatted(&file)?;
        if text == file.text {
            continue;
        }
        let name = path.display().to_string();
        if !check {
            fs::write(&path, text).map_err(|error| Failure::Io { name: name.clone(), error })?;
        }
        if !out.json {
            out.line(&name)?;
        }
        changed.push(Node::string(name));
    }
    let is_clean = changed.is_empty();
    if out.json {
        out.line(Object::default().with("changed", Node::array(changed)).node())?;
    }
    if check && !is_clean { Err(Failure::Said(Exit::No)) } else { Ok(()) }
}

/// The text of a file in its one look, which must not change what it says.
fn formatted(file: &LayoutFile) -> Result<String> {
    let text = match file.language {
        Language::Json => pretty::pretty(&file.tree),
        Language::Toml => toml::formatted(&file.text),
    };
    match file.language.read(&text) {
        // Places aside: they are what formatting changes.
        Ok(tree) if tree.to_string() == file.tree.to_string() => Ok(text),
        _ => {
            let message = format!("{} would no longer say the same", file.path.display());
            Err(Error::new(ErrorKind::Internal, message).into())
        }
    }
}
