//! Layout files: found, read, loaded.

use std::{
    fs,
    path::{Path, PathBuf},
};

use nestkey::core::{
    error::{Error, Issue},
    json::{self, Limits, Node},
    layout::Layout,
    toml,
};

use crate::{
    args::Global,
    failure::{Failure, Result},
};

/// A layout file that is well-formed TOML or JSON.
#[derive(Debug)]
pub(crate) struct LayoutFile {
    pub(crate) path: PathBuf,
    pub(crate) language: Language,
    pub(crate) text: String,
    pub(crate) tree: Node,
}

/// What a file is written in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    Json,
    Toml,
}

impl LayoutFile {
    /// The file of `-f`, or the only one of this folder: in TOML, or in JSON where there is none.
    pub(crate) fn named(global: &Global) -> Result<Self> {
        if let Some(path) = &global.file {
            return Self::open(path);
        }
        let mut found = in_folder()?;
        // JSON beside TOML is what was exported from it.
        if found.iter().any(|path| is_toml(path)) {
            found.retain(|path| is_toml(path));
        }
        match &found[..] {
            [path] => Self::open(path),
            [] => Err(Failure::usage(NONE_HERE)),
            several => {
                let names: Vec<_> = several.iter().map(|path| path.display().to_string()).collect();
                Err(Failure::usage(format!(
                    "this folder has {} layout files, say which with -f: {}",
                    several.len(),
                    names.join(", ")
                )))
            }
        }
    }

    pub(crate) fn open(path: &Path) -> Result<Self> {
        let language = Language::of(path)?;
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::Io { name: path.display().to_string(), error })?;
        match language.read(&text) {
            Ok(tree) => Ok(Self { path: path.to_owned(), language, text, tree }),
            Err(error) => Err(Failure::Layout { file: path.to_owned(), error }),
        }
    }

    pub(crate) fn layout(&self) -> Result<Layout> {
        Layout::from_tree(&self.tree, Some(&self.text))
            .map_err(|error| Failure::Layout { file: self.path.clone(), error })
    }
}

impl Language {
    fn of(path: &Path) -> Result<Self> {
        match extension(path) {
            Some("json") => Ok(Self::Json),
            Some("toml") => Ok(Self::Toml),
            _ => Err(Failure::usage(format!(
                "a layout file ends in .toml or .json, {} does not",
                path.display()
            ))),
        }
    }

    /// Reads the tree of a text, or says where it breaks off.
    pub(crate) fn read(self, text: &str) -> std::result::Result<Node, Error> {
        match self {
            Self::Toml => toml::read(text),
            Self::Json => json::parse(text.as_bytes(), Limits::default()).map_err(|error| {
                let place = json::place(text.as_bytes(), error.at);
                Error::file("JSON", vec![Issue::new("", error.message).placed(Some(place))], 0)
            }),
        }
    }
}

/// Whether a name is that of a layout file.
pub(crate) fn is_layout(path: &Path) -> bool {
    matches!(extension(path), Some("json" | "toml"))
}

fn is_toml(path: &Path) -> bool {
    extension(path) == Some("toml")
}

fn extension(path: &Path) -> Option<&str> {
    path.extension().and_then(|extension| extension.to_str())
}

const NONE_HERE: &str =
    "this folder has no layout file (*.layout.toml or *.layout.json), say where it is with -f";

/// The files that `check` and `fmt` are about.
pub(crate) fn all(files: &[PathBuf], global: &Global) -> Result<Vec<PathBuf>> {
    match (files, &global.file) {
        ([], None) => match in_folder()? {
            found if found.is_empty() => Err(Failure::usage(NONE_HERE)),
            found => Ok(found),
        },
        (files, file) => Ok(file.iter().chain(files).cloned().collect()),
    }
}

/// Every layout file of this folder, by name.
fn in_folder() -> Result<Vec<PathBuf>> {
    let failure = |error| Failure::Io { name: "this folder".to_owned(), error };
    let mut found = Vec::new();
    for entry in fs::read_dir(".").map_err(failure)? {
        let name = PathBuf::from(entry.map_err(failure)?.file_name());
        let text = name.to_string_lossy();
        if text.ends_with(".layout.toml") || text.ends_with(".layout.json") {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}
