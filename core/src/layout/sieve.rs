//! Which branches of a node may share a segment with another one, told by what is plain: the texts
//! before and behind the parameter, and between which texts all of its segments lie.

use alloc::vec::Vec;
use core::{cmp::Ordering, ops::Range};

use super::{
    language::{Extent, Language},
    trie::{Node, Shape, Trie},
};
use crate::order::order;

/// The branches of a node, sorted so that those that plainly differ from a segment are never
/// looked at.
#[derive(Debug)]
pub(super) struct Sieve<'t> {
    /// By the text before the parameter.
    groups: Vec<Group<'t>>,
    /// Those of each group by the text behind the parameter, read backwards.
    runs: Vec<Run<'t>>,
    /// Those of each run by the least text.
    rows: Vec<Row<'t>>,
}

/// What is plain about a segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outline<'a> {
    before: &'a str,
    after: &'a str,
    /// The least text, in three parts,
    least: [&'a str; 3],
    /// and the greatest, if there is one.
    greatest: Option<[&'a str; 3]>,
    is_literal: bool,
}

#[derive(Debug)]
struct Group<'t> {
    before: &'t str,
    runs: Range<usize>,
    /// The nearest group further up whose text begins this one's.
    outer: Option<usize>,
}

#[derive(Debug)]
struct Run<'t> {
    after: &'t str,
    rows: Range<usize>,
    /// The nearest run of the group further up whose text ends this one's.
    outer: Option<usize>,
}

#[derive(Debug)]
struct Row<'t> {
    outline: Outline<'t>,
    branch: u32,
    /// Of the part of its run whose middle this is, the row that goes furthest.
    furthest: usize,
}

/// Which branches with the same text before the parameter are of interest.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alike {
    All,
    /// Those before that one.
    Before(u32),
    None,
}

impl<'a> Outline<'a> {
    pub(super) const fn literal(text: &'a str) -> Self {
        let whole = [text, "", ""];
        Self { before: text, after: text, least: whole, greatest: Some(whole), is_literal: true }
    }

    pub(super) fn of(shape: &'a Shape, extent: &'a Extent) -> Self {
        let whole = |value: &'a str| [&*shape.before, value, &*shape.after];
        Self {
            before: &shape.before,
            after: &shape.after,
            least: whole(&extent.least),
            greatest: extent.greatest.as_deref().map(whole),
            is_literal: false,
        }
    }
}

