//! Where in a file a problem stands.

use alloc::{string::String, vec::Vec};

use crate::{error::Issue, json};

/// The most problems that are reported at once.
const MAX_ISSUES: usize = 100;

/// Collects problems, turning offsets into lines and columns.
#[derive(Debug)]
pub(super) struct Issues<'a> {
    source: Option<&'a str>,
    /// In the order of the file.
    found: Vec<Issue>,
}

impl<'a> Issues<'a> {
    /// `source` is the text of the file, if the layout came from one.
    pub(super) const fn new(source: Option<&'a str>) -> Self {
        Self { source, found: Vec::new() }
    }

    /// A problem at a path, at an offset of the file.
    pub(super) fn add(&mut self, at: u32, path: &str, message: impl Into<String>) {
        if self.found.len() < MAX_ISSUES {
            let place = self.source.map(|source| json::place(source.as_bytes(), at));
            let index = self.found.partition_point(|other| other.place <= place);
            self.found.insert(index, Issue::new(path, message).placed(place));
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems in the order of the file.
    pub(super) fn into_sorted(self) -> Vec<Issue> {
        self.found
    }
}
