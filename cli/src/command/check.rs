//! `nestkey check`.

use std::path::{Path, PathBuf};

use nestkey::core::{json::Node, layout::Layout};

use crate::{
    args::Global,
    failure::{self, Exit, Failure, Result},
    file::{self, LayoutFile},
    json::{self, Object},
    output::Output,
};

/// Loads every file and says what is wrong with each.
pub(crate) fn run(files: &[PathBuf], global: &Global, out: &mut Output) -> Result {
    let mut described = Vec::new();
    let mut ended = Ok(());
    for path in file::all(files, global)? {
        let checked = LayoutFile::open(&path).and_then(|file| file.layout());
        ended = match (&checked, ended) {
            (Ok(_), ended) => ended,
            (Err(Failure::Layout { .. }), Ok(())) => Err(Exit::No),
            (Err(Failure::Layout { .. }), worse) => worse,
            // Of a file that cannot be read nobody knows whether it is fine.
            (Err(_), _) => Err(Exit::Error),
        };
        if out.json {
            described.push(to_json(&path, &checked));
        } else {
            print(&path, &checked, out)?;
        }
    }
    if out.json {
        out.line(Node::array(described))?;
    }
    ended.map_err(Failure::Said)
}

fn print(path: &Path, checked: &Result<Layout>, out: &mut Output) -> Result {
    match checked {
        Ok(layout) => {
            let (keys, namespaces) = sizes(layout);
            let [keys, namespaces] = [counted(keys, "key"), counted(namespaces, "namespace")];
            out.line(format!("{}: fine, {keys} in {namespaces}", path.display()))
        }
        Err(Failure::Layout { error, .. }) if !error.issues().is_empty() => {
            failure::problems(path, error).iter().try_for_each(|line| out.line(line))
        }
        Err(failure) => out.line(failure),
    }
}

fn to_json(path: &Path, checked: &Result<Layout>) -> Node {
    let object = Object::default()
        .with("file", Node::string(path.display().to_string()))
        .with("ok", json::truth(checked.is_ok()));
    match checked {
        Ok(layout) => {
            let (keys, namespaces) = sizes(layout);
            object
                .with("name", Node::string(layout.name()))
                .with("keys", Node::number(&keys))
                .with("namespaces", Node::number(&namespaces))
        }
        Err(Failure::Layout { error, .. }) if !error.issues().is_empty() => object
            .with("issues", Node::array(error.issues().iter().map(failure::issue)))
            .with_count("more_issues", error.more_issues()),
        Err(failure) => {
            let issue = Object::default().with("message", Node::string(failure.to_string()));
            object.with("issues", Node::array([issue.node()]))
        }
    }
    .node()
}

/// How many keys and namespaces a layout has, the root included.
fn sizes(layout: &Layout) -> (usize, usize) {
    let namespaces = (0..).take_while(|index| layout.namespace_id(*index).is_some());
    (layout.entries().count(), namespaces.count())
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
