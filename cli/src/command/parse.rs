//! `nestkey parse`.

use nestkey::core::{
    call::FoundKey,
    error::{Error, ErrorKind},
};

use crate::{args::Global, failure::Result, file::LayoutFile, output::Output, path};

/// Prints which entry a key belongs to, and its parameters.
pub(crate) fn run(key: &str, global: &Global, out: &mut Output) -> Result {
    let layout = LayoutFile::named(global)?.layout()?;
    let (entry, params) = layout.parse(key, &path::prefix(global)).ok_or_else(|| {
        Error::new(ErrorKind::NotOurKey, format!("no key of the layout can be `{key}`"))
    })?;
    if out.json {
        let found = FoundKey::new(key, entry, params);
        return out.line(found.to_json(&layout)?);
    }
    out.line(path::spelled(&layout, entry, &params)?)
}
