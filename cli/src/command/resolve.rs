//! `nestkey resolve`.

use nestkey::core::{call::Target, json::Node};

use crate::{args::Global, failure::Result, file::LayoutFile, json::Object, output::Output, path};

/// Prints the key of an entry or the prefix of a namespace.
pub(crate) fn run(path: &str, global: &Global, out: &mut Output) -> Result {
    let layout = LayoutFile::named(global)?.layout()?;
    let (target, key) = layout.resolve(path, &path::prefix(global))?;
    let what = match target {
        Target::Entry(_) => "key",
        Target::Namespace(_) => "prefix",
    };
    let object = || {
        let object = Object::default().with("path", Node::string(path));
        object.with(what, Node::string(key.as_str())).node()
    };
    out.either(object, key.as_str())
}
