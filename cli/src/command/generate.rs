//! `nestkey gen`.

use std::path::PathBuf;

use crate::{
    args::Global, failure::Result, file::LayoutFile, output::Output, path, redisimnest::export,
};

/// Writes the classes that share a layout with redisimnest.
pub(crate) fn redisimnest(file: Option<&PathBuf>, global: &Global, out: &mut Output) -> Result {
    let file = match file {
        Some(file) => LayoutFile::open(file)?,
        None => LayoutFile::named(global)?,
    };
    out.text(&export::export(&file.layout()?, &path::prefix(global))?)
}
