//! Where in a file a problem stands.

use alloc::{string::String, vec::Vec};

use crate::{
    error::{Error, Issue},
    json::Places,
};

/// The most problems that are reported at once.
pub(crate) const MAX_ISSUES: usize = 100;

/// Collects problems, turning offsets into lines and columns.
#[derive(Debug)]
pub(super) struct Issues<'a> {
    source: Option<&'a str>,
    /// By their offset, in the order of the file.
    found: Vec<(u32, Issue)>,
    /// How many more there are.
    more: usize,
}

impl<'a> Issues<'a> {
    /// `source` is the text of the file, if the layout came from one.
    pub(super) const fn new(source: Option<&'a str>) -> Self {
        Self { source, found: Vec::new(), more: 0 }
    }

    /// A problem at a path, at an offset of the file.
    pub(super) fn add(&mut self, at: u32, path: &str, message: impl Into<String>) {
        if self.found.len() == MAX_ISSUES {
            self.more += 1;
        } else {
            let index = self.found.partition_point(|(other, _)| *other <= at);
            self.found.insert(index, (at, Issue::new(path, message)));
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The problems in the order of the file.
    pub(super) fn into_error(self) -> Error {
        let mut places = self.source.map(|source| Places::of(source.as_bytes()));
        let placed = |(at, issue): (u32, Issue)| {
            issue.placed(places.as_mut().map(|places| places.place(at)))
        };
        Error::layout(self.found.into_iter().map(placed).collect(), self.more)
    }
}