impl<'t> Sieve<'t> {
    pub(super) fn of(node: &Node, trie: &'t Trie, languages: &'t [Language]) -> Self {
        let mut outlines: Vec<(Outline<'t>, u32)> = Vec::new();
        for (branch, number) in node.branches.iter().zip(0..) {
            let Some(shape) = trie.shapes.get(branch.shape as usize) else { continue };
            let Some(language) = languages.get(shape.language as usize) else { continue };
            let all = language.extents.iter().map(|extent| (Outline::of(shape, extent), number));
            outlines.extend(all);
        }
        let compare = |a: usize, b: usize| match (outlines.get(a), outlines.get(b)) {
            (Some((a, _)), Some((b, _))) => (a.before.cmp(b.before))
                .then_with(|| backwards(a.after, b.after))
                .then_with(|| by_length(&a.least, &b.least)),
            _ => Ordering::Equal,
        };
        let mut sieve = Self { groups: Vec::new(), runs: Vec::new(), rows: Vec::new() };
        for index in order(outlines.len(), &compare) {
            if let Some(&(outline, branch)) = outlines.get(index) {
                sieve.push(outline, branch);
            }
        }
        for run in 0..sieve.runs.len() {
            if let Some(rows) = sieve.runs.get(run).map(|run| run.rows.clone()) {
                sieve.link(rows);
            }
        }
        sieve
    }

    /// Adds a row that sorts behind the ones there are.
    fn push(&mut self, outline: Outline<'t>, branch: u32) {
        let row = self.rows.len();
        self.rows.push(Row { outline, branch, furthest: row });
        let is_new = self.groups.last().is_none_or(|group| group.before != outline.before);
        if is_new {
            let mut outer = self.groups.len().checked_sub(1);
            while let Some(group) = outer.and_then(|index| self.groups.get(index)) {
                if outline.before.starts_with(group.before) {
                    break;
                }
                outer = group.outer;
            }
            let run = self.runs.len();
            self.groups.push(Group { before: outline.before, runs: run..run, outer });
        }
        let Some(group) = self.groups.last_mut() else { return };
        let last = self.runs.last_mut().filter(|run| !is_new && run.after == outline.after);
        if let Some(run) = last {
            run.rows.end = row + 1;
            return;
        }
        let mut outer = group.runs.end.checked_sub(1).filter(|_| !group.runs.is_empty());
        while let Some(run) = outer.and_then(|index| self.runs.get(index)) {
            if outline.after.ends_with(run.after) {
                break;
            }
            outer = run.outer;
        }
        self.runs.push(Run { after: outline.after, rows: row..row + 1, outer });
        group.runs.end = self.runs.len();
    }

    /// Notes for each part of a run which of its rows goes furthest, and answers that of the whole.
    fn link(&mut self, rows: Range<usize>) -> Option<usize> {
        if rows.is_empty() {
            return None;
        }
        let middle = middle(&rows);
        let parts = [self.link(rows.start..middle), self.link(middle + 1..rows.end)];
        let furthest = parts.into_iter().flatten().fold(middle, |furthest, row| {
            if self.end_of(row, furthest).is_gt() { row } else { furthest }
        });
        self.rows.get_mut(middle)?.furthest = furthest;
        Some(furthest)
    }

    fn end_of(&self, a: usize, b: usize) -> Ordering {
        match (self.rows.get(a), self.rows.get(b)) {
            (Some(a), Some(b)) => by_end(a.outline.greatest.as_ref(), b.outline.greatest.as_ref()),
            _ => Ordering::Equal,
        }
    }

    /// Adds the branches near an outline whose text before the parameter begins its own; one may be
    /// added more than once. Adds what it looked at to `steps`.
    pub(super) fn near(
        &self,
        outline: &Outline<'_>,
        alike: Alike,
        found: &mut Vec<u32>,
        steps: &mut u64,
    ) {
        let up_to = self.groups.partition_point(|group| group.before <= outline.before);
        let mut next = up_to.checked_sub(1);
        while let Some(group) = next.and_then(|index| self.groups.get(index)) {
            next = group.outer;
            *steps += 1;
            // Of equal texts a literal has its own as well.
            let is_alike = group.before == outline.before && !outline.is_literal;
            if outline.before.starts_with(group.before) {
                let alike = if is_alike { alike } else { Alike::All };
                self.near_in_group(group, outline, alike, found, steps);
            }
        }
    }

    fn near_in_group(
        &self,
        group: &Group<'_>,
        outline: &Outline<'_>,
        alike: Alike,
        found: &mut Vec<u32>,
        steps: &mut u64,
    ) {
        if matches!(alike, Alike::None) {
            return;
        }
        let Some(runs) = self.runs.get(group.runs.clone()) else { return };
        let longer = runs.partition_point(|run| backwards(run.after, outline.after).is_lt());
        let mut take = |run: &Run<'_>| {
            *steps += 1;
            self.near_in_run(run.rows.clone(), outline, alike, found, steps);
        };
        // Those whose text behind the parameter ends in that of the outline stand side by side,
        let ends_alike = |run: &&Run<'_>| !outline.is_literal && run.after.ends_with(outline.after);
        runs.get(longer..).unwrap_or_default().iter().take_while(ends_alike).for_each(&mut take);
        // and those that it ends in are reached from one to the next.
        let mut next = (group.runs.start + longer).checked_sub(1).filter(|_| longer > 0);
        while let Some(run) = next.and_then(|index| self.runs.get(index)) {
            next = run.outer;
            if outline.after.ends_with(run.after) {
                take(run);
            }
        }
    }

    fn near_in_run(
        &self,
        rows: Range<usize>,
        outline: &Outline<'_>,
        alike: Alike,
        found: &mut Vec<u32>,
        steps: &mut u64,
    ) {
        let middle = middle(&rows);
        let Some(row) = self.rows.get(middle).filter(|_| !rows.is_empty()) else { return };
        let reaches =
            |row: &Row<'_>| by_end(row.outline.greatest.as_ref(), Some(&outline.least)).is_ge();
        *steps += 1;
        if !self.rows.get(row.furthest).is_some_and(reaches) {
            return;
        }
        self.near_in_run(rows.start..middle, outline, alike, found, steps);
        if by_end(Some(&row.outline.least), outline.greatest.as_ref()).is_gt() {
            return;
        }
        if reaches(row) && alike.takes(row.branch) {
            found.push(row.branch);
        }
        self.near_in_run(middle + 1..rows.end, outline, alike, found, steps);
    }
}

impl Alike {
    const fn takes(self, branch: u32) -> bool {
        match self {
            Self::All => true,
            Self::Before(other) => branch < other,
            Self::None => false,
        }
    }
}

const fn middle(rows: &Range<usize>) -> usize {
    rows.start + (rows.end - rows.start) / 2
}

fn backwards(a: &str, b: &str) -> Ordering {
    a.bytes().rev().cmp(b.bytes().rev())
}

/// Shorter texts come first.
fn by_length(a: &[&str; 3], b: &[&str; 3]) -> Ordering {
    let length = |parts: &[&str; 3]| parts.iter().map(|part| part.len()).sum::<usize>();
    length(a).cmp(&length(b)).then_with(|| {
        let bytes = a.iter().flat_map(|part| part.bytes());
        bytes.cmp(b.iter().flat_map(|part| part.bytes()))
    })
}

/// No end comes behind all others.
fn by_end(a: Option<&[&str; 3]>, b: Option<&[&str; 3]>) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => by_length(a, b),
        (a, b) => a.is_none().cmp(&b.is_none()),
    }
}
