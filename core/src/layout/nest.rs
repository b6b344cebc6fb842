//! Namespaces that are declared by their dotted path.

use alloc::{format, vec::Vec};

use super::{inherited::join, place::Issues, read::DeclaredNamespace};
use crate::{order::Names, steps};

/// Puts namespaces that stand by their dotted path where they belong, step by step.
pub(super) fn nest(parent: &mut DeclaredNamespace<'_>, path: &str, issues: &mut Issues<'_>) {
    let (dotted, children): (Vec<_>, Vec<_>) =
        parent.children.drain(..).partition(|child| child.name.contains('.'));
    parent.children = children;
    let names: Names<'_> = parent.children.iter().map(|child| child.name).collect();
    for mut child in dotted {
        steps::count(1);
        let (first, rest) = child.name.split_once('.').unwrap_or_default();
        let found = names.find(first).and_then(|number| parent.children.get_mut(number));
        match found {
            Some(found) => {
                child.name = rest;
                found.children.push(child);
            }
            None => {
                let path = join(path, child.name);
                let above = path.rsplit_once('.').unwrap_or_default().0;
                issues.add(child.at, &path, format!("there is no namespace `{above}`"));
            }
        }
    }
    for child in &mut parent.children {
        if !child.children.is_empty() {
            nest(child, &join(path, child.name), issues);
        }
    }
}
